import ava, { type ExecutionContext } from 'ava';
import type { CDPSession, Page } from 'playwright-core';
import { ensureConsole } from '../../.ci/prestart.ts';
import { startService, type TestService } from '../_support/service.ts';
import { browser, closeBrowser, noBrowser } from './stage.ts';

/*
 * Passkeys in a real Chromium, with authenticators that it plays: by its own `navigator.credentials`, in a page of ours.
 */

const password = 'a long and honest password';
const test = noBrowser === undefined ? ava.serial : ava.serial.skip;
if (noBrowser !== undefined) ava(`passkeys in Chromium: ${noBrowser}`, (t) => t.pass());

let service: TestService;
ava.before(async () => {
	await ensureConsole();
	service = await startService();
});
ava.after.always(async () => {
	await service?.close();
	await closeBrowser();
});

/** A device as Chromium plays it: one that is built in and verifies its owner. Some say something else. */
const builtIn = {
	protocol: 'ctap2',
	ctap2Version: 'ctap2_1',
	transport: 'internal',
	hasResidentKey: true,
	hasUserVerification: true,
	isUserVerified: true,
	automaticPresenceSimulation: true,
} as const;
interface Device {
	readonly protocol: 'ctap2';
	readonly ctap2Version: 'ctap2_1';
	readonly transport: 'internal' | 'usb';
	readonly hasResidentKey: boolean;
	readonly hasUserVerification: boolean;
	readonly isUserVerified: boolean;
	readonly automaticPresenceSimulation: boolean;
	readonly defaultBackupEligibility?: boolean;
	readonly defaultBackupState?: boolean;
}
const securityKey: Device = {
	...builtIn,
	transport: 'usb',
	hasResidentKey: false,
	hasUserVerification: false,
	isUserVerified: false,
};

interface Answer {
	readonly status: number;
	readonly body: Readonly<Record<string, unknown>>;
	/** What the browser says where the person or the device does not want to. */
	readonly declined?: string;
}

/** Of the page, as far as it is used here. */
interface Globals {
	readonly PublicKeyCredential: {
		parseCreationOptionsFromJSON(json: unknown): unknown;
		parseRequestOptionsFromJSON(json: unknown): unknown;
	};
	readonly navigator: {
		readonly credentials: Record<'create' | 'get', (options: object) => Promise<{ toJSON(): unknown }>>;
	};
}

interface Asked {
	readonly kind: 'create' | 'get';
	readonly challenge: string;
	readonly answer: string;
	readonly name?: string;
	readonly withSession: boolean;
	readonly patienceMs: number;
}

/** In the page: what a sign-in page does. */
async function ceremony(how: Asked): Promise<Answer> {
	const base = '/services/session/v1';
	const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
	const token = how.withSession ? String((await json(await fetch(`${base}/xsrfToken`))).xsrfToken) : undefined;
	const post = async (path: string, body?: unknown) => {
		const response = await fetch(`${base}/${path}`, {
			method: 'POST',
			headers: {
				...(token && { 'X-XSRF-Token': token }),
				...(body !== undefined && { 'Content-Type': 'application/json' }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		return { status: response.status, body: response.status === 204 ? {} : await json(response) };
	};
	const asked = await post(how.challenge);
	if (asked.status !== 200) return asked;
	const { PublicKeyCredential: of, navigator: device } = globalThis as unknown as Globals;
	const read = how.kind === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON';
	let credential: { toJSON(): unknown };
	try {
		const signal = AbortSignal.timeout(how.patienceMs);
		credential = await device.credentials[how.kind]({ publicKey: of[read](asked.body.publicKey), signal });
	} catch (fault) {
		return { status: 0, body: {}, declined: (fault as Error).name };
	}
	return post(how.answer, { ...(how.name && { name: how.name }), credential: credential.toJSON() });
}

const register = (page: Page, name = 'My key') =>
	page.evaluate(ceremony, {
		kind: 'create',
		challenge: 'authenticators/passkey/challenge',
		answer: 'authenticators/passkey',
		name,
		withSession: true,
		patienceMs: 20_000,
	} satisfies Asked as Asked);

const show = (page: Page, { answer = 'login/passkey', withSession = false, patienceMs = 20_000 } = {}) =>
	page.evaluate(ceremony, {
		kind: 'get',
		challenge: 'passkey/challenge',
		answer,
		withSession,
		patienceMs,
	} satisfies Asked as Asked);

/** A page in a window of its own, with a device; and somebody who has signed in there by password. */
async function start(t: ExecutionContext, name: string, device: Device = builtIn) {
	await service.add(name, password);
	const context = await (await browser()).newContext();
	t.teardown(() => context.close());
	const page = await context.newPage();
	await page.goto(service.url.replace('127.0.0.1', 'localhost'));
	const cdp = await context.newCDPSession(page);
	await cdp.send('WebAuthn.enable', { enableUI: false });
	const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: device });
	const signIn = () =>
		page.evaluate(
			async (body) => {
				const headers = { 'Content-Type': 'application/json' };
				const login = '/services/session/v1/login/password';
				return (await fetch(login, { method: 'POST', headers, body: JSON.stringify(body) })).json();
			},
			{ username: name, password },
		) as Promise<Record<string, unknown>>;
	await signIn();
	return { page, cdp, authenticatorId, signIn, forget: () => context.clearCookies() };
}

const state = (page: Page) =>
	page.evaluate(async () => {
		const base = '/services/session/v1';
		const { xsrfToken } = (await (await fetch(`${base}/xsrfToken`)).json()) as { xsrfToken: string };
		return (await fetch(`${base}/currentSession`, { headers: { 'X-XSRF-Token': xsrfToken } })).json();
	}) as Promise<Record<string, unknown>>;

test('a passkey is registered, and signs in alone', async (t) => {
	const { page, forget } = await start(t, 'ada', {
		...builtIn,
		defaultBackupEligibility: true,
		defaultBackupState: true,
	});
	t.is((await register(page)).status, 201);
	t.like(await state(page), { level: 2, methods: ['pwd', 'swk', 'user'] }, 'the session goes on');
	await forget();
	t.deepEqual(await show(page), { status: 200, body: { passwordChangeNeeded: false } });
	t.like(await state(page), { identity: 'ada', openedBy: 'passkey', level: 2, methods: ['swk', 'user'] });
	t.is((await show(page, { answer: 'proof', withSession: true })).status, 204, 'and proves once more');
	t.is((await register(page)).declined, 'InvalidStateError', 'the browser knows that it is there');
});

test('a security key that keeps no passkey is a second factor, and nothing alone', async (t) => {
	const { page, signIn, forget } = await start(t, 'bob', securityKey);
	t.is((await register(page)).status, 201);
	await forget();
	t.truthy((await show(page)).declined, 'alone it finds nothing');
	t.like(await signIn(), { secondFactorNeeded: true });
	t.is((await show(page, { withSession: true })).status, 200);
	t.like(await state(page), { identity: 'bob', level: 2, methods: ['pwd', 'hwk', 'user'] });
});

test('a copy of a passkey is found out, and then neither signs in', async (t) => {
	const { page, cdp, authenticatorId, forget } = await start(t, 'cyd');
	await register(page);
	const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
	const [copy] = credentials;
	if (copy === undefined) return t.fail('there is no passkey');
	await forget();
	for (let times = 0; times < 2; times += 1) t.is((await show(page)).status, 200);
	await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: copy.credentialId });
	await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: copy });
	await forget();
	t.is((await show(page)).status, 401);
	t.like(
		service.audit().find(({ act }) => act === 'authenticator-cloned'),
		{ identity: 'cyd', outcome: 'refused' },
	);
	await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: copy.credentialId });
	await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...copy, signCount: 1000 } });
	t.is((await show(page)).status, 401);
});

const bits: readonly (readonly [says: string, bits: object, flaw: string])[] = [
	['another signature', { isBogusSignature: true }, 'passkey-invalid'],
	['nobody verified', { isBadUV: true }, 'passkey-not-verified'],
	['nobody there', { isBadUP: true }, 'passkey-invalid'],
];
for (const [says, override, flaw] of bits) {
	test(`a device that says what is not right signs nobody in: ${says}`, async (t) => {
		const { page, cdp, authenticatorId, forget } = await start(t, says.replaceAll(' ', '-'));
		await register(page);
		await forget();
		await cdp.send('WebAuthn.setResponseOverrideBits', { authenticatorId, ...override });
		t.like(await show(page), { status: 401, body: { code: 'bad-credentials' } });
		t.is(service.audit().at(-1)?.reason, flaw);
		await cdp.send('WebAuthn.setResponseOverrideBits', {
			...{ authenticatorId, isBogusSignature: false, isBadUV: false, isBadUP: false },
		});
		t.is((await show(page)).status, 200);
	});
}

async function setVerified(cdp: CDPSession, authenticatorId: string, isUserVerified: boolean) {
	await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
}

test('who is not verified, or declines, is not signed in, and can try again', async (t) => {
	const { page, cdp, authenticatorId, forget } = await start(t, 'dan');
	await register(page);
	await forget();
	await setVerified(cdp, authenticatorId, false);
	t.truthy((await show(page)).declined, 'the browser does not even ask us');
	await setVerified(cdp, authenticatorId, true);
	await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
	t.truthy((await show(page, { patienceMs: 500 })).declined, 'nobody touches it');
	await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
	t.is((await show(page)).status, 200);
});

test('at an address there are no passkeys, and the service says so', async (t) => {
	const context = await (await browser()).newContext();
	t.teardown(() => context.close());
	const page = await context.newPage();
	await page.goto(service.url);
	t.like(await show(page), { status: 404 });
});
