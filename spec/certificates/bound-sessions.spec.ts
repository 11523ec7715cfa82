import { once } from 'node:events';
import { Agent, createServer, request } from 'node:https';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import WebSocket from 'ws';
import type { Identity } from '../../src/core/identity.ts';
import type { Access } from '../../src/core/requirements.ts';
import type { CertificateDigest } from '../../src/core/session.ts';
import { certificateDigestOf } from '../../src/core/session-binding.ts';
import { createReauthorize } from '../../src/gateway/reauthorize.ts';
import { shownCertificate } from '../../src/http/request/certificate.ts';
import { type Issued, newCa, serverAuth } from '../_support/certificates.ts';
import { operations } from '../_support/contract.ts';
import { type SecureRequest, startSecureService } from '../_support/secure-service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { lookAtWebSocket } from '../_support/websocket-looks.ts';

/*
 * `session.bindCertificate`: what a session of a certificate opens, it opens over connections that show that certificate, and over
 * no others. A thief has all cookies and the XSRF token, and comes from another machine.
 */

const base = '/services/session/v1';
const password = 'nine calm herons';
const proxy = '127.0.0.9';

const upstream = await startUpstream(undefined, { echo: true });
const settings = {
	trustedProxies: [proxy],
	session: { bindCertificate: true },
	auth: { statelessCertificate: true },
	dialects: {
		kismet: { enabled: true },
		insights: { enabled: true },
		kuraIdentity: { enabled: true },
		kuraTokens: { enabled: true },
	},
	resources: [{ path: '/pages', permission: 'rest.assets', xsrf: 'unsafe', upstream: upstream.url }],
};
const service = await startSecureService(settings);
for (const name of ['robot', 'thief']) await service.add(name, password, { permissions: ['kura.admin'] });
const [robot, renewed, thief] = (await Promise.all(['robot', 'robot', 'thief'].map(service.certificateOf))) as [
	Issued,
	Issued,
	Issued,
];
const stranger = await (await newCa('Client CA')).issue({ subject: [{ CN: ['robot'] }] });
test.after.always(async () => {
	await service.close();
	await upstream.close();
});

const headerOf = ({ der }: Issued) => `:${der.toString('base64')}:`;
const forwarded = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'localhost' };

interface Loot {
	readonly token: string;
	readonly headers: Record<string, string>;
}

/** What a login by certificate gives, and what a thief has of it. */
async function come(how: SecureRequest = { as: robot }, where = service): Promise<Loot> {
	const { status, setCookie } = await where.ask('POST', `${base}/login/certificate`, how);
	if (status !== 204) throw new Error(String(status));
	const cookie = setCookie[0]?.split(';')[0] ?? '';
	const [, token = ''] = cookie.split('=');
	const headers = { ...how.headers, Cookie: `${cookie}; KISMET=${token}; session=${token}` };
	const { body } = await where.ask('GET', `${base}/xsrfToken`, { ...how, headers });
	const { xsrfToken } = body as { xsrfToken: string };
	return { token, headers: { Cookie: headers.Cookie, 'X-XSRF-Token': xsrfToken } };
}

const thefts = () => service.audit().filter(({ act }) => act === 'session-stolen');

/** How a thief comes: with what connection, and what is sent besides the loot. */
const thieves: readonly (readonly [says: string, how: SecureRequest])[] = [
	['no certificate', {}],
	['another person’s certificate', { as: thief }],
	['another certificate of the same name', { as: renewed }],
	['one of the same name by another CA', { as: stranger }],
	['a forged header, from an address that is no proxy', { headers: { 'Client-Cert': headerOf(robot) } }],
	['a forged header beside another certificate', { as: thief, headers: { 'Client-Cert': headerOf(robot) } }],
	[
		'another certificate, through the proxy',
		{ from: proxy, headers: { ...forwarded, 'Client-Cert': headerOf(thief) } },
	],
	['none, through the proxy', { from: proxy, headers: { ...forwarded, 'Client-Cert': '::' } }],
	['none, through a proxy that shows the very certificate itself', { as: robot, from: proxy, headers: forwarded }],
];

const issue = '/services/token/jwt/v1/issue';

/** What a session opens by Kura's cookie. What a proxy asks is asked below, and so is who gets access tokens. */
const bySession = operations.filter(({ path, operation }) => {
	if (path === issue || /\/(verify|ext-authz)(\/|$)/.test(path)) return false;
	const { security } = operation;
	return security === undefined || security.some((scheme) => 'sessionCookie' in scheme);
});

for (const [says, how] of thieves) {
	test.serial(`a copied session opens nothing with ${says}`, async (t) => {
		const loot = await come();
		const stolen = { ...how, headers: { ...how.headers, ...loot.headers } };
		const before = thefts().length;
		let asked = 0;
		for (const { method, path } of bySession) {
			const target = path.replaceAll('{name}', 'robot').replaceAll(/\{\w+\}/g, 'x');
			const body = ['GET', 'DELETE'].includes(method) ? undefined : {};
			const answer = await service.ask(method, target, { ...stolen, body });
			t.like(answer, { status: 401, body: { code: 'bad-certificate' } }, `${method} ${path}: ${answer.text}`);
			t.deepEqual(answer.setCookie, [], path);
			asked += 1;
		}
		t.true(asked > 30, String(asked));
		const uri = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/pages/1' };
		for (const [method, path, more] of [
			['GET', '/pages/1', {}],
			['POST', '/pages/1', {}],
			['GET', '/services/auth/v1/verify?permission=rest.assets', {}],
			['GET', '/services/auth/v1/verify', how.from === undefined ? {} : uri],
			['GET', '/services/auth/v1/ext-authz/pages/1', {}],
		] as const) {
			const answer = await service.ask(method, path, { ...stolen, headers: { ...stolen.headers, ...more } });
			t.true([401, 403].includes(answer.status), `${method} ${path}: ${answer.status}`);
			t.is(answer.headers['remote-user'], undefined);
			t.notRegex(answer.text, /treasure/);
		}
		for (const cookie of ['KISMET', 'session']) {
			const headers = { ...how.headers, Cookie: `${cookie}=${loot.token}` };
			t.is((await service.ask('GET', '/session/check_session', { ...how, headers })).status, 401, cookie);
			const { status } = await service.ask('GET', '/pages/1', { ...how, headers });
			t.is(status, (await service.ask('GET', '/pages/1', how)).status, `${cookie} is worth as much as none`);
		}
		t.true(thefts().length > before + 30);
		const address = how.from === undefined || how.headers === undefined ? '127.0.0.1' : how.from;
		for (const line of thefts().slice(before)) {
			t.like(line, { outcome: 'refused', reason: 'bad-certificate', identity: 'robot', address });
			t.regex(String(line.session), /^[0-9a-f]{64}$/);
		}
		const own = { as: robot, headers: loot.headers };
		t.is((await service.ask('GET', `${base}/currentIdentity`, own)).status, 200, 'the owner goes on');
		t.is((await service.ask('GET', '/pages/1', own)).text, 'the treasure');
		const { events } = (await service.ask('GET', `${base}/history`, own)).body as { events: object[] };
		t.like(events[0], { act: 'session-stolen', outcome: 'refused', address }, 'and sees it');
		const logins = await service.ask('POST', `${base}/login/password`, {
			...stolen,
			body: { username: 'thief', password: 'wrong' },
		});
		t.is(logins.status, 401);
		t.is((await service.ask('GET', `${base}/currentIdentity`, own)).status, 200, 'whatever the thief tries');
		t.is((await service.ask('POST', `${base}/logout`, own)).status, 204);
	});
}

test.serial(
	'a session goes on wherever its certificate is shown: by a connection, or by the word of a trusted proxy',
	async (t) => {
		const through = { from: proxy, headers: { ...forwarded, 'Client-Cert': headerOf(robot) } };
		for (const [opened, other] of [
			[{ as: robot }, through],
			[through, { as: robot }],
		] as readonly [SecureRequest, SecureRequest][]) {
			const { headers } = await come(opened);
			for (const how of [opened, other]) {
				const answer = await service.ask('GET', '/pages/1', { ...how, headers: { ...how.headers, ...headers } });
				t.is(answer.text, 'the treasure');
			}
			const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/pages/1' };
			const verified = await service.ask('GET', '/services/auth/v1/verify', {
				from: proxy,
				headers: { ...through.headers, ...headers, ...asked },
			});
			t.is(verified.headers['remote-user'], 'robot');
		}
	},
);

test.serial('what only looks like the header of RFC 9440 shows nothing, by the mouth of the proxy, too', async (t) => {
	const { headers } = await come();
	const pem = encodeURIComponent(robot.cert);
	const hash = certificateDigestOf(robot.der);
	const base64 = robot.der.toString('base64');
	const shapes: readonly Record<string, string | string[]>[] = [
		{ 'Client-Cert': [headerOf(robot), headerOf(robot)] },
		{ 'Client-Cert': [headerOf(thief), headerOf(robot)] },
		{ 'Client-Cert': `${headerOf(robot)}, ${headerOf(thief)}` },
		{ 'Client-Cert': pem },
		{ 'Client-Cert': base64 },
		{ 'Client-Cert': hash },
		{ 'Client-Cert': `:${Buffer.concat([robot.der, Buffer.of(0)]).toString('base64')}:` },
		{ 'Client-Cert': '' },
		{ Client_Cert: headerOf(robot) },
		{ 'Client-Cert-Chain': headerOf(robot) },
		{ 'X-Client-Cert': headerOf(robot) },
		{ 'X-Forwarded-Client-Cert': `Hash=${hash};Cert="${pem}";Subject="CN=robot"` },
		{ 'X-Forwarded-Client-Cert': `By=spiffe://a;Hash=${hash},By=spiffe://b;Hash=${hash}` },
		{ 'X-Forwarded-Tls-Client-Cert': base64 },
		{ 'X-SSL-Client-Cert': pem },
		{ 'SSL-Client-Fingerprint': hash },
	];
	for (const shape of shapes) {
		const how = { from: proxy, headers: { ...forwarded, ...headers, ...shape } };
		const answer = await service.ask('GET', `${base}/currentIdentity`, how);
		t.like(answer, { status: 401, body: { code: 'bad-certificate' } }, JSON.stringify(shape).slice(0, 60));
	}
	const how = { from: proxy, headers: { ...forwarded, ...headers, 'client-CERT': `${headerOf(robot)};a=1` } };
	t.is((await service.ask('GET', `${base}/currentIdentity`, how)).status, 200, 'a parameter means nothing');
});

test.serial('nor does a trailer, or what stands in the body of another request', async (t) => {
	const { headers } = await come();
	const port = Number(new URL(service.url).port);
	const lines = (more: readonly string[]) =>
		[
			'Host: localhost',
			...Object.entries({ ...forwarded, ...headers }).map(([name, value]) => `${name}: ${value}`),
			...more,
		].join('\r\n');
	const chunked = `POST ${base}/currentIdentity HTTP/1.1\r\n`;
	const smuggled = `GET ${base}/currentIdentity HTTP/1.1\r\nClient-Cert: ${headerOf(robot)}\r\n${lines([])}\r\n\r\n`;
	for (const sent of [
		`GET ${base}/currentIdentity HTTP/1.1\r\n${lines(['Transfer-Encoding: chunked', 'Trailer: Client-Cert'])}\r\n\r\n0\r\nClient-Cert: ${headerOf(robot)}\r\n\r\n`,
		`${chunked}${lines(['Content-Length: 0', 'Transfer-Encoding: chunked'])}\r\n\r\n0\r\n\r\n${smuggled}`,
		`${chunked}${lines([`Content-Length: ${smuggled.length}`])}\r\n\r\n${smuggled}`,
		`GET ${base}/currentIdentity HTTP/1.1\r\n${lines([` Client-Cert: ${headerOf(robot)}`])}\r\n\r\n`,
		`GET ${base}/currentIdentity HTTP/1.1\r\n${lines([`X: a\nClient-Cert: ${headerOf(robot)}`])}\r\n\r\n`,
		`GET ${base}/currentIdentity HTTP/1.1\r\n${lines([`Client-Cert : ${headerOf(robot)}`])}\r\n\r\n`,
	]) {
		// Of the proxy, that writes the client's words through.
		const socket = connectPlain({ port, host: '127.0.0.1', localAddress: proxy });
		socket.end(sent);
		const answered = await text(socket);
		t.notRegex(answered, /^HTTP\/1\.1 200/m, answered);
	}
});

test.serial('of two connections that are kept, each has its own certificate, at each request', async (t) => {
	const loots = [await come({ as: robot }), await come({ as: renewed })] as const;
	const agents = [robot, renewed].map(
		({ cert, key }) => new Agent({ keepAlive: true, maxSockets: 1, cert, key, rejectUnauthorized: false }),
	);
	const ask = async (agent: Agent | undefined, { headers }: Loot) => {
		const req = request(`${service.secureUrl}${base}/currentIdentity`, { agent, headers }).end();
		const [res] = (await once(req, 'response')) as [import('node:http').IncomingMessage];
		await text(res);
		return [res.statusCode, req.reusedSocket] as const;
	};
	let reused = 0;
	for (let round = 0; round < 3; round += 1) {
		for (const [at, agent] of agents.entries()) {
			for (const [of, loot] of loots.entries()) {
				const [status, isReused] = await ask(agent, loot);
				t.is(status, at === of ? 200 : 401);
				if (isReused) reused += 1;
			}
		}
	}
	t.true(reused > 0, 'they were kept');
	for (const agent of agents) agent.destroy();
});

test.serial('a certificate that lets in without a session does not stand in for that of a session', async (t) => {
	const { headers } = await come();
	for (const path of ['/pages/1', `${base}/currentIdentity`]) {
		t.is((await service.ask('GET', path, { as: thief })).status, 200, 'alone, it opens what is its own');
		t.like(await service.ask('GET', path, { as: thief, headers }), { status: 401, body: { code: 'bad-certificate' } });
		const { status } = await service.ask('GET', path, { as: stranger, headers: { Cookie: headers.Cookie ?? '' } });
		t.is(status, 401);
	}
});

test.serial('access tokens are of the certificate that is shown, and of no session without its own', async (t) => {
	const { headers } = await come();
	const subjectOf = async (as: Issued | undefined) => {
		const { status, body } = await service.ask('POST', issue, { ...(as && { as }), headers });
		const { accessToken = '', code } = body as { accessToken?: string; code?: string };
		const [, claims = ''] = accessToken.split('.');
		return [status, code ?? JSON.parse(String(Buffer.from(claims, 'base64url'))).sub];
	};
	t.deepEqual(await subjectOf(undefined), [401, 'bad-certificate']);
	t.deepEqual(await subjectOf(stranger), [401, 'bad-certificate']);
	// Rule: Kura's Token JWT V1: a certificate comes before a session, which is not looked at then.
	t.deepEqual(await subjectOf(thief), [200, 'thief']);
	t.deepEqual(await subjectOf(robot), [200, 'robot']);
});

test.serial('a session by password is bound to nothing, with whatever certificate it comes', async (t) => {
	const body = { username: 'robot', password };
	const { setCookie } = await service.ask('POST', `${base}/login/password`, { as: robot, body });
	const headers = { Cookie: setCookie[0]?.split(';')[0] ?? '' };
	for (const as of [robot, thief]) t.is((await service.ask('GET', `${base}/xsrfToken`, { as, headers })).status, 200);
	t.is((await service.ask('GET', `${base}/xsrfToken`, { headers })).status, 200);
});

test.serial('a raised session is bound as it was; a certificate of a new key needs a new login', async (t) => {
	const loot = await come();
	const raised = await service.ask('POST', `${base}/proof`, { as: robot, headers: loot.headers });
	t.is(raised.status, 204);
	const headers = { Cookie: raised.setCookie[0]?.split(';')[0] ?? '' };
	t.is((await service.ask('GET', `${base}/xsrfToken`, { headers })).status, 401);
	t.is((await service.ask('GET', `${base}/xsrfToken`, { as: robot, headers })).status, 200);
	t.is((await service.ask('GET', `${base}/xsrfToken`, { as: renewed, headers })).status, 401);
	const anew = await come({ as: renewed, headers });
	t.is((await service.ask('GET', `${base}/xsrfToken`, { as: renewed, headers: anew.headers })).status, 200);
	t.is(
		(await service.ask('GET', `${base}/xsrfToken`, { as: robot, headers })).status,
		200,
		'the old one is nobody’s to end',
	);
});

test.serial('the session that follows a change of the password is bound as that was', async (t) => {
	const other = await startSecureService(
		{ session: { bindCertificate: true, afterPasswordChange: 'renew' } },
		{ clientCa: service.clientCa },
	);
	t.teardown(() => other.close());
	await other.add('robot', password);
	const { headers } = await come({ as: robot }, other);
	const body = { currentPassword: password, newPassword: `${password} of tomorrow` };
	const changed = await other.ask('POST', `${base}/changePassword`, { as: robot, headers, body });
	t.is(changed.status, 204);
	const next = { Cookie: changed.setCookie[0]?.split(';')[0] ?? '' };
	t.is((await other.ask('GET', `${base}/xsrfToken`, { as: robot, headers: next })).status, 200);
	t.like(await other.ask('GET', `${base}/xsrfToken`, { as: renewed, headers: next }), {
		status: 401,
		body: { code: 'bad-certificate' },
	});
});

test.serial('an owner who hangs up before the answer is no thief', async (t) => {
	// So that the connection is gone when the session that came along is to end.
	const slow = { passwordHash: { memory: 262_144, iterations: 2 }, session: { bindCertificate: true } };
	const other = await startSecureService(slow, { clientCa: service.clientCa });
	t.teardown(() => other.close());
	await other.add('robot', password);
	const { headers } = await come({ as: robot }, other);
	const { cert, key } = robot;
	const req = request(`${other.secureUrl}${base}/login/password`, {
		...{ method: 'POST', agent: false, cert, key, rejectUnauthorized: false },
		headers: { ...headers, 'Content-Type': 'application/json' },
	}).on('error', () => undefined);
	req.end(JSON.stringify({ username: 'robot', password: 'wrong' }));
	await once(req, 'finish');
	req.destroy();
	const ended = () => other.audit().filter(({ act }) => act === 'session-end' || act === 'session-stolen');
	while (ended().length === 0) await new Promise((turn) => setTimeout(turn, 5));
	t.like(ended(), [{ act: 'session-end', identity: 'robot' }]);
});

/** Resolves with the status that an upgrade is refused by, or with the open socket. */
async function openSocket(t: ExecutionContext, as: Issued | undefined, headers: Record<string, string>) {
	const shown = as && { cert: as.cert, key: as.key };
	const url = `${service.secureUrl.replace(/^http/, 'ws')}/pages/1`;
	const socket = new WebSocket(url, { ...shown, rejectUnauthorized: false, headers });
	t.teardown(() => socket.terminate());
	const opened = Promise.withResolvers<number | WebSocket>();
	socket
		.on('unexpected-response', (_, res) => opened.resolve(res.statusCode ?? 0))
		.on('open', () => opened.resolve(socket));
	socket.on('error', opened.reject);
	return opened.promise;
}

test.serial('a WebSocket opens with the certificate of its session alone, and ends with that session', async (t) => {
	const { headers } = await come();
	for (const as of [undefined, thief, renewed]) t.is(await openSocket(t, as, headers), 401);
	const socket = await openSocket(t, robot, headers);
	if (typeof socket === 'number') return t.fail(String(socket));
	for (let looks = 0; looks < 3; looks += 1) {
		lookAtWebSocket();
		socket.send('still here?');
		t.is(String((await once(socket, 'message'))[0]), 'still here?');
	}
	const closed = once(socket, 'close');
	t.is((await service.ask('POST', `${base}/logout`, { as: robot, headers })).status, 204);
	lookAtWebSocket();
	await closed;
});

test('what stays open is judged by the certificate of its connection, again and again', async (t) => {
	const identity = { id: 'x' } as unknown as Identity;
	const access = { identity, session: { key: 'k', boundTo: 'a' } } as unknown as Access;
	const sessions = { ownerOf: async () => identity, firstUnmet: () => undefined };
	const reauthorize = createReauthorize({ sessions, identities: {} as never, apiTokens: {} as never });
	const protection = { access: {}, xsrf: 'unsafe' } as const;
	for (const [certificate, goesOn] of [
		['a', true],
		['b', false],
		[undefined, false],
	] as const) {
		const here = { certificate: certificate as CertificateDigest | undefined };
		t.is(await reauthorize(access, protection, here), goesOn);
	}
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
	test(`a ${version} session that is resumed keeps the certificate in OpenSSL, and shows none to us`, async (t) => {
		const ca = await newCa('Server CA');
		const { cert, key } = await ca.issue({
			subject: [{ CN: ['localhost'] }],
			purposes: [serverAuth],
			hosts: ['localhost'],
		});
		// As an app around us may have it: with tickets.
		const options = { cert, key, requestCert: true, rejectUnauthorized: false, ca: service.clientCa.cert };
		const server = createServer({ ...options, minVersion: version, maxVersion: version }, (req, res) => {
			const socket = req.socket as TLSSocket;
			const digest = shownCertificate(req, { viaTrustedProxy: false }) ?? 'none';
			res.end(JSON.stringify({ digest, isKept: socket.getPeerX509Certificate() !== undefined }));
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		t.teardown(() => server.close());
		const { port } = server.address() as AddressInfo;
		async function ask(more: object) {
			const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...more });
			let session: Buffer | undefined;
			socket.on('session', (given) => {
				session = given;
			});
			await once(socket, 'secureConnect');
			socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
			const isReused = socket.isSessionReused();
			const answered = await text(socket);
			return { session, isReused, ...JSON.parse(answered.slice(answered.indexOf('{'))) };
		}
		const first = await ask({ cert: robot.cert, key: robot.key });
		t.like(first, { isReused: false, isKept: true, digest: certificateDigestOf(robot.der) });
		const second = await ask({ session: first.session });
		t.like(second, { isReused: true, isKept: true, digest: 'none' });
	});
}
