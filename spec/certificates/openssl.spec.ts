import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CertificateJudgement } from '../../src/certificates/verdict.ts';
import { newSelfSigned } from '../_support/certificates.ts';
import { type JudgingServer, startJudgingServer } from '../_support/judging-server.ts';

/*
 * The same judge, and certificates and revocation lists as the tool makes them that most people use.
 */

const folder = mkdtempSync(join(tmpdir(), 'latchkey-openssl-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(file(name), 'utf8');

const tool: string = 'openssl';

function openssl(...args: string[]): void {
	execFileSync(tool, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

function isThere(): boolean {
	try {
		openssl('version');
		return true;
	} catch {
		return false;
	}
}

const settings = `
[ca]
default_ca = test
[test]
database = index.txt
serial = serial.txt
crlnumber = crlnumber.txt
new_certs_dir = .
default_md = sha256
default_days = 30
default_crl_days = 7
unique_subject = no
policy = anything
[anything]
commonName = optional
organizationName = optional
[req]
distinguished_name = name
string_mask = utf8only
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid, issuer
[server]
extendedKeyUsage = serverAuth
`;

let judging: JudgingServer;
let made = 0;

/** Signed as it was asked for: \`x509 -req\` keeps the subject, \`ca\` would put it in order. */
function newClient(subject: string, section = 'client', days = '30'): { cert: string; key: string } {
	made += 1;
	const name = `client${made}`;
	openssl(
		'req',
		'-new',
		'-utf8',
		'-config',
		'openssl.cnf',
		'-newkey',
		'ec',
		'-pkeyopt',
		'ec_paramgen_curve:P-256',
		'-nodes',
		'-keyout',
		`${name}.key`,
		'-out',
		`${name}.csr`,
		'-subj',
		subject,
	);
	const serial = String(1000 + made);
	openssl(
		'x509',
		'-req',
		'-in',
		`${name}.csr`,
		'-CA',
		'ca.pem',
		'-CAkey',
		'ca.key',
		'-set_serial',
		serial,
		'-days',
		days,
		'-extfile',
		'openssl.cnf',
		'-extensions',
		section,
		'-out',
		`${name}.pem`,
	);
	return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
}

function newList(): string {
	openssl('ca', '-config', 'openssl.cnf', '-gencrl', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-out', 'crl.pem');
	return read('crl.pem');
}

const whenThere = isThere() ? test.serial : test.skip;
if (!isThere()) test.skip('certificates of openssl are judged: there is no openssl here', () => undefined);

test.before(async () => {
	if (!isThere()) return;
	writeFileSync(file('openssl.cnf'), settings);
	for (const [name, text] of [
		['index.txt', ''],
		['serial.txt', '01'],
		['crlnumber.txt', '01'],
	] as const)
		writeFileSync(file(name), text);
	openssl(
		'req',
		'-x509',
		'-config',
		'openssl.cnf',
		'-extensions',
		'authority',
		'-newkey',
		'rsa:2048',
		'-nodes',
		'-days',
		'30',
		'-keyout',
		'ca.key',
		'-out',
		'ca.pem',
		'-subj',
		'/O=Test/CN=Test CA',
	);
	const server = await newSelfSigned({ subject: [{ CN: ['localhost'] }] });
	judging = await startJudgingServer({ server, ca: [{ ...server, cert: read('ca.pem') }], crl: newList() });
});
test.after.always(() => judging?.close());

const trusted = (t: ExecutionContext, found: CertificateJudgement, name: string) =>
	t.like(found, { kind: 'trusted', name });
const refused = (t: ExecutionContext, found: CertificateJudgement, flaw: string) =>
	t.deepEqual(found as object, { kind: 'refused', flaw });

const names = [
	{ subject: '/CN=user', name: 'user' },
	{ subject: '/O=a, CN=admin/CN=user', name: 'user' },
	{ subject: '/CN=a,b\\=c \\+ d', name: 'a,b=c + d' },
	{ subject: '/CN=José Ωμέγα', name: 'José Ωμέγα' },
	{ subject: '/CN=user/emailAddress=admin@example.com', name: 'user' },
];
for (const { subject, name } of names) {
	whenThere(`openssl's ${subject} is ${name}`, async (t) => trusted(t, await judging.ask(newClient(subject)), name));
}

for (const subject of [
	'/CN=user/CN=admin',
	'/O=x+CN=admin/CN=user',
	'/CN=user+O=x',
	'/O=user',
	'/CN= admin',
	'/CN=admin ',
]) {
	whenThere(`openssl's ${subject} is nobody`, async (t) =>
		refused(t, await judging.ask(newClient(subject)), 'no-name'),
	);
}

whenThere('a certificate of openssl for servers opens nothing', async (t) => {
	refused(t, await judging.ask(newClient('/CN=user', 'server')), 'wrong-purpose');
});

whenThere('a certificate that openssl revoked opens nothing from the next look at the list', async (t) => {
	const client = newClient('/CN=user');
	trusted(t, await judging.ask(client), 'user');
	openssl(
		'ca',
		'-config',
		'openssl.cnf',
		'-cert',
		'ca.pem',
		'-keyfile',
		'ca.key',
		'-crl_reason',
		'keyCompromise',
		'-revoke',
		`client${made}.pem`,
	);
	judging.put('crl.pem', newList());
	judging.trust.reload();
	refused(t, await judging.ask(client), 'revoked');
	trusted(t, await judging.ask(newClient('/CN=user')), 'user');
});

whenThere('a list of openssl in DER, and of many thousand certificates, is read as well', async (t) => {
	const client = newClient('/CN=user');
	const row = (serial: string) => `R\t301231235959Z\t260101000000Z\t${serial}\tunknown\t/CN=x\n`;
	const many = Array.from({ length: 20_000 }, (_, i) =>
		row((2 ** 40 + i).toString(16).toUpperCase().padStart(12, '0')),
	);
	writeFileSync(file('index.txt'), many.join('') + row((1000 + made).toString(16).toUpperCase().padStart(4, '0')));
	newList();
	openssl('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');
	writeFileSync(judging.path('crl.pem'), readFileSync(file('crl.der')));
	judging.trust.reload();
	refused(t, await judging.ask(client), 'revoked');
	trusted(t, await judging.ask(newClient('/CN=user')), 'user');
});
