import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { IdentityName } from '../../../src/core/identity.ts';
import { type App, createApp, fromBase32, setUpApp } from '../../_support/authenticator-app.ts';
import { createClient } from '../../_support/client.ts';
import { createHandClock, minuteMs } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/*
 * Second factors over HTTP: set up, asked for at each login, shown, replaced by paper, taken away.
 */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const service = await startService({ auth: { basic: true }, attempts: { limit: 1000 } }, clock);
await service.add('boss', password, { permissions: ['kura.admin'] });
test.after.always(() => service.close());

let people = 0;
/** Somebody new. */
async function newPerson(permissions: string[] = []) {
	people += 1;
	const name = `person ${people}`;
	await service.add(name, password, { permissions });
	return name;
}

async function signedIn(name: string) {
	const browser = createClient(service);
	const { status } = await browser.login(name, password);
	if (status !== 200) throw new Error(String(status));
	return browser;
}

/** Somebody new with an app, signed in by it. */
async function newOwner(permissions: string[] = []) {
	const name = await newPerson(permissions);
	const browser = await signedIn(name);
	const app = await setUpApp(browser, clock.now);
	return { name, browser, app };
}

type Browser = ReturnType<typeof createClient>;
const showCode = (browser: Browser, code: string) => browser.post(`${base}/login/totp`, { code });
const listOf = async (browser: Browser) =>
	(await browser.get(`${base}/authenticators`)).body as {
		authenticators: Record<string, unknown>[];
		recoveryCodesLeft: number;
	};
const codesFor = async (browser: Browser) =>
	((await browser.post(`${base}/recoveryCodes`)).body as { codes: string[] }).codes;
const eventsOf = (identity: string) =>
	service.audit().filter((event) => event.identity === identity && String(event.act).match(/authenticator|recovery/));

test.serial(
	'who was disabled and is enabled again signs in by the same password and app, and by no session of before',
	async (t) => {
		const { name, browser, app } = await newOwner();
		const { identities } = service.service.core;
		const { id } = (await identities.findByName(name as IdentityName))!;
		for (const disabled of [true, false]) t.true((await identities.setDisabled(id, disabled, {})).ok);
		t.is((await browser.me()).status, 401);
		const again = createClient(service);
		t.like((await again.login(name, password)).body, { secondFactorNeeded: true });
		t.is((await showCode(again, app.code())).status, 200);
		await again.fetchXsrfToken();
		t.is((await again.me()).status, 200);
	},
);

test.serial('an app is set up, and confirmed by its first code; then a login asks for it', async (t) => {
	const name = await newPerson();
	const [browser, other] = [await signedIn(name), await signedIn(name)];
	const made = await browser.post(`${base}/authenticators/totp`, { name: 'My phone' });
	t.is(made.status, 201);
	const { id, secret, uri, qr } = made.body as Record<string, string>;
	t.is(
		uri,
		`otpauth://totp/Latchkey:${encodeURIComponent(name)}?secret=${secret}&issuer=Latchkey&algorithm=SHA1&digits=6&period=30`,
	);
	t.regex(qr ?? '', /^<svg /);
	t.deepEqual((await listOf(browser)).authenticators, [], 'nothing counts before it is confirmed');
	t.like(await createClient(service).login(name, password), { body: { passwordChangeNeeded: false } });

	const app = createApp(id ?? '', secret ?? '', clock.now);
	const confirmation = `${base}/authenticators/totp/${id}/confirmation`;
	t.like(await browser.post(confirmation, { code: app.wrongCode() }), { status: 401, body: { code: 'wrong-code' } });
	const before = new Map(browser.jar);
	t.like(await browser.post(confirmation, { code: app.code() }), {
		status: 200,
		body: { passwordChangeNeeded: false },
	});
	t.notDeepEqual(browser.jar, before, 'another cookie');
	t.like(await browser.me(), { status: 401, body: { code: 'xsrf-token-invalid' } });
	await browser.fetchXsrfToken();
	t.is((await browser.me()).status, 200);
	t.is((await other.me()).status, 401, 'the others end');
	const old = createClient(service);
	for (const [key, value] of before) old.jar.set(key, value);
	t.is((await old.get(`${base}/xsrfToken`)).status, 401, 'the old cookie is worth nothing');
	t.like((await browser.get(`${base}/currentSession`)).body, { level: 2, methods: ['pwd', 'otp'] });

	const list = await listOf(browser);
	t.like(list, { recoveryCodesLeft: 0, required: false });
	t.like(list.authenticators[0], { id, name: 'My phone', kind: 'totp' });
	t.false(JSON.stringify(list).includes(secret ?? ''));

	const login = createClient(service);
	t.deepEqual((await login.login(name, password)).body, { passwordChangeNeeded: false, secondFactorNeeded: true });
	t.like(await login.me(), { status: 401, body: { code: 'second-factor-needed' } });
	t.deepEqual((await login.get(`${base}/secondFactor`)).body, { methods: ['totp'] });
	t.like(await showCode(login, app.code()), { status: 401, body: { code: 'wrong-code' } }, 'that of the confirmation');
	clock.wind(30_000);
	t.like(await showCode(login, app.code()), {
		status: 200,
		body: { passwordChangeNeeded: false, secondFactorNeeded: false },
	});
	await login.fetchXsrfToken();
	t.is((await login.me()).status, 200);
	t.deepEqual(
		eventsOf(name).map(({ act, outcome, authenticator }) => [act, outcome, authenticator]),
		[
			['authenticator-add', 'refused', id],
			['authenticator-add', 'ok', id],
		],
	);
	t.false(JSON.stringify(service.lines).includes(secret ?? ''));
});

test.serial('one that was not confirmed within a quarter of an hour, or was replaced, is gone', async (t) => {
	const name = await newPerson();
	let browser = await signedIn(name);
	const add = async () => {
		const { id, secret } = (await browser.post(`${base}/authenticators/totp`, { name: 'x' })).body as Record<
			string,
			string
		>;
		return createApp(id ?? '', secret ?? '', clock.now);
	};
	const confirm = (app: App) =>
		browser.post(`${base}/authenticators/totp/${app.id}/confirmation`, { code: app.code() });
	const [first, second] = [await add(), await add()];
	t.is((await confirm(first)).status, 404);
	clock.wind(15 * minuteMs + 1);
	browser = await signedIn(name);
	t.is((await confirm(second)).status, 404);
	t.deepEqual(
		eventsOf(name).filter(({ outcome }) => outcome === 'ok'),
		[],
	);
});

test.serial('a code on paper opens once, and says how many are left', async (t) => {
	const { name, browser } = await newOwner();
	const codes = await codesFor(browser);
	t.is(codes.length, 10);
	t.is((await listOf(browser)).recoveryCodesLeft, 10);
	const login = createClient(service);
	await login.login(name, password);
	t.deepEqual((await login.get(`${base}/secondFactor`)).body, { methods: ['totp', 'recoveryCode'] });
	const show = (code: string) => login.post(`${base}/login/recoveryCode`, { code });
	t.like(await show('aaaa-aaaa-aaaa-aaaa'), { status: 401, body: { code: 'wrong-code' } });
	t.is((await show('aaaa')).status, 400);
	const right = await show(codes[3]!.toUpperCase());
	t.like(right, { status: 200, body: { secondFactorNeeded: false, recoveryCodesLeft: 9 } });
	await login.login(name, password);
	t.like(await show(codes[3]!), { status: 401, body: { code: 'wrong-code' } });
	t.is((await show(codes[4]!)).status, 200);
	await browser.fetchXsrfToken();
	const anew = await codesFor(browser);
	await login.login(name, password);
	t.is((await show(codes[5]!)).status, 401, 'those before are gone');
	t.is((await show(anew[5]!)).status, 200);
	t.false(JSON.stringify(service.lines).includes(anew[0]!));
	const alone = await signedIn(await newPerson());
	t.like(await alone.post(`${base}/recoveryCodes`), { status: 409, body: { code: 'no-factor' } });
});

test.serial(
	'codes of one person are made once at a time: 40 more are 503, and sessions are looked at all the same',
	async (t) => {
		const { browser } = await newOwner();
		const { sessions } = service.service.core;
		const { find } = sessions;
		const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
		sessions.find = async (key) => {
			begun.resolve();
			await held.promise;
			return find(key);
		};
		t.teardown(() => Object.assign(sessions, { find }));
		const first = browser.post(`${base}/recoveryCodes`);
		await begun.promise;
		const others = Promise.all(Array.from({ length: 40 }, () => browser.post(`${base}/recoveryCodes`)));
		for (const { status, body, headers } of await others) {
			t.like({ status, body }, { status: 503, body: { code: 'too-busy' } });
			t.is(headers['retry-after'], '1');
		}
		t.is((await browser.me()).status, 200);
		held.resolve();
		t.is((await first).status, 200);
		t.is((await codesFor(browser)).length, 10);
	},
);

test.serial('changes need a proof of the last five minutes, by a second factor where there is one', async (t) => {
	const { browser, app } = await newOwner();
	const changes = () => [
		browser.post(`${base}/authenticators/totp`, { name: 'Another' }),
		browser.post(`${base}/authenticators/totp/${app.id}/confirmation`, { code: app.code() }),
		browser.post(`${base}/recoveryCodes`),
		browser.send(`${base}/authenticators/${app.id}`, { method: 'DELETE' }),
	];
	const allNeedProof = async (when: string) => {
		for (const answer of await Promise.all(changes())) {
			t.like(answer, { status: 403, body: { code: 'proof-needed' } }, when);
		}
	};
	clock.wind(5 * minuteMs + 1);
	await allNeedProof('after five minutes');
	const prove = async (body: object) => {
		const { status } = await browser.post(`${base}/proof`, body);
		await browser.fetchXsrfToken();
		return status;
	};
	t.is(await prove({ password }), 204);
	await allNeedProof('with a fresh password and an old code');
	t.is(await prove({ code: app.wrongCode() }), 401);
	t.is(await prove({ code: app.code(), password }), 400);
	await allNeedProof('after a wrong code');
	t.is(await prove({ code: app.code() }), 204);
	const codes = await codesFor(browser);
	t.is(codes.length, 10);
	clock.wind(5 * minuteMs + 1);
	await allNeedProof('once more');
	t.is(await prove({ recoveryCode: codes[0] }), 204);
	t.is((await browser.send(`${base}/authenticators/${app.id}`, { method: 'DELETE' })).status, 204);
});

test.serial('what is typed in place of the id of a factor is 404, and stands in no line', async (t) => {
	const { browser, app } = await newOwner();
	const typed = `my-secret-hunter2%0A${'x'.repeat(3000)}`;
	const answers = await Promise.all([
		browser.send(`${base}/authenticators/${typed}`, { method: 'DELETE' }),
		browser.send(`${base}/authenticators/${typed}`, { method: 'PUT', json: { name: 'Another' } }),
		browser.post(`${base}/authenticators/totp/${typed}/confirmation`, { code: app.code() }),
	]);
	t.deepEqual(
		answers.map(({ status }) => status),
		[404, 404, 404],
	);
	t.false(JSON.stringify(service.lines).includes('hunter2'));
});

test.serial('who signed in by password alone, before there was a factor, adds none in its place', async (t) => {
	const name = await newPerson();
	const stolen = await signedIn(name);
	const pending = (await stolen.post(`${base}/authenticators/totp`, { name: 'thief' })).body as Record<string, string>;
	const owner = await signedIn(name);
	await setUpApp(owner, clock.now);
	const app = createApp(pending.id ?? '', pending.secret ?? '', clock.now);
	const answer = await stolen.post(`${base}/authenticators/totp/${pending.id}/confirmation`, { code: app.code() });
	t.is(answer.status, 401);
	t.is((await listOf(owner)).authenticators.length, 1);
});

test.serial('one is renamed, and removed: all other sessions end, and with the last one go the codes', async (t) => {
	const { name, browser, app } = await newOwner();
	const codes = await codesFor(browser);
	const other = createClient(service);
	await other.login(name, password);
	t.is((await other.post(`${base}/login/recoveryCode`, { code: codes[0] })).status, 200);
	await other.fetchXsrfToken();
	t.is(
		(await browser.send(`${base}/authenticators/${app.id}`, { method: 'PUT', json: { name: 'Old phone' } })).status,
		204,
	);
	t.like((await listOf(browser)).authenticators[0], { name: 'Old phone' });
	const stranger = await newOwner();
	for (const id of [app.id, 'x', '..%2F']) {
		t.is((await stranger.browser.send(`${base}/authenticators/${id}`, { method: 'DELETE' })).status, 404, id);
		t.is(
			(await stranger.browser.send(`${base}/authenticators/${id}`, { method: 'PUT', json: { name: 'mine' } })).status,
			404,
			id,
		);
	}
	t.is((await browser.send(`${base}/authenticators/${app.id}`, { method: 'DELETE' })).status, 204);
	await browser.fetchXsrfToken();
	t.like(await listOf(browser), { authenticators: [], recoveryCodesLeft: 0 });
	t.is((await other.me()).status, 401);
	t.deepEqual((await other.login(name, password)).body, { passwordChangeNeeded: false });
});

test.serial('wrong codes are counted across sessions, and a login by password makes nobody forget them', async (t) => {
	const { name, app } = await newOwner();
	const answers: number[] = [];
	for (let times = 0; times < 8; times += 1) {
		const browser = createClient(service);
		await browser.login(name, password);
		answers.push((await showCode(browser, app.wrongCode())).status);
	}
	t.deepEqual(answers.slice(0, 5), [401, 401, 401, 401, 401]);
	t.true(answers.includes(429));
	const browser = createClient(service);
	await browser.login(name, password);
	const waiting = await showCode(browser, app.code());
	t.is(waiting.status, 429);
	t.truthy(waiting.headers['retry-after']);
	clock.wind(15 * minuteMs);
	await browser.login(name, password);
	t.is((await showCode(browser, app.code())).status, 200);
});

test.serial('an administrator resets somebody else; its own only as anybody does', async (t) => {
	const { name, browser, app } = await newOwner();
	const boss = await signedIn('boss');
	const path = `${base}/identities/${encodeURIComponent(name)}/authenticators`;
	t.like((await boss.get(path)).body, { authenticators: [{ id: app.id, kind: 'totp' }] });
	for (const method of ['GET', 'DELETE']) t.is((await browser.send(path, { method })).status, 403);
	t.deepEqual((await boss.send(path, { method: 'DELETE' })).body, { removed: 1 });
	t.is((await browser.me()).status, 401);
	t.deepEqual((await createClient(service).login(name, password)).body, { passwordChangeNeeded: false });
	t.like(eventsOf(name).at(-1), { act: 'authenticator-reset', outcome: 'ok', actor: 'boss' });
	t.is((await boss.send(`${base}/identities/nobody/authenticators`, { method: 'DELETE' })).status, 404);

	const admin = await newOwner(['kura.admin']);
	clock.wind(5 * minuteMs + 1);
	await admin.browser.post(`${base}/proof`, { password });
	await admin.browser.fetchXsrfToken();
	const own = `${base}/identities/${encodeURIComponent(admin.name)}/authenticators`;
	t.like(await admin.browser.send(own, { method: 'DELETE' }), { status: 403, body: { code: 'proof-needed' } });
	t.like(await admin.browser.send(path, { method: 'DELETE' }), { status: 403, body: { code: 'proof-needed' } });
});

test.serial('a reset password, a forced change and an invitation leave the second factor in place', async (t) => {
	const { name } = await newOwner();
	const boss = await signedIn('boss');
	const path = `${base}/identities/${encodeURIComponent(name)}`;
	const other = 'another long and honest one';
	const reset = { password: other, passwordChangeNeeded: true };
	t.is((await boss.send(`${path}/password`, { method: 'PUT', json: reset })).status, 204);
	const browser = createClient(service);
	t.deepEqual((await browser.login(name, other)).body, { passwordChangeNeeded: false, secondFactorNeeded: true });
	t.like(await browser.changePassword(other, `${other}, and longer`), {
		status: 401,
		body: { code: 'second-factor-needed' },
	});
	const { url } = (await boss.post(`${path}/invitation`, {})).body as { url: string };
	const guest = createClient(service);
	const accepted = await guest.post(`${base}/invitation/acceptance`, {
		code: url.split('/').at(-1),
		password: `${other} three`,
	});
	t.like(accepted, { status: 200, body: { secondFactorNeeded: true } });
	await guest.fetchXsrfToken();
	t.like(await guest.me(), { status: 401, body: { code: 'second-factor-needed' } });
});

test.serial('a forced change comes after the second factor', async (t) => {
	const { name, browser, app } = await newOwner();
	const boss = await signedIn('boss');
	await boss.send(`${base}/identities/${encodeURIComponent(name)}`, {
		method: 'PATCH',
		json: { passwordChangeNeeded: true },
	});
	await browser.login(name, password);
	clock.wind(30_000);
	const answer = await showCode(browser, app.code());
	t.deepEqual(answer.body, { passwordChangeNeeded: true, secondFactorNeeded: false });
	await browser.fetchXsrfToken();
	t.like(await browser.me(), { status: 401, body: { code: 'password-change-needed' } });
	t.is((await browser.changePassword(password, 'seven green frogs')).status, 204);
});

test.serial('HTTP Basic carries no second factor: it is refused, and an API token is not', async (t) => {
	const { name, browser } = await newOwner();
	const byBasic = (of: string) => createClient(service).send(`${base}/currentIdentity`, { basic: [of, password] });
	const refused = await byBasic(name);
	t.like(refused, { status: 403, body: { code: 'second-factor-needed' } });
	t.is((await byBasic(await newPerson())).status, 200);
	const { token } = (await browser.post(`${base}/tokens`, { name: 'CI' })).body as { token: string };
	const bearer = { Authorization: `Bearer ${token}` };
	t.is((await createClient(service).get(`${base}/currentIdentity`, bearer)).status, 200);
});

test.serial('a stranger learns nothing: without a session, and by logins with a wrong password', async (t) => {
	const { name, app } = await newOwner();
	const stranger = createClient(service);
	const asked: [string, string, unknown?][] = [
		['GET', 'secondFactor'],
		['POST', 'login/totp', { code: app.code(1) }],
		['POST', 'login/recoveryCode', { code: 'aaaa-aaaa-aaaa-aaaa' }],
		['GET', 'authenticators'],
		['POST', 'authenticators/totp', { name: 'x' }],
		['POST', `authenticators/totp/${app.id}/confirmation`, { code: app.code(1) }],
		['PUT', `authenticators/${app.id}`, { name: 'x' }],
		['DELETE', `authenticators/${app.id}`],
		['POST', 'recoveryCodes'],
		['GET', 'identities/boss/authenticators'],
		['DELETE', 'identities/boss/authenticators'],
	];
	for (const [method, path, body] of asked) {
		const answer = await stranger.send(`${base}/${path}`, { method, json: body });
		t.like(answer, { status: 401, body: { code: 'session-missing' } }, `${method} ${path}`);
	}
	const none = await newPerson();
	const wrong = await Promise.all(
		[name, none, 'nobody at all'].map((each) => createClient(service).login(each, 'a wrong password')),
	);
	for (const { status, body } of wrong) t.deepEqual({ status, body }, { status: 401, body: wrong[0]?.body });
});

test.serial('a copy of the database yields no code: the key stands beside it, for its owner alone', async (t) => {
	const { app, browser } = await newOwner();
	const [paper] = await codesFor(browser);
	const folder = join(service.folder, 'data');
	const isKey = (file: string) => file.endsWith('.sealing-key');
	const [key = '', ...others] = readdirSync(folder).filter(isKey);
	t.deepEqual(others, []);
	t.is(statSync(join(folder, key)).mode & 0o777, 0o600);
	const secret = fromBase32(app.secret);
	const sealing = Buffer.from(readFileSync(join(folder, key), 'utf8').trim(), 'base64');
	t.is(sealing.length, 32);
	const forms = (bytes: Buffer) => [
		bytes,
		...(['base64', 'base64url', 'hex'] as const).map((form) => Buffer.from(bytes.toString(form))),
	];
	for (const file of readdirSync(folder).filter((each) => !isKey(each))) {
		const kept = readFileSync(join(folder, file));
		for (const secretForm of [
			...forms(secret),
			Buffer.from(app.secret),
			...forms(sealing),
			Buffer.from(paper ?? 'x'),
		]) {
			t.false(kept.includes(secretForm), file);
		}
	}
});
