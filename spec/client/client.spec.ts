import test from 'ava';
import {
	type ClientOptions,
	type ClientState,
	createLatchkeyClient,
	type LatchkeyClient,
	Refused,
	SessionOver,
	Unreachable,
} from '../../src/client/client.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import { createApp } from '../_support/authenticator-app.ts';
import { createHandClock, minuteMs } from '../_support/hand-clock.ts';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { createCookieFetch } from '../clients/cookie-fetch.ts';
import { soon } from '../store/soon.ts';

/*
 * `latchkey/client` before a real service: the tabs of one browser are clients that share cookies. In a browser:
 * `spec/client/pages.package.ts`.
 */

const clock = createHandClock(Date.now());
const upstream = await startUpstream();
const resource = '/services/assets/v1';
const base = '/services/session/v1';
const password = 'correct horse battery';
const service = await startService(
	{
		resources: [{ path: resource, permission: 'rest.assets', upstream: upstream.url }],
		secondFactor: { requiredFor: ['rest.meters'] },
		session: { afterPasswordChange: 'renew' },
		attempts: { limit: 3 },
	},
	clock,
);

/** The one browser: its cookies, and whether its network is there. */
const inBrowser = createCookieFetch();
let network = true;
let underWay = 0;
const ownFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
	if (!network) throw new TypeError('fetch failed');
	underWay += 1;
	return inBrowser(input, init).finally(() => {
		underWay -= 1;
	});
};

const opened: LatchkeyClient[] = [];
function openTab(options: ClientOptions = {}): LatchkeyClient {
	const client = createLatchkeyClient({ baseUrl: service.url, ...options });
	opened.push(client);
	return client;
}

test.afterEach.always(async () => {
	network = true;
	await opened[0]?.logout();
	for (const client of opened.splice(0)) client.close();
});
test.after.always(async () => {
	globalThis.fetch = ownFetch;
	await service.close();
	await upstream.close();
});

let people = 0;
async function newPerson(how: { permissions?: string[]; mustChange?: boolean } = { permissions: ['rest.assets'] }) {
	people += 1;
	const name = `person ${people}`;
	await service.add(name, password, how);
	return name;
}

const nameIn = ({ state }: LatchkeyClient) => (state.kind === 'signed-in' ? state.session.identity : state.kind);
const failure = (act: Promise<unknown>) =>
	act.then(
		() => undefined,
		(fault: unknown) => fault as Refused,
	);

test.serial('it says where the page stands, from the first look to the logout', async (t) => {
	const name = await newPerson();
	const client = openTab();
	t.deepEqual(client.state, { kind: 'away' }, 'nothing is asked before somebody wants to know');
	const seen: ClientState['kind'][] = [];
	const unsubscribe = client.subscribe(() => seen.push(client.state.kind));
	t.deepEqual(await client.look(), { kind: 'signed-out' });
	const wrong = await failure(client.login(name, 'a wrong guess'));
	t.true(wrong instanceof Refused && !(wrong instanceof SessionOver));
	t.like(wrong, { status: 401, code: 'bad-credentials' });
	t.like(await client.login(name, password), { kind: 'signed-in', session: { identity: name, level: 1 } });
	t.is(await (await client.send(resource)).text(), 'the treasure');
	t.deepEqual(await client.logout(), { kind: 'signed-out' });
	t.like(await failure(client.send(resource)), { name: 'SessionOver', status: 401, code: 'session-missing' });
	t.deepEqual([...new Set(seen)], ['signed-out', 'signed-in']);
	unsubscribe();
	const length = seen.length;
	await client.look();
	t.is(seen.length, length);
});

test.serial('the first who subscribes has it look', async (t) => {
	const client = openTab();
	await new Promise<void>((resolve) => client.subscribe(resolve));
	t.is(client.state.kind, 'signed-out');
});

test.serial(
	'a request that is refused says why, in how many seconds to try again, and what stood in the answer',
	async (t) => {
		const name = await newPerson();
		const client = openTab();
		for (let left = 3; left > 0; left -= 1) await failure(client.login(name, 'a wrong guess'));
		const slower = await failure(client.login(name, password));
		t.like(slower, { status: 429, code: 'too-many-attempts' });
		t.true((slower?.retryAfter ?? 0) >= 1);
		clock.wind(60 * minuteMs);
		await client.login(name, password);
		const forbidden = await failure(client.send(`${base}/sessions?all`));
		t.like(forbidden, { status: 403, code: 'permission-missing', proofNeeded: undefined });
		t.is(JSON.parse(forbidden?.text ?? '').code, 'permission-missing');
		t.is(client.state.kind, 'signed-in', 'and the session lives');
	},
);

test.serial('a password that must be changed is changed, and the page goes on', async (t) => {
	const name = await newPerson({ permissions: ['rest.assets'], mustChange: true });
	const client = openTab();
	t.deepEqual(await client.login(name, password), { kind: 'must-change' });
	t.like(await failure(client.send(resource)), { status: 401, code: 'password-change-needed' });
	t.deepEqual(await openTab().look(), { kind: 'must-change' }, 'after a reload, too');
	t.like(await failure(client.changePassword(password, 'short')), { status: 400, code: 'weak-password' });
	t.like(await client.changePassword(password, 'nobody guesses this'), { kind: 'signed-in' });
	t.is(await (await client.send(resource)).text(), 'the treasure');
});

test.serial('a second factor is set up, asked for, and shown', async (t) => {
	const name = await newPerson({ permissions: ['rest.assets', 'rest.meters'] });
	const client = openTab();
	t.deepEqual(await client.login(name, password), { kind: 'enrolment' });
	t.like(await failure(client.send(resource)), { status: 401, code: 'enrolment-needed' });
	const { id, secret, qr, uri } = await client.addTotp('Phone');
	t.regex(qr, /^<svg /);
	t.regex(uri, /^otpauth:/);
	const app = createApp(id, secret, clock.now);
	t.like(await failure(client.confirmTotp(id, app.wrongCode())), { status: 401, code: 'wrong-code' });
	t.like(await client.confirmTotp(id, app.code()), { kind: 'signed-in', session: { level: 2 } });
	const codes = await client.makeRecoveryCodes();
	t.is(codes.length, 10);
	await client.logout();

	t.deepEqual(await client.login(name, password), { kind: 'second-factor' });
	t.like(await failure(client.send(resource)), { status: 401, code: 'second-factor-needed' });
	t.deepEqual(client.state, { kind: 'second-factor' });
	t.like(await failure(client.secondFactor({ code: app.wrongCode() })), { status: 401, code: 'wrong-code' });
	clock.wind(30_000);
	t.like(await client.secondFactor({ code: app.code() }), { kind: 'signed-in', recoveryCodesLeft: undefined });
	t.is(await (await client.send(resource)).text(), 'the treasure');
	await client.logout();
	await client.login(name, password);
	t.like(await client.secondFactor({ recoveryCode: codes[0] ?? '' }), { kind: 'signed-in', recoveryCodesLeft: 9 });
});

test.serial('a proof that is needed is told by its code, asked for, and the request goes through', async (t) => {
	const name = await newPerson({ permissions: ['rest.assets', 'rest.meters'] });
	let answer: (client: LatchkeyClient) => Promise<boolean> = async () => false;
	const client: LatchkeyClient = openTab({
		onProofNeeded(needed) {
			t.deepEqual(needed.methods, ['totp']);
			return answer(client);
		},
	});
	await client.login(name, password);
	const { id, secret } = await client.addTotp('Phone');
	const app = createApp(id, secret, clock.now);
	await client.confirmTotp(id, app.code());
	clock.wind(6 * minuteMs);
	t.like(await failure(client.makeRecoveryCodes()), { name: 'NotProved', status: 403, code: 'proof-needed' });
	answer = async (mine) => {
		t.like(await failure(mine.prove({ code: app.wrongCode() })), { code: 'wrong-code' });
		await mine.prove({ code: app.code() });
		return true;
	};
	t.is((await client.makeRecoveryCodes()).length, 10);
});

test.serial('who signs in while a proof is asked for does not have the request sent in their name', async (t) => {
	const [ada, bob] = [
		await newPerson({ permissions: ['kura.admin'] }),
		await newPerson({ permissions: ['kura.admin'] }),
	];
	const there = openTab();
	const here = openTab({
		async onProofNeeded() {
			await there.login(bob, password);
			return soon(async () => nameIn(here) === bob);
		},
	});
	await here.login(ada, password);
	clock.wind(6 * minuteMs);
	const typedByAda = {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ name: 'made by ada', password: 'nobody guesses this' }),
	};
	t.like(await failure(here.send(`${base}/identities`, typedByAda)), { name: 'SessionOver', code: 'session-missing' });
	t.is(await service.service.core.identities.findByName('made by ada' as IdentityName), undefined);
});

test.serial('a client that is closed asks and tells nothing more', async (t) => {
	const name = await newPerson();
	const [here, there] = [openTab(), openTab()];
	await here.login(name, password);
	await there.look();
	const ending = here.logout();
	here.close();
	await ending;
	t.is(nameIn(here), name);
	t.is((await there.look()).kind, 'signed-out');
});

test.serial('what another tab does is seen: a logout, a login, and somebody else’s', async (t) => {
	const [ada, bob] = [await newPerson(), await newPerson()];
	const [here, there] = [openTab(), openTab()];
	await here.login(ada, password);
	await there.look();
	t.is(nameIn(there), ada);
	await there.logout();
	t.true(await soon(async () => nameIn(here) === 'signed-out'));
	await there.login(ada, password);
	t.true(await soon(async () => nameIn(here) === ada));
	await there.login(bob, password);
	t.true(await soon(async () => nameIn(here) === bob));
});

test.serial('a token that is stale is fetched anew, and nothing is sent in the name of somebody else', async (t) => {
	const [ada, bob] = [await newPerson(), await newPerson()];
	const client = openTab();
	await client.login(ada, password);
	// Other pages of that browser, which say nothing.
	const loginElsewhere = (username: string) =>
		fetch(`${service.url}${base}/login/password`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ username, password }),
		});
	t.is((await loginElsewhere(ada)).status, 200);
	t.is(await (await client.send(resource)).text(), 'the treasure');
	t.is((await loginElsewhere(bob)).status, 200);
	const before = upstream.reached.length;
	t.like(await failure(client.send(resource, { method: 'POST', body: 'typed by ada' })), { name: 'SessionOver' });
	t.is(upstream.reached.length, before);
	t.is(nameIn(client), bob, 'and the page knows');
	t.deepEqual(await client.logout(), { kind: 'signed-out' });
});

test.serial('a session that is about to end is announced, kept by one word, and seen to end', async (t) => {
	const name = await newPerson();
	const client = openTab();
	await client.login(name, password);
	clock.wind(14 * minuteMs + 10_000);
	await client.look();
	t.true(await soon(async () => client.state.kind === 'signed-in' && client.state.ending !== undefined));
	t.like(client.state, { ending: { by: 'silence' } });
	t.like(await client.stay(), { kind: 'signed-in', ending: undefined });
	clock.wind(14 * minuteMs + 59_000);
	await client.look();
	t.true(await soon(async () => client.state.kind === 'signed-in' && client.state.ending !== undefined));
	clock.wind(2000);
	// By itself, a little after the end that it was told.
	t.true(await soon(async () => client.state.kind === 'signed-out'));
});

test.serial('an outage is no end: what was known stays, and it is looked again by itself', async (t) => {
	const name = await newPerson();
	const client = openTab();
	await client.login(name, password);
	t.true(await soon(async () => underWay === 0));
	network = false;
	t.true((await failure(client.send(resource))) instanceof Unreachable);
	t.true(await soon(async () => client.state.kind === 'away'));
	t.like(client.state, { before: { kind: 'signed-in', session: { identity: name } } });
	const stranger = openTab();
	t.like(await stranger.look(), { kind: 'away', before: undefined });
	network = true;
	for (const each of [client, stranger]) t.true(await soon(async () => nameIn(each) === name));
	t.is(await (await client.send(resource)).text(), 'the treasure');
});

test.serial('the token goes to Latchkey and to nobody else', async (t) => {
	const client = openTab();
	await client.login(await newPerson(), password);
	for (const path of ['https://example.net/', '//example.net/x', '/\\example.net/x', '/\t/example.net/x']) {
		await t.throwsAsync(client.send(path), { instanceOf: TypeError }, path);
	}
	t.is((await client.send(new URL(resource, service.url).href)).status, 200);
});

test.serial('who thinks better of a request learns that it was aborted', async (t) => {
	const client = openTab();
	await client.login(await newPerson(), password);
	await t.throwsAsync(client.send(resource, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});
