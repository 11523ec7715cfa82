import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { hashCount } from '../_support/hash-count.ts';
import { startService, type TestService } from '../_support/service.ts';
import { startUpstream, type Upstream } from '../_support/upstream.ts';
import { ask, base, json, login, raw, signIn, verify } from './ask.ts';

/* What comes in: bounded, of one form, and taken for nothing else than it is. Sources: OWASP ASVS 5.0 1 and 2, RFC 7617. */

const password = 'four brown bears';

let upstream: Upstream;
let service: TestService;

test.before(async () => {
	upstream = await startUpstream();
	service = await startService({
		resources: [{ path: '/treasure', permission: 'p', upstream: upstream.url }],
		auth: { basic: true },
		dialects: { kismet: { enabled: true }, insights: { enabled: true } },
		metrics: { port: 0 },
	});
	await service.add('ann', password, { permissions: ['p'] });
	await service.add('José', password);
	await service.add('é password', 'fourtéen brown bears');
	await service.add('spaced', ' four brown bears');
});

test.after.always(async () => {
	await service.close();
	upstream.close();
});

const post = (body: string | Buffer, headers: Record<string, string> = json, path = `${base}/login/password`) =>
	ask(service.url, 'POST', path, { body, headers });

const wrongBodies: readonly (readonly [says: string, body: string])[] = [
	['an operator in place of a name', '{"username":{"$ne":1},"password":"x"}'],
	['a list in place of a name', '{"username":["ann"],"password":"four brown bears"}'],
	['true in place of a password', '{"username":"ann","password":true}'],
	['a number in place of a password', '{"username":"ann","password":1}'],
	['null', '{"username":"ann","password":null}'],
	['no password', '{"username":"ann"}'],
	['an empty name', '{"username":"","password":"x"}'],
	['a list', '[]'],
	['a string', '"ann"'],
	['nothing', ''],
	['a key twice', '{"username":"ann","username":"bob","password":"four brown bears"}'],
	['a key twice, once escaped', '{"username":"ann","\\u0075sername":"bob","password":"four brown bears"}'],
	['a comment', '{"username":"ann",/* */"password":"four brown bears"}'],
	['a comma too many', '{"username":"ann","password":"four brown bears",}'],
	['single quotes', "{'username':'ann'}"],
	['a byte order mark', '\ufeff{"username":"ann","password":"four brown bears"}'],
	[
		'a nest that is too deep',
		`{"a":${'['.repeat(40)}${']'.repeat(40)},"username":"ann","password":"four brown bears"}`,
	],
	['a nest without end', '['.repeat(50_000)],
	['half a character', '{"username":"ann\\ud800","password":"x"}'],
];

for (const [says, body] of wrongBodies) {
	test.serial(`a login with ${says} is malformed`, async (t) => {
		const answer = await post(body);
		t.is(answer.status, 400);
		t.true(JSON.parse(answer.body).message.length > 0);
	});
}

test.serial('a body that is no UTF-8 is malformed', async (t) => {
	const text = '{"username":"ann","password":"four brown bears"}';
	t.is((await post(Buffer.from(text, 'utf16le'))).status, 400);
	t.is((await post(Buffer.from(text.replace('ann', '\xff\xfe'), 'latin1'))).status, 400);
	t.is((await post(Buffer.from(text.replace('ann', '\xc0\xae'), 'latin1'))).status, 400);
});

const forms: readonly (readonly [path: string, body: string])[] = [
	['/prime-14.01/api/!login', 'uid=ann&uid=bob&pw=four+brown+bears'],
	['/prime-14.01/api/!login', 'uid=ann&pw=four+brown+bears&kill=yes&kill=possess'],
	['/prime-14.01/api/!login', 'uid=ann&pw=%ff%fe'],
	['/prime-14.01/api/!login', 'uid[$ne]=1&pw=four+brown+bears'],
	['/session/set_password', 'password=seven+green+frogs&password=x'],
];

for (const [path, body] of forms) {
	test.serial(`a form ${body} is malformed`, async (t) => {
		const answer = await post(body, { 'Content-Type': 'application/x-www-form-urlencoded' }, path);
		t.true(answer.status === 400 || (path.startsWith('/session') && answer.status === 401), String(answer.status));
		t.is(answer.headers['set-cookie'], undefined);
	});
}

test.serial('a query that names a permission twice opens nothing', async (t) => {
	const { headers } = await signIn(service.url, 'ann', password);
	for (const query of ['permission=p&permission=q', 'permission[]=p', 'permission=p&xsrf=unsafe&xsrf=always']) {
		const { status } = await ask(service.url, 'GET', `${verify}?${query}`, { headers });
		t.true(status === 403 || status === 400, `${query}: ${status}`);
	}
});

test.serial('a body that speaks of prototypes changes none', async (t) => {
	const spells = [
		'{"__proto__":{"admin":true,"permissions":["kura.admin"],"kill":"possess"},"username":"ann","password":"four brown bears"}',
		'{"constructor":{"prototype":{"admin":true}},"username":"ann","password":"four brown bears"}',
		'{"__proto__":{"username":"ann","password":"four brown bears"}}',
	];
	const statuses = [];
	for (const spell of spells) statuses.push((await post(spell)).status);
	t.is(statuses[2], 400);
	t.is(({} as Record<string, unknown>).admin, undefined);
	const { headers } = await signIn(service.url, 'ann', password);
	const me = await ask(service.url, 'GET', `${base}/currentIdentity`, { headers });
	t.deepEqual(JSON.parse(me.body), { name: 'ann', passwordChangeNeeded: false, permissions: ['p'] });
});

test.serial('a body beyond 64 KiB is refused, and not read', async (t) => {
	const answer = await post(`{"username":"ann","password":"${'x'.repeat(70_000)}"}`);
	t.is(answer.status, 413);
	const before = process.memoryUsage.rss();
	const { port } = new URL(service.url);
	const socket = connect(Number(port), '127.0.0.1');
	const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 0x20), Buffer.from('\r\n')]);
	let sent = 0;
	socket.resume();
	socket.on('error', () => undefined);
	const closed = new Promise((done) => socket.on('close', done));
	socket.write(
		`POST ${base}/login/password HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
	);
	const giveUp = Date.now() + 10_000;
	while (!socket.destroyed && sent < 2 ** 30 && Date.now() < giveUp) {
		if (!socket.write(chunk))
			await new Promise((done) => {
				socket.once('drain', done).once('close', done);
			});
		sent += chunk.length;
	}
	socket.destroy();
	await closed;
	t.true(sent < 2 ** 26, `${sent} bytes went in`);
	t.true(process.memoryUsage.rss() - before < 20 * 2 ** 20 + 2 * sent);
	t.is((await login(service.url, 'ann', password)).status, 200);
});

test.serial('a body that was compressed is refused before anything is unpacked', async (t) => {
	const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
	const before = process.memoryUsage.rss();
	for (const coding of ['gzip', 'deflate', 'br', 'gzip, gzip', 'zstd']) {
		t.is((await post(bomb.subarray(0, 60_000), { ...json, 'Content-Encoding': coding })).status, 415);
	}
	t.true(process.memoryUsage.rss() - before < 40 * 2 ** 20);
});

test.serial('a header block beyond 16 KiB is refused', async (t) => {
	const head = `GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`;
	t.regex(await raw(service.url, head), /^HTTP\/1\.1 431 /);
	const path = `/health/live?${'x'.repeat(17_000)}`;
	t.regex(await raw(service.url, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 431 /);
});

const notNames: readonly (readonly [says: string, name: string])[] = [
	['a NUL', 'admin\0x'],
	['a line feed', 'a\nb'],
	['a C1 control', 'a\u0085b'],
	['half a character', 'a\ud800'],
	['a mark that turns the text around', 'a\u202eb'],
	['a joiner that nobody sees', 'ad\u200dmin'],
	['a space before it', ' ann'],
	['a space behind it', 'ann '],
	['257 letters', 'x'.repeat(257)],
	['1025 bytes', '茶'.repeat(342)],
	['60 KiB', 'x'.repeat(60_000)],
];

for (const [says, name] of notNames) {
	test.serial(`a user name with ${says} is refused before anything is hashed, and on every API`, async (t) => {
		const before = await hashCount(service);
		t.is((await login(service.url, name, password)).status, 400);
		t.is(await hashCount(service), before);
		const { headers } = await signIn(service.url, 'ann', password);
		t.is((await ask(service.url, 'POST', `${base}/identities`, { headers, body: { name, password } })).status, 403);
		const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
		if (!/[\ud800]/.test(name)) {
			const body = new URLSearchParams({ uid: name, pw: password }).toString();
			const { status } = await ask(service.url, 'POST', '/prime-14.01/api/!login', { headers: form, body });
			t.true(status === 400 || status === 413);
		}
		const Authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
		if (name.length < 2000)
			t.is((await ask(service.url, 'GET', '/treasure', { headers: { Authorization } })).status, 401);
	});
}

test.serial('a name is one name in whatever way its letters are composed, and another in other case', async (t) => {
	t.is((await login(service.url, 'Jose\u0301', password)).status, 200);
	t.is((await login(service.url, 'JOSÉ', password)).status, 401);
	t.is((await login(service.url, 'Jose', password)).status, 401);
});

test.serial('a name that looks like one that is taken cannot be made', async (t) => {
	await service.add('root', password, { permissions: ['kura.admin'] });
	const { headers } = await signIn(service.url, 'root', password);
	const make = (name: string) =>
		ask(service.url, 'POST', `${base}/identities`, { headers, body: { name, password: 'seven green frogs' } });
	for (const name of ['ROOT', 'ｒｏｏｔ', 'Ann', 'JOSÉ', 'Jose\u0301', 'roo\u{1d42d}'])
		t.is((await make(name)).status, 409, name);
	t.is((await make('straße')).status, 201);
	t.is((await make('STRASSE')).status, 409);
});

test.serial('a password is what was typed: composed in any way, never trimmed, never folded', async (t) => {
	t.is((await login(service.url, 'é password', 'fourte\u0301en brown bears')).status, 200);
	t.is((await login(service.url, 'é password', 'FOURTÉEN BROWN BEARS')).status, 401);
	t.is((await login(service.url, 'spaced', ' four brown bears')).status, 200);
	t.is((await login(service.url, 'spaced', 'four brown bears')).status, 401);
	t.is((await login(service.url, 'ann', 'four brown bears ')).status, 401);
	t.is((await login(service.url, 'ann', 'four brown bears\0x')).status, 400);
	t.is((await login(service.url, 'ann', '   ')).status, 400);
});

const spells = [
	"' OR 1=1--",
	'"; DROP TABLE identity; --',
	'*)(uid=*',
	'\\r\\nFLUSHALL',
	'$' + '{jndi:ldap://x}',
	'{{7*7}}',
	'../../x',
	'%s%n',
	"ann'/*",
];

for (const spell of spells) {
	test.serial(`${JSON.stringify(spell)} is a name like any other`, async (t) => {
		t.is((await login(service.url, spell, password)).status, 401);
		const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
		const body = new URLSearchParams({ uid: spell, pw: password }).toString();
		t.is((await ask(service.url, 'POST', '/prime-14.01/api/!login', { headers: form, body })).status, 401);
		const version = `/${encodeURIComponent(spell)}/api/!login`;
		t.true([400, 401, 404].includes((await ask(service.url, 'POST', version, { headers: form, body })).status));
		for (const name of ['JSESSIONID', 'KISMET', 'session']) {
			const headers = { Cookie: `${name}=${spell.replace(/;.*/, '')}` };
			t.is((await ask(service.url, 'GET', '/treasure', { headers })).status, 401);
		}
		t.is((await login(service.url, 'ann', password)).status, 200);
	});
}

const basics: readonly (readonly [says: string, header: string, status: number])[] = [
	['an empty name and an empty password', 'Basic Og==', 401],
	['no colon', `Basic ${Buffer.from('ann').toString('base64')}`, 401],
	['no base64', 'Basic §$%&', 401],
	['nothing', 'Basic', 401],
	['a space', 'Basic ', 401],
	['no UTF-8', `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`, 401],
	['8 KiB', `Basic ${Buffer.from(`ann:${'x'.repeat(6000)}`).toString('base64')}`, 401],
	['two of them', `Basic ${Buffer.from(`ann:${password}`).toString('base64')}, Basic Og==`, 401],
	['the right ones in another case', `bAsIc ${Buffer.from(`ann:${password}`).toString('base64')}`, 200],
	['another scheme', `Bearer ${Buffer.from(`ann:${password}`).toString('base64')}`, 401],
	['Digest', 'Digest username="ann", realm="x", nonce="", uri="/", response=""', 401],
];

for (const [says, header, status] of basics) {
	test.serial(`Basic with ${says} is ${status}`, async (t) => {
		const Authorization = Buffer.from(header, 'utf8').toString('latin1');
		t.is((await ask(service.url, 'GET', '/treasure', { headers: { Authorization } })).status, status);
		const kismet = await ask(service.url, 'GET', '/session/check_session', { headers: { Authorization } });
		t.true(kismet.status < 500 || kismet.body !== '', String(kismet.status));
	});
}

test.serial('a colon may stand in a Basic password', async (t) => {
	await service.add('colon', 'four: brown: bears', { permissions: ['p'] });
	const Authorization = `Basic ${Buffer.from('colon:four: brown: bears').toString('base64')}`;
	t.is((await ask(service.url, 'GET', '/treasure', { headers: { Authorization } })).status, 200);
});

const splits = ['%0d%0aSet-Cookie:%20x=y', '%0aX-Injected:%201', '\u560a', '%E5%98%8A%E5%98%8DSet-Cookie:x'];

for (const split of splits) {
	test.serial(`nothing that comes in splits an answer: ${split}`, async (t) => {
		const { headers } = await signIn(service.url, 'ann', password);
		const encoded = encodeURI(split).replaceAll('%25', '%');
		const paths = [`/${encoded}`, `/treasure?x=${encoded}`, `/treasure/${encoded}`, `${verify}?permission=p${encoded}`];
		for (const path of [...paths, `/${encoded}/api/!login`, `${base}/identities/${encoded}`]) {
			const answer = await ask(service.url, 'GET', path, { headers });
			t.is(answer.headers['set-cookie'], undefined);
			t.is(answer.headers['x-injected'], undefined);
			t.true(answer.status < 500, path);
		}
	});
}

test.serial('nothing of ours sends anybody anywhere: no answer redirects, whatever the query asks for', async (t) => {
	const { headers } = await signIn(service.url, 'ann', password);
	for (const to of ['//evil', '/\\evil', 'https:evil', 'https://evil.example/', '%0d%0aLocation:x']) {
		for (const key of ['next', 'redirect', 'rd', 'return', 'url', 'continue']) {
			for (const path of ['/', `${base}/currentIdentity`, verify]) {
				const answer = await ask(service.url, 'GET', `${path}?${key}=${encodeURI(to)}`, { headers });
				t.false(answer.status >= 300 && answer.status < 400);
				t.is(answer.headers.location, undefined);
				t.is(answer.headers.refresh, undefined);
			}
		}
	}
});
