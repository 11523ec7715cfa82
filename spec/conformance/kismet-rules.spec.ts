import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Call } from '../_support/client.ts';
import {
	checkLogin,
	checkSession,
	checkSetup,
	type DialectService,
	login,
	nextPassword,
	password,
	setPassword,
	startDialects,
	startSetUp,
	treasure,
	withService,
} from '../_support/dialects.ts';
import { dataDir } from '../_support/folder.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import type { Settings } from '../_support/service.ts';

/*
 * What Kismet's server and its clients (its web page, python-kismet-rest) do and its page does not say, and what we
 * chose where they say nothing.
 */

const right: Call = { basic: ['kismet', password] };
const wrong: Call = { basic: ['kismet', 'not my password'] };
const staleCookie = { Cookie: `KISMET=${'x'.repeat(43)}` };
const elsewhere = { 'X-Forwarded-For': '203.0.113.9' };
const configured = (given = password) => ({ dialects: { kismet: { enabled: true, password: given } } });
const kismetSettings = (kismet: object) => ({ dialects: { kismet: { enabled: true, ...kismet } } });

const onFresh = (work: (service: DialectService) => Promise<void>) => withService(startDialects, work);
const onSetUp = (work: (service: DialectService) => Promise<void>, settings?: Settings) =>
	withService(() => startSetUp(settings), work);

/** Where an installation stands that is started more than once. */
async function lastingStore(t: ExecutionContext) {
	const folder = await mkdtemp(join(dataDir, 'latchkey-lasting-'));
	t.teardown(() => rm(folder, { recursive: true }));
	const file = `sqlite:${join(folder, 'latchkey.db')}`;
	return { store: { identities: file, sessions: file } };
}

// One after the other: forty services at once keep each other waiting on a busy machine, until they give up on a request (408).
test.serial('bodies are a short line of text, in good and in bad', (t) =>
	onFresh(async ({ caller }) => {
		const calls: readonly (readonly [method: string, path: string, call?: Call])[] = [
			['GET', checkSetup],
			['GET', checkSession],
			['GET', checkLogin, wrong],
			['PUT', checkLogin],
			['POST', setPassword],
			['POST', setPassword, { json: {} }],
			['POST', setPassword, { form: { password: 'x'.repeat(70_000) } }],
			['POST', setPassword, { form: { password }, headers: { Origin: 'https://evil.example' } }],
			['POST', setPassword, { form: { password }, headers: elsewhere }],
			['POST', setPassword, { form: { password } }],
			['GET', checkSetup],
			['GET', checkLogin, right],
		];
		for (const [method, path, call] of calls) {
			const { headers, body } = await caller().send(path, { method, ...call });
			t.is(headers['content-type'], 'text/plain; charset=utf-8', path);
			t.regex(String(body), /^.{2,120}\n$/);
		}
	}),
);

test.serial('check_setup_ok looks at no credentials: a page sends some with every request', async (t) => {
	for (const [start, status] of [
		[startDialects, 500],
		[startSetUp, 200],
		[() => startDialects(configured()), 406],
	] as const) {
		await withService(start, async ({ caller }) => {
			for (const call of [{}, wrong, { basic: ['kismet', ''] }, { headers: staleCookie }] as Call[]) {
				t.is((await caller().send(checkSetup, call)).status, status);
			}
		});
	}
});

test.serial('the first password is set though the new login comes along as Basic, which is not valid yet', (t) =>
	onFresh(async ({ caller }) => {
		t.is((await caller().send(setPassword, { method: 'POST', ...right, form: { password } })).status, 200);
		t.is((await caller().send(checkLogin, right)).status, 200);
	}),
);

test.serial('of many first passwords at once exactly one is set, and its sender alone is told so', (t) =>
	onFresh(async ({ caller, service, audit }) => {
		const passwords = Array.from({ length: 100 }, (_, at) => `number ${at} of the bears`);
		const replies = await Promise.all(
			passwords.map((each) => caller().send(setPassword, { method: 'POST', form: { password: each } })),
		);
		const winners = passwords.filter((_, at) => replies[at]?.status === 200);
		t.is(winners.length, 1);
		t.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200, 401]));
		t.is((await service.core.identities.list()).length, 1);
		t.is((await caller().send(checkLogin, { basic: ['kismet', winners[0] ?? ''] })).status, 200);
		t.is(audit().filter(({ act, outcome }) => act === 'setup' && outcome === 'ok').length, 1);
	}),
);

test.serial('the first password takes over no identity that was made by other means', (t) =>
	onFresh(async ({ caller, add }) => {
		await add('kismet', password);
		t.is((await caller().get(checkSetup)).status, 200);
		t.is((await caller().send(setPassword, { method: 'POST', form: { password: nextPassword } })).status, 401);
		t.is((await caller().send(checkLogin, right)).status, 200);
	}),
);

const strangers: readonly (readonly [says: string, headers: Record<string, string>])[] = [
	['came through a proxy', elsewhere],
	['asks for another host, as a page does whose name points here', { Host: 'evil.example' }],
	['is sent by a page of another site', { Origin: 'https://evil.example' }],
	['is sent by a page of nobody', { Origin: 'null' }],
	['is sent by a page of a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
];

for (const [says, headers] of strangers) {
	test.serial(`the first password is not set by a request that ${says}`, (t) =>
		onFresh(async ({ caller, service }) => {
			const reply = await caller().send(setPassword, { method: 'POST', form: { password }, headers });
			t.deepEqual([reply.status, reply.setCookie], [403, []]);
			t.deepEqual(await service.core.identities.list(), []);
			t.is((await caller().get(checkSetup)).status, 500);
		}),
	);
}

test.serial('from elsewhere the first password is set with the one-time token, in the form and only there', (t) =>
	onFresh(async ({ caller, service }) => {
		const token = (await service.core.identities.setupToken()) ?? '';
		const post = (form: Record<string, string>, query = '') =>
			caller().send(setPassword + query, { method: 'POST', form: { password, ...form }, headers: elsewhere });
		t.is((await post({ token: 'wrong' })).status, 403);
		t.is((await post({}, `?token=${token}`)).status, 400);
		t.is((await post({ token })).status, 200);
		t.is((await post({ token })).status, 401);
	}),
);

test.serial(
	'at the machine itself the first password needs no token for ten minutes after the start, and later it does',
	async (t) => {
		const clock = createHandClock();
		const start = () => startDialects({}, clock);
		await withService(start, async ({ caller }) => {
			clock.wind(10 * 60_000 - 1);
			t.is((await caller().send(setPassword, { method: 'POST', form: { password } })).status, 200);
		});
		await withService(start, async ({ caller, service }) => {
			clock.wind(10 * 60_000);
			t.is((await caller().send(setPassword, { method: 'POST', form: { password } })).status, 403);
			const token = (await service.core.identities.setupToken()) ?? '';
			t.is((await caller().send(setPassword, { method: 'POST', form: { password, token } })).status, 200);
		});
	},
);

test.serial(
	'a session alone sets a password for five minutes after its login, and then the login is needed again',
	async (t) => {
		const clock = createHandClock();
		await withService(
			() => startSetUp({}, clock),
			async ({ caller, kismetUser, audit }) => {
				const set = (headers: Record<string, string>, next: string, more: Call = {}) =>
					caller().send(setPassword, { method: 'POST', headers, form: { password: next }, ...more });
				const cookieOf = (user: { jar: ReadonlyMap<string, string> }) => ({
					Cookie: `KISMET=${user.jar.get('KISMET')}`,
				});
				const user = await kismetUser('kismet', password);
				clock.wind(300_000);
				t.is((await set(cookieOf(user), password)).status, 200);
				const later = await kismetUser('kismet', password);
				clock.wind(300_001);
				const { status, headers } = await set(cookieOf(later), nextPassword);
				t.is(status, 403);
				t.notRegex(headers['www-authenticate'] ?? '', /Basic/, 'no browser asks for a password');
				t.like(audit().at(-1), { act: 'access', outcome: 'refused', reason: 'proof-needed', identity: 'kismet' });
				t.is((await later.get(checkSession)).status, 200, 'the session goes on');
				t.is((await later.send(checkLogin, right)).status, 200, 'with the password that it had');
				t.is((await set(cookieOf(later), nextPassword, right)).status, 200);
			},
		);
	},
);

test.serial('passwords in the URL are refused, and change nothing', (t) =>
	onSetUp(async ({ caller }) => {
		const query = new URLSearchParams({ password: nextPassword }).toString();
		t.is((await caller().send(`${setPassword}?${query}`, { method: 'POST', ...right, form: {} })).status, 400);
		t.is(
			(await caller().send(`${setPassword}?${query}`, { method: 'POST', ...right, form: { password } })).status,
			400,
		);
		t.is((await caller().send(checkLogin, right)).status, 200);
		for (const path of [checkSession, checkLogin, treasure]) {
			const asked = new URLSearchParams({ user: 'kismet', username: 'kismet', password, KISMET: 'x'.repeat(43) });
			t.is((await caller().get(`${path}?${asked}`)).status, 401, path);
		}
	}),
);

test.serial("a yes is said in Kismet's own words, which scripts look for", (t) =>
	onFresh(async ({ caller }) => {
		const calls: readonly (readonly [method: string, path: string, call: Call, words: string])[] = [
			['POST', setPassword, { form: { password } }, 'Login configured\n'],
			['GET', checkSetup, {}, 'Login configured in user config\n'],
			['GET', checkLogin, right, 'Login valid\n'],
			['GET', checkSession, right, 'Session valid\n'],
			['POST', setPassword, { ...right, form: { password: nextPassword } }, 'Login configured\n'],
		];
		for (const [method, path, call, words] of calls) {
			const { status, body, headers } = await caller().send(path, { method, ...call });
			t.deepEqual([status, body, headers['content-type']], [200, words, 'text/plain; charset=utf-8'], path);
		}
	}),
);

test.serial('a cookie that is worth nothing is not sent back', (t) =>
	onSetUp(async ({ caller }) => {
		for (const path of [checkSetup, checkSession, checkLogin, treasure]) {
			t.deepEqual((await caller().get(path, staleCookie)).setCookie, []);
		}
	}),
);

test.serial('a blank login matches nothing, before the setup and after it', async (t) => {
	for (const start of [startDialects, startSetUp]) {
		await withService(start, async ({ caller, upstream }) => {
			const blanks = [':', 'kismet:', ':kismet', 'kismet', '\0:\0', `:${password}`];
			const headers = [...blanks.map((text) => Buffer.from(text).toString('base64')), '', '!!', '////'];
			for (const given of headers) {
				for (const path of [checkSession, checkLogin, treasure]) {
					const reply = await caller().get(path, { Authorization: `Basic ${given}` });
					t.deepEqual([reply.status, reply.setCookie], [401, []], `${path} ${given}`);
				}
			}
			t.deepEqual([...upstream.reached], []);
		});
	}
});

test.serial('what is refused brings no window of the browser over the page', (t) =>
	onSetUp(async ({ caller }) => {
		for (const path of [checkSession, checkLogin, treasure]) {
			for (const call of [{}, wrong]) {
				const { status, headers } = await caller().send(path, call);
				t.deepEqual([status, headers['www-authenticate']], [401, undefined]);
			}
		}
	}),
);

test.serial('with a valid cookie the password that comes along is not looked at', (t) =>
	onSetUp(async ({ kismetUser, caller, audit, service }) => {
		const user = await kismetUser('kismet', password);
		const before = audit().length;
		for (let at = 0; at < 15; at += 1) {
			for (const path of [checkSession, treasure]) {
				const reply = await user.send(path, at % 2 === 0 ? wrong : right);
				t.is(reply.status, 200);
				t.false(reply.setCookie.some((cookie) => cookie.startsWith('KISMET')));
			}
		}
		t.is(audit().length, before);
		t.is((await service.core.sessions.list(undefined, 9)).length, 1);
		t.is((await caller().send(checkLogin, right)).status, 200);
	}),
);

test.serial('check_login opens a session, but no second one for somebody who has one', (t) =>
	onSetUp(async ({ caller, service }) => {
		const user = caller();
		for (let at = 0; at < 3; at += 1) t.is((await user.send(checkLogin, right)).status, 200);
		t.is((await service.core.sessions.list(undefined, 9)).length, 1);
		t.is((await user.get(checkSession)).status, 200);
	}),
);

test.serial(
	'the cookie: HttpOnly, SameSite=Strict, Path=/, no Domain, Secure over https only, worth nothing on the other',
	(t) =>
		withService(
			() => startDialects({ trustedProxies: ['127.0.0.1/32'] }),
			async ({ caller, add }) => {
				await add('kismet', password);
				const over = (scheme: string) => ({ 'X-Forwarded-Proto': scheme });
				const [plain = ''] = (await caller().send(checkSession, { ...right, headers: over('http') })).setCookie;
				const [secure = ''] = (await caller().send(checkSession, { ...right, headers: over('https') })).setCookie;
				t.regex(plain, /^KISMET=[\w-]{43}; path=\/; samesite=strict; httponly$/);
				t.regex(secure, /^KISMET=[\w-]{43}; path=\/; samesite=strict; secure; httponly$/);
				const [Cookie = ''] = secure.split(';');
				t.is((await caller().get(checkSession, { Cookie, ...over('https') })).status, 200);
				t.is((await caller().get(checkSession, { Cookie, ...over('http') })).status, 401);
			},
		),
);

test.serial('of two cookies of the name the one that lives counts; two that live are nobody’s', (t) =>
	onSetUp(async ({ kismetUser, caller }) => {
		const [one, other] = [await kismetUser('kismet', password), await kismetUser('kismet', password)];
		const cases: readonly (readonly [cookies: readonly string[], status: number])[] = [
			[[one.cookies(), 'KISMET=x'], 200],
			[[one.cookies(), staleCookie.Cookie], 200],
			[[one.cookies(), other.cookies()], 401],
		];
		for (const [cookies, status] of cases) {
			for (const order of [cookies, cookies.toReversed()]) {
				const Cookie = order.join('; ');
				t.is((await caller().get(checkSession, { Cookie })).status, status, Cookie);
			}
		}
	}),
);

test.serial(
	'a session needs no XSRF token, to change something either; a page of another site changes nothing with it',
	(t) =>
		onSetUp(async ({ kismetUser, upstream }) => {
			const user = await kismetUser('kismet', password);
			t.is((await user.send(treasure, { method: 'POST', form: {} })).status, 200);
			const count = upstream.reached.length;
			for (const [, headers] of strangers.slice(2)) {
				t.is((await user.send(treasure, { method: 'POST', form: {}, headers })).status, 403);
				t.is((await user.send(setPassword, { method: 'POST', form: { password: nextPassword }, headers })).status, 403);
				t.is(
					(await user.send(setPassword, { method: 'POST', ...right, form: { password: nextPassword }, headers }))
						.status,
					403,
				);
			}
			t.is(upstream.reached.length, count);
			t.is((await user.get(checkSession)).status, 200);
		}),
);

test.serial('the answer of a resource brings the new cookie beside those of the upstream, and is for no cache', (t) =>
	onSetUp(async ({ caller }) => {
		const user = caller();
		const first = await user.send(treasure, right);
		t.is(first.body, 'the treasure');
		t.deepEqual([...user.jar.keys()].sort(), ['KISMET', 'theirs']);
		t.is(first.headers['cache-control'], 'no-store');
		const second = await user.send(treasure, right);
		t.deepEqual(second.setCookie, ['theirs=1; Path=/']);
		t.is(second.headers['cache-control'], 'private, max-age=60');
	}),
);

test.serial('the login may use every resource there is, and its credentials go no further', (t) =>
	onSetUp(async ({ kismetUser, caller, service, upstream }) => {
		const [identity] = await service.core.identities.list();
		t.deepEqual([...(identity?.permissions ?? [])].map(String), ['kura.admin']);
		await kismetUser('kismet', password);
		t.is((await caller().send('/services/auth/v1/verify?permission=anything.else', right)).status, 200);
		await caller().send(treasure, right);
		t.true(upstream.reached.length > 0);
	}),
);

const oddPasswords = [
	'a:b:c:d:e:f:g:h',
	'grün ist die Hoffnung',
	' a#"b and a space ',
	'one line\nand another',
	'日本語の長いパスワードですよね',
];

for (const odd of oddPasswords) {
	test.serial(`a password is kept byte for byte, over a restart, too: ${JSON.stringify(odd)}`, async (t) => {
		const settings = await lastingStore(t);
		await withService(
			() => startDialects(settings),
			async ({ caller }) => {
				t.is((await caller().send(setPassword, { method: 'POST', form: { password: odd } })).status, 200);
			},
		);
		await withService(
			() => startDialects(settings),
			async ({ caller }) => {
				t.is((await caller().send(checkLogin, { basic: ['kismet', odd] })).status, 200);
				t.is((await caller().send(checkLogin, { basic: ['kismet', odd.trim().slice(0, -1)] })).status, 401);
			},
		);
	});
}

test.serial('a name that Basic cannot carry, or that is taken, is refused, and the old login stays', (t) =>
	onSetUp(async ({ caller, add }) => {
		await add('ranger');
		for (const username of ['with:colon', '', ' kismet', 'ranger', 'RANGER']) {
			const form = { username, password: nextPassword };
			t.is((await caller().send(setPassword, { method: 'POST', ...right, form })).status, 400, username);
		}
		t.is((await caller().send(checkLogin, right)).status, 200);
	}),
);

const borrowed: readonly (readonly [says: string, form: Record<string, string>, status: number])[] = [
	['a free name, as applications may know it', { username: 'admin' }, 403],
	['the usual name', { username: 'kismet-2' }, 403],
	['what the audit calls the command line', { username: 'operator' }, 403],
	['a name that a URL folds', { username: '..' }, 403],
	['another spelling of the own name', { username: 'BOB' }, 403],
	['the own name', { username: 'bob' }, 200],
	['no name at all: the own one is kept', {}, 200],
];

for (const [says, form, status] of borrowed) {
	test.serial(`who is no administrator and sets the password with ${says}: ${status}, and is called as before`, (t) =>
		onSetUp(async ({ add, kismetUser, service, audit, caller }) => {
			await add('bob', password, { permissions: ['rest.treasure'] });
			const bob = await kismetUser('bob', password);
			t.is((await bob.send(setPassword, { method: 'POST', form: { password: nextPassword, ...form } })).status, status);
			const names = (await service.core.identities.list()).map(({ name }) => String(name));
			t.deepEqual(names, ['bob', 'kismet']);
			const present = status === 200 ? nextPassword : password;
			t.is((await caller().send(checkLogin, { basic: ['bob', present] })).status, 200);
			const renames = audit().filter(({ act }) => act === 'identity-rename');
			t.deepEqual(
				renames.map(({ identity, newName, outcome, reason }) => ({ identity, newName, outcome, reason })),
				status === 200
					? []
					: [{ identity: 'bob', newName: undefined, outcome: 'refused', reason: 'permission-missing' }],
			);
		}),
	);
}

test.serial('a rename is in the audit with both names', (t) =>
	onSetUp(async ({ kismetUser, audit, caller }) => {
		const user = await kismetUser('kismet', password);
		t.is(
			(await user.send(setPassword, { method: 'POST', form: { username: 'ranger', password: nextPassword } })).status,
			200,
		);
		t.is((await caller().send(checkLogin, { basic: ['ranger', nextPassword] })).status, 200);
		const [rename] = audit().filter(({ act }) => act === 'identity-rename');
		t.like(rename, { identity: 'kismet', newName: 'ranger', outcome: 'ok', dialect: 'kismet' });
	}),
);

test.serial('of two changes at once by sessions of the same password, one is done', (t) =>
	onSetUp(async ({ kismetUser, caller }) => {
		const users = [await kismetUser('kismet', password), await kismetUser('kismet', password)];
		const passwords = [nextPassword, 'three white owls'];
		const replies = await Promise.all(
			users.map((user, at) => user.send(setPassword, { method: 'POST', form: { password: passwords[at] ?? '' } })),
		);
		const winner = replies.findIndex(({ status }) => status === 200);
		t.deepEqual(replies.map(({ status }) => status).sort(), [200, 401]);
		t.is((await caller().send(checkLogin, { basic: ['kismet', passwords[winner] ?? ''] })).status, 200);
	}),
);

test.serial('where the configuration says so, setting the password ends the sessions, too', (t) =>
	onSetUp(
		async ({ kismetUser }) => {
			const user = await kismetUser('kismet', password);
			t.is((await user.send(setPassword, { method: 'POST', form: { password: nextPassword } })).status, 200);
			t.is((await user.get(checkSession)).status, 401);
		},
		kismetSettings({ endSessions: true }),
	),
);

test.serial('a session ends after the inactivity interval, and after the absolute lifetime', async (t) => {
	const clock = createHandClock();
	await withService(
		() => startSetUp({ session: { inactivityInterval: 60, absoluteLifetime: 150 } }, clock),
		async ({ kismetUser }) => {
			const [idle, busy] = [await kismetUser('kismet', password), await kismetUser('kismet', password)];
			for (const [windMs, ofIdle, ofBusy] of [
				[60_000, undefined, 200],
				[1, 401, 200],
				[59_999, 401, 200],
				[30_001, 401, 401],
			] as const) {
				clock.wind(windMs);
				t.is((await busy.get(treasure)).status, ofBusy);
				if (ofIdle !== undefined) t.is((await idle.get(treasure)).status, ofIdle);
			}
		},
	);
});

test.serial('sessions outlive a restart', async (t) => {
	const settings = await lastingStore(t);
	let cookie = '';
	await withService(
		() => startSetUp(settings),
		async ({ kismetUser }) => {
			cookie = (await kismetUser('kismet', password)).cookies();
		},
	);
	await withService(
		() => startDialects(settings),
		async ({ caller }) => {
			t.is((await caller().get(checkSession, { Cookie: cookie })).status, 200);
		},
	);
});

test.serial('a login in the configuration works everywhere at once, and is the only one that Basic takes', (t) =>
	withService(
		() => startDialects(configured()),
		async ({ caller, add, audit }) => {
			await add('ranger', password, { permissions: ['rest.treasure'] });
			t.is((await caller().send(checkLogin, right)).status, 200);
			t.is((await caller().send(treasure, right)).status, 200);
			t.is((await caller().send(login, { method: 'POST', form: { uid: 'kismet', pw: password } })).status, 200);
			const kura = { json: { username: 'kismet', password } };
			t.is((await caller().send('/services/session/v1/login/password', { method: 'POST', ...kura })).status, 200);
			for (const path of [checkLogin, checkSession, treasure]) {
				t.is((await caller().send(path, { basic: ['ranger', password] })).status, 401);
			}
			const refused = audit().filter(({ identity, outcome }) => identity === 'ranger' && outcome === 'refused');
			t.is(refused.length, 3);
			// The setup is over: nobody else becomes the first administrator.
			const setup = { json: { username: 'me', password: nextPassword } };
			t.is((await caller().send('/services/session/v1/setup', { method: 'POST', ...setup })).status, 409);
		},
	),
);

test.serial(
	'a login in the configuration takes the place of the one set before; sessions end where the password is another',
	async (t) => {
		const settings = await lastingStore(t);
		const cookies: string[] = [];
		const start = (given: string) => () => startDialects({ ...settings, ...configured(given) });
		await withService(
			() => startSetUp(settings),
			async ({ kismetUser }) => void cookies.push((await kismetUser('kismet', password)).cookies()),
		);
		const runs = [
			{ given: password, session: 200 },
			{ given: 'x', session: 401 },
		] as const;
		for (const { given, session } of runs) {
			await withService(start(given), async ({ caller, audit }) => {
				const acts = given === password ? [] : ['password-reset', 'session-end', 'session-end'];
				t.deepEqual(
					audit()
						.map(({ act }) => act)
						.sort(),
					acts,
				);
				t.is((await caller().send(checkLogin, { basic: ['kismet', given] })).status, 200);
				if (given !== password) t.is((await caller().send(checkLogin, right)).status, 401);
				t.is((await caller().get(checkSession, { Cookie: cookies[0] ?? '' })).status, session);
			});
		}
	},
);

test.serial('a login in the configuration takes over nobody who is no administrator', async (t) => {
	const settings = await lastingStore(t);
	const start = (given: string) => startDialects({ ...settings, ...configured(given) });
	await withService(
		() => startDialects(settings),
		async ({ add }) => void (await add('kismet', nextPassword, { permissions: ['rest.treasure'] })),
	);
	const fault = await t.throwsAsync(() => start(password));
	t.regex(fault?.message ?? '', /kismet is somebody who is no administrator: rename or remove that identity/);
	await withService(
		() => startDialects(settings),
		async ({ service }) => {
			const [kismet] = await service.core.identities.list();
			t.deepEqual([...(kismet?.permissions ?? [])], ['rest.treasure']);
		},
	);
	// By the password it is the operator's own, whose rights somebody took.
	await withService(
		() => start(nextPassword),
		async ({ caller }) => void t.is((await caller().send(treasure, { basic: ['kismet', nextPassword] })).status, 200),
	);
});

test.serial('the right password of an identity that must change it opens nothing: 403', (t) =>
	onSetUp(async ({ caller, add, service, audit }) => {
		await add('newcomer', password, { permissions: ['rest.treasure'], mustChange: true });
		for (const path of [checkSession, checkLogin, treasure]) {
			const reply = await caller().send(path, { basic: ['newcomer', password] });
			t.deepEqual([reply.status, reply.setCookie], [403, []], path);
			t.is((await caller().send(path, { basic: ['newcomer', 'not my password'] })).status, 401);
		}
		t.deepEqual(await service.core.sessions.list(undefined, 9), []);
		t.is(audit().filter(({ reason }) => reason === 'password-change-needed').length, 3);
	}),
);

test.serial('every login is in the audit once, with its address and its method', (t) =>
	onSetUp(async ({ caller, audit }) => {
		const before = audit().length;
		await caller().send(checkSession, right);
		await caller().send(treasure, right);
		await caller().send(checkLogin, wrong);
		await caller().send(treasure, { basic: ['nobody', password] });
		const events = audit().slice(before);
		t.deepEqual(
			events.map(({ act, outcome, identity, dialect, address }) => [act, outcome, identity, dialect, address]),
			[
				['login', 'ok', 'kismet', 'kismet', '127.0.0.1'],
				['login', 'ok', 'kismet', 'kismet', '127.0.0.1'],
				['login', 'refused', 'kismet', 'kismet', '127.0.0.1'],
				['login', 'refused', undefined, 'kismet', '127.0.0.1'],
			],
		);
	}),
);
