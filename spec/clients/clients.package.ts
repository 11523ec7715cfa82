import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import type { IdentityName, Permission } from '../../src/core/identity.ts';
import { createApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { createCookieFetch } from './cookie-fetch.ts';
import {
	firstPassword,
	type Given,
	meter,
	nightly,
	ownPassword,
	type Phone,
	type Tell,
	username,
} from './flows/given.ts';
import { installTimeoutMs, installTools, tool, toolModules, whyNoTools } from './tools.ts';

/*
 * What a front-end developer does first: have a client made from openapi.yaml. For each generator: make it, hold it and
 * a program that uses it against `tsc`, and let that program log in, change its password, set up and show a second factor,
 * and log out.
 */

const document = join(import.meta.dirname, '../../openapi.yaml');
const flows = join(import.meta.dirname, 'flows');

/** Orval finds its orval.config.mjs by itself; named, Node 24 reads it in a way that orval does not understand. */
const generators: readonly { readonly name: string; readonly program: string }[] = [
	{ name: 'openapi-fetch', program: 'openapi-typescript' },
	{ name: 'hey-api', program: 'openapi-ts' },
	{ name: 'orval', program: 'orval' },
	{ name: 'oazapfts', program: 'oazapfts' },
];

const page = readFileSync(join(import.meta.dirname, '../../docs/generated-clients.md'), 'utf8');
const pinned = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')).devDependencies;

/** What the page has one type behind the name of the program. */
function argsOf(program: string): string[] {
	const [, args] = new RegExp(`^npx -y (?:-p \\S+ )+${program}((?: .*)?)$`, 'm').exec(page) ?? [];
	if (args === undefined) throw new Error(`the page does not run ${program}`);
	return args.split(' ').filter((word) => word !== '');
}

const resource = '/services/assets/v1';

/** What each flow has to tell, by whichever generator its client is. */
const told = [
	['identity', 401, 'session-missing'],
	['login', 401, 'bad-credentials'],
	['login', 200, true],
	['identity', 401, 'password-change-needed'],
	['change', 400, 'weak-password'],
	['change', 204],
	['login', 200, false],
	['identity', 200, `${username}: rest.assets`],
	['resource', 200, 'the treasure'],
	['sessions of others', 403, 'permission-missing'],
	['own sessions', 200, '1 password open'],
	['end a session that is not there', 404, 'not-found'],
	['prove', 401, 'bad-credentials'],
	['prove', 204],
	['identity', 200, `${username}: rest.assets`],
	['logout', 204],
	['identity', 401, 'session-missing'],
];

/** The same of second factors: set up, asked for, taken from paper, and asked for once more. */
const toldOfFactors = [
	['login', 200, 'open'],
	['set up an app', 201, true],
	['confirm wrongly', 401, 'wrong-code'],
	['confirm', 200],
	['recovery codes', 200, '10'],
	['logout', 204],
	['login', 200, 'waits for a second factor'],
	['identity', 401, 'second-factor-needed'],
	['what can be shown', 200, 'totp,recoveryCode'],
	['code', 401, 'wrong-code'],
	['code', 200],
	['identity', 200, username],
	['logout', 204],
	['login', 200, 'waits for a second factor'],
	['recovery code', 200, '9 left'],
	['identity', 200, username],
	['remove late', 403, 'proof-needed'],
	['what would do', 403, 'level 2: totp'],
	['sessions of others', 403, 'permission-missing'],
	['prove', 204],
	['remove', 204],
	['login', 200, 'open'],
];

/** The same of API tokens, and of Kura's identities. */
const toldOfMachines = [
	['login', 200],
	['make a token', 201, true],
	['make one that opens more', 403, 'permission-missing'],
	['identity by token', 200, `${username}: rest.assets`],
	['resource by token', 200, 'the treasure'],
	['make a token by token', 401],
	['list', 200, `1 ${nightly.name}: rest.assets`],
	['end', 204],
	['end it again', 404, 'not-found'],
	['identity by token', 401, 'token-invalid'],
	['make an identity', 200],
	['make it again', 409, 'name-taken'],
	['change', 200],
	['would a weak password do', 400, 'weak-password'],
	['find', 200, 'true rest.assets'],
	['list identities', 200, `${username},${meter.identity.name}`],
	['defined', 200, true],
	['remove', 200],
	['find', 404, 'not-found'],
];

const missing = await whyNoTools();

test('the page names the versions that are tested here', (t) => {
	const named = [...page.matchAll(/(?:-p|npm install) (\S+)@([\d.]+)/g)].map(([, name = '', version]) => [
		name,
		version,
	]);
	t.true(named.length >= generators.length * 2);
	for (const [name = '', version] of named) t.is(version, pinned[name], name);
});

if (missing !== undefined) {
	test.skip(`clients are generated from openapi.yaml: ${missing}`, () => undefined);
} else {
	test.before(async (t) => {
		t.timeout(installTimeoutMs);
		await installTools();
	});

	for (const { name, program } of generators) {
		test(`a client that ${program} makes from openapi.yaml compiles strictly and goes the whole way`, async (t) => {
			t.timeout(120_000);
			const folder = await mkdtemp(join(tmpdir(), `latchkey-client-${name}-`));
			t.teardown(() => rm(folder, { recursive: true }));
			for (const part of ['by-status', name]) await cp(join(flows, part), folder, { recursive: true });
			for (const file of ['given.ts', 'tsconfig.json']) await cp(join(flows, file), join(folder, file));
			await cp(document, join(folder, 'openapi.yaml'));
			await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
			await symlink(toolModules, join(folder, 'node_modules'));
			await tool(program, argsOf(program), folder);
			await tool('tsc', ['-p', '.'], folder);

			const upstream = await startUpstream();
			t.teardown(upstream.close);
			const clock = createHandClock(Date.now());
			const service = await startService(
				{
					dialects: { kuraIdentity: { enabled: true } },
					resources: [{ path: resource, permission: 'rest.assets', upstream: upstream.url }],
				},
				clock,
			);
			t.teardown(service.close);
			await service.add(username, firstPassword, { permissions: ['rest.assets'], mustChange: true });

			const phone: Phone = {
				codeOf: (secret) => createApp('', secret, clock.now).code(),
				wrongCodeOf: (secret) => createApp('', secret, clock.now).wrongCode(),
				wait: (seconds) => clock.wind(seconds * 1000),
			};
			const made = (name: string) => import(pathToFileURL(join(folder, `out/${name}.js`)).href);
			const { flow } = await made('flow');
			const { factors } = await made('factors');
			const { machines } = await made('machines');
			const stepsOf = async (flow: (given: Given, tell: Tell) => Promise<void>) => {
				const steps: unknown[][] = [];
				const given = { baseUrl: service.url, fetch: createCookieFetch(), resource };
				await flow(given, (...step) => void steps.push(step.filter((what) => what !== undefined)));
				return steps;
			};
			t.deepEqual(await stepsOf(flow), told);
			t.is((await createClient(service).login(username, ownPassword)).status, 200);
			t.deepEqual(await stepsOf((given, tell) => factors(given, phone, tell)), toldOfFactors);
			const { identities } = service.service.core;
			const ada = await identities.findByName(username as IdentityName);
			if (ada === undefined) throw new Error('she is gone');
			await identities.grant(ada.id, ['rest.identity' as Permission], {});
			t.deepEqual(await stepsOf(machines), toldOfMachines);
		});
	}
}
