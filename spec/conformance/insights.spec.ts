import test from 'ava';
import type { Client } from '../_support/client.ts';
import {
	type DialectService,
	type InsightsAnswer,
	login,
	password,
	startDialects,
	treasure,
	withService,
} from '../_support/dialects.ts';
import { inTurns } from '../_support/service.ts';

/*
 * 1010data's page "Logging In", sentence by sentence: what a running service answers.
 */

async function start(): Promise<DialectService> {
	const service = await startDialects();
	await service.add('csmith', password, { permissions: ['rest.treasure'] });
	await service.add('newcomer', password, { permissions: ['rest.treasure'], mustChange: true });
	return service;
}

const right = { uid: 'csmith', pw: password };

interface Row {
	/** The page's words. */
	readonly sentence: string;
	readonly tries: (caller: Client, service: DialectService) => Promise<readonly [got: unknown, wanted: unknown][]>;
}

const status = async (reply: Promise<{ status: number }>) => (await reply).status;
const opens = (service: DialectService, { uid, sid, epw }: InsightsAnswer) =>
	status(service.caller().get(treasure, { Cookie: `session=${uid}|${sid}|${epw}` }));

const rows: readonly Row[] = [
	{
		sentence: 'The API call !login logs in to a new Insights Platform session',
		tries: async (caller) => [
			[await status(caller.get(treasure)), 401],
			[await status(caller.send(login, { method: 'POST', form: right })), 200],
			[await status(caller.get(treasure)), 200],
		],
	},
	{
		sentence: 'URL https://[host]/[1010-version]/api/!login',
		tries: async (caller) => {
			const got: [unknown, unknown][] = [];
			for (const version of ['beta-latest', 'prime-latest', '1.2', 'ünïcode', "' OR 1=1--"]) {
				got.push([
					await status(caller.send(`/${encodeURIComponent(version)}/api/!login`, { method: 'POST', form: right })),
					200,
				]);
			}
			return [...got, [await status(caller.send('/a/b/api/!login', { method: 'POST', form: right })), 404]];
		},
	},
	{
		sentence: 'Method POST; 405: You used a GET method instead of a POST method',
		tries: async (caller) => {
			const got: [unknown, unknown][] = [];
			for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
				const { status, headers, setCookie } = await caller.send(login, {
					method,
					...(method === 'HEAD' ? {} : { form: right }),
				});
				got.push([
					[method, status, headers.allow, setCookie],
					[method, 405, 'POST', []],
				]);
			}
			return got;
		},
	},
	{
		sentence: 'uid - The User ID (required)',
		tries: async (caller) => [
			[await status(caller.send(login, { method: 'POST', form: { pw: password } })), 400],
			[await status(caller.send(login, { method: 'POST', form: { uid: '', pw: password } })), 400],
			[await status(caller.post(login, { uid: 1, pw: password })), 400],
		],
	},
	{
		sentence: 'pw - The password (required)',
		tries: async (caller) => [
			[await status(caller.send(login, { method: 'POST', form: { uid: 'csmith' } })), 400],
			[await status(caller.send(login, { method: 'POST', form: { uid: 'csmith', pw: '' } })), 400],
			[await status(caller.post(login, { uid: 'csmith', pw: [password] })), 400],
			[await status(caller.post(login)), 400],
		],
	},
	{
		sentence: 'kill - An optional parameter that determines whether you want to kill or possess the existing session',
		tries: async (caller) => [
			[await status(caller.send(login, { method: 'POST', form: right })), 200],
			[await status(caller.send(login, { method: 'POST', form: { ...right, kill: 'yes' } })), 200],
			[await status(caller.post(login, { ...right, kill: 'possess' })), 200],
			[await status(caller.send(login, { method: 'POST', form: { ...right, kill: 'no' } })), 400],
			[await status(caller.send(login, { method: 'POST', form: { ...right, kill: 'auto' } })), 400],
			[await status(caller.send(login, { method: 'POST', form: { ...right, kill: '' } })), 400],
			[await status(caller.post(login, { ...right, kill: true })), 400],
		],
	},
	{
		sentence: 'yes: Terminate the existing session and start a new one',
		tries: async (_, service) => {
			const { answer: first } = await service.insightsUser('csmith', password);
			const { answer: second } = await service.insightsUser('csmith', password, 'yes');
			return [
				[second.sid === first.sid, false],
				[await opens(service, first), 401],
				[await opens(service, { ...first, sid: second.sid }), 401],
				[await opens(service, second), 200],
			];
		},
	},
	{
		sentence: 'possess: Log in and possess the existing session',
		tries: async (_, service) => {
			const { answer: first } = await service.insightsUser('csmith', password, 'possess');
			const { answer: second } = await service.insightsUser('csmith', password, 'possess');
			return [
				[second.sid, first.sid],
				[second.epw === first.epw, false],
				[await opens(service, first), 401],
				[await opens(service, second), 200],
			];
		},
	},
	{
		sentence: 'A successful login returns the session cookie you need for future requests',
		tries: async (caller) => {
			const reply = await caller.send(login, { method: 'POST', form: right });
			return [
				[reply.status, 200],
				[[...caller.jar.keys()], ['session']],
				[await status(caller.get(treasure)), 200],
				[await status(caller.send(treasure, { method: 'POST', form: {} })), 200],
			];
		},
	},
	{
		sentence: "the JSON response: {'uid': 'userid', 'sid': sessionid, 'epw': 'encryptedpw'}",
		tries: async (caller) => {
			const { headers, body } = await caller.send(login, { method: 'POST', form: right });
			const { uid, sid, epw } = body as InsightsAnswer;
			return [
				[headers['content-type'], 'application/json; charset=utf-8'],
				[Object.keys(body as object), ['uid', 'sid', 'epw']],
				[uid, 'csmith'],
				[/^[1-9]\d{8,14}$/.test(sid), true],
				[/^_______[^|;,\s"']{32,}$/.test(epw), true],
				[epw.includes(password), false],
			];
		},
	},
	{
		sentence: 'Set-Cookie has the following format: session=userid|sessionid|encryptedpw',
		tries: async (caller) => {
			const { setCookie, body } = await caller.send(login, { method: 'POST', form: right });
			const { uid, sid, epw } = body as InsightsAnswer;
			return [[setCookie, [`session=${uid}|${sid}|${epw}; path=/; samesite=strict; httponly`]]];
		},
	},
	{
		sentence: '401: The user id and/or password are incorrect',
		tries: async (caller) => {
			const wrong = await caller.send(login, { method: 'POST', form: { uid: 'csmith', pw: 'not my password' } });
			const unknown = await caller.send(login, { method: 'POST', form: { uid: 'nobody', pw: password } });
			return [
				[
					[wrong.status, wrong.setCookie],
					[401, []],
				],
				[
					[unknown.status, unknown.setCookie],
					[401, []],
				],
				[unknown.body, wrong.body],
			];
		},
	},
	{
		sentence: '403: The user id and password combination has expired',
		tries: async (caller, { service }) => {
			const got: [unknown, unknown][] = [];
			for (const kill of [{}, { kill: 'yes' }, { kill: 'possess' }]) {
				const reply = await caller.send(login, { method: 'POST', form: { uid: 'newcomer', pw: password, ...kill } });
				got.push([
					[reply.status, reply.setCookie],
					[403, []],
				]);
			}
			const wrong = await caller.send(login, { method: 'POST', form: { uid: 'newcomer', pw: 'not my password' } });
			return [...got, [wrong.status, 401], [await service.core.sessions.list(undefined, 9), []]];
		},
	},
	{
		sentence: 'The system displays a message suggesting you try logging in again',
		tries: async (caller) => {
			const { body } = await caller.send(login, { method: 'POST', form: { uid: 'newcomer', pw: password } });
			return [[/has expired\..*try logging in again/.test((body as { error: string }).error), true]];
		},
	},
	{
		sentence: 'You can also use a JSON post to log in',
		tries: async (caller) => [
			[await status(caller.post(login, right)), 200],
			[
				await status(
					caller.send(login, {
						method: 'POST',
						body: JSON.stringify(right),
						headers: { 'Content-type': 'Application/JSON; charset=UTF-8' },
					}),
				),
				200,
			],
		],
	},
	{
		sentence: 'api/!login:json',
		tries: async (caller) => [
			[await status(caller.send('/beta-latest/api/!login:json', { method: 'POST', form: right })), 200],
			[await status(caller.post('/beta-latest/api/!login:json', right)), 200],
			[await status(caller.send('/beta-latest/api/!login:xml', { method: 'POST', form: right })), 404],
		],
	},
	{
		sentence: "session = dict(uid=usr, sid=int(d['sid']), epw=d['epw'])",
		tries: async (_, service) => {
			const { answer } = await service.insightsUser('csmith', password);
			return [
				[String(Number.parseInt(answer.sid, 10)), answer.sid],
				[await opens(service, answer), 200],
			];
		},
	},
];

const told = inTurns(test);
for (const { sentence, tries } of rows) {
	told(sentence, (t) =>
		withService(start, async (service) => {
			for (const [got, wanted] of await tries(service.caller(), service)) t.deepEqual(got, wanted);
		}),
	);
}
