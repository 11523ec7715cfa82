import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { forwardedCertificate } from '../../src/certificates/client-cert-header.ts';
import { openClientTrust } from '../../src/certificates/client-trust.ts';
import { createClock } from '../../src/core/clock.ts';
import { newCa } from '../_support/certificates.ts';

const ca = await newCa();
const client = await ca.issue({});
const base64 = client.der.toString('base64');
const pem = Buffer.from(client.cert).toString('base64');

const folder = mkdtempSync(join(tmpdir(), 'latchkey-header-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'ca.pem'), ca.cert);
const log = { info() {}, error() {} };
const trust = openClientTrust({ clientCa: join(folder, 'ca.pem') }, { clock: createClock(), log });

const good = [
	{ says: 'one byte sequence', header: `:${base64}:` },
	{ says: 'with spaces around it', header: `  :${base64}: ` },
	{ says: 'with a parameter, which means nothing', header: `:${base64}:;a=1` },
];
for (const { says, header } of good) {
	test(`a Client-Cert header is believed: ${says}`, (t) => {
		t.like(forwardedCertificate(header, trust), { kind: 'trusted', name: 'user' });
	});
}

const bad = [
	{ says: 'an empty one', header: '' },
	{ says: 'two of them, as Node joins two headers', header: `:${base64}:, :${base64}:` },
	{ says: 'two without a comma', header: `:${base64}: :${base64}:` },
	{ says: 'base64 without its colons', header: base64 },
	{ says: 'a string', header: `"${base64}"` },
	{ says: 'an open end', header: `:${base64}` },
	{ says: 'a list of bytes', header: `(:${base64}:)` },
	{ says: 'base64url', header: `:${client.der.toString('base64url').replace(/^/, '-_')}:` },
	{ says: 'PEM in a byte sequence', header: `:${pem}:` },
	{ says: 'PEM with escaped line ends, as nginx sends it', header: encodeURIComponent(client.cert) },
	{
		says: 'bytes behind the certificate',
		header: `:${Buffer.concat([client.der, Buffer.from([0])]).toString('base64')}:`,
	},
	{ says: 'two certificates in one', header: `:${Buffer.concat([client.der, client.der]).toString('base64')}:` },
	{ says: 'half a certificate', header: `:${client.der.subarray(0, 200).toString('base64')}:` },
	{ says: 'no certificate at all', header: ':AAAA:' },
	{ says: 'a length without end', header: `:${Buffer.from('30800000', 'hex').toString('base64')}:` },
	{ says: 'a huge length', header: `:${Buffer.from('3084ffffffff', 'hex').toString('base64')}:` },
	{ says: 'only nesting', header: `:${Buffer.from('3080'.repeat(5000), 'hex').toString('base64')}:` },
];
for (const { says, header } of bad) {
	test(`a Client-Cert header opens nothing: ${says}`, (t) => {
		t.deepEqual(forwardedCertificate(header, trust), { kind: 'refused', flaw: 'malformed' });
	});
}

test('no header names nobody, and neither does an empty one, or one where no CA is configured', (t) => {
	t.deepEqual(forwardedCertificate(undefined, trust), { kind: 'none' });
	t.deepEqual(forwardedCertificate('::', trust), { kind: 'none' });
	t.deepEqual(forwardedCertificate(`:${base64}:`, undefined), { kind: 'none' });
});

test('whatever is changed in a certificate, it opens nothing and breaks nothing', (t) => {
	const change = fc.record({ at: fc.nat(client.der.length - 1), by: fc.integer({ min: 1, max: 255 }) });
	fc.assert(
		fc.property(change, ({ at, by }) => {
			const bytes = Buffer.from(client.der);
			bytes[at] = (bytes[at] as number) ^ by;
			t.is(forwardedCertificate(`:${bytes.toString('base64')}:`, trust).kind, 'refused');
		}),
		{ numRuns: 1000 },
	);
});

test('whatever comes in the header, it opens nothing and breaks nothing', (t) => {
	const anything = fc.oneof(
		fc.string(),
		fc.uint8Array({ maxLength: 300 }).map((bytes) => `:${Buffer.from(bytes).toString('base64')}:`),
		fc
			.uint8Array({ maxLength: 300 })
			.map((bytes) => `:${Buffer.concat([Buffer.from('30820100', 'hex'), bytes]).toString('base64')}:`),
	);
	fc.assert(
		fc.property(anything, (header) => {
			t.not(forwardedCertificate(header, trust).kind, 'trusted');
		}),
		{ numRuns: 500 },
	);
});
