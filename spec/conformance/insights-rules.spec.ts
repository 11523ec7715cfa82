import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Call } from '../_support/client.ts';
import {
	checkSession,
	type DialectService,
	type InsightsAnswer,
	login,
	logout,
	nextPassword,
	password,
	startDialects,
	treasure,
	withService,
} from '../_support/dialects.ts';
import { dataDir } from '../_support/folder.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import type { Settings } from '../_support/service.ts';

/*
 * What 1010data's other pages and its own client say of `!login` and `!logout`, and what we chose where they say nothing.
 */

const right = { uid: 'csmith', pw: password };
const mine = (service: DialectService, { uid, sid, epw }: InsightsAnswer, path = treasure) =>
	service.caller().get(path, { Cookie: `session=${uid}|${sid}|${epw}` });
const held = (service: DialectService) => service.service.core.sessions.list(undefined, 99);

async function start(settings?: Settings, clock?: Parameters<typeof startDialects>[1]): Promise<DialectService> {
	const service = await startDialects(settings, clock);
	if ((await service.service.core.identities.list()).length === 0) {
		await service.add('csmith', password, { permissions: ['rest.treasure'] });
	}
	return service;
}

const onService = (work: (service: DialectService) => Promise<void>, settings?: Settings) =>
	withService(() => start(settings), work);

const paths: readonly (readonly [path: string, status: number])[] = [
	['/beta-latest/api/!login', 200],
	['/prime-latest/api/!login:json', 200],
	['/api/!login', 200],
	['/api/!login:json', 200],
	['/beta-latest/api/%21login%3Ajson', 200],
	['/beta-latest/api/!LOGIN', 404],
	['/beta-latest/api/!login/', 404],
	['/beta-latest/api/!loginx', 404],
	['/beta-latest/api/login', 404],
	['//api/!login', 400],
];

for (const [path, status] of paths) {
	test.serial(`${path} is ${status === 200 ? 'taken' : 'not ours'}`, (t) =>
		onService(async ({ caller }) => {
			t.is((await caller().send(path, { method: 'POST', form: right })).status, status);
		}),
	);
}

test.serial('what else stands below /{version}/api/ is a resource as any other', async (t) => {
	const resources = [{ path: '/beta-latest', permission: 'rest.treasure', upstream: 'http://127.0.0.1:9' }];
	await onService(
		async ({ insightsUser, caller }) => {
			t.is((await caller().send('/beta-latest/api/!query', { method: 'POST', form: {} })).status, 401);
			const user = await insightsUser('csmith', password);
			t.is((await user.send('/beta-latest/api/!query', { method: 'POST', form: {} })).status, 502);
		},
		{ resources },
	);
});

test.serial('credentials in the URL open nothing', (t) =>
	onService(async ({ caller }) => {
		const query = new URLSearchParams(right).toString();
		for (const call of [{}, { form: {} }, { json: {} }, { form: { uid: 'csmith' } }]) {
			const reply = await caller().send(`${login}?${query}`, { method: 'POST', ...call });
			t.deepEqual([reply.status, reply.setCookie], [400, []]);
		}
	}),
);

const badBodies: readonly (readonly [says: string, call: Call, status: number])[] = [
	['JSON that is none', { body: '{', headers: { 'Content-Type': 'application/json' } }, 400],
	['a list', { json: [right] }, 400],
	[
		'a field twice',
		{ body: 'uid=csmith&pw=a&pw=b', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
		400,
	],
	['a key twice', { body: '{"uid":"csmith","pw":"a","pw":"b"}', headers: { 'Content-Type': 'application/json' } }, 400],
	['an object for a password', { json: { uid: 'csmith', pw: { $ne: 1 } } }, 400],
	[
		'a prototype',
		{ body: `{"__proto__":{"kill":"yes"},"uid":"csmith","pw":"x"}`, headers: { 'Content-Type': 'application/json' } },
		400,
	],
	['text', { body: 'uid=csmith', headers: { 'Content-Type': 'text/plain' } }, 415],
	['more than 64 KiB', { form: { uid: 'csmith', pw: 'x'.repeat(70_000) } }, 413],
	['a password of more than 1024 bytes', { form: { uid: 'csmith', pw: 'x'.repeat(1025) } }, 400],
	['SQL for a name', { form: { uid: "' OR 1=1--", pw: password } }, 401],
];

for (const [says, call, status] of badBodies) {
	test.serial(`a login with ${says} is ${status}, with an error that 1010data's client can see`, (t) =>
		onService(async ({ caller }) => {
			const reply = await caller().send(login, { method: 'POST', ...call });
			t.deepEqual([reply.status, reply.setCookie], [status, []]);
			const { error, msg } = reply.body as { error: unknown; msg: unknown };
			t.true(typeof error === 'string' && error !== '' && typeof msg === 'string' && msg !== '');
		}),
	);
}

test.serial('every other no has an error that 1010data’s client can see, also that of a resource', (t) =>
	onService(async (service) => {
		const { caller, insightsUser, add } = service;
		await add('guest', password);
		const guest = await insightsUser('guest', password);
		const { answer } = await insightsUser('csmith', password);
		const replies = [
			await caller().get(login),
			await caller().post(logout),
			await caller().send(login, { method: 'POST', form: right, headers: { Origin: 'https://evil.example' } }),
			await mine(service, { ...answer, sid: '1' }),
			await guest.get(treasure),
		];
		t.deepEqual(
			replies.map(({ status }) => status),
			[405, 401, 403, 401, 403],
		);
		for (const { body } of replies) t.truthy((body as { error?: string }).error);
	}),
);

const otherCookies: readonly (readonly [
	says: string,
	change: (own: InsightsAnswer, other: InsightsAnswer) => string,
])[] = [
	['another uid', ({ sid, epw }, { uid }) => `${uid}|${sid}|${epw}`],
	['another sid', ({ uid, epw }, { sid }) => `${uid}|${sid}|${epw}`],
	['a sid that is one more', ({ uid, sid, epw }) => `${uid}|${Number(sid) + 1}|${epw}`],
	['a sid with a zero before it', ({ uid, sid, epw }) => `${uid}|0${sid}|${epw}`],
	['a sid in other words', ({ uid, sid, epw }) => `${uid}|${sid}.0|${epw}`],
	['another epw', ({ uid, sid }, { epw }) => `${uid}|${sid}|${epw}`],
	['an epw that is shorter', ({ uid, sid, epw }) => `${uid}|${sid}|${epw.slice(0, -1)}`],
	['an epw without what it begins with', ({ uid, sid, epw }) => `${uid}|${sid}|${epw.slice(7)}`],
	['the password for an epw', ({ uid, sid }) => `${uid}|${sid}|_______${password}`],
	['an empty uid', ({ sid, epw }) => `|${sid}|${epw}`],
	['an empty sid', ({ uid, epw }) => `${uid}||${epw}`],
	['no epw', ({ uid, sid }) => `${uid}|${sid}`],
	['a fourth part', ({ uid, sid, epw }) => `${uid}|${sid}|${epw}|x`],
	['two sids', ({ uid, sid, epw }, other) => `${uid}|${sid},${other.sid}|${epw}`],
	['nothing', () => ''],
	['bars only', () => '||'],
	['a broken encoding', ({ sid, epw }) => `%zz%|${sid}|${epw}`],
	['a sid beyond all numbers', ({ uid, epw }) => `${uid}|${'9'.repeat(400)}|${epw}`],
	['in encoded bars', ({ uid, sid, epw }) => `${uid}%7C${sid}%7C${epw}`],
];

test.serial('all three parts of the cookie must be of one session; whatever else it holds is 401', (t) =>
	onService(async (service) => {
		await service.add('other', password, { permissions: ['rest.treasure'] });
		const { answer: own } = await service.insightsUser('csmith', password);
		const { answer: other } = await service.insightsUser('other', password);
		for (const [says, change] of otherCookies) {
			const reply = await service.caller().get(treasure, { Cookie: `session=${change(own, other)}` });
			t.deepEqual([reply.status, reply.setCookie], [401, []], says);
		}
		const cookies = [own, other].map(({ uid, sid, epw }) => `session=${uid}|${sid}|${epw}`);
		const [good, foreign] = [cookies[0]!, 'session=eyJfZnJlc2giOmZhbHNlfQ.Z0kA'];
		for (const [Cookie, status] of [
			[cookies.join('; '), 401],
			[cookies.toReversed().join('; '), 401],
			[`${good}; ${foreign}`, 200],
			[`${foreign}; ${good}`, 200],
			[`session="${own.uid}|${own.sid}|${own.epw}"`, 200],
		] as const) {
			t.is((await service.caller().get(treasure, { Cookie })).status, status, Cookie);
		}
		t.is((await mine(service, own)).status, 200);
		t.is((await mine(service, other)).status, 200);
	}),
);

test.serial('an e-mail address as uid: the cookie works in the quotes that Python puts around it', (t) =>
	onService(async ({ add, insightsUser, caller }) => {
		for (const uid of ['ada@example.org', 'DOM/ada', 'a+b=c', 'x(y)']) {
			await add(uid, password, { permissions: ['rest.treasure'] });
			const { answer, jar } = await insightsUser(uid, password);
			t.is(jar.get('session'), `${uid}|${answer.sid}|${answer.epw}`);
			const headers = { Cookie: `session="${jar.get('session')}"` };
			t.is((await caller().get(treasure, headers)).status, 200, uid);
			t.is((await caller().post(logout, undefined, headers)).status, 200, uid);
			t.is((await caller().post(logout, undefined, headers)).status, 401, uid);
		}
	}),
);

const names = ['José', 'Jose\u0301 R', 'a|1|x', 'with;semicolon', 'with, comma', '100%', 'a%41', '"quoted"', '利用者'];

for (const uid of names) {
	test.serial(`the uid comes back as it was typed, and the cookie can carry it: ${JSON.stringify(uid)}`, (t) =>
		onService(async ({ add, insightsUser }) => {
			await add(uid.normalize('NFC'), password, { permissions: ['rest.treasure'] });
			const user = await insightsUser(uid, password);
			t.is(user.answer.uid, uid);
			t.regex(user.jar.get('session') ?? '', /^[!#-+\--:<-[\]-{}~]+\|\d+\|[\w-]+$/);
			t.is((await user.get(treasure)).status, 200);
		}),
	);
}

test.serial('a cookie that a program put together from what was typed is as good, where a header can carry it', (t) =>
	onService(async (service) => {
		for (const uid of ['csmith', 'Jane Doe', 'José']) {
			if (uid !== 'csmith') await service.add(uid, password, { permissions: ['rest.treasure'] });
			const { answer } = await service.insightsUser(uid, password);
			const asBytes = { ...answer, uid: Buffer.from(uid).toString('latin1') };
			t.is((await mine(service, asBytes)).status, 200, uid);
		}
	}),
);

test.serial('without kill a login takes over, with a new epw and an entry in the audit', (t) =>
	onService(async (service) => {
		const { answer: first } = await service.insightsUser('csmith', password);
		const before = service.audit().length;
		const { answer: second } = await service.insightsUser('csmith', password);
		t.is(second.sid, first.sid);
		t.not(second.epw, first.epw);
		t.is((await mine(service, first)).status, 401);
		t.is((await mine(service, second)).status, 200);
		t.deepEqual(
			service
				.audit()
				.slice(before, before + 2)
				.map(({ act, outcome }) => [act, outcome]),
			[
				['session-end', 'ok'],
				['login', 'ok'],
			],
		);
	}),
);

test.serial('a login that takes over finds nothing, and opens a session all the same', (t) =>
	onService(async (service) => {
		const { answer } = await service.insightsUser('csmith', password, 'possess');
		t.is((await mine(service, answer)).status, 200);
	}),
);

test.serial('a login that fails ends nothing', (t) =>
	onService(async (service) => {
		const { answer } = await service.insightsUser('csmith', password);
		for (const kill of ['yes', 'possess', 'no']) {
			const form = { uid: 'csmith', pw: 'not my password', kill };
			await service.caller().send(login, { method: 'POST', form });
			await service
				.caller()
				.send(login, { method: 'POST', form, headers: { Cookie: `session=${Object.values(answer).join('|')}` } });
		}
		t.is((await mine(service, answer)).status, 200);
	}),
);

test.serial('kill=yes ends this identity’s session, and nobody else’s', (t) =>
	onService(async (service) => {
		await service.add('other', password, { permissions: ['rest.treasure'] });
		const { answer: other } = await service.insightsUser('other', password);
		await service.insightsUser('csmith', password);
		await service.insightsUser('csmith', password, 'yes');
		t.is((await mine(service, other)).status, 200);
		t.is((await held(service)).length, 2);
	}),
);

for (const kills of [['yes'], ['possess'], ['yes', 'possess']]) {
	test.serial(
		`of 50 logins at once, ${kills.join(' and ')}, one session is left, and its cookie is one of those handed out`,
		(t) =>
			onService(async (service) => {
				const users = await Promise.all(
					Array.from({ length: 50 }, (_, at) => service.insightsUser('csmith', password, kills[at % kills.length])),
				);
				t.is((await held(service)).length, 1);
				const statuses = await Promise.all(users.map(async ({ answer }) => (await mine(service, answer)).status));
				t.is(statuses.filter((status) => status === 200).length, 1);
				t.is(new Set(users.map(({ answer }) => answer.epw)).size, 50);
				if (kills[0] === 'possess') t.is(new Set(users.map(({ answer }) => answer.sid)).size, 1);
			}),
	);
}

test.serial('a sid that has ended does not come back', (t) =>
	onService(async ({ insightsUser }) => {
		const sids = new Set<string>();
		for (let at = 0; at < 20; at += 1) {
			const user = await insightsUser('csmith', password, at % 2 === 0 ? 'yes' : 'possess');
			sids.add(user.answer.sid);
			if (at % 3 === 0) t.is((await user.post(logout)).status, 200);
		}
		t.true(sids.size >= 13, [...sids].join());
	}),
);

test.serial('!logout ends the session of the cookie, and takes the cookie back', (t) =>
	onService(async (service) => {
		for (const [path, call] of [
			[logout, {}],
			['/api/!logout', { form: { cookies: 'the whole jar' } }],
			['/prime-latest/api/!logout:json', { json: { cookies: [] } }],
		] as const) {
			const user = await service.insightsUser('csmith', password);
			const reply = await user.send(path, { method: 'POST', ...call });
			t.deepEqual([reply.status, reply.body], [200, { rc: '0', msg: 'Logged out' }]);
			t.regex(reply.setCookie[0] ?? '', /^session=; path=\/; expires=Thu, 01 Jan 1970 /);
			t.is((await mine(service, user.answer)).status, 401);
			t.is(
				(await service.caller().post(path, undefined, { Cookie: `session=${Object.values(user.answer).join('|')}` }))
					.status,
				401,
			);
			t.is((await user.get(path)).status, 405);
		}
	}),
);

test.serial('the cookie is Secure over https, and worth nothing on plain http', (t) =>
	onService(
		async ({ caller }) => {
			const over = (scheme: string) => ({ 'X-Forwarded-Proto': scheme });
			const [cookie = ''] = (await caller().send(login, { method: 'POST', form: right, headers: over('https') }))
				.setCookie;
			t.regex(cookie, /^session=csmith\|\d+\|[\w-]+; path=\/; samesite=strict; secure; httponly$/);
			const [Cookie = ''] = cookie.split(';');
			t.is((await caller().get(treasure, { Cookie, ...over('https') })).status, 200);
			t.is((await caller().get(treasure, { Cookie, ...over('http') })).status, 401);
		},
		{ trustedProxies: ['127.0.0.1/32'] },
	),
);

test.serial('a session ends when it was idle, and outlives a restart until then', async (t) => {
	const folder = await mkdtemp(join(dataDir, 'latchkey-lasting-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const file = `sqlite:${join(folder, 'latchkey.db')}`;
	const settings = { store: { identities: file, sessions: file }, session: { inactivityInterval: 60 } };
	const clock = createHandClock();
	let answer: InsightsAnswer = { uid: '', sid: '', epw: '' };
	await withService(
		() => start(settings, clock),
		async (service) => {
			answer = (await service.insightsUser('csmith', password)).answer;
			clock.wind(60_000);
			t.is((await mine(service, answer)).status, 200);
		},
	);
	await withService(
		() => start(settings, clock),
		async (service) => {
			clock.wind(50_000);
			t.is((await mine(service, answer)).status, 200);
			clock.wind(60_001);
			t.is((await mine(service, answer)).status, 401);
		},
	);
});

const strange: readonly Record<string, string>[] = [
	{ Origin: 'https://evil.example' },
	{ Origin: 'null' },
	{ 'Sec-Fetch-Site': 'cross-site' },
	{ 'Sec-Fetch-Site': 'same-site' },
];

test.serial('a page of another site logs nobody in or out, and changes nothing', (t) =>
	onService(async (service) => {
		const user = await service.insightsUser('csmith', password);
		const reached = service.upstream.reached.length;
		for (const headers of strange) {
			for (const [path, call] of [
				[login, { form: right }],
				[login, { form: { ...right, kill: 'yes' } }],
				[logout, {}],
				[treasure, { form: {} }],
			] as const) {
				const reply = await user.send(path, { method: 'POST', ...call, headers });
				t.deepEqual([reply.status, reply.setCookie], [403, []], path);
			}
		}
		t.is(service.upstream.reached.length, reached);
		t.is((await mine(service, user.answer)).status, 200);
	}),
);

test.serial('wrong passwords count together, whichever door they are tried at', (t) =>
	// A clock that stands still: who has to wait, waits until the end of the test.
	withService(
		() => start(undefined, createHandClock()),
		async ({ caller }) => {
			const wrong = 'not my password';
			for (let at = 0; at < 10; at += 1) {
				const reply = await (at % 2 === 0
					? caller().send(login, { method: 'POST', form: { uid: 'csmith', pw: wrong } })
					: caller().send(checkSession, { basic: ['csmith', wrong] }));
				t.is(reply.status, 401);
			}
			const kura = { json: { username: 'csmith', password } };
			for (const reply of [
				await caller().send(login, { method: 'POST', form: right }),
				await caller().send(checkSession, { basic: ['csmith', password] }),
				await caller().send(treasure, { basic: ['csmith', password] }),
				await caller().send('/session/set_password', {
					method: 'POST',
					basic: ['csmith', password],
					form: { password: nextPassword },
				}),
				await caller().send('/services/session/v1/login/password', { method: 'POST', ...kura }),
			]) {
				t.deepEqual([reply.status, reply.setCookie], [429, []]);
				t.regex(reply.headers['retry-after'] ?? '', /^[1-9]\d*$/);
			}
		},
	),
);
