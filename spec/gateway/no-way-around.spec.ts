import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { createClient } from '../_support/client.ts';
import { noRedis, startRedis } from '../_support/redis.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';

/*
 * No header gets anybody past a rule, nor does a cookie that is none; and a store that is away leads nobody anywhere.
 */

const password = 'a long enough secret';
const verify = '/services/auth/v1/verify';

let upstream: Upstream;
let service: TestService;
let token: string;

test.before(async () => {
	upstream = await startUpstream();
	const kinds = { kismet: { enabled: true }, insights: { enabled: true } };
	service = await startService({
		trustedProxies: ['127.0.0.1/32'],
		auth: { basic: true, statelessCertificate: true },
		dialects: kinds,
		attempts: { limit: 1_000_000 },
		resources: [{ path: '/app', permission: 'p', xsrf: 'unsafe', upstream: upstream.url }],
	});
	await service.add('ada', password, { permissions: ['p'] });
	const ada = createClient(service);
	await ada.login('ada', password);
	token = ada.jar.get('JSESSIONID') ?? '';
});
test.after.always(async () => {
	await service.close();
	upstream.close();
});

/** Status and `Location`, over connections that are kept: there are thousands of requests. */
function asker(from: string) {
	const agent = new Agent({ keepAlive: true, maxSockets: 8 });
	const { port } = new URL(service.url);
	return async (path: string, headers: Record<string, string>) => {
		const req = request({
			host: '127.0.0.1',
			port,
			path,
			agent,
			localAddress: from,
			headers: { Host: 'a', ...headers },
		});
		const [res] = (await once(req.end(), 'response')) as [import('node:http').IncomingMessage];
		await text(res);
		return { status: res.statusCode ?? 0, location: res.headers.location };
	};
}

const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/app/x', 'X-Forwarded-Host': 'a' };

/** Own reverse proxy, by anybody and by a trusted proxy; forward-auth. */
function ways() {
	const [stranger, proxy] = [asker('127.0.0.2'), asker('127.0.0.1')];
	return [
		(headers: Record<string, string>) => stranger('/app/x', headers),
		(headers: Record<string, string>) => proxy('/app/x', headers),
		(headers: Record<string, string>) => proxy(verify, { ...headers, ...asked }),
		(headers: Record<string, string>) => proxy(`${verify}?answer=302`, { ...headers, ...asked }),
	];
}

const agents = [
	...[
		'kube-probe/1.31',
		'ELB-HealthChecker/2.0',
		'GoogleHC/1.0',
		'Amazon-Route53-Health-Check-Service',
		'Prometheus/3.0',
	],
	...[
		'Consul Health Check',
		'HAProxy',
		'Envoy/HC',
		'Traefik',
		'Go-http-client/1.1',
		'curl/8.5.0',
		'Wget/1.21',
		'check_http/v2.3',
	],
	...['Googlebot/2.1', 'bingbot/2.0', 'UptimeRobot/2.0', 'Pingdom.com_bot', 'Mozilla/5.0', 'latchkey', 'localhost', ''],
].map((agent) => ({ 'User-Agent': agent }));

/** What lets somebody past a check elsewhere, or has done so. */
const bypasses: Record<string, string>[] = [
	{ 'X-Forwarded-For': '127.0.0.1' },
	{ 'X-Forwarded-For': '::1' },
	{
		'X-Real-IP': '127.0.0.1',
		'X-Client-IP': '127.0.0.1',
		'True-Client-IP': '127.0.0.1',
		'CF-Connecting-IP': '127.0.0.1',
	},
	{ 'X-Original-URL': '/health/live' },
	{ 'X-Rewrite-URL': '/health/live' },
	{ 'X-Override-URL': '/', 'X-HTTP-Destination-URL': '/' },
	{ 'X-HTTP-Method-Override': 'OPTIONS', 'X-HTTP-Method': 'OPTIONS', 'X-Method-Override': 'OPTIONS' },
	{ 'X-Middleware-Subrequest': 'middleware:middleware:middleware:middleware:middleware' },
	{ 'Remote-User': 'ada', 'Remote-Groups': 'kura.admin', 'X-Remote-User': 'ada', 'X-Forwarded-User': 'ada' },
	{ Remote_User: 'ada', REMOTE_USER: 'ada', 'X-WEBAUTH-USER': 'ada', 'X-Auth-Request-User': 'ada' },
	{ 'X-Auth-Request-Redirect': '/', 'X-Authenticated': 'true', 'X-Internal': '1', 'X-Admin': 'true', 'X-Debug': '1' },
	{ 'X-Health-Check': '1', Accept: 'application/health+json' },
	{
		'X-SSL-Client-Verify': 'SUCCESS',
		'SSL-Client-Cert': 'x',
		'X-Client-Cert': 'x',
		'X-Forwarded-Client-Cert': 'Subject="CN=ada"',
	},
	{ 'Client-Cert': ':AAAA:' },
	{ Connection: 'close, Cookie, Remote-User, X-XSRF-Token' },
	{ 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' },
	{ 'Sec-Purpose': 'prefetch' },
	{ Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' },
	...[
		'Basic',
		'Basic ',
		'Basic Og==',
		'Basic YWRh',
		'Basic YWRhOg==',
		'Bearer x',
		'Negotiate x',
		'Digest username="ada"',
	].map((Authorization) => ({ Authorization })),
	{ 'Proxy-Authorization': `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` },
	{ Via: '1.1 localhost', Forwarded: 'for=127.0.0.1;proto=https;host=localhost' },
];

test.serial('no header gets anybody past a rule', async (t) => {
	for (const ask of ways()) {
		for (const headers of [...agents, ...bypasses, ...agents.map((agent) => ({ ...agent, ...bypasses[0] }))]) {
			const { status } = await ask(headers);
			t.true(status >= 400 && status < 500, `${status}: ${JSON.stringify(headers)}`);
		}
	}
	t.deepEqual(upstream.reached, []);
});

/** Numbers that look random, and are the same each time. */
function randomFrom(seed: number) {
	let state = seed;
	return (below: number) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** Whether the one living token stands there, whole and alone, in the cookie of that name. */
function isWhole(header: string): boolean {
	return header.split(';').some((pair) => {
		const [, value] = /^[\t ]*JSESSIONID=[\t ]*"?([^"]*?)"?[\t ]*$/.exec(pair) ?? [];
		return value === token;
	});
}

function brokenCookie(random: (below: number) => number): string {
	const name = ['JSESSIONID', 'JSESSIONID', 'jsessionid', '__Host-JSESSIONID', ' JSESSIONID ', 'KISMET', 'session', ''][
		random(8)
	];
	const odd = [
		'"',
		'%',
		',',
		'=',
		' ',
		'\t',
		'\\',
		'%00',
		'\x80',
		'\xa0',
		'\x85',
		'\xff',
		'../',
		'{',
		'$Version=1',
		'-',
		'_',
		token.slice(0, 8),
	];
	let value = [
		token,
		token,
		token,
		token.toUpperCase(),
		encodeURIComponent(`${token}=`),
		'A'.repeat(43),
		'',
		token + token,
	][random(8)] as string;
	for (let times = 1 + random(3); times > 0; times -= 1) {
		const at = [0, value.length, random(value.length + 1)][random(3)] ?? 0;
		const cut = random(3);
		value = value.slice(0, at) + (odd[random(odd.length)] ?? '') + value.slice(at + cut);
	}
	const pair = `${name}${random(20) === 0 ? '' : '='}${value}`;
	return random(4) === 0 ? `a=b;${random(2) === 0 ? ' ' : ''}${pair}; c="d` : pair;
}

test.serial('a cookie that is not ours as it was given is never let in', async (t) => {
	t.is((await asker('127.0.0.1')('/app/x', { Cookie: `JSESSIONID=${token}` })).status, 200, 'as it was given');
	const all = ways();
	const random = randomFrom(20_261_129);
	const reached = upstream.reached.length;
	let tried = 0;
	for (let at = 0; at < 4000; at += 1) {
		const Cookie = brokenCookie(random);
		if (isWhole(Cookie)) continue;
		const ask = all[at % all.length];
		const { status } = (await ask?.({ Cookie })) ?? { status: 0 };
		t.true(status >= 400 && status < 500, `${status}: ${JSON.stringify(Cookie)}`);
		tried += 1;
	}
	t.true(tried > 3000);
	t.is(upstream.reached.length, reached);
	t.log(`${tried} cookies`);
});

test.serial('nor is one with bytes that no client sends', async (t) => {
	const { port } = new URL(service.url);
	for (const cookie of [
		`JSESSIONID=${token}\0`,
		`JSESSIONID=\x7f${token}`,
		`JSESSIONID\0=${token}`,
		`JSESSIONID=${token}\x01`,
	]) {
		const socket = connect(Number(port), '127.0.0.1');
		socket.end(`GET /app/x HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`, 'latin1');
		t.regex(await text(socket), /^HTTP\/1\.1 4\d\d /, JSON.stringify(cookie));
	}
});

if (noRedis === undefined) {
	test.serial('while the store is away everybody who shows a session gets 503, and nobody is led', async (t) => {
		const redis = await startRedis();
		const other = await startService({
			trustedProxies: ['127.0.0.1/32'],
			store: { sessions: redis.newDatabase() },
			resources: [{ path: '/app', permission: 'p', xsrf: 'unsafe', upstream: upstream.url }],
		});
		t.teardown(async () => {
			await other.close();
			await redis.stop();
		});
		await other.add('ada', password, { permissions: ['p'] });
		const ada = createClient(other);
		await ada.login('ada', password);
		t.is((await ada.withoutToken('/app')).status, 200);
		await redis.kill();
		const tab = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', Accept: 'text/html' };
		// What was seen a moment ago is believed for a moment.
		for (let tries = 0; tries < 1000 && (await ada.withoutToken('/app')).status === 200; tries += 1)
			await new Promise((done) => setTimeout(done, 50));
		for (const headers of [tab, { ...tab, 'Sec-Fetch-Dest': 'iframe' }, { Accept: 'text/html' }, { Accept: '*/*' }]) {
			for (const path of ['/app', verify, `${verify}?answer=302`, `${verify}?permission=p&xsrf=unsafe&answer=302`]) {
				const answer = await ada.withoutToken(path, { headers: { ...headers, ...(path === '/app' ? {} : asked) } });
				t.is(answer.status, 503, path);
				t.truthy(answer.headers['retry-after']);
				for (const name of ['location', 'latchkey-login', 'set-cookie', 'www-authenticate'])
					t.is(answer.headers[name], undefined, `${path}: ${name}`);
			}
		}
		const posted = { method: 'POST', json: { url: 'http://localhost/app' } };
		t.is((await ada.send('/services/session/v1/continue', posted)).status, 503);
		t.is((await ada.send('/services/session/v1/applications')).status, 503);
	});
} else {
	test.skip(`while the store is away nobody is led: ${noRedis}`, () => undefined);
}
