import test from 'ava';
import type { Identity, IdentityName } from '../../../src/core/identity.ts';
import { type App, createApp, setUpApp } from '../../_support/authenticator-app.ts';
import { type Client, createClient } from '../../_support/client.ts';
import { createHandClock, minuteMs } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';
import { createSoftAuthenticator } from '../../_support/soft-authenticator.ts';

/*
 * Somebody has lost every second factor: an administrator's link leads, with the password, to where another one is set up.
 */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const service = await startService({ attempts: { limit: 100 } }, clock);
const url = service.url.replace('127.0.0.1', 'localhost');
await service.add('root', password, { permissions: ['kura.admin'] });
test.after.always(() => service.close());

const newBrowser = () => createClient({ url });

async function signedIn(name: string) {
	const browser = newBrowser();
	const { status } = await browser.login(name, password);
	if (status !== 200) throw new Error(`${name}: ${status}`);
	return browser;
}

interface Owner {
	readonly name: string;
	readonly app: App;
	readonly paper: readonly string[];
	/** Signed in, by both. */
	readonly browser: Client;
}

let people = 0;
/** Somebody with an app and recovery codes. */
async function newOwner(): Promise<Owner> {
	people += 1;
	const name = `person-${people}`;
	await service.add(name, password);
	const browser = await signedIn(name);
	const app = await setUpApp(browser, clock.now);
	const { codes } = (await browser.post(`${base}/recoveryCodes`)).body as { codes: string[] };
	clock.wind(minuteMs);
	return { name, app, paper: codes, browser };
}

const invite = async (name: string, wanted: object = { for: 'new-factor' }) =>
	(await signedIn('root')).post(`${base}/identities/${name}/invitation`, wanted);

async function codeFor(name: string): Promise<string> {
	const { status, body } = await invite(name);
	if (status !== 201) throw new Error(`${name}: ${status}`);
	return (body as { url: string }).url.slice(-26);
}

const accept = (browser: Client, code: string, shown: unknown = password) =>
	browser.post(`${base}/invitation/acceptance`, { code, password: shown });

/** Somebody who was let in by the link and the password, and waits. */
async function arrived(name: string) {
	const browser = newBrowser();
	const answer = await accept(browser, await codeFor(name));
	await browser.fetchXsrfToken();
	return { browser, answer };
}

const askedFor = async (name: string) => (await newBrowser().login(name, password)).body;
const idsOf = async (name: string) => {
	const { body } = await (await signedIn('root')).get(`${base}/identities/${name}/authenticators`);
	const { authenticators, recoveryCodesLeft } = body as { authenticators: { id: string }[]; recoveryCodesLeft: number };
	return { ids: authenticators.map(({ id }) => id), recoveryCodesLeft };
};

test.serial('the link and the password lead to a new app, which takes the place of all that was lost', async (t) => {
	const { name, app, paper, browser: old } = await newOwner();
	const { browser, answer } = await arrived(name);
	t.deepEqual([answer.status, answer.body], [200, { passwordChangeNeeded: false, enrolmentNeeded: true }]);
	t.is((await old.me()).status, 200, 'nothing else ends before there is a new one');
	t.deepEqual(await idsOf(name), { ids: [app.id], recoveryCodesLeft: 10 });

	const next = await setUpApp(browser, clock.now);
	t.is((await browser.me()).status, 200);
	t.like((await browser.get(`${base}/currentSession`)).body, { level: 2, methods: ['pwd', 'otp'] });
	t.is((await old.me()).status, 401, 'the other sessions have ended');
	t.deepEqual(await idsOf(name), { ids: [next.id], recoveryCodesLeft: 0 });

	clock.wind(minuteMs);
	const login = newBrowser();
	t.like((await login.login(name, password)).body as object, { secondFactorNeeded: true });
	t.is((await login.post(`${base}/login/totp`, { code: app.code() })).status, 401, 'the lost app');
	t.is((await login.post(`${base}/login/recoveryCode`, { code: paper[0] })).status, 401, 'the lost paper');
	t.is((await login.post(`${base}/login/totp`, { code: next.code() })).status, 200);
	const acts = service.audit().filter(({ identity, act }) => identity === name && /invitation|login/.test(String(act)));
	t.like(acts.slice(1, 4), [
		{ act: 'invitation-add', outcome: 'ok', actor: 'root', purpose: 'new-factor' },
		{ act: 'invitation-use', outcome: 'ok', purpose: 'new-factor' },
		{ act: 'login', outcome: 'ok', method: 'password', needs: 'enrolment' },
	]);
});

test.serial('or to a passkey', async (t) => {
	const { name } = await newOwner();
	const { browser } = await arrived(name);
	const { body } = await browser.post(`${base}/authenticators/passkey/challenge`);
	const device = createSoftAuthenticator({ origin: url });
	const credential = device.create((body as { publicKey: Parameters<typeof device.create>[0] }).publicKey, {});
	const added = await browser.post(`${base}/authenticators/passkey`, { name: 'Key', credential });
	t.is(added.status, 201);
	await browser.fetchXsrfToken();
	t.is((await browser.me()).status, 200);
	t.deepEqual(await idsOf(name), { ids: [(added.body as { id: string }).id], recoveryCodesLeft: 0 });
});

test.serial(
	'the link alone opens nothing, and a wrong password uses nothing up and counts as at a login',
	async (t) => {
		const { name } = await newOwner();
		const code = await codeFor(name);
		const browser = newBrowser();
		const told = await browser.post(`${base}/invitation`, { code });
		t.like(told, { status: 200, body: { for: 'new-factor', username: name } });
		t.is(told.headers['set-cookie'], undefined);
		t.is((await browser.post(`${base}/invitation/acceptance`, { code })).status, 400);
		for (const shown of ['', ' ', null, [password]]) t.is((await accept(browser, code, shown)).status, 400);
		const refused = await accept(browser, code, 'not the password');
		t.like(refused, { status: 401, body: { code: 'bad-credentials' } });
		t.is(refused.headers['set-cookie'], undefined);
		t.deepEqual([...browser.jar], []);
		const last = service.audit().slice(-2);
		t.like(last, [
			{ act: 'login', outcome: 'refused', reason: 'bad-credentials', identity: name },
			{ act: 'invitation-use', outcome: 'refused', reason: 'bad-credentials', identity: name },
		]);
		t.is((await accept(browser, code)).status, 200);
		t.like(await accept(newBrowser(), code), { status: 404, body: { code: 'invitation-over' } });
	},
);

test.serial('the session that waits can do nothing else, and given up it leaves all as it was', async (t) => {
	const { name, app } = await newOwner();
	const { browser } = await arrived(name);
	const calls: [method: string, path: string, json?: object][] = [
		['GET', 'currentIdentity'],
		['GET', 'sessions'],
		['POST', 'recoveryCodes'],
		['PUT', `authenticators/${app.id}`, { name: 'mine' }],
		['DELETE', `authenticators/${app.id}`],
		['POST', 'changePassword', { currentPassword: password, newPassword: 'seven green frogs' }],
		['POST', 'proof', { password }],
		['GET', 'secondFactor'],
		['POST', 'login/totp', { code: app.code() }],
		['POST', 'passkey/challenge'],
	];
	for (const [method, path, json] of calls) {
		const answer = await browser.send(`${base}/${path}`, { method, ...(json && { json }) });
		t.like(answer, { status: 401, body: { code: 'enrolment-needed' } }, path);
	}
	t.is((await browser.logout()).status, 204);
	t.like((await askedFor(name)) as object, { secondFactorNeeded: true });
	t.deepEqual(await idsOf(name), { ids: [app.id], recoveryCodesLeft: 10 });
});

test.serial('of fifty at once one comes in', async (t) => {
	const { name } = await newOwner();
	const code = await codeFor(name);
	const answers = await Promise.all(Array.from({ length: 50 }, () => accept(newBrowser(), code)));
	t.is(answers.filter(({ status }) => status === 200).length, 1);
	t.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 404]);
});

test.serial('a session that was let in so ends with a reset, and sets nothing up any more', async (t) => {
	const { name } = await newOwner();
	const { browser } = await arrived(name);
	const { id, secret } = (await browser.post(`${base}/authenticators/totp`, { name: 'x' })).body as Record<
		string,
		string
	>;
	const reset = await (await signedIn('root')).send(`${base}/identities/${name}/authenticators`, { method: 'DELETE' });
	t.is(reset.status, 200);
	const code = createApp(id ?? '', secret ?? '', clock.now).code();
	t.is((await browser.post(`${base}/authenticators/totp/${id}/confirmation`, { code })).status, 401);
	t.deepEqual(await idsOf(name), { ids: [], recoveryCodesLeft: 0 });
});

test.serial(
	'it is over with a change of the password or of the factors, and is none for who has nothing to lose',
	async (t) => {
		const ends: Record<string, (owner: Owner) => Promise<{ status: number }>> = {
			'an app that is added': async ({ browser }) => {
				await setUpApp(browser, clock.now);
				return { status: 200 };
			},
			'a reset': async ({ name }) =>
				(await signedIn('root')).send(`${base}/identities/${name}/authenticators`, { method: 'DELETE' }),
			'a change of the password': ({ browser }) => browser.changePassword(password, 'seven green frogs'),
			'a newer one': async ({ name }) => invite(name, { for: 'new-password' }),
		};
		for (const [what, end] of Object.entries(ends)) {
			const owner = await newOwner();
			const code = await codeFor(owner.name);
			t.true((await end(owner)).status < 300, what);
			t.like(await accept(newBrowser(), code), { status: 404, body: { code: 'invitation-over' } }, what);
		}
		await service.add('plain', password);
		t.like(await invite('plain'), { status: 409, body: { code: 'no-factor' } });
		await service.add('invited');
		t.like(await invite('invited'), { status: 409, body: { code: 'password-missing' } });
	},
);

test.serial('a password that is to be changed is changed after it', async (t) => {
	const { name } = await newOwner();
	const { identities } = service.service.core;
	const found = (await identities.findByName(name as IdentityName)) as Identity;
	await identities.requirePasswordChange(found.id, { actor: 'operator' });
	const { browser, answer } = await arrived(name);
	t.like(answer.body as object, { passwordChangeNeeded: false, enrolmentNeeded: true });
	await setUpApp(browser, clock.now);
	t.like(await browser.me(), { status: 401, body: { code: 'password-change-needed' } });
	t.is((await browser.changePassword(password, 'seven green frogs')).status, 204);
});
