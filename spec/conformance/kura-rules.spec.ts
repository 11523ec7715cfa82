import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { Identity } from '../../src/core/identity.ts';
import { type Client, createClient } from '../_support/client.ts';
import { cheapHashes } from '../_support/command-line.ts';
import { type SecureService, startSecureService } from '../_support/secure-service.ts';
import { inTurns, type Settings, startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * What Kura does and its page does not say, and what of its newer versions stands beside it: as its own test suite and
 * its users know it.
 */

const base = '/services/session/v1';
const verify = '/services/auth/v1/verify?permission=rest.assets';
const password = 'four brown bears';
const nextPassword = 'seven green frogs';
/** Cheap, and many at once: all tests sign in at the same moment. */
const passwordHash = { ...cheapHashes, concurrency: 16 };

/** All at once where the service is alone with its file; one after the other where they would crowd shared servers. */
const told = inTurns(test);

let upstream: Upstream;
let service: SecureService;

test.before(async () => {
	upstream = await startUpstream();
	const resources = [
		{ path: '/services/assets/v1', permission: 'rest.assets', upstream: upstream.url },
		{ path: '/pages', permission: 'rest.assets', upstream: upstream.url, xsrf: 'unsafe' },
	];
	service = await startSecureService({ resources, passwordHash, auth: { basic: true, statelessCertificate: true } });
});

test.after.always(async () => {
	await service.close();
	upstream.close();
});

async function signedIn(name: string, how: { mustChange?: boolean; permissions?: string[] } = {}): Promise<Client> {
	await service.add(name, password, how);
	return signedInAgain(name);
}

async function signedInAgain(name: string): Promise<Client> {
	const browser = createClient(service);
	const { status } = await browser.login(name, password);
	if (status !== 200) throw new Error(`${name}: ${status}`);
	return browser;
}

const hasReached = (mark: string) => upstream.reached.some((path) => path.includes(mark));

const tokens: readonly (readonly [says: string, header: (right: string, other: string) => string])[] = [
	['none', () => ''],
	['of another session', (_, other) => other],
	['truncated', (right) => right.slice(0, -1)],
	['with one character more', (right) => `${right}0`],
	['in capitals', (right) => right.toUpperCase()],
	['twice in one header', (right) => `${right}, ${right}`],
	['of the same length and not ASCII', (right) => 'é'.repeat(right.length)],
];

for (const [says, header] of tokens) {
	told(`every request made with a session needs its XSRF token, GET too: ${says} is 401`, async (t) => {
		const name = `xsrf ${says}`;
		const browser = await signedIn(name, { permissions: ['rest.assets', 'kura.admin'] });
		const right = (await browser.fetchXsrfToken()) ?? '';
		const other = (await (await signedInAgain(name)).fetchXsrfToken()) ?? '';
		const headers = { 'X-XSRF-Token': header(right, other) };
		const mark = randomUUID();
		const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
			['GET', `${base}/currentIdentity`],
			['POST', `${base}/logout`],
			['POST', `${base}/changePassword`, { currentPassword: password, newPassword: nextPassword }],
			['GET', `${base}/sessions`],
			['DELETE', `${base}/sessions`],
			['GET', `${base}/identities`],
			['GET', `/services/assets/v1/${mark}`],
			['POST', `/services/assets/v1/${mark}`, {}],
			['POST', `/pages/${mark}`, {}],
			['GET', verify],
		];
		for (const [method, path, body] of requests) {
			t.is((await browser.send(path, { method, json: body, headers })).status, 401, `${method} ${path}`);
		}
		t.false(hasReached(mark), 'nothing got through');
		t.is((await browser.get(`${base}/xsrfToken`, headers)).status, 200, 'only GET xsrfToken is exempt');
		t.is((await browser.me()).status, 200, 'and nothing has changed');
	});
}

told('pages and files that a browser loads by itself need no token, where a resource is configured so', async (t) => {
	const browser = await signedIn('reader', { permissions: ['rest.assets'] });
	t.is((await browser.get('/pages/index.html', { 'X-XSRF-Token': '' })).status, 200);
	t.is((await createClient(service).get('/pages/index.html')).status, 401);
});

told('a locked session may fetch its token, change its password and log out, and nothing else', async (t) => {
	const permissions = ['rest.assets', 'kura.admin'];
	const browser = await signedIn('locked', { mustChange: true, permissions });
	const mark = randomUUID();
	const refused: readonly (readonly [method: string, path: string, body?: unknown])[] = [
		['GET', `${base}/currentIdentity`],
		['GET', `${base}/sessions`],
		['DELETE', `${base}/sessions`],
		['DELETE', `${base}/sessions/${'0'.repeat(64)}`],
		['GET', `${base}/identities`],
		['POST', `${base}/identities`, { name: 'accomplice', password: nextPassword, permissions: ['kura.admin'] }],
		['PUT', `${base}/identities/locked/password`, { password: nextPassword }],
		['GET', `/services/assets/v1/${mark}`],
		['POST', `/services/assets/v1/${mark}`, {}],
		['GET', `/pages/${mark}`],
		['GET', verify],
	];
	for (const [method, path, body] of refused) {
		t.is((await browser.send(path, { method, json: body })).status, 401, `${method} ${path}`);
	}
	t.false(hasReached(mark));
	t.is((await browser.get(`${base}/xsrfToken`)).status, 200);
	t.is((await browser.changePassword('wrong', nextPassword)).status, 401, 'a wrong current password leaves it locked');
	t.is((await browser.me()).status, 401);
	t.is((await browser.logout()).status, 204);
});

told('a certificate session is never locked', async (t) => {
	await service.add('device', password, { mustChange: true });
	const login = await service.ask('POST', `${base}/login/certificate`, { as: await service.certificateOf('device') });
	t.is(login.status, 204);
	const Cookie = login.setCookie[0]!.split(';')[0]!;
	const { body } = await service.ask('GET', `${base}/xsrfToken`, { headers: { Cookie } });
	const { xsrfToken } = body as { xsrfToken: string };
	const me = await service.ask('GET', `${base}/currentIdentity`, { headers: { Cookie, 'X-XSRF-Token': xsrfToken } });
	t.deepEqual(me.body, { name: 'device', passwordChangeNeeded: true, permissions: [] });
});

for (const [says, tried, status] of [
	['right', password, 200],
	['wrong', 'not the password', 401],
] as const) {
	told(`a login that is ${says} ends the session that the request carried`, async (t) => {
		const browser = await signedIn(`relogin ${says}`);
		const before = createClient(service);
		for (const [name, value] of browser.jar) before.jar.set(name, value);
		t.is((await before.get(`${base}/xsrfToken`)).status, 200);

		const answer = await browser.login(`relogin ${says}`, tried);
		t.is(answer.status, status);
		t.is((await before.get(`${base}/xsrfToken`)).status, 401);
		if (status === 200) t.notDeepEqual([...browser.jar], [...before.jar], 'a right one gets a new session id');
	});
}

told(
	"a login as somebody else ends the session that the request carried, and opens one of its own identity's",
	async (t) => {
		await signedIn('second person');
		const browser = await signedIn('first person');
		const first = new Map(browser.jar);
		await browser.login('second person', password);
		t.is(((await browser.me()).body as { name: string }).name, 'second person');
		const kept = createClient(service);
		for (const [name, value] of first) kept.jar.set(name, value);
		t.is((await kept.get(`${base}/xsrfToken`)).status, 401);
	},
);

told('no session id that a client brings along is taken over', async (t) => {
	await service.add('fixated', password);
	const brought = 'A'.repeat(43);
	const browser = createClient(service);
	browser.jar.set('JSESSIONID', brought);
	t.is((await browser.login('fixated', password)).status, 200);
	t.not(browser.jar.get('JSESSIONID'), brought);
	t.is((await createClient(service).get(`${base}/xsrfToken`, { Cookie: `JSESSIONID=${brought}` })).status, 401);
});

told('a login that is refused as cross-site touches nothing', async (t) => {
	const browser = await signedIn('lured');
	const body = { username: 'lured', password: 'not the password' };
	for (const headers of [{ Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'null' }]) {
		const answer = await browser.post(`${base}/login/password`, body, headers);
		t.is(answer.status, 403);
		t.deepEqual(answer.setCookie, []);
	}
	t.is((await browser.me()).status, 200);
});

told('changePassword: a wrong current password is 401, the same one 400, and the session lives on', async (t) => {
	const browser = await signedIn('mistaken');
	t.is((await browser.changePassword('not the password', nextPassword)).status, 401);
	t.is((await browser.changePassword(password, password)).status, 400);
	t.is((await browser.changePassword('not the password', password)).status, 401, 'the current one is judged first');
	t.is((await browser.me()).status, 200);
});

told('changePassword: done, every session of that identity is over', async (t) => {
	const browser = await signedIn('everywhere');
	const others = [await signedInAgain('everywhere'), await signedInAgain('everywhere')];
	const bystander = await signedIn('bystander');
	t.is((await browser.changePassword(password, nextPassword)).status, 204);
	for (const each of [browser, ...others]) t.is((await each.me()).status, 401);
	t.is((await bystander.me()).status, 200);
});

told('an identity that was removed has no session left, and none comes back with its name', async (t) => {
	const browser = await signedIn('removed', { permissions: ['rest.assets'] });
	const { identities } = service.service.core;
	const { id } = (await identities.findByName('removed' as never))!;
	await identities.remove(id, { actor: 'operator' });
	t.is((await browser.me()).status, 401);
	t.is((await browser.get('/services/assets/v1')).status, 401);
	t.is((await browser.get(verify)).status, 401);
	await service.add('removed', password, { permissions: ['rest.assets'] });
	t.is((await browser.me()).status, 401);
	t.is((await browser.login('removed', password)).status, 200);
});

const changes: Readonly<Record<string, (identity: Identity, other: Client) => Promise<unknown>>> = {
	'another session of its own': (_, other) => other.changePassword(password, nextPassword),
	'an operator': ({ id }) =>
		service.service.core.identities.setPassword(
			id,
			nextPassword as never,
			{ passwordChangeNeeded: false, policy: true },
			{ actor: 'operator' },
		),
	'an administrator': async ({ name }) => {
		const admin = await signedIn('administrator', { permissions: ['kura.admin'] });
		return admin.send(`${base}/identities/${name}/password`, { method: 'PUT', json: { password: nextPassword } });
	},
};

for (const [who, change] of Object.entries(changes)) {
	told(`an identity whose password was changed by ${who} has no live session left`, async (t) => {
		const name = `changed-by-${who.replaceAll(' ', '-')}`;
		const browser = await signedIn(name, { permissions: ['rest.assets'] });
		const identity = (await service.service.core.identities.findByName(name as never))!;
		await change(identity, await signedInAgain(name));
		t.is((await browser.me()).status, 401);
		t.is((await browser.get('/services/assets/v1')).status, 401);
		t.is((await browser.get(verify)).status, 401);
	});
}

const switchedOff: readonly (readonly [auth: Settings, gone: readonly string[], there: readonly string[]])[] = [
	[{ password: false }, ['POST login/password'], ['POST login/certificate', 'GET xsrfToken']],
	[{ certificate: false }, ['POST login/certificate'], ['POST login/password', 'GET xsrfToken']],
	[
		{ sessions: false, tokens: false },
		[
			...['POST login/password', 'POST login/certificate', 'GET xsrfToken', 'POST logout', 'POST changePassword'],
			...['GET currentIdentity', 'GET sessions', 'GET identities'],
		],
		['GET authenticationInfo'],
	],
];

for (const [auth, gone, there] of switchedOff) {
	told(`what is switched off is not there: ${JSON.stringify(auth)}`, async (t) => {
		const other = await startService({ auth });
		try {
			const ask = (endpoint: string) => {
				const [method = '', path] = endpoint.split(' ');
				return createClient(other).send(`${base}/${path}`, { method, json: method === 'POST' ? {} : undefined });
			};
			for (const endpoint of gone) t.is((await ask(endpoint)).status, 404, endpoint);
			for (const endpoint of there) t.not((await ask(endpoint)).status, 404, endpoint);
		} finally {
			await other.close();
		}
	});
}

const basic = (name: string, secret: string) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});

told('Basic credentials open what their identity may use, with no session and no token', async (t) => {
	await service.add('script', password, { permissions: ['rest.assets'] });
	const browser = createClient(service);
	const answer = await browser.get('/services/assets/v1', basic('script', password));
	t.is(answer.status, 200);
	t.deepEqual(answer.setCookie, []);
	t.is((await browser.get('/services/assets/v1', basic('script', nextPassword))).status, 401);
});

told('Basic credentials of an identity that must change its password are refused', async (t) => {
	await service.add('newcomer', password, { permissions: ['rest.assets'], mustChange: true });
	const browser = createClient(service);
	t.is((await browser.get('/services/assets/v1', basic('newcomer', password))).status, 401);
	t.is((await browser.get(verify, basic('newcomer', password))).status, 401);
});

told('Basic credentials and stateless certificates are refused where they are not switched on', async (t) => {
	const resources = [{ path: '/services/assets/v1', permission: 'rest.assets', upstream: upstream.url }];
	const other = await startSecureService({ resources });
	try {
		await other.add('script', password, { permissions: ['rest.assets'] });
		t.is((await createClient(other).get('/services/assets/v1', basic('script', password))).status, 401);
		t.is((await other.ask('GET', '/services/assets/v1', { as: await other.certificateOf('script') })).status, 401);
	} finally {
		await other.close();
	}
});

told('a client certificate alone opens what its identity may use, where that is switched on', async (t) => {
	await service.add('sensor', undefined, { permissions: ['rest.assets'] });
	const as = await service.certificateOf('sensor');
	t.is((await service.ask('GET', '/services/assets/v1', { as })).status, 200);
	t.is((await service.ask('GET', '/services/assets/v1', { as: await service.certificateOf('nobody') })).status, 401);
	t.is((await service.ask('GET', '/services/assets/v1')).status, 401);
});

told('currentIdentity: who one is', async (t) => {
	const browser = await signedIn('foo', { permissions: ['rest.assets', 'kura.device'] });
	const answer = await browser.me();
	t.is(answer.status, 200);
	t.deepEqual(answer.body, { name: 'foo', passwordChangeNeeded: false, permissions: ['kura.device', 'rest.assets'] });
});

async function authenticationInfo(of: Pick<TestService, 'url'>): Promise<unknown> {
	const answer = await createClient(of).get(`${base}/authenticationInfo`);
	return answer.status === 200 ? answer.body : answer.status;
}

told(
	'authenticationInfo: the ports only where certificates are asked for, the message only where there is one',
	async (t) => {
		const ports = { certificateAuthenticationPorts: [Number(new URL(service.secureUrl).port)] };
		const all = {
			passwordAuthenticationEnabled: true,
			certificateAuthenticationEnabled: true,
			passkeyAuthenticationEnabled: false,
			apiTokensEnabled: true,
			// With identities elsewhere, secrets of apps need a key that is configured.
			secondFactors: service.config.store.identities.startsWith('sqlite:') ? ['totp'] : [],
		};
		const none = { ...all, certificateAuthenticationEnabled: false };
		const clientCa = service.config.https?.clientCa;
		t.deepEqual(await authenticationInfo(service), { ...all, ...ports });

		const settings: readonly (readonly [Settings, object])[] = [
			[{}, none],
			[{ banner: 'Authorized use only' }, { ...none, message: 'Authorized use only' }],
			[{ auth: { certificate: false } }, none],
			[{ auth: { password: false } }, { ...none, passwordAuthenticationEnabled: false }],
			[{ auth: { tokens: false } }, { ...none, apiTokensEnabled: false }],
			[{ trustedProxies: ['127.0.0.1'] }, none],
			// A CA without a port of our own: only where a proxy forwards what it was shown.
			[{ https: { clientCa } }, none],
			[{ https: { clientCa }, trustedProxies: ['127.0.0.1'] }, all],
			[{ https: { clientCa }, trustedProxies: ['127.0.0.1'], auth: { certificate: false } }, none],
		];
		await Promise.all(
			settings.map(async ([setting, expected]) => {
				const other = await startService(setting);
				t.deepEqual(await authenticationInfo(other), expected, JSON.stringify(setting));
				await other.close();
			}),
		);
		const withoutCertificates = await startSecureService({ auth: { certificate: false } });
		t.deepEqual(await authenticationInfo(withoutCertificates), none);
		await withoutCertificates.close();
	},
);

told('afterPasswordChange: renew hands out a fresh, unlocked session of the same identity', async (t) => {
	const other = await startService({ session: { afterPasswordChange: 'renew' } });
	try {
		await other.add('renewed', password, { mustChange: true });
		const [browser, second] = [createClient(other), createClient(other)];
		await browser.login('renewed', password);
		await second.login('renewed', password);
		const before = [...browser.jar];
		const token = await browser.fetchXsrfToken();

		t.is((await browser.changePassword(password, nextPassword)).status, 204);
		t.notDeepEqual([...browser.jar], before, 'a new session id');
		t.is((await browser.me()).status, 401, 'and a new XSRF token');
		t.not(await browser.fetchXsrfToken(), token);
		const me = await browser.me();
		t.deepEqual(me.body, { name: 'renewed', passwordChangeNeeded: false, permissions: [] });
		t.is((await second.get(`${base}/xsrfToken`)).status, 401, 'every other session is over');
		t.is((await createClient(other).get(`${base}/xsrfToken`, { Cookie: before[0]!.join('=') })).status, 401);
	} finally {
		await other.close();
	}
});

told('a permission that is taken away is gone at once; kura.admin is every permission', async (t) => {
	const { identities } = service.service.core;
	const browser = await signedIn('demoted', { permissions: ['kura.admin'] });
	t.is((await browser.get('/services/assets/v1')).status, 200);
	const { id } = (await identities.findByName('demoted' as never))!;
	await identities.revoke(id, ['kura.admin' as never], { actor: 'operator' });
	t.is((await browser.get('/services/assets/v1')).status, 403);
	t.is((await browser.get(`${base}/identities`)).status, 403);
	await identities.grant(id, ['rest.assets' as never], { actor: 'operator' });
	t.is((await browser.get('/services/assets/v1')).status, 200);
	t.is((await browser.get(`${base}/identities`)).status, 403);
});

told('every error is JSON with a message and a code', async (t) => {
	const browser = createClient(service);
	const asked: readonly (readonly [status: number, method: string, path: string, body?: string])[] = [
		[400, 'POST', `${base}/login/password`, '{'],
		[401, 'GET', `${base}/currentIdentity`],
		[401, 'GET', '/services/assets/v1'],
		[404, 'GET', '/nowhere'],
		[404, 'GET', `${base}/nowhere`],
		[404, 'GET', base.toUpperCase()],
		[405, 'GET', `${base}/logout`],
		[405, 'GET', `${base}/login/password`],
	];
	for (const [status, method, path, body] of asked) {
		const answer = await browser.send(path, { method, json: body });
		t.is(answer.status, status, path);
		t.deepEqual(Object.keys(answer.body as object), ['message', 'code'], path);
	}
});
