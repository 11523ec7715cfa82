import { createServer } from 'node:http';
import test from 'ava';
import { ask, echo, echoed, listen, raw, startFront, valuesOf } from './servers.ts';

test('the upstream gets the method, the target that was judged, and the body', async (t) => {
	const { port } = await startFront(t, await listen(t, createServer(echo)));
	const { method, url, body } = await echoed(port, '/%61%20b/c%3f?d=%2f&e=+%C3', { method: 'PUT' }, 'ä');
	t.deepEqual({ method, url, body }, { method: 'PUT', url: '/a%20b/c%3F?d=%2f&e=+%C3', body: 'ä' });
});

test('a base path of the upstream changes nothing: what was judged is what is sent', async (t) => {
	const { port } = await startFront(t, `http://127.0.0.1:${await listen(t, createServer(echo))}/base?a=b`);
	t.is((await echoed(port, '/x')).url, '/x');
});

test('each of many requests at once gets its own answer', async (t) => {
	const { port } = await startFront(t, await listen(t, createServer(echo)));
	const bodies = Array.from({ length: 100 }, (_, at) => `${at} `.repeat(at * 10));
	const echoes = await Promise.all(bodies.map((body, at) => echoed(port, `/${at}`, { method: 'POST' }, body)));
	t.deepEqual(
		echoes.map(({ url, body }) => [url, body]),
		bodies.map((body, at) => [`/${at}`, body]),
	);
});

test('headers that are nobody else’s business pass as they are, in either direction', async (t) => {
	const sent = ['Accept', 'text/*', 'X-One', 'a', 'X-One', 'b', 'X-bytes', '\xe4\xff', 'Authorization', 'Bearer x'];
	const back = [
		'Server',
		'theirs',
		'X-Powered-By',
		'th\xe9m',
		'Location',
		'http://else.example/..//a',
		'Link',
		'<a>',
		'Link',
		'<b>',
	];
	let got: string[] = [];
	const upstream = createServer((req, res) => {
		got = req.rawHeaders;
		res.writeHead(302, 'Look There', [...back, 'Set-Cookie', 'a=b', 'Set-Cookie', 'c=d']);
		res.end();
	});
	const { port } = await startFront(t, await listen(t, upstream));
	const answer = await raw(
		port,
		`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${sent.map((text, at) => (at % 2 ? `${text}\r\n` : `${text}: `)).join('')}\r\n`,
	);
	t.deepEqual(got.slice(2, -2), sent);
	t.true(answer.startsWith('HTTP/1.1 302 Look There\r\n'), answer);
	for (let at = 0; at < back.length; at += 2) t.true(answer.includes(`\r\n${back[at]}: ${back[at + 1]}\r\n`), back[at]);
	t.true(answer.includes('Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n'));
});

test('the upstream sees the host that the client asked for, and one that HTTP/1.0 left out as its own', async (t) => {
	const upstream = await listen(t, createServer(echo));
	const { port } = await startFront(t, upstream);
	t.deepEqual(valuesOf((await echoed(port, '/', { headers: { Host: 'front.example' } })).headers, 'host'), [
		'front.example',
	]);
	t.true((await raw(port, 'GET / HTTP/1.0\r\n\r\n')).includes(`"Host","127.0.0.1:${upstream}"`));
});

const believed = [
	...['Remote-User', 'REMOTE-USER', 'remote-groups', 'Remote_User', 'remote_user', 'Remote.User', 'Remote-Addr'],
	...['X-Identity', 'x-identity', 'X_Identity', 'X-IDENTITY', 'X-Identity-Name', 'X-Auth-User', 'X_Auth_User'],
	...['X-Auth-Request-Email', 'X-Forwarded-User', 'X_Forwarded_User', 'X-Forwarded-For', 'X-Forwarded-Proto'],
	...[
		'X-Forwarded-Host',
		'X-Forwarded-Uri',
		'Forwarded',
		'X-Real-IP',
		'X-Remote-User',
		'X-Remote_User',
		'X-Webauth-User',
	],
	...['Client-Cert', 'Client-Cert-Chain', 'Client_Cert', 'X-Client-Cert', 'X-SSL-Client-Cert', 'SSL-Client-Verify'],
	...[
		'X-Original-URL',
		'X-Rewrite-URL',
		'X-Authenticated-User',
		'Content_Length',
		'Transfer_Encoding',
		'Proxy-Authorization',
	],
	...['X-Authentik-Username', 'X-authentik-groups', 'Cf-Access-Authenticated-User-Email', 'Cf-Access-Jwt-Assertion'],
	...[
		'X-Goog-Authenticated-User-Email',
		'X-Goog-Iap-Jwt-Assertion',
		'X-MS-Client-Principal',
		'X-MS-Client-Principal-Id',
	],
	...['X-Amzn-Oidc-Identity', 'X-Amzn-Oidc-Data', 'X-Amzn-Mtls-Clientcert', 'X-Pomerium-Claim-Email', 'X-Vouch-User'],
	...['X-User', 'X-User-Id', 'X-Username', 'X-UserInfo', 'X-Email', 'X-Groups', 'X-Role', 'X-Consumer-Username'],
	...['X-Anonymous-Consumer', 'X-Credential-Identifier', 'Tailscale-User-Login', 'X-Client-DN', 'X-Client-Verify'],
	...[
		'X-TLS-Client-Cert',
		'X-ARR-ClientCert',
		'X-SSL',
		'X-AppEngine-User-Email',
		'Shib-Identity-Provider',
		'OIDC-Claim-Sub',
	],
	...['X-Endpoint-API-UserInfo', 'Latchkey-Assertion', 'X-Auth-Request-User', 'X-Authn-User', 'X-JWT-Assertion'],
	...['CF-Connecting-IP', 'CF-Connecting-IPv6', 'CF-Visitor', 'X-Cluster-Client-IP', 'X-Client-IP', 'Fastly-Client-IP'],
	...['X-Azure-ClientIP', 'X-Envoy-External-Address', 'X-Originating-IP', 'X-Real-Port', 'X-HTTP-Method-Override'],
	...[
		'X-HTTP-Method',
		'X-Method-Override',
		'X-Host',
		'X-HTTP-Host-Override',
		'X-Script-Name',
		'Front-End-Https',
		'X-Scheme',
	],
	...[
		'X-Sendfile-Type',
		'X-Accel-Mapping',
		'X-Accel-Redirect',
		'X-Middleware-Subrequest',
		'Surrogate-Capability',
		'Proxy',
	],
	// Apache NiFi's. Source: its Administrator's Guide, Proxy Configuration.
	...['X-ProxiedEntitiesChain', 'X-ProxiedEntityGroups', 'X-ProxyUser-Ip', 'X-ProxyHost', 'X-ProxyContextPath'],
	...['X-Token-User', 'X-Logged-In-User', 'X-Proxied-User', 'X-Dex-User-Id', 'X-Trusted-Name', 'Kubeflow-UserId'],
	...[
		'SM-User',
		'SMUser',
		'Sm-UniversalId',
		'IV-User',
		'IV-Groups',
		'OAM-Remote-User',
		'Osso-User-DN',
		'OSSO-User-GUID',
	],
	...['Auth-User', 'Auth-Type', 'Logon-User', 'Redirect-Remote-User', 'User', 'UserName', 'UserId', 'Uid', 'Mail'],
	...['Eppn', 'DisplayName', 'Affiliation', 'Entitlement', 'Persistent-Id', 'X-Iv-User', 'X-NetId', 'X-Krb-User'],
];
const nobodys = {
	'x-other': 'b',
	identity: 'c',
	'x-user-agent': 'd',
	'x-grpc-user-agent': 'h',
	from: 'i@example.org',
	'x-requested-with': 'e',
	authority: 'f',
	'x-api-key': 'g',
};
for (const method of ['GET', 'POST', 'OPTIONS']) {
	test(`no header that upstreams believe comes from outside, with ${method}`, async (t) => {
		const { port } = await startFront(t, await listen(t, createServer(echo)));
		const headers = Object.fromEntries(believed.map((name) => [name, 'admin']));
		const echo_ = await echoed(port, '/', { method, headers: { ...headers, ...nobodys } });
		t.false(echo_.headers.includes('admin'), echo_.headers.join(' '));
		for (const [name, value] of Object.entries(nobodys)) t.deepEqual(valuesOf(echo_.headers, name), [value]);
	});
}

test('what we say of the identity is said once, whatever the client says', async (t) => {
	const bytes = Buffer.from('José 日本').toString('latin1');
	const set = { 'Remote-User': bytes, 'X-Forwarded-For': '192.0.2.1', 'Identity-Hint': 'ours' };
	const { port } = await startFront(t, await listen(t, createServer(echo)), { set });
	for (const connection of ['close', 'close, Remote-User, X-Forwarded-For, Identity-Hint', 'Remote-User']) {
		const sent = { Connection: connection, 'Remote-User': 'admin', 'identity-hint': 'theirs', Identity_Hint: 'theirs' };
		const { headers: got } = await echoed(port, '/', { headers: sent });
		t.deepEqual(valuesOf(got, 'remote-user'), [bytes]);
		t.deepEqual(valuesOf(got, 'x-forwarded-for'), ['192.0.2.1']);
		t.deepEqual(valuesOf(got, 'identity-hint'), ['ours']);
		t.false(got.includes('theirs'));
	}
});

test('Expect does not send the headers off before they are ours', async (t) => {
	const { port } = await startFront(t, await listen(t, createServer(echo)), { set: { 'Remote-User': 'foo' } });
	const request =
		'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRemote-User: admin\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx';
	const answer = await raw(port, request);
	t.regex(answer, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/);
	t.regex(answer, /"Remote-User","foo"/);
	t.notRegex(answer, /admin|Expect/);
});

test('headers for the neighbour alone do not pass, nor what Connection names, nor can it name what frames or routes', async (t) => {
	const { port } = await startFront(t, await listen(t, createServer(echo)));
	const request = [
		...['POST / HTTP/1.1', 'Host: front.example', 'Connection: close, X-Hop, Host, Content-Length', 'X-Hop: a'],
		...['Keep-Alive: timeout=9', 'TE: trailers', 'Trailer: X', 'Proxy-Connection: keep-alive', 'Upgrade: h2c'],
		...['HTTP2-Settings: AA', 'Content-Length: 3', '', 'abc'],
	];
	const answer = await raw(port, request.join('\r\n'));
	t.deepEqual(JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)), {
		...{ method: 'POST', url: '/', body: 'abc' },
		headers: ['Host', 'front.example', 'Content-Length', '3', 'Connection', 'close'],
	});
});

test('nor do those of the upstream', async (t) => {
	const upstream = createServer((_, res) => {
		res.writeHead(200, {
			Connection: 'close, X-Hop',
			'X-Hop': 'a',
			'Keep-Alive': 'timeout=9',
			'Proxy-Authenticate': 'Basic',
		});
		res.end('abc');
	});
	const { port } = await startFront(t, await listen(t, upstream));
	const { headers, body } = await ask(port, '/', { headers: { Connection: 'keep-alive' } });
	const ours = ['cache-control', 'cross-origin-resource-policy', 'vary'];
	t.deepEqual(Object.keys(headers).sort(), [...ours, 'connection', 'date', 'keep-alive', 'transfer-encoding'].sort());
	t.is(headers.connection, 'keep-alive');
	t.not(headers['keep-alive'], 'timeout=9');
	t.is(body, 'abc');
});

test('nor what holds for the whole origin, or is for shared caches, or says who may read', async (t) => {
	const theirs = [
		...[
			'Strict-Transport-Security',
			'Clear-Site-Data',
			'NEL',
			'Report-To',
			'Reporting-Endpoints',
			'Alt-Svc',
			'Accept-CH',
		],
		...['Critical-CH', 'Public-Key-Pins', 'Expect-CT', 'Service-Worker-Allowed', 'Origin-Agent-Cluster', 'Set-Login'],
		...['Surrogate-Control', 'CDN-Cache-Control', 'Cloudflare-CDN-Cache-Control', 'Edge-Control', 'X-Accel-Expires'],
		...['Access-Control-Allow-Origin', 'access-control-allow-credentials', 'Access-Control-Expose-Headers'],
	];
	const upstream = createServer((_, res) => {
		res.writeHead(
			200,
			[...theirs, 'Content-Security-Policy'].flatMap((name) => [name, 'theirs']),
		);
		res.end();
	});
	const { port } = await startFront(t, await listen(t, upstream));
	const { rawHeaders } = await ask(port, '/');
	t.deepEqual(
		rawHeaders.filter((_, at) => rawHeaders[at + 1] === 'theirs'),
		['Content-Security-Policy'],
	);
});

const cookiesOfOthers = [
	{ set: 'a=b; Domain=example.org; Path=/; Secure', kept: 'a=b; Path=/; Secure' },
	{ set: 'a=b;domain = .example.org', kept: 'a=b' },
	{ set: 'a=b; DOMAIN; HttpOnly', kept: 'a=b; HttpOnly' },
	{ set: 'domain=a; Path=/; XDomain=b', kept: 'domain=a; Path=/; XDomain=b' },
];
test('a cookie that an upstream sets is for the host that was asked, and for no neighbour', async (t) => {
	const upstream = createServer((_, res) => {
		res.setHeader(
			'Set-Cookie',
			cookiesOfOthers.map(({ set }) => set),
		);
		res.end();
	});
	const { port } = await startFront(t, await listen(t, upstream));
	t.deepEqual(
		(await ask(port, '/')).headers['set-cookie'],
		cookiesOfOthers.map(({ kept }) => kept),
	);
});

const cached: [says: Record<string, string>, cacheControl: string][] = [
	[{}, 'private, no-cache'],
	[{ 'Cache-Control': 'public, max-age=600' }, 'private, max-age=600'],
	[{ 'Cache-Control': 'public' }, 'private, no-cache'],
	[{ 'Cache-Control': 's-maxage=600' }, 'private, no-cache'],
	[{ 'Cache-Control': 'PUBLIC,S-MaxAge="600" , Max-Age=60' }, 'private, Max-Age=60'],
	[{ 'Cache-Control': 'private="x-a, public", max-age=1' }, 'private, max-age=1'],
	[{ 'Cache-Control': 'no-store' }, 'private, no-store'],
	[{ 'Cache-Control': 'max-age=1, immutable, x="a, public"' }, 'private, max-age=1, immutable, x="a, public"'],
	[{ 'Cache-Control': 'max-age=1, x="a, public, s-maxage=1' }, 'private, max-age=1, x=, a'],
	[{ Expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }, 'private'],
];
test('no shared cache may keep an answer, and a browser only what it is told to', async (t) => {
	let says: Record<string, string> = {};
	const upstream = createServer((_, res) => {
		res.writeHead(200, { ...says, Vary: 'Accept' }).end();
	});
	const { port } = await startFront(t, await listen(t, upstream));
	for (const [headers, cacheControl] of cached) {
		says = headers;
		const answer = await ask(port, '/');
		t.is(answer.headers['cache-control'], cacheControl, JSON.stringify(headers));
		t.is(answer.headers.expires, headers.Expires);
		t.is(answer.headers.vary, 'Accept, Cookie, Service-Worker, Authorization');
	}
	const basic = await startFront(t, await listen(t, createServer(echo)), secrets);
	t.is((await ask(basic.port, '/')).headers.vary, 'Cookie, Service-Worker, Authorization');
});

test('who loads an answer into a page of another origin gets nothing, unless the upstream says so', async (t) => {
	const upstream = createServer((req, res) => {
		if (req.url === '/shared') res.setHeader('Cross-Origin-Resource-Policy', 'same-site');
		res.end();
	});
	const { port } = await startFront(t, await listen(t, upstream));
	t.is((await ask(port, '/')).headers['cross-origin-resource-policy'], 'same-origin');
	t.is((await ask(port, '/shared')).headers['cross-origin-resource-policy'], 'same-site');
});

test('a Host that was set is the one that the upstream sees, whatever the client asked for', async (t) => {
	const { port } = await startFront(t, await listen(t, createServer(echo)), { host: 'wiki.internal' });
	const { headers } = await echoed(port, '/', { headers: { Host: 'other.internal', 'X-Host': 'other.internal' } });
	t.deepEqual(valuesOf(headers, 'host'), ['wiki.internal']);
	t.false(headers.includes('other.internal'));
});

const secrets = { secretCookies: ['JSESSIONID', 'KISMET'], remove: ['X-XSRF-Token', 'Authorization'] };
const cookies = [
	{ sent: 'JSESSIONID=secret', left: [] },
	{ sent: 'a=b; JSESSIONID=secret', left: ['a=b'] },
	{ sent: 'JSESSIONID=secret; a=b', left: ['a=b'] },
	{ sent: 'a="b c" ;JSESSIONID=secret; KISMET=secret;  d=%20=', left: ['a="b c" ;  d=%20='] },
	{ sent: 'JSESSIONID=secret; JSESSIONID=secret', left: [] },
	{ sent: ' JSESSIONID = secret;\tJSESSIONID=secret; =JSESSIONID=secret', left: [] },
	{
		sent: 'XJSESSIONID=a; JSESSIONIDX=b; jsessionid=c; x=JSESSIONID=d',
		left: ['XJSESSIONID=a; JSESSIONIDX=b; jsessionid=c; x=JSESSIONID=d'],
	},
	{ sent: 'odd;;  a=1 ;;; b', left: ['odd;;  a=1 ;;; b'] },
];
for (const { sent, left } of cookies) {
	test(`of the cookies "${sent}" the upstream gets ${left.length === 0 ? 'none' : left}`, async (t) => {
		const { port } = await startFront(t, await listen(t, createServer(echo)), secrets);
		t.deepEqual(valuesOf((await echoed(port, '/', { headers: { Cookie: sent } })).headers, 'cookie'), left);
	});
}

test('secrets that are for us stay here, in every spelling, also where they come twice', async (t) => {
	const { port } = await startFront(t, await listen(t, createServer(echo)), secrets);
	const request = [
		'GET / HTTP/1.1',
		'Host: a',
		'Connection: close',
		'Cookie: JSESSIONID=secret',
		'cookie: a=b; KISMET=secret',
		'x-xsrf-token: secret',
		'X_XSRF_TOKEN: secret',
		'AUTHORIZATION: Basic secret',
		'Authorization: secret',
		'\r\n',
	];
	const answer = await raw(port, request.join('\r\n'));
	t.regex(answer, /"Cookie","a=b"/);
	t.notRegex(answer, /secret/);
});

const settings = [
	...['JSESSIONID=evil', 'JSESSIONID=evil; Path=/', ' JSESSIONID =evil', 'JSESSIONID', 'JSESSIONID; Max-Age=0'],
	...['=JSESSIONID=evil', ' = JSESSIONID=evil', 'KISMET=; Max-Age=0'],
];
test('an upstream cannot set a cookie in our name, only its own', async (t) => {
	const own = ['theirs=1; Path=/', 'jsessionid=2', 'XJSESSIONID=3', 'a=JSESSIONID=4'];
	const upstream = createServer((_, res) => {
		res
			.writeHead(
				200,
				[...settings, ...own].flatMap((cookie) => ['Set-Cookie', cookie]),
			)
			.end();
	});
	const { port } = await startFront(t, await listen(t, upstream), secrets);
	t.deepEqual((await ask(port, '/')).headers['set-cookie'], own);
});

const bodiless = [
	{ method: 'HEAD', path: '/', status: 200, headers: { 'Content-Length': '5' } },
	{ method: 'HEAD', path: '/', status: 200, headers: {} },
	{ method: 'GET', path: '/', status: 204, headers: {} },
	{ method: 'GET', path: '/', status: 304, headers: { 'Content-Length': '5', ETag: '"a"' } },
	{ method: 'GET', path: '/', status: 304, headers: { ETag: '"a"' } },
];
for (const { method, path, status, headers } of bodiless) {
	test(`an answer ${status} to ${method} with ${JSON.stringify(headers)} has no body, and the connection goes on`, async (t) => {
		const upstream = createServer((req, res) => {
			res.writeHead(req.url === '/next' ? 200 : status, req.url === '/next' ? {} : headers);
			res.end(req.url === '/next' ? 'next' : undefined);
		});
		const { port } = await startFront(t, await listen(t, upstream));
		const answer = await raw(
			port,
			`${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
		);
		const [first = '', second = ''] = answer.split('\r\n\r\n');
		t.true(first.startsWith(`HTTP/1.1 ${status} `), answer);
		t.true(second.startsWith('HTTP/1.1 200 OK'), answer);
		for (const [name, value] of Object.entries(headers)) t.true(first.includes(`\r\n${name}: ${value}`), first);
	});
}
