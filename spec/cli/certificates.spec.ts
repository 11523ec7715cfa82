import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { connect, createSecureContext, createServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { openClientTrust } from '../../src/certificates/client-trust.ts';
import { openTls } from '../../src/certificates/server-tls.ts';
import { peerCertificate } from '../../src/certificates/verdict.ts';
import { devPassphrase, makeDevCertificates } from '../../src/cli/certificates.ts';
import { createClock, type Instant } from '../../src/core/clock.ts';

function newFolder(t: ExecutionContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-certificates-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return join(folder, 'out');
}

const read = (...path: string[]) => new X509Certificate(readFileSync(join(...path)));
const modeOf = (...path: string[]) => statSync(join(...path)).mode & 0o777;

test('one command makes a CA, a server certificate and a certificate for each client', async (t) => {
	const out = newFolder(t);
	const written = await makeDevCertificates({ out, clients: ['alice', 'bob'] });
	t.deepEqual(written.map((file) => basename(file)).sort(), [
		...['alice-key.pem', 'alice.p12', 'alice.pem', 'bob-key.pem', 'bob.p12', 'bob.pem'],
		...['ca-key.pem', 'ca.pem', 'server-key.pem', 'server.pem'],
	]);
	const ca = read(out, 'ca.pem');
	// One behind the other in a file, as HAProxy wants them.
	for (const file of readdirSync(out).filter((name) => name.endsWith('.pem'))) {
		t.true(readFileSync(join(out, file), 'utf8').endsWith('-----\n'), file);
	}
	t.true(ca.ca);
	for (const file of ['alice.pem', 'bob.pem', 'server.pem']) {
		t.true(read(out, file).checkIssued(ca));
		t.true(read(out, file).verify(ca.publicKey));
		t.false(read(out, file).ca);
	}
	t.is(read(out, 'alice.pem').subject, 'CN=alice');
	t.deepEqual(read(out, 'alice.pem').keyUsage, ['1.3.6.1.5.5.7.3.2']);
	t.deepEqual(read(out, 'server.pem').keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

test('the server certificate is good for this machine, and for the hosts that were named', async (t) => {
	const out = newFolder(t);
	await makeDevCertificates({ out, clients: [], hostnames: ['box.example', '192.0.2.7'] });
	const server = read(out, 'server.pem');
	for (const host of ['localhost', 'box.example']) t.is(server.checkHost(host), host);
	for (const address of ['127.0.0.1', '::1', '192.0.2.7']) t.truthy(server.checkIP(address), address);
});

test('keys are readable by their owner only, and so is the folder', async (t) => {
	const out = newFolder(t);
	await makeDevCertificates({ out, clients: ['alice'] });
	t.is(modeOf(out), 0o700);
	for (const file of ['ca-key.pem', 'server-key.pem', 'alice-key.pem', 'alice.p12'])
		t.is(modeOf(out, file), 0o600, file);
});

test('clients can be added later: the CA and the server certificate stay as they are', async (t) => {
	const out = newFolder(t);
	await makeDevCertificates({ out, clients: ['alice'] });
	const before = ['ca.pem', 'ca-key.pem', 'server.pem', 'alice.pem'].map((file) =>
		readFileSync(join(out, file), 'utf8'),
	);
	const written = await makeDevCertificates({ out, clients: ['bob'] });
	t.deepEqual(written.map((file) => basename(file)).sort(), ['bob-key.pem', 'bob.p12', 'bob.pem']);
	t.deepEqual(
		['ca.pem', 'ca-key.pem', 'server.pem', 'alice.pem'].map((file) => readFileSync(join(out, file), 'utf8')),
		before,
	);
	const ca = read(out, 'ca.pem');
	t.true(read(out, 'bob.pem').checkIssued(ca));
	t.true(read(out, 'bob.pem').verify(ca.publicKey));
});

test('a certificate that is there is not replaced, and nothing else is written then', async (t) => {
	const out = newFolder(t);
	await makeDevCertificates({ out, clients: ['alice'] });
	await t.throwsAsync(makeDevCertificates({ out, clients: ['bob', 'alice'] }), {
		message: /alice\.pem is there already/,
	});
	t.throws(() => statSync(join(out, 'bob.pem')), { code: 'ENOENT' });
});

test('a CA without its key, and one that has expired, are not replaced either', async (t) => {
	const out = newFolder(t);
	const now = Date.parse('2020-01-01T00:00:00Z') as Instant;
	await makeDevCertificates({ out, clients: [], now });
	await t.throwsAsync(makeDevCertificates({ out, clients: ['alice'] }), { message: /has expired/ });
	rmSync(join(out, 'ca-key.pem'));
	await t.throwsAsync(makeDevCertificates({ out, clients: ['alice'] }), { message: /ca\.pem.*without its key/ });
	rmSync(join(out, 'ca.pem'));
	writeFileSync(join(out, 'ca-key.pem'), 'precious');
	await t.throwsAsync(makeDevCertificates({ out, clients: ['alice'] }), { message: /ca-key\.pem/ });
	t.is(readFileSync(join(out, 'ca-key.pem'), 'utf8'), 'precious');
});

test('no certificate outlives the CA that signed it', async (t) => {
	const out = newFolder(t);
	const day = 86_400_000;
	const now = Date.parse('2026-01-01T00:00:00Z');
	await makeDevCertificates({ out, clients: [], now: now as Instant });
	await makeDevCertificates({ out, clients: ['late'], now: (now + 800 * day) as Instant });
	t.is(read(out, 'late.pem').validTo, read(out, 'ca.pem').validTo);
});

const namedFiles = [
	{ says: 'a path', client: '../../etc/passwd', file: '%2E.%2F..%2Fetc%2Fpasswd.pem' },
	{ says: 'an option', client: '-rf', file: '%2Drf.pem' },
	{ says: 'a Windows path', client: 'C:\\x', file: 'C%3A%5Cx.pem' },
	{ says: 'an address', client: 'alice@example.com', file: 'alice@example.com.pem' },
	{ says: 'a name in another script', client: 'José', file: 'Jos%C3%A9.pem' },
];
for (const { says, client, file } of namedFiles) {
	test(`a client whose name looks like ${says} is certified letter for letter, in a harmless file`, async (t) => {
		const out = newFolder(t);
		const written = await makeDevCertificates({ out, clients: [client] });
		t.true(written.includes(join(out, file)), written.join());
		t.is(read(out, file).toLegacyObject().subject.CN as unknown, client);
	});
}

for (const client of ['', ' alice', 'a\0b', 'a\nb', 'x'.repeat(257), 'Jose\u0301', 'ca', 'Server', 'alice-key']) {
	test(`no certificate is made for ${JSON.stringify(client.slice(0, 20))}`, async (t) => {
		const out = newFolder(t);
		await t.throwsAsync(makeDevCertificates({ out, clients: ['bob', client] }));
		t.throws(() => statSync(out), { code: 'ENOENT' });
	});
}

test('the file for browsers holds the certificate and its key, and opens with the passphrase only', async (t) => {
	const out = newFolder(t);
	await makeDevCertificates({ out, clients: ['alice'] });
	const pfx = readFileSync(join(out, 'alice.p12'));
	t.notThrows(() => createSecureContext({ pfx, passphrase: devPassphrase }));
	t.throws(() => createSecureContext({ pfx, passphrase: 'another' }), { message: /mac verify failure/ });
});

test('a client with its file for browsers is known to a server with the files of the server', async (t) => {
	const out = newFolder(t);
	await makeDevCertificates({ out, clients: ['alice'] });
	const log = { info() {}, error() {} };
	const trust = openClientTrust({ clientCa: join(out, 'ca.pem') }, { clock: createClock(), log });
	const { options } = openTls({ cert: join(out, 'server.pem'), key: join(out, 'server-key.pem') }, trust, log);
	const server = createServer(options, (socket) => socket.end(JSON.stringify(peerCertificate(socket, trust))));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const client = connect({
		port: (server.address() as AddressInfo).port,
		host: '127.0.0.1',
		ca: readFileSync(join(out, 'ca.pem')),
		pfx: readFileSync(join(out, 'alice.p12')),
		passphrase: devPassphrase,
	});
	t.like(JSON.parse(String((await once(client, 'data'))[0])), { kind: 'trusted', name: 'alice' });
	t.true(client.authorized);
	client.destroy();
});

test('without the optional packages it is said what to install, and nothing is written', (t) => {
	const project = join(import.meta.dirname, '../..');
	const clone = mkdtempSync(join(tmpdir(), 'latchkey-without-'));
	t.teardown(() => rmSync(clone, { recursive: true }));
	for (const part of ['src', 'package.json']) cpSync(join(project, part), join(clone, part), { recursive: true });
	mkdirSync(join(clone, 'node_modules'));
	for (const name of readdirSync(join(project, 'node_modules')))
		if (!/^(@peculiar|reflect-metadata)$/.test(name))
			symlinkSync(join(project, 'node_modules', name), join(clone, 'node_modules', name));
	const words = [join(clone, 'src/launcher.js'), 'certificates', 'dev', '--out', 'certs'];
	const { status, stderr } = spawnSync(process.execPath, words, { cwd: clone, encoding: 'utf8' });
	t.is(status, 1);
	t.is(
		stderr,
		'latchkey: certificates are made with @peculiar/x509 and reflect-metadata, which are not installed: npm install @peculiar/x509 reflect-metadata\n',
	);
	t.false(existsSync(join(clone, 'certs')));
});
