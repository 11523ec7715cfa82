import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type Answer, createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { dataDir } from '../_support/folder.ts';
import { createHandClock, minuteMs } from '../_support/hand-clock.ts';
import { Away, patient } from '../_support/patient.ts';
import { startService, type TestService } from '../_support/service.ts';
import { noSharedStores, type SharedStores, startSharedStores } from '../_support/shared-stores.ts';

/*
 * Refresh tokens over restarts, kills, clocks that differ and several nodes: what was used is used, on every node.
 */

const issue = '/services/token/jwt/v1/issue';
const refresh = '/services/token/jwt/v1/refresh';
const me = '/services/session/v1/currentIdentity';
const password = 'a-long-and-honest-password';
const settings = {
	auth: { basic: true },
	attempts: { limit: 1000 },
	dialects: { kuraTokens: { enabled: true, refreshTokenLifetime: 3600 } },
};

interface Pair {
	readonly accessToken: string;
	readonly refreshToken: string;
}
type Node = Pick<TestService, 'url'>;

const pairOf = ({ status, body }: Answer): Pair => {
	if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
	return body as Pair;
};
const codeOf = ({ status, body }: Answer) => `${status} ${(body as { code?: string }).code}`;
const ask = (node: Node, how: object = { basic: ['ada', password] }) =>
	createClient(node).send(issue, { method: 'POST', ...how });
/** A node that has just lost a store may say 503 for a while. */
async function patiently(asking: () => Promise<Answer>): Promise<Answer> {
	const deadline = Date.now() + 60_000;
	let answer = await asking();
	while (answer.status === 503 && Date.now() < deadline) answer = await asking();
	return answer;
}
const issued = async (node: Node) => pairOf(await patiently(() => ask(node)));
const renew = (node: Node, { refreshToken: body }: Pair) =>
	createClient(node).send(refresh, { method: 'POST', body, headers: { 'Content-Type': 'text/plain' } });
const whoIs = (node: Node, { accessToken }: Pair) =>
	createClient(node).get(me, { Authorization: `Bearer ${accessToken}` });

/** Uses of one refresh token at once, spread over the nodes: one gets a pair, and nothing is got with it. */
async function usesAtOnce(nodes: readonly Node[], pair: Pair) {
	const answers = await Promise.all(
		Array.from({ length: 50 }, (_, at) => renew(nodes[at % nodes.length] as Node, pair)),
	);
	const pairs = answers.filter(({ status }) => status === 200).map(pairOf);
	if (pairs.length <= 1 && answers.some(({ status }) => status === 503)) throw new Away();
	const after = await Promise.all(pairs.flatMap((next) => nodes.map((node) => renew(node, next))));
	return { got: pairs.length, others: [...new Set(answers.map(codeOf))].sort(), after: after.map(codeOf) };
}
const once = { got: 1, others: ['200 undefined', '401 token-invalid'] };

test('over one SQLite file two processes are as one; so is a service that starts again, with another clock', async (t) => {
	const folder = await mkdtemp(join(dataDir, 'latchkey-tokens-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const address = `sqlite:${join(folder, 'latchkey.db')}`;
	const here = { ...settings, store: { identities: address, sessions: address } };
	const [clock, behind] = [createHandClock(Date.now()), createHandClock(Date.now() - 10 * minuteMs)];
	const [one, other] = [await startService(here, clock), await startService(here, clock)];
	await one.add('ada', password);
	const bothNodes = await issued(one);
	t.is((await whoIs(other, bothNodes)).status, 200, 'the key is the same');
	t.deepEqual(await usesAtOnce([one, other], bothNodes), {
		...once,
		after: ['401 token-invalid', '401 token-invalid'],
	});
	const [used, good] = [await issued(one), await issued(one)];
	const next = pairOf(await renew(one, used));
	await Promise.all([one.close(), other.close()]);

	const again = await startService(here, behind);
	t.teardown(() => again.close());
	t.is((await renew(again, good)).status, 200, 'what is good is good for its time');
	t.is(codeOf(await whoIs(again, good)), '401 token-invalid', 'it was made in the future');
	t.is(codeOf(await renew(again, used)), '401 token-invalid', 'what was used is used');
	t.is(codeOf(await renew(again, next)), '401 token-invalid');
	const old = await issued(again);
	behind.wind(3_600_000);
	t.is(codeOf(await renew(again, old)), '401 token-expired');
});

test('after kill -9 what was answered holds: the next token is good, the one before is used', async (t) => {
	const place = await openWorkplace(settings);
	t.teardown(() => place.remove());
	await place.run(['identity', 'add', 'ada', '--password-stdin', '--no-policy'], { stdin: password });
	let server = await serve(place.folder);
	t.teardown(() => server.stop());
	const [first, other] = [await issued(server), await issued(server)];
	const next = pairOf(await renew(server, first));
	const stolen = pairOf(await renew(server, other));
	server.signal('SIGKILL');
	await server.ended;
	server = await serve(place.folder);
	t.is((await whoIs(server, next)).status, 200, 'the key is the same');
	t.is((await renew(server, next)).status, 200);
	t.is(codeOf(await renew(server, other)), '401 token-invalid');
	t.is(codeOf(await renew(server, stolen)), '401 token-invalid');
});

if (noSharedStores === undefined) {
	let stores: SharedStores;
	const nodes: TestService[] = [];
	test.before(async () => {
		stores = await startSharedStores();
		const store = await stores.newSettings();
		for (const _ of [1, 2]) nodes.push(await startService({ ...settings, store }));
		await nodes[0]?.add('ada', password);
	});
	test.after.always(async () => {
		await Promise.all(nodes.map((node) => node.close()));
		await stores.stop();
	});
	const both = () => nodes as [TestService, TestService];

	patient(test.serial)('over Redis and PostgreSQL two nodes are as one', async (t) => {
		const [one, other] = both();
		const pair = await issued(one);
		t.is((await whoIs(other, pair)).status, 200, 'the key is the same');
		t.deepEqual(await usesAtOnce([one, other], pair), { ...once, after: ['401 token-invalid', '401 token-invalid'] });
		const next = pairOf(await renew(other, await issued(one)));
		t.is((await renew(one, next)).status, 200);
	});

	test.serial('while Redis is away nothing is issued and nothing is used up: 503', async (t) => {
		const [one, other] = both();
		const pair = await issued(one);
		stores.redis.signal('SIGSTOP');
		for (const node of [one, other]) {
			const away = await renew(node, pair);
			t.is(codeOf(away), '503 unavailable');
			t.regex(String(away.headers['retry-after']), /^\d+$/);
		}
		stores.redis.signal('SIGCONT');
		const answer = await patiently(() => renew(other, pair));
		t.is(answer.status, 200);
		t.is((await whoIs(one, pairOf(answer))).status, 200);
	});

	test.serial('a Redis that comes back with less than it had does not take a used one', async (t) => {
		const [one] = both();
		const [used, ended] = [await issued(one), await issued(one)];
		await stores.redis.snapshot();
		pairOf(await renew(one, used));
		pairOf(await renew(one, ended));
		t.is(codeOf(await renew(one, ended)), '401 token-invalid');
		await stores.redis.kill();
		await stores.redis.restoreSnapshot();
		await stores.redis.restart();
		const answer = await patiently(() => renew(one, used));
		t.is(codeOf(answer), '401 token-invalid');
		t.is(codeOf(await renew(one, ended)), '401 token-invalid');
	});

	test.serial('while PostgreSQL is away: 503', async (t) => {
		const [one] = both();
		const pair = await issued(one);
		stores.postgres.signal('SIGSTOP');
		t.is(codeOf(await renew(one, pair)), '503 unavailable');
		t.is(codeOf(await ask(one)), '503 unavailable');
		stores.postgres.signal('SIGCONT');
	});
} else {
	test.skip(`nodes share refresh tokens: ${noSharedStores}`, () => undefined);
}
