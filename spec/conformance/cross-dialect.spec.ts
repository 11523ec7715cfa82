import test from 'ava';
import type { Password } from '../../src/core/password.ts';
import { type Call, createClient } from '../_support/client.ts';
import {
	checkLogin,
	checkSession,
	checkSetup,
	type DialectService,
	login,
	logout,
	nextPassword,
	password,
	setPassword,
	startDialects,
	startSetUp,
	treasure,
	withService,
} from '../_support/dialects.ts';
import type { Settings } from '../_support/service.ts';

/*
 * Three protocols on one core: one identity and one password for all of them; sessions that know nothing of each other.
 */

const kura = '/services/session/v1';
const kuraLogin = `${kura}/login/password`;
const onSetUp = (work: (service: DialectService) => Promise<void>, settings?: Settings) =>
	withService(() => startSetUp(settings), work);

/** One living session of `kismet` in each dialect, and how to see whether it still lives. */
async function everywhere(service: DialectService, name = 'kismet', given = password) {
	const browser = createClient(service);
	await browser.login(name, given);
	const ofKismet = await service.kismetUser(name, given);
	const ofInsights = await service.insightsUser(name, given);
	return {
		browser,
		ofKismet,
		ofInsights,
		alive: async () => ({
			kura: (await browser.me()).status === 200,
			kismet: (await ofKismet.get(checkSession)).status === 200,
			insights: (await ofInsights.get(treasure)).status === 200,
		}),
	};
}

const all = { kura: true, kismet: true, insights: true };
const none = { kura: false, kismet: false, insights: false };

/** The statuses of a login with that password in each dialect. */
async function logins({ caller }: DialectService, name: string, given: string) {
	return {
		kura: (await caller().post(kuraLogin, { username: name, password: given })).status,
		kismet: (await caller().send(checkLogin, { basic: [name, given] })).status,
		insights: (await caller().send(login, { method: 'POST', form: { uid: name, pw: given } })).status,
	};
}

test('an identity made by Kismet’s first run signs in everywhere, and need not change its password', (t) =>
	onSetUp(async (service) => {
		t.deepEqual(await logins(service, 'kismet', password), { kura: 200, kismet: 200, insights: 200 });
		const reply = await service.caller().post(kuraLogin, { username: 'kismet', password });
		t.deepEqual(reply.body, { passwordChangeNeeded: false });
		t.deepEqual(await (await everywhere(service)).alive(), all);
	}));

test('a cookie of one dialect is worth nothing in another', (t) =>
	onSetUp(async (service) => {
		const { browser, ofKismet, ofInsights } = await everywhere(service);
		const { uid, sid, epw } = ofInsights.answer;
		const xsrf = (await browser.fetchXsrfToken()) ?? '';
		const secrets = {
			'Kura’s token': browser.jar.get('JSESSIONID') ?? '',
			'Kura’s XSRF token': xsrf,
			'Kismet’s token': ofKismet.jar.get('KISMET') ?? '',
			'1010data’s epw': epw,
			'1010data’s token': epw.slice(7),
			'1010data’s cookie': `${uid}|${sid}|${epw}`,
			'1010data’s sid': sid,
		};
		const places: Record<string, (secret: string) => string> = {
			JSESSIONID: (secret) => `JSESSIONID=${secret}`,
			KISMET: (secret) => `KISMET=${secret}`,
			session: (secret) => `session=${secret}`,
			epw: (secret) => `session=${uid}|${sid}|_______${secret}`,
			'the whole epw': (secret) => `session=${uid}|${sid}|${secret}`,
			sid: (secret) => `session=${uid}|${secret}|${epw}`,
		};
		const own = new Set([
			'Kura’s token as JSESSIONID',
			'Kismet’s token as KISMET',
			'1010data’s cookie as session',
			'1010data’s epw as the whole epw',
			'1010data’s token as epw',
			'1010data’s sid as sid',
		]);
		for (const [what, secret] of Object.entries(secrets)) {
			for (const [where, cookie] of Object.entries(places)) {
				const headers = { Cookie: cookie(secret), 'X-XSRF-Token': xsrf };
				const statuses = [
					(await service.caller().get(`${kura}/currentIdentity`, headers)).status,
					(await service.caller().get(checkSession, headers)).status,
					(await service.caller().get(treasure, headers)).status,
				];
				const says = `${what} as ${where}`;
				if (own.has(says)) t.is(statuses[2], 200, says);
				else t.deepEqual(statuses, [401, 401, 401], says);
			}
		}
	}));

test('one jar may hold the cookies of all three, and each does its work', (t) =>
	onSetUp(async (service) => {
		const { browser, ofKismet, ofInsights } = await everywhere(service);
		const Cookie = [...browser.jar, ...ofKismet.jar, ...ofInsights.jar].map((pair) => pair.join('=')).join('; ');
		const xsrf = (await browser.fetchXsrfToken()) ?? '';
		const headers = { Cookie, 'X-XSRF-Token': xsrf };
		t.is((await service.caller().get(`${kura}/currentIdentity`, headers)).status, 200);
		t.is((await service.caller().get(checkSession, headers)).status, 200);
		t.is((await service.caller().get(treasure, { Cookie })).status, 200);
		t.is((await service.caller().post(logout, undefined, headers)).status, 200);
	}));

test('what stands behind sees none of the three cookies, nor the password', async (t) => {
	await onSetUp(async (service) => {
		const { ofKismet, browser, ofInsights } = await everywhere(service);
		const Cookie = ['mine=1', ...[...browser.jar, ...ofKismet.jar, ...ofInsights.jar].map((pair) => pair.join('='))];
		const { upstream, caller } = service;
		const seen = upstream.headers.length;
		const call = { basic: ['kismet', password], headers: { Cookie: Cookie.join('; ') } } as const;
		t.is((await caller().send(treasure, call)).status, 200);
		const [headers] = upstream.headers.slice(seen);
		t.is(headers?.cookie, 'mine=1');
		t.is(headers?.authorization, undefined);
		t.is(headers?.['remote-user'], 'kismet');
	});
});

interface Ending {
	readonly says: string;
	/** What still lives afterwards. */
	readonly leaves: Readonly<Record<'kura' | 'kismet' | 'insights', boolean>>;
	/** The login that is right afterwards. */
	readonly now?: readonly [name: string, password: string];
	readonly act: (service: DialectService, sessions: Awaited<ReturnType<typeof everywhere>>) => Promise<unknown>;
}

const identityOf = async ({ service }: DialectService) => {
	const [identity] = await service.core.identities.list();
	if (identity === undefined) throw new Error('there is no identity');
	return identity;
};
const told = { actor: 'operator' } as const;

const endings: readonly Ending[] = [
	{
		says: 'Kura’s logout ends Kura’s session',
		leaves: { ...all, kura: false },
		act: (_, { browser }) => browser.logout(),
	},
	{
		says: '!logout ends 1010data’s session',
		leaves: { ...all, insights: false },
		act: (_, { ofInsights }) => ofInsights.post(logout),
	},
	{
		says: 'kill=yes ends 1010data’s session',
		leaves: { ...all, insights: false },
		act: ({ insightsUser }) => insightsUser('kismet', password, 'yes'),
	},
	{
		says: 'set_password ends Kura’s and 1010data’s sessions, and keeps Kismet’s',
		leaves: { ...none, kismet: true },
		now: ['kismet', nextPassword],
		act: (_, { ofKismet }) => ofKismet.send(setPassword, { method: 'POST', form: { password: nextPassword } }),
	},
	{
		says: 'set_password with another name does, too',
		leaves: { ...none, kismet: true },
		now: ['ranger', nextPassword],
		act: (_, { ofKismet }) =>
			ofKismet.send(setPassword, { method: 'POST', form: { username: 'ranger', password: nextPassword } }),
	},
	{
		says: 'changePassword ends every session',
		leaves: none,
		now: ['kismet', nextPassword],
		act: (_, { browser }) => browser.changePassword(password, nextPassword),
	},
	{
		says: 'an operator’s reset ends every session',
		leaves: none,
		now: ['kismet', nextPassword],
		act: async (service) => {
			const { id } = await identityOf(service);
			const how = { passwordChangeNeeded: false, policy: true };
			await service.service.core.identities.setPassword(id, nextPassword as Password, how, told);
		},
	},
	{
		says: 'disabling ends every session',
		leaves: none,
		act: async (service) => {
			const { id } = await identityOf(service);
			await service.service.core.identities.setDisabled(id, true, told, 'may-be-last');
		},
	},
	{
		says: 'removing ends every session',
		leaves: none,
		act: async (service) => {
			const { id } = await identityOf(service);
			await service.service.core.identities.remove(id, told, 'may-be-last');
		},
	},
];

for (const { says, leaves, now, act } of endings) {
	test(`what ends where: ${says}`, (t) =>
		onSetUp(async (service) => {
			const sessions = await everywhere(service);
			t.deepEqual(await sessions.alive(), all);
			await act(service, sessions);
			t.deepEqual(await sessions.alive(), leaves);
			if (now === undefined) return;
			t.deepEqual(await logins(service, 'kismet', password), { kura: 401, kismet: 401, insights: 401 });
			t.deepEqual(await logins(service, ...now), { kura: 200, kismet: 200, insights: 200 });
		}));
}

test('a password that must be changed: Kura opens a locked session, 1010data and Kismet say 403; once changed, all open', (t) =>
	onSetUp(async (service) => {
		await service.add('newcomer', password, { permissions: ['rest.treasure'], mustChange: true });
		t.deepEqual(await logins(service, 'newcomer', password), { kura: 200, kismet: 403, insights: 403 });
		const browser = createClient(service);
		t.deepEqual((await browser.login('newcomer', password)).body, { passwordChangeNeeded: true });
		t.is((await browser.get(treasure)).status, 401);
		t.is((await browser.changePassword(password, nextPassword)).status, 204);
		t.deepEqual(await logins(service, 'newcomer', nextPassword), { kura: 200, kismet: 200, insights: 200 });
	}));

test('the XSRF token is asked of Kura’s sessions, and of no others', (t) =>
	onSetUp(async (service) => {
		const { browser, ofKismet, ofInsights } = await everywhere(service);
		const Cookie = [...browser.jar].map((pair) => pair.join('=')).join('; ');
		for (const method of ['GET', 'POST']) {
			t.is((await service.caller().send(treasure, { method, headers: { Cookie } })).status, 401);
			t.is((await ofKismet.send(treasure, { method })).status, 200);
			t.is((await ofInsights.send(treasure, { method })).status, 200);
		}
	}));

test('before the setup nothing but asking for it, doing it, and the service’s own health works', (t) =>
	withService(startDialects, async ({ caller, upstream }) => {
		const basics: Call[] = [{}, { basic: ['', ''] }, { basic: ['admin', 'admin'] }, { basic: ['kismet', 'kismet'] }];
		for (const call of basics) {
			for (const path of [checkSession, checkLogin, treasure, `${kura}/currentIdentity`, `${kura}/xsrfToken`]) {
				t.is((await caller().send(path, call)).status, 401, path);
			}
		}
		for (const name of ['admin', 'kura', 'kismet']) {
			t.is((await caller().post(kuraLogin, { username: name, password: name })).status, 401);
			t.is((await caller().send(login, { method: 'POST', form: { uid: name, pw: name } })).status, 401);
		}
		t.is((await caller().get(checkSetup)).status, 500);
		t.is((await caller().get('/health/ready')).status, 200);
		t.deepEqual([...upstream.reached], []);
	}));

const offs = [
	{ off: 'kismet', asked: [`GET ${checkSetup}`, `GET ${checkSession}`, `GET ${checkLogin}`, `POST ${setPassword}`] },
	{ off: 'insights', asked: [`POST ${login}`, `POST ${logout}`, 'POST /api/!login:json'] },
] as const;

for (const { off, asked } of offs) {
	test(`${off} switched off has no paths, and its cookies and logins open nothing`, (t) =>
		withService(
			() => startDialects({ dialects: { [off]: { enabled: false } } }),
			async ({ caller, add, service, upstream }) => {
				await add('csmith', password, { permissions: ['rest.treasure'] });
				for (const each of asked) {
					const [method = '', path = ''] = each.split(' ');
					t.is((await caller().send(path, { method, basic: ['csmith', password] })).status, 404, path);
				}
				if (off === 'kismet') t.is((await caller().send(treasure, { basic: ['csmith', password] })).status, 401);
				t.deepEqual(await service.core.sessions.list(undefined, 9), []);
				t.deepEqual([...upstream.reached], []);
			},
		));
}

test('a proxy that asks is told of all three kinds of sessions', (t) =>
	onSetUp(async (service) => {
		const verify = '/services/auth/v1/verify?permission=rest.treasure&xsrf=unsafe';
		const { ofKismet, ofInsights } = await everywhere(service);
		for (const user of [ofKismet, ofInsights]) {
			const reply = await user.get(verify);
			t.deepEqual([reply.status, reply.headers['remote-user'], reply.setCookie], [200, 'kismet', []]);
		}
		const cookies = ['KISMET=x', `session=${Object.values({ ...ofInsights.answer, sid: '1' }).join('|')}`];
		for (const Cookie of cookies) t.is((await service.caller().get(verify, { Cookie })).status, 401);
		await service.add('guest', password);
		for (const user of [await service.kismetUser('guest', password), await service.insightsUser('guest', password)]) {
			t.is((await user.get(verify)).status, 403);
		}
	}));

test('where Kura’s Basic and Kismet’s could both apply, Kismet opens a session, and a wrong one is tried once', (t) =>
	onSetUp(
		async (service) => {
			const { caller, audit } = service;
			const user = caller();
			t.is((await user.send(treasure, { basic: ['kismet', password] })).status, 200);
			t.true(user.jar.has('KISMET'));
			const before = audit().length;
			t.is((await caller().send(treasure, { basic: ['kismet', 'not my password'] })).status, 401);
			t.is(audit().length, before + 1);
			const browser = createClient(service);
			await browser.login('kismet', password);
			const authorization = { Authorization: `Basic ${Buffer.from('kismet:wrong').toString('base64')}` };
			t.is((await browser.get(treasure, authorization)).status, 200);
			t.is(audit().filter(({ outcome }) => outcome === 'refused').length, 1);
		},
		{ auth: { basic: true } },
	));
