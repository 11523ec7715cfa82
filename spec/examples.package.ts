import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { makeDevCertificates } from '../src/cli/certificates.ts';
import type { Clock } from '../src/core/clock.ts';
import type { IdentityName } from '../src/core/identity.ts';
import { createApp, setUpApp } from './_support/authenticator-app.ts';
import { createClient } from './_support/client.ts';
import { createHandClock, minuteMs } from './_support/hand-clock.ts';
import { type Settings, startService, type TestService } from './_support/service.ts';
import { startUpstream } from './_support/upstream.ts';
import { installTimeoutMs, installTools, tool, toolModules, whyNoTools } from './clients/tools.ts';
import { browser, closeBrowser, noBrowser } from './console/stage.ts';

/*
 * What the pages in docs tell people to copy, as it stands in `examples`, against a running service. nginx and Caddy:
 * `spec/gateway`; the Koa app: `spec/npm.package.ts`.
 */

const run = promisify(execFile);
const examples = join(import.meta.dirname, 'examples');
const resource = '/services/assets/v1';
const password = 'correct horse battery';
const noTools = await whyNoTools();

/** A service before a treasure, which an identity that holds `rest.assets` gets. */
async function startTreasury(t: ExecutionContext, settings: Settings = {}, clock?: Clock): Promise<TestService> {
	const upstream = await startUpstream();
	t.teardown(upstream.close);
	const resources = [{ path: resource, permission: 'rest.assets', upstream: upstream.url }];
	const service = await startService({ resources, ...settings }, clock);
	t.teardown(service.close);
	return service;
}

async function newFolder(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-examples-'));
	t.teardown(() => rm(folder, { recursive: true }));
	return folder;
}

test('the page’s part is short enough to be pasted', async (t) => {
	const lines = (await readFile(join(examples, 'browser.js'), 'utf8')).split('\n').filter((line) => line !== '');
	t.true(lines.length <= 75, `${lines.length} lines`);
});

/**
 * A page that has the example, signed in to nothing, and whose user has to change the password first. `of`: whether it
 * stands at the service's own origin.
 */
async function openPage(t: ExecutionContext, settings: Settings = {}, of: 'same' | 'another' = 'same', clock?: Clock) {
	const example = await readFile(join(examples, 'browser.js'), 'utf8');
	let host = '';
	const another = await startUpstream((req, res) => {
		const [type, body] = req.url === '/browser.js' ? ['text/javascript', example] : ['text/html', '<!doctype html>'];
		res.writeHead(200, { 'Content-Type': type }).end(body.replace("host = ''", `host = '${host}'`));
	});
	t.teardown(another.close);
	const { url, add } = await startTreasury(t, { allowedOrigins: [another.url], ...settings }, clock);
	if (of === 'another') host = url;
	const at = of === 'another' ? another.url : url;
	await add('ada', 'only for today 1', { permissions: ['rest.assets'], mustChange: true });
	const context = await (await browser()).newContext();
	t.teardown(() => context.close());
	const page = await context.newPage();
	if (of === 'same') {
		await page.route('**/page.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
		await page.route('**/browser.js', (route) => route.fulfill({ path: join(examples, 'browser.js') }));
	}
	await page.goto(`${at}/page.html`);

	/** Calls a function of the example; what it refuses comes back as `STATUS code`, and when to try again. */
	const call = (name: string, ...args: unknown[]): Promise<unknown> =>
		page.evaluate(
			async ([file, fn, given]) => {
				const latchkey = await import(file);
				try {
					const answer = await latchkey[fn](...given);
					return answer instanceof Response ? await answer.text() : answer;
				} catch (fault) {
					const { status, code, retryAfter } = fault as { status?: number; code?: string; retryAfter?: number };
					return [status, code, retryAfter].filter((each) => each !== undefined).join(' ');
				}
			},
			[`${at}/browser.js`, name, args] as const,
		);
	return { url, add, context, page, call };
}

test.after.always(closeBrowser);

(noBrowser ? test.skip : test)(
	`a page logs in, changes a password, gets what is protected, and logs out, with plain fetch${noBrowser ? `: ${noBrowser}` : ''}`,
	async (t) => {
		t.timeout(120_000);
		const { url, context, page, call } = await openPage(t);
		t.is(await call('resume'), 'signed-out');
		t.is(await call('login', 'ada', 'a wrong guess'), '401 bad-credentials');
		t.is(await call('login', 'ada', 'only for today 1'), 'must-change');
		t.is(await call('send', resource), '401 password-change-needed');
		await page.reload();
		t.is(await call('resume'), 'must-change', 'after a reload, too');
		t.is(await call('changePassword', 'only for today 1', password), 'signed-out');
		t.is(await call('login', 'ada', password), 'signed-in');
		t.is(await call('send', resource), 'the treasure');
		await page.reload();
		t.is(await call('resume'), 'signed-in');
		t.is(await call('send', resource), 'the treasure');

		// Another tab, which shares the cookie, and logs in anew.
		const login = { headers: { 'Content-Type': 'application/json' }, data: { username: 'ada', password } };
		t.is((await context.request.post(`${url}/services/session/v1/login/password`, login)).status(), 200);
		t.is(await call('send', resource), 'the treasure', 'with the token of that session');

		await page.route('**/services/**', (route) =>
			route.fulfill({ status: 503, headers: { 'Retry-After': '7' }, json: { message: 'No', code: 'unavailable' } }),
		);
		t.is(await call('resume'), '503 unavailable 7', 'an outage is no end of a session');
		t.is(await call('send', resource), '503 unavailable 7');
		await page.unroute('**/services/**');
		t.is(await call('resume'), 'signed-in');
		t.is(await call('logout'), '');
		t.is(await call('send', resource), '401 session-missing');
	},
);

(noBrowser ? test.skip : test)(
	`a page goes on with the session that a password change renews${noBrowser ? `: ${noBrowser}` : ''}`,
	async (t) => {
		t.timeout(120_000);
		const { call } = await openPage(t, { session: { afterPasswordChange: 'renew' } });
		t.is(await call('login', 'ada', 'only for today 1'), 'must-change');
		t.is(await call('changePassword', 'only for today 1', password), 'signed-in');
		t.is(await call('send', resource), 'the treasure');
	},
);

(noBrowser ? test.skip : test)(
	`a page of another origin sets up a second factor, is asked for it, and proves once more who is there${noBrowser ? `: ${noBrowser}` : ''}`,
	async (t) => {
		t.timeout(120_000);
		const clock = createHandClock(Date.now());
		const settings = { secondFactor: { requiredFor: ['rest.meters'] } };
		const { add, page, call } = await openPage(t, settings, 'another', clock);
		const base = '/services/session/v1';
		const post = (body: unknown) => ({
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(body),
		});
		const send = async (path: string, body: unknown) => JSON.parse(String(await call('send', base + path, post(body))));
		await add('bob', password, { permissions: ['rest.assets', 'rest.meters'] });

		t.is(await call('login', 'bob', password), 'enrolment');
		t.is(await call('send', resource), '401 enrolment-needed');
		const { id, secret } = await send('/authenticators/totp', { name: 'Phone' });
		const app = createApp(id, secret, clock.now);
		await send(`/authenticators/totp/${id}/confirmation`, { code: app.code() });
		t.is(await call('resume'), 'signed-in');
		const { codes } = await send('/recoveryCodes', {});
		t.is(await call('logout'), '');

		t.is(await call('login', 'bob', password), 'second-factor');
		t.is(await call('send', resource), '401 second-factor-needed');
		await page.reload();
		t.is(await call('resume'), 'second-factor', 'after a reload, too');
		t.is(await call('secondFactor', app.wrongCode()), '401 wrong-code');
		clock.wind(30_000);
		t.is(await call('secondFactor', app.code()), 'signed-in');
		t.is(await call('send', resource), 'the treasure');
		t.is(await call('logout'), '');
		t.is(await call('login', 'bob', password), 'second-factor');
		t.is(await call('secondFactor', codes[0], 'recoveryCode'), 'signed-in');

		clock.wind(6 * minuteMs);
		t.is(await call('send', `${base}/recoveryCodes`, post({})), '403 proof-needed');
		t.is(await call('send', `${base}/sessions?identity=ada`), '403 permission-missing');
		t.is(await call('prove', { code: app.wrongCode() }), '401 wrong-code');
		await call('prove', { code: app.code() });
		t.is((await send('/recoveryCodes', {})).codes.length, 10);
	},
);

(noTools ? test.skip : test)(
	`a Node client fetches the XSRF token by itself, and logs in again when its session is over${noTools ? `: ${noTools}` : ''}`,
	async (t) => {
		t.timeout(installTimeoutMs);
		await installTools();
		const folder = await newFolder(t);
		const shared = join(import.meta.dirname, 'clients/flows/tsconfig.json');
		const compilerOptions = { rootDir: '.', outDir: 'out', declaration: true };
		await writeFile(
			join(folder, 'tsconfig.json'),
			JSON.stringify({ extends: shared, compilerOptions, include: ['*.ts'] }),
		);
		await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
		await cp(join(examples, 'node-client.ts'), join(folder, 'node-client.ts'));
		await symlink(toolModules, join(folder, 'node_modules'));
		const service = await startTreasury(t);
		await service.add('robot', password, { permissions: ['kura.admin'] });
		await tool('openapi-typescript', [`${service.url}/openapi.yaml`, '-o', 'latchkey-api.ts'], folder);
		await tool('tsc', ['-p', '.'], folder);

		const { createLatchkeyClient } = await import(pathToFileURL(join(folder, 'out/node-client.js')).href);
		const client = createLatchkeyClient({ baseUrl: service.url, username: 'robot', password });
		const base = '/services/session/v1';
		const names = ['ada', 'bob', 'eve'];
		// Each of them finds no session, and all of them wait for one login.
		const added = await Promise.all(names.map((name) => client.POST(`${base}/identities`, { body: { name } })));
		t.deepEqual(
			added.map(({ data }) => data?.name),
			names,
		);
		const logins = () => service.audit().filter(({ act, outcome }) => act === 'login' && outcome === 'ok').length;
		t.is(logins(), 1);
		const { sessions, identities } = service.service.core;
		const robot = await identities.findByName('robot' as IdentityName);
		t.is(await sessions.endOf(robot!.id, {}, {}), 1);
		t.is((await client.GET(`${base}/currentIdentity`)).data?.name, 'robot');
		t.is(logins(), 2);
		const stranger = createLatchkeyClient({ baseUrl: service.url, username: 'robot', password: 'a wrong guess' });
		await t.throwsAsync(stranger.GET(`${base}/currentIdentity`), { message: 'login: 401 Wrong user name or password' });
		await service.add('person', password);
		const browserOfPerson = createClient(service);
		await browserOfPerson.login('person', password);
		await setUpApp(browserOfPerson);
		const person = createLatchkeyClient({ baseUrl: service.url, username: 'person', password });
		await t.throwsAsync(person.GET(`${base}/currentIdentity`), { message: 'login: give the program an API token' });
	},
);

const machines = [
	{ says: 'with curl', program: 'sh', script: 'machine.sh' },
	{ says: 'in Node', program: process.execPath, script: 'machine.js' },
];
for (const { says, program, script } of machines) {
	test(`a machine logs in with its certificate and gets what is protected, ${says}`, async (t) => {
		t.timeout(60_000);
		const certs = await newFolder(t);
		await makeDevCertificates({ out: certs, clients: ['robot', 'stranger'] });
		const file = (name: string) => join(certs, name);
		const https = { port: 0, cert: file('server.pem'), key: file('server-key.pem'), clientCa: file('ca.pem') };
		const { service, add } = await startTreasury(t, { https });
		await add('robot', undefined, { permissions: ['rest.assets'] });
		const url = (service.urls[1] ?? '').replace('127.0.0.1', 'localhost');
		const as = (name: string) => [url, file('ca.pem'), file(`${name}.pem`), file(`${name}-key.pem`), resource];
		t.is((await run(program, [join(examples, script), ...as('robot')])).stdout, 'the treasure');
		t.deepEqual(await service.core.sessions.list(undefined, 10), [], 'it has logged out');
		const { stdout = '', stderr = '' } = (await t.throwsAsync(
			run(program, [join(examples, script), ...as('stranger')]) as Promise<{ stdout: string; stderr: string }>,
		)) as { stdout?: string; stderr?: string };
		t.regex(stdout + stderr, /401/);
	});
}
