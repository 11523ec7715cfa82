import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { openTls } from '../../src/certificates/server-tls.ts';
import { isForService } from '../../src/files/private-file.ts';
import { type Issued, newCa, newSelfSigned, serverAuth } from '../_support/certificates.ts';
import { type JudgingServer, startJudgingServer } from '../_support/judging-server.ts';

const ca = await newCa();
const alice = await ca.issue({ subject: [{ CN: ['alice'] }] });
const newServer = (name = 'localhost') =>
	newSelfSigned({ subject: [{ CN: [name] }], purposes: [serverAuth], hosts: [name], kind: 'rsa' });
const server = await newServer();
const otherServer = await newServer('other');
/** RSA certificates stand in the files: OpenSSL has a place of its own for each type, and misses nothing. */
const ecServer = await newSelfSigned({ subject: [{ CN: ['ec'] }], purposes: [serverAuth], hosts: ['ec'] });
const silent = { info() {}, error() {} };

async function start(t: ExecutionContext): Promise<JudgingServer> {
	const judging = await startJudgingServer({ server, ca: [ca] });
	t.teardown(() => judging.close());
	return judging;
}

/** A connection on which a request was made, and the judgement that came back. */
async function open(port: number, options: ConnectionOptions = {}) {
	const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
	const sessions: Buffer[] = [];
	socket.on('session', (session) => sessions.push(session));
	await once(socket, 'secureConnect');
	return { socket, sessions, judgement: await say(socket) };
}

async function say(socket: TLSSocket) {
	socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
	let answer = '';
	while (!answer.includes('}')) answer += String((await once(socket, 'data'))[0]);
	return JSON.parse(answer.slice(answer.indexOf('{')));
}

const shows = ({ cert, key }: Issued) => ({ cert, key });

test('TLS 1.3 is spoken with clients that can, and HTTP/1.1 over it', async (t) => {
	const { port } = await start(t);
	const { socket } = await open(port, { ALPNProtocols: ['h2', 'http/1.1'] });
	t.is(socket.getProtocol(), 'TLSv1.3');
	t.is(socket.alpnProtocol, 'http/1.1');
	socket.destroy();
});

const tooWeak = [
	{ says: 'TLS 1.1', options: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } },
	{ says: 'TLS 1.2 without forward secrecy', options: { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' } },
	{ says: 'TLS 1.2 with a CBC suite', options: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA256' } },
] as const;
for (const { says, options } of tooWeak) {
	test(`${says} is refused`, async (t) => {
		const { port } = await start(t);
		await t.throwsAsync(open(port, options), { message: /alert (protocol version|handshake failure)/ });
	});
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
	const only = { minVersion: version, maxVersion: version };

	test(`a ${version} session that began with a certificate names nobody on a connection that shows none`, async (t) => {
		const { port } = await start(t);
		const first = await open(port, { ...only, ...shows(alice) });
		t.like(first.judgement, { kind: 'trusted', name: 'alice' });
		const session = first.sessions.at(-1) ?? first.socket.getSession();
		first.socket.destroy();
		const second = await open(port, { ...only, ...(session && { session }) });
		t.deepEqual(second.judgement, { kind: 'none' });
		t.false(second.socket.isSessionReused());
		second.socket.destroy();
	});

	test(`a ${version} session that began without a certificate takes one on the next connection`, async (t) => {
		const { port } = await start(t);
		const first = await open(port, only);
		t.deepEqual(first.judgement, { kind: 'none' });
		const session = first.sessions.at(-1) ?? first.socket.getSession();
		first.socket.destroy();
		const second = await open(port, { ...only, ...shows(alice), ...(session && { session }) });
		t.like(second.judgement, { kind: 'trusted', name: 'alice' });
		second.socket.destroy();
	});
}

test('a server that asks for no certificates resumes sessions', async (t) => {
	const judging = await start(t);
	const files = { cert: judging.path('server.pem'), key: judging.path('server-key.pem') };
	const plain = createServer(openTls(files, undefined, silent).options, (_, res) => res.end('{}'));
	plain.listen(0, '127.0.0.1');
	await once(plain, 'listening');
	t.teardown(() => plain.close());
	const { port } = plain.address() as AddressInfo;
	const first = await open(port);
	first.socket.destroy();
	const second = await open(port, { session: first.sessions.at(-1) as Buffer });
	t.true(second.socket.isSessionReused());
	second.socket.destroy();
});

test('a connection cannot be renegotiated to another certificate', async (t) => {
	const { port } = await start(t);
	const { socket } = await open(port, { maxVersion: 'TLSv1.2', ...shows(alice) });
	const error = await new Promise<Error | null>((resolve) => {
		socket.on('error', resolve);
		socket.renegotiate({ rejectUnauthorized: false }, resolve);
	});
	t.regex(String(error), /no renegotiation/i);
	socket.destroy();
});

test('requests of one connection go on with the certificate that it was opened with', async (t) => {
	const { port } = await start(t);
	const { socket, judgement } = await open(port, shows(alice));
	t.deepEqual(await say(socket), judgement);
	socket.destroy();
});

for (const mode of [0o660, 0o604, 0o644, 0o666, 0o620]) {
	test(`the service does not start with a private key of mode 0${mode.toString(8)}`, async (t) => {
		const judging = await start(t);
		const files = { cert: judging.path('server.pem'), key: judging.path('server-key.pem') };
		chmodSync(files.key, mode);
		t.throws(() => openTls(files, undefined, silent), { message: /open to others \(mode 0\d+\): chmod 600 / });
	});
}

const unusable = [
	{
		says: 'without the private key',
		key: undefined,
		message: /the private key .*server-key\.pem cannot be read: ENOENT/,
	},
	{ says: 'with the key of another certificate', key: otherServer.key, message: /are no certificate and its key/ },
	{
		says: 'with the key of a certificate of another type',
		key: ecServer.key,
		message: /are no certificate and its key/,
	},
	{ says: 'with a key that is none', key: 'oops', message: /are no certificate and its key/ },
];
for (const { says, key, message } of unusable) {
	test(`the service does not start ${says}`, async (t) => {
		const judging = await start(t);
		if (key === undefined) judging.remove('server-key.pem');
		else judging.put('server-key.pem', key);
		const files = { cert: judging.path('server.pem'), key: judging.path('server-key.pem') };
		t.throws(() => openTls(files, undefined, silent), { message });
	});
}

test('the service does not start with a chain that begins with the CA', async (t) => {
	const judging = await start(t);
	const signed = await ca.issue({ subject: [{ CN: ['localhost'] }], purposes: [serverAuth], hosts: ['localhost'] });
	judging.put('server-key.pem', signed.key);
	const files = { cert: judging.path('server.pem'), key: judging.path('server-key.pem') };
	judging.put('server.pem', ca.cert + signed.cert);
	t.throws(() => openTls(files, undefined, silent), { message: /no certificate and its key/ });
	judging.put('server.pem', signed.cert + ca.cert);
	t.notThrows(() => openTls(files, undefined, silent));
	judging.put(
		'server-key.pem',
		`-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${signed.key}`,
	);
	t.notThrows(() => openTls(files, undefined, silent), 'as `openssl ecparam -genkey` writes keys');
});

test('a certificate of another type than the key, at a renewal, changes nothing and is reported', async (t) => {
	const judging = await start(t);
	judging.put('server.pem', ecServer.cert);
	judging.tls.reload(judging.server);
	t.is(judging.logged.filter(({ level }) => level === 'error').length, 1);
	const before = await open(judging.port);
	t.is(before.socket.getPeerCertificate().subject.CN, 'localhost');
	judging.put('server-key.pem', ecServer.key);
	judging.tls.reload(judging.server);
	const after = await open(judging.port);
	t.is(after.socket.getPeerCertificate().subject.CN, 'ec');
	for (const { socket } of [before, after]) socket.destroy();
});

for (const [says, stat, isTaken] of [
	['0600 of the service', { mode: 0o100600, uid: 1000, gid: 1000 }, true],
	['0640 of root and a group of the service', { mode: 0o100640, uid: 0, gid: 33 }, true],
	['0440 of root and a group of the service', { mode: 0o100440, uid: 0, gid: 33 }, true],
	['0640 of root and another group', { mode: 0o100640, uid: 0, gid: 100 }, false],
	['0640 of somebody else and a group of the service', { mode: 0o100640, uid: 1000, gid: 33 }, false],
	['0660 of root and a group of the service', { mode: 0o100660, uid: 0, gid: 33 }, false],
	['0644 of root and a group of the service', { mode: 0o100644, uid: 0, gid: 33 }, false],
] as const) {
	test(`a private key of mode ${says} is ${isTaken ? 'taken' : 'refused'}`, (t) => {
		t.is(isForService(stat, [1000, 33]), isTaken);
	});
}

test('a renewed server certificate is shown to new connections, and open ones stay open', async (t) => {
	const judging = await start(t);
	const old = await open(judging.port, shows(alice));
	judging.put('server.pem', otherServer.cert);
	judging.put('server-key.pem', otherServer.key);
	judging.tls.reload(judging.server);
	const renewed = await open(judging.port, shows(alice));
	t.is(renewed.socket.getPeerCertificate().subject.CN, 'other');
	t.like(renewed.judgement, { kind: 'trusted', name: 'alice' });
	t.like(await say(old.socket), { kind: 'trusted', name: 'alice' });
	for (const { socket } of [old, renewed]) socket.destroy();
});

test('what protects connections stays after a renewal', async (t) => {
	const judging = await start(t);
	judging.put('server.pem', otherServer.cert);
	judging.put('server-key.pem', otherServer.key);
	judging.tls.reload(judging.server);
	for (const { options } of tooWeak) await t.throwsAsync(open(judging.port, options));
	const first = await open(judging.port, shows(alice));
	first.socket.destroy();
	const second = await open(judging.port, { session: first.sessions.at(-1) as Buffer });
	t.deepEqual(second.judgement, { kind: 'none' });
	second.socket.destroy();
});

test('a renewal that is only half done changes nothing until it is done, and is reported', async (t) => {
	const judging = await start(t);
	judging.put('server.pem', otherServer.cert);
	judging.tls.reload(judging.server);
	judging.tls.reload(judging.server);
	t.is(judging.logged.filter(({ level }) => level === 'error').length, 1);
	const before = await open(judging.port);
	t.is(before.socket.getPeerCertificate().subject.CN, 'localhost');
	judging.put('server-key.pem', otherServer.key);
	judging.tls.reload(judging.server);
	const after = await open(judging.port);
	t.is(after.socket.getPeerCertificate().subject.CN, 'other');
	for (const { socket } of [before, after]) socket.destroy();
});
