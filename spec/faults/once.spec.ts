import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { unwrap } from '../../src/http/response/refusals.ts';
import { setUpApp } from '../_support/authenticator-app.ts';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { createProgramClock, noFaketime } from '../_support/faketime.ts';
import { dataDir } from '../_support/folder.ts';
import { createHandClock, type HandClock, minuteMs } from '../_support/hand-clock.ts';
import { newSharedSettings } from '../_support/servers.ts';
import { type Settings, startService, type TestService } from '../_support/service.ts';
import { noSharedStores, startSharedStores } from '../_support/shared-stores.ts';

/*
 * What counts once, a code of an app, one on paper and one of an invitation, counts once: for fifty at once on two nodes, after
 * clocks went back, and after servers were killed right behind the answer. `killed.spec.ts` kills the service itself.
 */

const base = '/services/session/v1';
const password = 'a long and honest password';

interface Stage {
	readonly nodes: readonly [TestService, TestService];
	readonly clock: HandClock;
}

/** A way to use a code that was not used yet. */
interface Use {
	readonly what: string;
	/** A browser that has come as far as that. */
	ready(at: TestService): Promise<Client>;
	use(browser: Client): Promise<Answer>;
}

async function openStage(t: ExecutionContext, store: Settings): Promise<Stage> {
	const clock = createHandClock(Date.now());
	const settings = {
		store,
		attempts: { limit: 1000 },
		secondFactor: { sealingKey: Buffer.alloc(32, 7).toString('base64') },
		session: { mostPerIdentity: 1000 },
	};
	const nodes = [await startService(settings, clock), await startService(settings, clock)] as const;
	t.teardown(() => Promise.all(nodes.map((node) => node.close())));
	return { nodes, clock };
}

async function signedIn(at: TestService, name: string): Promise<Client> {
	const browser = createClient(at);
	const { status } = await patiently(() => browser.login(name, password));
	if (status !== 200) throw new Error(`${name}: ${status}`);
	return browser;
}

/** What somebody new can use, once each, and somebody who is invited. */
async function usesOf({ nodes: [first], clock }: Stage, name: string): Promise<Use[]> {
	const guest = await first.add(`${name}-guest`, password);
	await first.add(name, password);
	const owner = await signedIn(first, name);
	const app = await setUpApp(owner, clock.now);
	const [paper] = ((await owner.post(`${base}/recoveryCodes`)).body as { codes: string[] }).codes;
	const invited = unwrap(
		await first.service.core.invitations.make(guest, { expiresInMs: 24 * 60 * minuteMs }, { actor: 'operator' }),
	);
	const byFactor = (what: string, path: string, code: string | undefined): Use => ({
		what,
		ready: (at) => signedIn(at, name),
		use: (browser) => browser.post(`${base}/${path}`, { code }),
	});
	const acceptance = { code: invited.code, password: 'seven green frogs' };
	return [
		byFactor('a code of an app', 'login/totp', app.code()),
		byFactor('a recovery code', 'login/recoveryCode', paper),
		{
			what: 'an invitation',
			ready: async (at) => createClient(at),
			use: (browser) => browser.post(`${base}/invitation/acceptance`, acceptance),
		},
	];
}

/** A node that has just lost a store says 503 for a while. */
async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
	for (;;) {
		const answer = await ask();
		if (answer.status !== 503) return answer;
	}
}

/** On the other node than the one that it was used on. */
async function isUsed(t: ExecutionContext, { nodes: [, other] }: Stage, { what, ready, use }: Use, when: string) {
	const browser = await ready(other);
	const { status, body } = await patiently(() => use(browser));
	t.true(status === 401 || status === 404, `${what} ${when}: ${status}`);
	t.regex(JSON.stringify(body), /"(wrong-code|invitation-over)"/);
}

/** Few enough in a row that nobody has to wait. */
async function useUp(t: ExecutionContext, { nodes: [first] }: Stage, { what, ready, use }: Use) {
	const browser = await ready(first);
	t.is((await use(browser)).status, 200, what);
}

const places: [string, (t: ExecutionContext) => Promise<Settings>][] = [
	[
		'SQLite',
		async (t) => {
			const folder = await mkdtemp(join(dataDir, 'latchkey-once-'));
			t.teardown(() => rm(folder, { recursive: true }));
			const address = `sqlite:${join(folder, 'latchkey.db')}`;
			return { identities: address, sessions: address };
		},
	],
];

if (noSharedStores === undefined) {
	let newSettings: Awaited<ReturnType<typeof newSharedSettings>>;
	test.before(async () => {
		newSettings = await newSharedSettings();
	});
	places.push(['Redis and PostgreSQL', () => newSettings()]);
} else {
	test.skip(`what counts once, over stores on other machines: ${noSharedStores}`, () => undefined);
}

for (const [name, open] of places) {
	test.serial(
		`${name}: of fifty at once on two nodes one counts; and none again after a clock that went back`,
		async (t) => {
			const stage = await openStage(t, await open(t));
			const { nodes, clock } = stage;
			for (const { what, ready, use } of await usesOf(stage, 'ada')) {
				const browsers: Client[] = [];
				for (let at = 0; at < 50; at += 1) browsers.push(await ready(nodes[at % 2 === 0 ? 0 : 1]));
				const answers = await Promise.all(browsers.map(use));
				const statuses = answers.map(({ status }) => status);
				t.is(statuses.filter((status) => status === 200).length, 1, what);
				t.true(
					statuses.every((status) => [200, 401, 404, 429].includes(status)),
					`${what}: ${statuses}`,
				);
			}
			const uses = await usesOf(stage, 'bob');
			for (const use of uses) await useUp(t, stage, use);
			for (const windMs of [-10_000, -60 * minuteMs, 60 * minuteMs]) {
				clock.wind(windMs);
				for (const use of uses) await isUsed(t, stage, use, `after ${windMs} ms`);
			}
		},
	);
}

if (noSharedStores === undefined) {
	test.serial('Redis and PostgreSQL killed right behind the answer: none counts again', async (t) => {
		const stores = await startSharedStores(['--appendonly', 'yes', '--appendfsync', 'always']);
		t.teardown(() => stores.stop());
		const stage = await openStage(t, await stores.newSettings());
		for (const use of await usesOf(stage, 'ada')) {
			const browser = await use.ready(stage.nodes[0]);
			const { status } = await use.use(browser);
			await Promise.all([stores.redis.kill(), stores.postgres.kill()]);
			t.is(status, 200, use.what);
			await Promise.all([stores.redis.restart(), stores.postgres.restart()]);
			await isUsed(t, stage, use, 'after kill -9');
		}
	});
}

// Redis keeps none of these, and its allocator stands no libfaketime.
if (noSharedStores === undefined && noFaketime === undefined) {
	test.serial('the clock of PostgreSQL an hour back, and on: none counts again', async (t) => {
		const { env, set, remove } = createProgramClock();
		t.teardown(remove);
		const stores = await startSharedStores([], env);
		t.teardown(() => stores.stop());
		const store = await stores.newSettings();
		const stage = await openStage(t, store);
		const timeOf = async () => {
			const [row] = await stores.postgres.query(store.identities, 'SELECT extract(epoch FROM now()) AS seconds');
			return Number(row?.seconds);
		};
		const from = await timeOf();
		const uses = await usesOf(stage, 'ada');
		for (const use of uses) await useUp(t, stage, use);
		for (const offset of ['-1h', '+1h', '+0']) {
			set(offset);
			for (const use of uses) await isUsed(t, stage, use, `at ${offset}`);
			if (offset === '-1h') t.true((await timeOf()) < from - 3000, 'the clock went back');
		}
	});
} else {
	test.skip(`a clock of stores that goes back: ${noSharedStores ?? noFaketime}`, () => undefined);
}
