import { randomUUID } from 'node:crypto';
import test from 'ava';
import { createHandClock } from '../_support/hand-clock.ts';
import { startOwnTime } from '../_support/own-time.ts';
import { type Settings, startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { ask, base, type Guess, login, me, signIn, verify } from './ask.ts';
import { install } from './process.ts';

/* Guessing passwords, and shutting others out by it. Sources: OWASP ASVS 5.0 6.1.1 and 6.3, NIST SP 800-63B-4 3.2.2. */

const password = 'four brown bears';
const minuteMs = 60_000;

let upstream: Upstream;
let shared: TestService;

async function start(settings: Settings = {}, clock = createHandClock()) {
	const resources = [{ path: '/treasure', permission: 'p', upstream: upstream.url }];
	const service = await startService({ auth: { basic: true }, resources, ...settings }, clock);
	return { ...service, clock };
}

test.before(async () => {
	upstream = await startUpstream();
	shared = await start();
});

test.after.always(async () => {
	await shared.close();
	upstream.close();
});

async function known(name = `known ${randomUUID()}`): Promise<string> {
	await shared.add(name, password, { permissions: ['p'] });
	return name;
}

async function fail(times: number, name: string, url = shared.url, guess: Guess = {}): Promise<number[]> {
	const statuses: number[] = [];
	for (let tries = 0; tries < times; tries += 1) statuses.push((await login(url, name, `no ${tries}`, guess)).status);
	return statuses;
}

for (const [says, make] of [
	['an identity', known],
	['a name that nobody has', async () => `nobody ${randomUUID()}`],
] as const) {
	test(`ten wrong passwords for ${says}, and the next one has to wait a second`, async (t) => {
		const name = await make();
		t.deepEqual(await fail(10, name), Array(10).fill(401));
		const refused = await login(shared.url, name, password);
		t.is(refused.status, 429);
		t.is(refused.headers['retry-after'], '1');
		t.is(refused.headers['set-cookie'], undefined);
	});
}

test('after each further one twice as long, up to a quarter of an hour; the right one ends it', async (t) => {
	const { url, clock, add, close } = await start();
	t.teardown(close);
	await add('ann', password);
	await fail(10, 'ann', url);
	const waits: number[] = [];
	for (let round = 0; round < 12; round += 1) {
		const refused = await login(url, 'ann', password);
		t.is(refused.status, 429);
		const seconds = Number(refused.headers['retry-after']);
		waits.push(seconds);
		clock.wind(seconds * 1000 - 10);
		t.is((await login(url, 'ann', password)).status, 429, 'not a moment earlier');
		clock.wind(10);
		t.is((await login(url, 'ann', `still not ${round}`)).status, 401);
	}
	t.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
	clock.wind(900_000);
	t.is((await login(url, 'ann', password)).status, 200);
	t.deepEqual(await fail(10, 'ann', url), Array(10).fill(401));
});

test('wrong ones are forgotten after five minutes', async (t) => {
	const { url, clock, add, close } = await start();
	t.teardown(close);
	await add('ann', password);
	await fail(9, 'ann', url);
	clock.wind(5 * minuteMs);
	t.deepEqual(await fail(10, 'ann', url), Array(10).fill(401));
});

test('no spelling of a name gets more tries', async (t) => {
	const name = `Jose\u0301 ${randomUUID()}`;
	await known(name.normalize('NFC'));
	for (const spelling of [name, name.normalize('NFC'), name.toUpperCase(), name.toLowerCase(), name]) {
		await fail(2, spelling);
	}
	t.is((await login(shared.url, name, password)).status, 429);
});

test('while somebody guesses without end, the user who knows the password comes in within two seconds', async (t) => {
	const { url, add, close } = await start();
	t.teardown(close);
	await add('victim', password);
	const jar = await signIn(url, 'victim', password, { from: '127.0.0.7' });
	// From ten addresses until each has to wait, which makes a hundred; then from one of them, on and on.
	for (let source = 20; source < 30; source += 1) await fail(10, 'victim', url, { from: `127.0.0.${source}` });
	const time = startOwnTime();
	t.teardown(time.stop);
	let guessing = true;
	let guesses = 0;
	const attack = (async () => {
		while (guessing || guesses < 1000) {
			const statuses = await fail(1, 'victim', url, { from: '127.0.0.20' });
			t.not(statuses[0], 200);
			guesses += 1;
		}
	})();
	for (let times = 0; times < 20; times += 1) {
		const startedAt = time.now();
		t.is((await login(url, 'victim', password, { from: '127.0.0.2' })).status, 200);
		t.true(time.now() - startedAt < 2000);
		t.is((await me(url, jar)).status, 200);
	}
	guessing = false;
	await attack;
});

test('two hundred guesses at once are ten guesses', async (t) => {
	const name = await known();
	const passwords = Array.from({ length: 200 }, (_, at) => (at === 149 ? password : `no ${at}`));
	const answers = await Promise.all(passwords.map((word) => login(shared.url, name, word)));
	t.is(answers.filter(({ status }) => status !== 429).length, 10);
	const told = shared.audit().filter(({ identity, reason }) => identity === name && reason === 'bad-credentials');
	t.is(told.length, 10);
});

test('twenty right logins at once all come in, and so do fifty', async (t) => {
	for (const many of [20, 50]) {
		const name = await known();
		const answers = await Promise.all(Array.from({ length: many }, () => login(shared.url, name, password)));
		t.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
		t.is(new Set(answers.map((answer) => answer.cookie())).size, many);
	}
});

test('what was counted survives a kill -9', async (t) => {
	const installation = install();
	t.teardown(() => installation.remove());
	const first = await installation.start();
	t.deepEqual(await fail(9, 'ann', first.url), Array(9).fill(401));
	await first.end('SIGKILL');
	const second = await installation.start();
	t.deepEqual(await fail(2, 'ann', second.url), [401, 429]);
	await second.end('SIGKILL');
});

const basic = (name: string, word: string) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`,
});

/** One wrong password, by another way in. */
const ways: readonly (readonly [says: string, wrong: (name: string, at: number) => Promise<number>])[] = [
	[
		'Basic at a resource',
		async (name, at) => (await ask(shared.url, 'GET', '/treasure', { headers: basic(name, `no ${at}`) })).status,
	],
	[
		'Basic at forward-auth',
		async (name, at) =>
			(await ask(shared.url, 'GET', `${verify}?permission=p`, { headers: basic(name, `no ${at}`) })).status,
	],
];

/** Proxies that ask understand no other no than 401 and 403. */
const refusals = new Set([429, 401, 403]);

for (const [says, wrong] of ways) {
	test(`every way to try a password counts on one counter: ${says}`, async (t) => {
		const name = await known();
		for (let tries = 0; tries < 10; tries += 1) t.is(await wrong(name, tries), 401);
		const refused = await login(shared.url, name, password);
		t.is(refused.status, 429);
		t.true(refusals.has(await wrong(name, 11)));
	});
}

test('who names another address every time, and is no proxy of ours, gains nothing', async (t) => {
	const name = await known();
	for (let tries = 0; tries < 10; tries += 1) {
		const headers = { 'X-Forwarded-For': `198.51.100.${tries}`, Forwarded: `for=198.51.100.${tries}` };
		t.is((await login(shared.url, name, `no ${tries}`, { headers })).status, 401);
	}
	const headers = { 'X-Forwarded-For': '198.51.100.99', 'X-Real-IP': '198.51.100.99' };
	t.is((await login(shared.url, name, password, { headers })).status, 429);
	const addresses = shared
		.audit()
		.flatMap(({ act, identity, address }) => (act === 'login' && identity === name ? [address] : []));
	t.deepEqual([...new Set(addresses)], ['127.0.0.1']);
});

test('behind a trusted proxy the last address that is none of ours counts, whatever stands before it', async (t) => {
	const { url, audit, add, close } = await start({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
	t.teardown(close);
	await add('ann', password);
	const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
	for (let tries = 0; tries < 10; tries += 1) {
		t.deepEqual(await fail(1, 'ann', url, from(`203.0.113.${tries}, 198.51.100.7, 10.1.2.3`)), [401]);
	}
	t.is((await login(url, 'ann', password, from('198.51.100.7'))).status, 429);
	t.is((await login(url, 'ann', password, from('198.51.100.8'))).status, 200);
	t.deepEqual(
		audit().flatMap(({ act, address }) => (act === 'login' ? [address] : [])),
		[...Array(11).fill('198.51.100.7'), '198.51.100.8'],
	);
});

test('behind a proxy that writes ports, each connection is no guesser of its own', async (t) => {
	const { url, audit, add, close } = await start({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
	t.teardown(close);
	const ways: Record<string, (port: number) => string> = {
		'203.0.113.9': (port) => `203.0.113.9:${port}`,
		'203.0.113.77': (port) => `198.51.100.${port % 9}, 203.0.113.77:${port}`,
		'203.0.113.78': (port) => `203.0.113.78:${port}, 10.0.0.7:${port}`,
		'2001:db8::7': (port) => `[2001:db8::7]:${port}`,
		// What is no address: the proxy's own.
		'127.0.0.1': (port) => `1:2:3:4:5:6:7:8:9::${port % 9}`,
	};
	for (const [address, written] of Object.entries(ways)) {
		const name = `ann of ${address}`;
		await add(name, password);
		const statuses: number[] = [];
		for (let port = 40_001; port <= 40_014; port += 1) {
			statuses.push(...(await fail(1, name, url, { headers: { 'X-Forwarded-For': written(port) } })));
		}
		t.deepEqual(statuses, [...Array(10).fill(401), ...Array(4).fill(429)], address);
		const told = audit().filter(({ act, identity }) => act === 'login' && identity === name);
		t.deepEqual([...new Set(told.map((event) => event.address))], [address]);
	}
});

test('neighbours in one IPv6 /64 are one source, those of the next are not', async (t) => {
	const { url, add, close } = await start({ trustedProxies: ['127.0.0.1'] });
	t.teardown(close);
	await add('ann', password);
	const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
	for (let tries = 0; tries < 10; tries += 1) await fail(1, 'ann', url, from(`2001:db8:1:2::${tries}`));
	t.is((await login(url, 'ann', password, from('2001:db8:1:2:ffff::1'))).status, 429);
	t.is((await login(url, 'ann', password, from('2001:db8:1:3::1'))).status, 200);
});

test('being told to wait takes no cookie away, and ends nobody else', async (t) => {
	const name = await known();
	const other = await known();
	const jar = await signIn(shared.url, other, password);
	await fail(10, name);
	const refused = await login(shared.url, name, password, { headers: { Cookie: 'theme=dark' } });
	t.is(refused.status, 429);
	t.is(refused.headers['set-cookie'], undefined);
	t.is((await me(shared.url, jar)).status, 200);
	const change = await ask(shared.url, 'POST', `${base}/changePassword`, {
		body: { currentPassword: password, newPassword: 'x'.repeat(5) },
		headers: jar.headers,
	});
	t.is(change.status, 400);
});
