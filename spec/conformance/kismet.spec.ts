import test from 'ava';
import type { Call, Client } from '../_support/client.ts';
import {
	checkLogin,
	checkSession,
	checkSetup,
	type DialectService,
	nextPassword,
	password,
	setPassword,
	startDialects,
	startSetUp,
	treasure,
	withService,
} from '../_support/dialects.ts';
import { inTurns } from '../_support/service.ts';

/*
 * Kismet's page "Logins and sessions", sentence by sentence: what a running service answers.
 */

const configured = { dialects: { kismet: { enabled: true, username: 'watcher', password } } };
const fresh = () => startDialects();
const setUp = () => startSetUp();
const preConfigured = () => startDialects(configured);

const right: Call = { basic: ['kismet', password] };
const wrong: Call = { basic: ['kismet', 'not my password'] };

interface Row {
	/** The page's words. */
	readonly sentence: string;
	readonly start: () => Promise<DialectService>;
	/** What is done, and the statuses that it must be answered with. */
	readonly tries: (caller: Client, service: DialectService) => Promise<readonly [got: unknown, wanted: unknown][]>;
}

const status = async (reply: Promise<{ status: number }>) => (await reply).status;

const rows: readonly Row[] = [
	{
		sentence: 'Kismet uses HTTP basic-auth to submit login information, and session cookies to retain login state',
		start: setUp,
		tries: async (caller) => [
			[await status(caller.get(checkSession)), 401],
			[await status(caller.send(checkSession, right)), 200],
			[[...caller.jar.keys()], ['KISMET']],
			[await status(caller.get(checkSession)), 200],
			[await status(caller.get(treasure)), 200],
		],
	},
	{
		sentence: 'all interaction with the Kismet server requires a login',
		start: setUp,
		tries: async (caller, { upstream }) => [
			[await status(caller.get(treasure)), 401],
			[await status(caller.send(treasure, { method: 'POST', form: {} })), 401],
			[await status(caller.send(treasure, wrong)), 401],
			[[...upstream.reached], []],
		],
	},
	{
		sentence: 'Logins may be manually validated against the /session/check_session endpoint',
		start: setUp,
		tries: async (caller, { caller: another }) => [
			[await status(caller.send(checkSession, right)), 200],
			[await status(another().send(checkSession, wrong)), 401],
		],
	},
	{
		sentence: 'Until the password is set, endpoints which require a login will be disabled and will return an error',
		start: fresh,
		tries: async (caller, { upstream }) => {
			const got: [unknown, unknown][] = [];
			for (const call of [
				{},
				right,
				{ basic: ['', ''] },
				{ basic: ['kismet', ''] },
				{ headers: { Cookie: 'KISMET=' } },
			]) {
				for (const path of [checkSession, checkLogin, treasure]) {
					const reply = await caller.send(path, call as Call);
					got.push([
						[path, reply.status, reply.setCookie],
						[path, 401, []],
					]);
				}
			}
			return [...got, [[...upstream.reached], []]];
		},
	},
	{
		sentence: 'External tools can check if the initial password has been set',
		start: fresh,
		tries: async (caller) => [
			[await status(caller.get(checkSetup)), 500],
			[await status(caller.send(setPassword, { method: 'POST', form: { password } })), 200],
			[await status(caller.get(checkSetup)), 200],
		],
	},
	{
		sentence: 'check_setup_ok: HTTP 200 is returned if the initial setup has been completed',
		start: setUp,
		tries: async (caller) => [[await status(caller.get(checkSetup)), 200]],
	},
	{
		sentence: 'check_setup_ok: HTTP 406 is returned if the credentials are hard-coded into the global configuration',
		start: preConfigured,
		tries: async (caller) => [[await status(caller.get(checkSetup)), 406]],
	},
	{
		sentence: 'check_setup_ok: HTTP error is returned if the initial setup has not been completed',
		start: fresh,
		tries: async (caller) => [[await status(caller.get(checkSetup)), 500]],
	},
	{
		sentence: 'If the password is set in the configuration files, check_setup_ok and set_password will return an error',
		start: preConfigured,
		tries: async (caller) => [
			[await status(caller.send(checkSetup, { basic: ['watcher', password] })), 406],
			[await status(caller.send(setPassword, { method: 'POST', form: { password: nextPassword } })), 406],
			[
				await status(
					caller.send(setPassword, { method: 'POST', basic: ['watcher', password], form: { password: nextPassword } }),
				),
				406,
			],
			[await status(caller.send(checkLogin, { basic: ['watcher', nextPassword] })), 401],
			[await status(caller.send(checkLogin, { basic: ['watcher', password] })), 200],
		],
	},
	{
		sentence: 'The initial login must be set before the user can access any restricted endpoints',
		start: fresh,
		tries: async (caller, { upstream }) => [
			[await status(caller.send(treasure, right)), 401],
			[[...upstream.reached], []],
			[await status(caller.send(setPassword, { method: 'POST', form: { password } })), 200],
			[await status(caller.send(treasure, right)), 200],
		],
	},
	{
		sentence: 'This endpoint can also be used to set a new login',
		start: setUp,
		tries: async (caller, { caller: another }) => [
			[await status(caller.send(checkSession, right)), 200],
			[
				await status(
					caller.send(setPassword, { method: 'POST', form: { username: 'ranger', password: nextPassword } }),
				),
				200,
			],
			[await status(another().send(checkLogin, { basic: ['ranger', nextPassword] })), 200],
			[await status(another().send(checkLogin, right)), 401],
			[await status(another().send(checkLogin, { basic: ['kismet', nextPassword] })), 401],
			[await status(another().send(checkLogin, { basic: ['ranger', password] })), 401],
		],
	},
	{
		sentence: 'set_password: Standard HTTP POST variables',
		start: fresh,
		tries: async (caller) => [
			[await status(caller.post(setPassword, { username: 'kismet', password })), 415],
			[await status(caller.get(checkSetup)), 500],
			[await status(caller.send(setPassword, { method: 'POST', form: { username: 'kismet', password } })), 200],
		],
	},
	{
		sentence: 'username: Optional. If not provided, will default to `kismet`',
		start: fresh,
		tries: async (caller, { caller: another }) => [
			[await status(caller.send(setPassword, { method: 'POST', form: { password } })), 200],
			[await status(caller.send(checkSession, right)), 200],
			[await status(caller.send(setPassword, { method: 'POST', form: { username: 'ranger', password } })), 200],
			[
				await status(
					another().send(setPassword, {
						method: 'POST',
						basic: ['ranger', password],
						form: { password: nextPassword },
					}),
				),
				200,
			],
			[await status(another().send(checkLogin, { basic: ['kismet', nextPassword] })), 200],
			[await status(another().send(checkLogin, { basic: ['ranger', nextPassword] })), 401],
		],
	},
	{
		sentence: 'password: Required',
		start: fresh,
		tries: async (caller) => [
			[await status(caller.send(setPassword, { method: 'POST', form: { username: 'kismet' } })), 400],
			[await status(caller.send(setPassword, { method: 'POST', form: { username: 'kismet', password: '' } })), 400],
			[await status(caller.post(setPassword)), 400],
			[await status(caller.get(checkSetup)), 500],
		],
	},
	{
		sentence: 'set_password: HTTP 200 is returned if the password set was successful',
		start: fresh,
		tries: async (caller) => [
			[await status(caller.send(setPassword, { method: 'POST', form: { password } })), 200],
			[await status(caller.send(checkLogin, right)), 200],
		],
	},
	{
		sentence: 'set_password: HTTP 406 is returned if the server password is set in the global configuration',
		start: preConfigured,
		tries: async (caller) => [[await status(caller.send(setPassword, { method: 'POST', form: { password } })), 406]],
	},
	{
		sentence: 'set_password: HTTP error is returned if the password set was unsuccessful',
		start: setUp,
		tries: async (caller) => [
			[await status(caller.send(setPassword, { method: 'POST', form: { password: nextPassword } })), 401],
			[await status(caller.send(setPassword, { method: 'POST', ...wrong, form: { password: nextPassword } })), 401],
			[await status(caller.send(setPassword, { method: 'POST', ...right, form: { password: 'short' } })), 400],
			[await status(caller.send(checkLogin, right)), 200],
		],
	},
	{
		sentence: 'Setting the initial password does not require a login',
		start: fresh,
		tries: async (caller) => [[await status(caller.send(setPassword, { method: 'POST', form: { password } })), 200]],
	},
	{
		sentence: 'Subsequent attempts to change the login and password will require a valid login session',
		start: setUp,
		tries: async (caller) => [
			[await status(caller.send(setPassword, { method: 'POST', form: { password: nextPassword } })), 401],
			[
				await status(
					caller.send(setPassword, {
						method: 'POST',
						form: { password: nextPassword },
						headers: { Cookie: 'KISMET=x' },
					}),
				),
				401,
			],
			[await status(caller.send(checkLogin, right)), 200],
			[await status(caller.send(setPassword, { method: 'POST', form: { password: nextPassword } })), 200],
		],
	},
	{
		sentence: '… for the current password value',
		start: setUp,
		tries: async (caller, { kismetUser }) => {
			const older = await kismetUser('kismet', password);
			return [
				[await status(caller.send(setPassword, { method: 'POST', ...right, form: { password: nextPassword } })), 200],
				[await status(older.get(checkSession)), 200],
				[await status(older.send(setPassword, { method: 'POST', form: { password: 'three white owls' } })), 401],
				[await status(caller.send(setPassword, { method: 'POST', form: { password: 'three white owls' } })), 401],
				[await status(caller.send(checkLogin, { basic: ['kismet', nextPassword] })), 200],
			];
		},
	},
	{
		sentence: '… and will not invalidate any current login sessions',
		start: setUp,
		tries: async (caller, { kismetUser }) => {
			const other = await kismetUser('kismet', password);
			await caller.send(checkSession, right);
			return [
				[
					await status(
						caller.send(setPassword, { method: 'POST', form: { username: 'ranger', password: nextPassword } }),
					),
					200,
				],
				[await status(caller.get(checkSession)), 200],
				[await status(other.get(checkSession)), 200],
				[await status(other.get(treasure)), 200],
			];
		},
	},
	{
		sentence: 'A script can check for a valid session if a session is no longer valid',
		start: setUp,
		tries: async (caller, { service }) => {
			await caller.send(checkSession, right);
			const valid = await status(caller.get(checkSession));
			const [session] = await service.core.sessions.list(undefined, 2);
			if (session) await service.core.sessions.end(session.key, {});
			return [
				[valid, 200],
				[await status(caller.get(checkSession)), 401],
			];
		},
	},
	{
		sentence: 'if the session is not valid, and valid login data is provided via basic auth, a session will be created',
		start: setUp,
		tries: async (caller) => {
			const stale = { Cookie: `KISMET=${'x'.repeat(43)}` };
			const reply = await caller.send(checkSession, { ...right, headers: stale });
			return [
				[reply.status, 200],
				[reply.setCookie.length, 1],
				[await status(caller.get(checkSession)), 200],
			];
		},
	},
	{
		sentence: 'check_session: HTTP 200 is returned if the session is valid',
		start: setUp,
		tries: async (caller) => {
			await caller.send(checkSession, right);
			const reply = await caller.send(checkSession, wrong);
			return [
				[await status(caller.get(checkSession)), 200],
				[
					[reply.status, reply.setCookie],
					[200, []],
				],
			];
		},
	},
	{
		sentence:
			'check_session: HTTP error returned if session is not valid and supplied login data, if any, is not valid',
		start: setUp,
		tries: async (caller) => [
			[await status(caller.get(checkSession)), 401],
			[await status(caller.send(checkSession, wrong)), 401],
			[await status(caller.send(checkSession, { ...wrong, headers: { Cookie: `KISMET=${'x'.repeat(43)}` } })), 401],
		],
	},
	{
		sentence: 'Session cookies will be ignored while checking logins',
		start: setUp,
		tries: async (caller) => {
			await caller.send(checkSession, right);
			return [
				[await status(caller.get(checkLogin)), 401],
				[await status(caller.send(checkLogin, wrong)), 401],
				[await status(caller.get(checkSession)), 200],
			];
		},
	},
	{
		sentence: 'check_login: HTTP 200 is returned if the login is valid',
		start: setUp,
		tries: async (caller) => [[await status(caller.send(checkLogin, right)), 200]],
	},
	{
		sentence: 'check_login: HTTP error is returned if the login is not valid',
		start: setUp,
		tries: async (caller) => [
			[await status(caller.get(checkLogin)), 401],
			[await status(caller.send(checkLogin, wrong)), 401],
			[await status(caller.send(checkLogin, { basic: ['nobody', password] })), 401],
		],
	},
];

const told = inTurns(test);
for (const { sentence, start, tries } of rows) {
	told(sentence, (t) =>
		withService(start, async (service) => {
			for (const [got, wanted] of await tries(service.caller(), service)) t.deepEqual(got, wanted);
		}),
	);
}

const needLogin: readonly (readonly [method: string, path: string, call?: Call])[] = [
	['GET', checkSession],
	['GET', checkLogin],
	['POST', setPassword, { form: { password: nextPassword } }],
	['GET', treasure],
	['POST', treasure, { form: { x: '1' } }],
	['GET', '/services/auth/v1/verify?permission=rest.treasure'],
];

for (const [method, path, call] of needLogin) {
	told(
		`A session will automatically be created during authentication to any endpoint which requires login information: ${method} ${path}`,
		(t) =>
			withService(setUp, async ({ caller: newCaller, service }) => {
				const caller = newCaller();
				const reply = await caller.send(path, { method, ...call, ...right });
				t.is(reply.status, 200);
				t.regex(reply.setCookie.find((cookie) => cookie.startsWith('KISMET=')) ?? '', /^KISMET=[\w-]{43}; path=\/;/);
				t.is(await status(caller.get(checkSession)), 200);
				t.is((await service.core.sessions.list(undefined, 9)).length, 1);
			}),
	);
}

const methods: readonly (readonly [path: string, method: string])[] = [
	[checkSetup, 'GET'],
	[setPassword, 'POST'],
	[checkSession, 'GET'],
	[checkLogin, 'GET'],
];

for (const [path, only] of methods) {
	told(`Methods: ${path} knows ${only}, every other is 405 and does nothing`, (t) =>
		withService(fresh, async ({ caller: newCaller, service }) => {
			const caller = newCaller();
			for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
				if (method === only) continue;
				const reply = await caller.send(path, { method, ...right, ...(method !== 'HEAD' && { form: { password } }) });
				t.deepEqual([method, reply.status, reply.headers.allow, reply.setCookie], [method, 405, only, []]);
			}
			t.deepEqual(await service.core.identities.list(), []);
		}),
	);
}
