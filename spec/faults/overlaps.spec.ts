import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Identity } from '../../src/core/identity.ts';
import { unwrap } from '../../src/http/response/refusals.ts';
import { setUpApp } from '../_support/authenticator-app.ts';
import { type Answer, type Client, createClient } from '../_support/client.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/* Requests that overlap, many times over: whatever order they end in, nobody is inside who should not be. */

const base = '/services/session/v1';
const password = 'four brown bears';
const nextPassword = 'seven green frogs';
const wrong = 'not the password at all';

let upstream: Upstream;
/** Answers what the upstream holds back, in the order in which it came. */
let release: () => void;
let held: Promise<void>;
/** Long enough to be overlapped. */
const passwordHash = { memory: 2048, iterations: 1, parallelism: 1, concurrency: 4 };

let service: TestService;

test.before(async () => {
	let waiting: (() => void) | undefined;
	let onHeld = () => {};
	const expectNext = () => {
		held = new Promise((resolve) => {
			onHeld = resolve;
		});
	};
	expectNext();
	release = () => {
		expectNext();
		waiting?.();
	};
	upstream = await startUpstream((req, res) => {
		req.resume();
		waiting = () => void res.end('late');
		onHeld();
	});
	service = await startService({
		passwordHash,
		resources: [{ path: '/slow', permission: 'rest.assets', upstream: upstream.url }],
	});
});

test.after.always(async () => {
	await service.close();
	upstream.close();
});

async function signedIn(name: string): Promise<Client> {
	const browser = createClient(service);
	await browser.login(name, password);
	return browser;
}

async function sessionsOf(name: string): Promise<number> {
	const { identities, sessions } = service.service.core;
	const identity = await identities.findByName(name as never);
	return (await sessions.list(identity?.id, 1000)).length;
}

test.serial(
	'100 rounds of a request that an upstream holds back, and a logout: no session is alive after',
	async (t) => {
		await service.add('held', password, { permissions: ['rest.assets'] });
		for (let round = 0; round < 100; round += 1) {
			const browser = await signedIn('held');
			const kept = new Map(browser.jar);
			const slow = browser.get('/slow');
			await held;
			t.is((await browser.logout()).status, 204);
			release();
			t.is((await slow).body, 'late', 'it was let in before');
			for (const [name, value] of kept) browser.jar.set(name, value);
			t.is((await browser.me()).status, 401, `round ${round}`);
			t.is(await sessionsOf('held'), 0, `round ${round}`);
		}
	},
);

test.serial('100 rounds of a request whose body trickles in, and a logout: no session is alive after', async (t) => {
	await service.add('trickling', password, { permissions: ['rest.assets'] });
	const body = JSON.stringify({ currentPassword: password, newPassword: password });
	for (let round = 0; round < 100; round += 1) {
		const browser = await signedIn('trickling');
		const kept = new Map(browser.jar);
		const req = request(`${service.url}${base}/changePassword`, {
			method: 'POST',
			headers: {
				Cookie: [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; '),
				'X-XSRF-Token': (await browser.fetchXsrfToken()) ?? '',
				'Content-Type': 'application/json',
				'Content-Length': body.length,
			},
		});
		const answered = once(req, 'response');
		req.write(body.slice(0, 20));
		await sleep(2);
		const logout = browser.logout();
		if (round % 2 === 0) await logout;
		req.end(body.slice(20));
		const [res] = await answered;
		res.resume();
		t.is((await logout).status, 204);
		// Let in before the logout, it is told that both passwords are the same; after it, that there is no session.
		t.true([400, 401].includes(res.statusCode), String(res.statusCode));
		for (const [name, value] of kept) browser.jar.set(name, value);
		t.is((await browser.me()).status, 401, `round ${round}`);
		t.is(await sessionsOf('trickling'), 0, `round ${round}`);
	}
});

test.serial('200 rounds of a login and a password change: no session of the old password is alive after', async (t) => {
	await service.add('overlapped', password);
	const passwords = [password, nextPassword];
	const became = new Map<number, number>();
	for (let round = 0; round < 200; round += 1) {
		const [old = '', fresh = ''] = round % 2 === 0 ? passwords : passwords.toReversed();
		const changer = createClient(service);
		t.is((await changer.login('overlapped', old)).status, 200, `round ${round}`);
		const late = createClient(service);
		const change = changer.changePassword(old, fresh);
		// From well before the change is done to just after it.
		await sleep(round % 8);
		const login = await late.post(`${base}/login/password`, { username: 'overlapped', password: old });
		t.is((await change).status, 204, `round ${round}`);
		became.set(login.status, (became.get(login.status) ?? 0) + 1);
		// Not even one that a check would refuse.
		t.is(await sessionsOf('overlapped'), 0, `round ${round}: login ${login.status}`);
		t.is((await late.get(`${base}/xsrfToken`)).status, 401, `round ${round}`);
	}
	t.log(`logins answered: ${[...became].map(([status, times]) => `${status}: ${times}`).join(', ')}`);
});

test.serial('two password changes with the same current password: exactly one is done, 50 times', async (t) => {
	await service.add('contested', password);
	let current = password;
	for (let round = 0; round < 50; round += 1) {
		const browsers = [createClient(service), createClient(service)];
		for (const browser of browsers) t.is((await browser.login('contested', current)).status, 200);
		const wanted = [`${nextPassword} a${round}`, `${nextPassword} b${round}`];
		const answers = await Promise.all(browsers.map((browser, at) => browser.changePassword(current, wanted[at] ?? '')));
		t.deepEqual(statuses(answers), [204, 401], `round ${round}`);
		const [won, lost] = answers[0]?.status === 204 ? wanted : wanted.toReversed();
		t.is((await createClient(service).login('contested', lost ?? '')).status, 401);
		current = won ?? '';
	}
});

function statuses(answers: readonly Answer[]): number[] {
	return answers.map(({ status }) => status).sort((a, b) => a - b);
}

const login = (name: string, tried: string, at = service) =>
	createClient(at).post(`${base}/login/password`, { username: name, password: tried });

test.serial('50 rounds of a code that is shown, and a reset of its app: no session is alive after', async (t) => {
	const { id } = await service.add('factored', password);
	const { secondFactors } = service.service.core.factorParts;
	const became = new Map<number, number>();
	for (let round = 0; round < 50; round += 1) {
		const app = await setUpApp(await signedIn('factored'));
		const browser = await signedIn('factored');
		const code = round % 2 === 0 ? app.code() : app.code(1);
		const shown = browser.post(`${base}/login/totp`, { code });
		await sleep(round % 5);
		unwrap(await secondFactors.reset(id, { actor: 'operator' }));
		const { status } = await shown;
		became.set(status, (became.get(status) ?? 0) + 1);
		t.is(await sessionsOf('factored'), 0, `round ${round}: ${status}`);
		t.is((await browser.get(`${base}/xsrfToken`)).status, 401, `round ${round}: ${status}`);
	}
	t.log(`codes answered: ${[...became].map(([status, times]) => `${status}: ${times}`).join(', ')}`);
});

test.serial(
	'50 rounds of an invitation and a password change: one is done, and no session of before is alive',
	async (t) => {
		const identity: Identity = await service.add('invited', password);
		const { identities, invitations } = service.service.core;
		let current = password;
		const done = { invitation: 0, change: 0 };
		for (let round = 0; round < 50; round += 1) {
			const changer = createClient(service);
			await changer.login('invited', current);
			const present = (await identities.findByName(identity.name)) as Identity;
			const { code } = unwrap(await invitations.make(present, { expiresInMs: 60_000 }, { actor: 'operator' }));
			const guest = createClient(service);
			const [byCode, byHand] = [`${nextPassword} i${round}`, `${nextPassword} c${round}`];
			const changed = changer.changePassword(current, byHand);
			await sleep(round % 8);
			const accepted = guest.post(`${base}/invitation/acceptance`, { code, password: byCode });
			const statuses = [(await changed).status, (await accepted).status];
			const isByHand = statuses[0] === 204;
			// 429: so many that were over have come from here.
			t.regex(String(statuses), isByHand ? /^204,(404|429)$/ : /^401,200$/, `round ${round}`);
			done[isByHand ? 'change' : 'invitation'] += 1;
			t.is(await sessionsOf('invited'), isByHand ? 0 : 1, `round ${round}`);
			t.is((await createClient(service).login('invited', isByHand ? byCode : byHand)).status, 401);
			current = isByHand ? byHand : byCode;
		}
		t.log(done);
	},
);

test.serial('50 logins of one identity at once: 50 sessions, each its own', async (t) => {
	await service.add('many', password);
	const answers = await Promise.all(Array.from({ length: 50 }, () => login('many', password)));
	t.deepEqual(statuses(answers), new Array<number>(50).fill(200));
	const cookies = new Set(answers.map(({ setCookie }) => setCookie[0]?.split(';')[0]));
	t.is(cookies.size, 50);
	t.is(await sessionsOf('many'), 50);
	for (const Cookie of cookies) {
		t.is((await createClient(service).get(`${base}/xsrfToken`, { Cookie: Cookie ?? '' })).status, 200);
	}
});

test.serial('20 right logins at once, where ten wrong ones would be too many: all succeed', async (t) => {
	await service.add('crowd', password);
	const answers = await Promise.all(Array.from({ length: 20 }, () => login('crowd', password)));
	t.deepEqual(statuses(answers), new Array<number>(20).fill(200));
});

test.serial('200 wrong logins at once and a right one in their midst: ten passwords are tried, no more', async (t) => {
	// While its clock stands still, no wait is over.
	const besieged = await startService({ passwordHash }, createHandClock());
	t.teardown(besieged.close);
	await besieged.add('besieged', password);
	const answers = await Promise.all(
		Array.from({ length: 201 }, (_, at) => login('besieged', at === 150 ? password : wrong, besieged)),
	);
	const tried = answers.filter(({ status }) => status !== 429);
	// Where the right one arrived among the first ten, it was let in, and those before it are forgotten.
	const most = answers[150]?.status === 200 ? 20 : 10;
	t.true(tried.length <= most, `${tried.length} were tried`);
	t.true(answers.every(({ status }) => [200, 401, 429].includes(status)));
	for (const { headers, setCookie } of answers.filter(({ status }) => status === 429)) {
		t.regex(headers['retry-after'] ?? '', /^[1-9]\d*$/);
		t.deepEqual(setCookie, []);
	}
});
