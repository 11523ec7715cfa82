import test from 'ava';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { ask, base, type Jar, login, me, raw, signIn, verify } from './ask.ts';

/* Pages of other sites, and what they make a browser send. Sources: OWASP CSRF Prevention Cheat Sheet, ASVS 5.0 3.5. */

const password = 'four brown bears';
const friend = 'https://app.example.org';

let upstream: Upstream;
let service: TestService;

test.before(async () => {
	upstream = await startUpstream();
	service = await startService({
		resources: [{ path: '/pages', permission: 'p', upstream: upstream.url, xsrf: 'unsafe' }],
		auth: { basic: true },
		allowedOrigins: [friend],
		dialects: { kismet: { enabled: true }, insights: { enabled: true } },
	});
});

test.after.always(async () => {
	await service.close();
	upstream.close();
});

let people = 0;

async function person(): Promise<{ name: string; jar: Jar }> {
	people += 1;
	const name = `person ${people}`;
	await service.add(name, password, { permissions: ['p'] });
	return { name, jar: await signIn(service.url, name, password) };
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' } as const;

interface Act {
	readonly path: string;
	readonly method: string;
	body?(name: string): object | string;
	readonly headers?: Readonly<Record<string, string>>;
	/** What it is answered, where it comes from a page of ours. */
	readonly status: readonly number[];
}

const acts: Readonly<Record<string, Act>> = {
	login: {
		method: 'POST',
		path: `${base}/login/password`,
		body: (username) => ({ username, password }),
		status: [200],
	},
	'login by certificate': { method: 'POST', path: `${base}/login/certificate`, status: [401] },
	logout: { method: 'POST', path: `${base}/logout`, status: [204] },
	changePassword: {
		method: 'POST',
		path: `${base}/changePassword`,
		body: () => ({ currentPassword: password, newPassword: 'seven green frogs' }),
		status: [204],
	},
	'ending sessions': { method: 'DELETE', path: `${base}/sessions`, status: [200] },
	'first setup': {
		method: 'POST',
		path: `${base}/setup`,
		body: () => ({ password: 'seven green frogs' }),
		status: [409],
	},
	'a resource': { method: 'POST', path: '/pages/x', body: () => ({}), status: [200] },
	'!login': {
		method: 'POST',
		path: '/prime-14.01/api/!login',
		body: (uid) => new URLSearchParams({ uid, pw: password }).toString(),
		headers: form,
		status: [200],
	},
	'!logout': { method: 'POST', path: '/prime-14.01/api/!logout', headers: form, status: [401] },
	set_password: {
		method: 'POST',
		path: '/session/set_password',
		body: () => 'username=kismet&password=seven+green+frogs',
		headers: form,
		status: [401],
	},
};

const siteCases: readonly (readonly [says: string, headers: Readonly<Record<string, string>>, passes: boolean])[] = [
	['from no page at all', {}, true],
	['from a page of ours', { Origin: 'SELF', 'Sec-Fetch-Site': 'same-origin' }, true],
	['from a page of an allowed origin', { Origin: friend, 'Sec-Fetch-Site': 'cross-site' }, true],
	['typed by the person', { 'Sec-Fetch-Site': 'none' }, true],
	['from a page of another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }, false],
	['from another site that hides its name', { 'Sec-Fetch-Site': 'cross-site' }, false],
	['from a neighbour', { 'Sec-Fetch-Site': 'same-site' }, false],
	['from another port', { Origin: 'http://127.0.0.1:1' }, false],
	['from a page without an origin', { Origin: 'null' }, false],
	['from a page that looks like an allowed one', { Origin: `${friend}.evil.example` }, false],
];

for (const [what, act] of Object.entries(acts)) {
	for (const [says, siteHeaders, passes] of siteCases) {
		test.serial(`${what} ${says} ${passes ? 'is heard' : 'is refused, and nothing has happened'}`, async (t) => {
			const { name, jar } = await person();
			const origin = siteHeaders.Origin === 'SELF' ? { Origin: service.url } : {};
			const body = act.body?.(name);
			const answer = await ask(service.url, act.method, act.path, {
				headers: { ...jar.headers, ...act.headers, ...siteHeaders, ...origin },
				...(body !== undefined && { body }),
			});
			if (passes) {
				t.true(act.status.includes(answer.status), `${answer.status} ${answer.body}`);
				return;
			}
			t.is(answer.status, 403);
			t.is(answer.headers['set-cookie'], undefined);
			t.is((await me(service.url, jar)).status, 200);
			t.is((await login(service.url, name, password)).status, 200);
		});
	}
}

test.serial('a form that a page of another site sends signs nobody in', async (t) => {
	const { name } = await person();
	const reached = upstream.reached.length;
	const headers = {
		...form,
		Origin: 'https://evil.example',
		'Sec-Fetch-Site': 'cross-site',
		'Sec-Fetch-Mode': 'navigate',
	};
	for (const path of ['/prime-14.01/api/!login', `${base}/login/password`, '/session/set_password', '/pages']) {
		const body = new URLSearchParams({ uid: name, username: name, pw: password, password }).toString();
		const answer = await ask(service.url, 'POST', path, { headers, body });
		t.is(answer.status, 403, path);
		t.is(answer.headers['set-cookie'], undefined, path);
	}
	t.is(upstream.reached.length, reached);
});

test.serial('a login that fails ends the session it carried; one from another site never touches it', async (t) => {
	const { name, jar } = await person();
	const Origin = 'https://evil.example';
	t.is((await login(service.url, name, 'not it', { headers: { ...jar.headers, Origin } })).status, 403);
	t.is((await me(service.url, jar)).status, 200);
	t.is((await login(service.url, name, 'not it', { headers: jar.headers })).status, 401);
	t.is((await me(service.url, jar)).status, 401);
});

test.serial('a page of another origin may lead to a resource, and neither load nor change it', async (t) => {
	const { jar } = await person();
	const Origin = 'https://evil.example';
	const from = (site: string, mode: string, dest: string) => ({
		...{ ...jar.headers, 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest },
	});
	for (const site of ['cross-site', 'same-site']) {
		const headers = from(site, 'navigate', 'document');
		t.is((await ask(service.url, 'GET', '/pages/picture', { headers })).status, 200);
		for (const dest of ['script', 'image', 'empty']) {
			const loaded = from(site, 'no-cors', dest);
			t.is((await ask(service.url, 'GET', '/pages/picture', { headers: loaded })).status, 403, `${site} ${dest}`);
			t.is((await ask(service.url, 'GET', `${verify}?permission=p`, { headers: loaded })).status, 403);
		}
	}
	t.is((await ask(service.url, 'GET', '/pages/picture', { headers: { ...jar.headers, Origin } })).status, 403);
	t.is((await ask(service.url, 'DELETE', '/pages/picture', { headers: { ...jar.headers, Origin } })).status, 403);
	// Without a word about the method it is taken for one that changes something.
	const asked = await ask(service.url, 'GET', `${verify}?permission=p`, { headers: { ...jar.headers, Origin } });
	t.is(asked.status, 403);
	t.is((await me(service.url, jar)).status, 200);
});

const types: readonly (readonly [type: string | undefined, status: number])[] = [
	['application/json', 200],
	['application/json; charset=utf-8', 200],
	['Application/JSON;charset="UTF-8"', 200],
	['application/json; charset=utf8', 200],
	['application/json;', 200],
	['application/json ; ; charset=utf-8 ;', 200],
	['application/json; odata=verbose; q="a;charset=latin1"', 200],
	['application/json; profile="https://example.org/x; y"; charset=UTF8', 200],
	['application/json; charset=utf-8; charset=latin1', 415],
	['application/json; charset=', 415],
	['application/json; charset', 415],
	['application/json; =x', 415],
	['application/json; x="y', 415],
	['application/json charset=utf-8', 415],
	['text/plain', 415],
	['text/plain; application/json', 415],
	['application/x-www-form-urlencoded', 415],
	['multipart/form-data; boundary=x', 415],
	['application/json; charset=utf-16', 415],
	['application/json; charset=latin1', 415],
	['application/jsonp', 415],
	['application/json, text/plain', 415],
	['', 415],
	[undefined, 415],
];

for (const [type, status] of types) {
	test.serial(`a login of type ${type} is ${status === 200 ? 'read' : 'not read'}`, async (t) => {
		const { name } = await person();
		const answer = await ask(service.url, 'POST', `${base}/login/password`, {
			body: JSON.stringify({ username: name, password }),
			headers: type === undefined ? {} : { 'Content-Type': type },
		});
		t.is(answer.status, status);
		t.is(answer.headers['set-cookie'] !== undefined, status === 200);
	});
}

test.serial('of two content types the second counts for nothing', async (t) => {
	const { name } = await person();
	const body = JSON.stringify({ username: name, password });
	const types = ['text/plain', 'application/json'];
	for (const [first, second] of [types, [...types].reverse()]) {
		const lines = [`Content-Type: ${first}`, `Content-Type: ${second}`, `Content-Length: ${body.length}`];
		const head = `POST ${base}/login/password HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines.join('\r\n')}`;
		const answer = await raw(service.url, `${head}\r\n\r\n${body}`);
		t.regex(answer, first === 'text/plain' ? /^HTTP\/1\.1 415 / : /^HTTP\/1\.1 (200|400|415) /);
	}
});

test.serial('the XSRF token stands in no cookie, is no part of one, and dies with its session', async (t) => {
	const { name, jar } = await person();
	t.is(Buffer.from(jar.xsrf.replaceAll('-', ''), 'hex').length, 16);
	t.false(jar.cookie.includes(jar.xsrf));
	const again = await signIn(service.url, name, password, { headers: { Cookie: jar.headers.Cookie ?? '' } });
	t.not(again.xsrf, jar.xsrf);
	const mixed = { ...again.headers, 'X-XSRF-Token': jar.xsrf };
	t.is((await ask(service.url, 'GET', `${base}/currentIdentity`, { headers: mixed })).status, 401);
	const foreign = await ask(service.url, 'GET', `${base}/xsrfToken`, {
		headers: { ...again.headers, Origin: 'https://evil.example' },
	});
	t.is(foreign.headers['access-control-allow-origin'], undefined);
	t.is(foreign.headers['cross-origin-resource-policy'], 'same-origin');
});
