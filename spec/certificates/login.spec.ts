import test from 'ava';
import { forwardedCertificate } from '../../src/certificates/client-cert-header.ts';
import type { CertificateFlaw } from '../../src/certificates/verdict.ts';
import {
	type CertificateWishes,
	clientAuth,
	cRLSign,
	digitalSignature,
	type Issued,
	keyCertSign,
	keyEncipherment,
	nameConstraints,
	newCa,
	newSelfSigned,
	type Subject,
	serverAuth,
	unknownCritical,
} from '../_support/certificates.ts';
import { startJudgingServer } from '../_support/judging-server.ts';

const ca = await newCa('Clients');
const rsaCa = await newCa('RSA clients', { kind: 'rsa' });
const pssCa = await newCa('PSS clients', { kind: 'pss' });
const edCa = await newCa('Ed25519 clients', { kind: 'ed25519' });
const sha1Ca = await newCa('SHA-1 clients', { kind: 'sha1' });
const oldCa = await newCa('Old clients', { fromDays: -30, untilDays: -1 });
const narrowCa = await newCa('Narrow', { mostBelow: 0 });
const constrainedCa = await newCa('Constrained', { more: [nameConstraints] });
const serversOnlyCa = await newCa('Servers', { purposes: [serverAuth] });

const between = await ca.issue(caBelow('Between'));
const betweenNarrow = await narrowCa.issue(caBelow('Below narrow'));
const foreignCa = await newCa('Foreign');
const unnamed = await ca.issue(caBelow('Not configured itself'));
const twinCa = await newCa('Clients');
const trusted = [ca, rsaCa, pssCa, edCa, sha1Ca, oldCa, narrowCa, constrainedCa, serversOnlyCa, between, betweenNarrow];

const revoked = await ca.issue({ subject: [{ CN: ['user'] }] });
const lists = await Promise.all(trusted.map((one) => one.list({ revoked: one === ca ? [revoked] : [] })));
const judging = await startJudgingServer({
	server: await newSelfSigned({ subject: [{ CN: ['localhost'] }], purposes: [serverAuth] }),
	ca: trusted,
	crl: lists.join(''),
});

test.after.always(() => judging.close());

function caBelow(name: string): CertificateWishes {
	return { subject: [{ CN: [name] }], authority: true, purposes: null, keyUsage: keyCertSign | cRLSign };
}

interface Case {
	readonly says: string;
	readonly shown: Issued | Promise<Issued>;
	/** What comes along with it, in the handshake. */
	readonly others?: readonly Issued[];
	/** TLS says no before we look closely. */
	readonly overTls?: CertificateFlaw | 'not-possible';
}

const named = (subject: Subject) => ca.issue({ subject });

const accepted: readonly (Case & { name: string })[] = [
	{ says: 'of a trusted CA', shown: ca.issue({}), name: 'user' },
	{ says: 'of a CA below another one, both trusted', shown: between.issue({}), name: 'user' },
	{
		says: 'that brings along more than is needed',
		shown: between.issue({}),
		others: [foreignCa, between, ca],
		name: 'user',
	},
	{ says: 'of an RSA CA', shown: rsaCa.issue({}), name: 'user' },
	{ says: 'with an RSA key of an EC CA', shown: ca.issue({ kind: 'rsa' }), name: 'user' },
	{ says: 'of an RSASSA-PSS CA', shown: pssCa.issue({}), name: 'user' },
	{ says: 'of an Ed25519 CA', shown: edCa.issue({}), name: 'user' },
	{ says: 'for nothing in particular', shown: ca.issue({ purposes: null }), name: 'user' },
	{
		says: 'for nothing in particular, not even its key',
		shown: ca.issue({ purposes: null, keyUsage: null }),
		name: 'user',
	},
	{ says: 'for clients and servers', shown: ca.issue({ purposes: [serverAuth, clientAuth] }), name: 'user' },
	{ says: 'that says nothing of what its key is for', shown: ca.issue({ keyUsage: null }), name: 'user' },
	{
		says: 'with other parts in its subject',
		shown: named([{ C: ['DE'] }, { O: ['x'] }, { CN: ['user'] }]),
		name: 'user',
	},
	{
		says: 'whose organisation looks like a common name',
		shown: named([{ O: ['a, CN=admin'] }, { CN: ['user'] }]),
		name: 'user',
	},
	{
		says: 'whose name is full of punctuation',
		shown: named([{ CN: [{ utf8String: 'a,b=c+d, CN=admin/CN=root' }] }]),
		name: 'a,b=c+d, CN=admin/CN=root',
	},
	{ says: 'with a name in UTF-8', shown: named([{ CN: [{ utf8String: 'José Ωμέγα 🔑' }] }]), name: 'José Ωμέγα 🔑' },
	{ says: 'with a name in UCS-2', shown: named([{ CN: [{ bmpString: 'José Ωμέγα' }] }]), name: 'José Ωμέγα' },
	{ says: 'with a name of 256 letters', shown: named([{ CN: ['x'.repeat(256)] }]), name: 'x'.repeat(256) },
	{
		says: 'with other names beside its subject',
		shown: ca.issue({ emails: ['admin@example.com'], hosts: ['admin'] }),
		name: 'user',
	},
];

const refused: readonly (Case & { flaw: CertificateFlaw })[] = [
	{ says: 'that signed itself', shown: newSelfSigned({}), flaw: 'untrusted' },
	{ says: 'of a CA that nobody trusts', shown: foreignCa.issue({}), flaw: 'untrusted' },
	{
		says: 'of a CA that nobody trusts and that it brings along',
		shown: foreignCa.issue({}),
		others: [foreignCa],
		flaw: 'untrusted',
	},
	{ says: 'of a CA with the name of a trusted one', shown: twinCa.issue({}), others: [twinCa], flaw: 'untrusted' },
	{ says: 'signed by another client', shown: ca.issue({}).then((client) => client.issue({})), flaw: 'untrusted' },
	{
		says: 'signed by another client who comes along',
		shown: revoked.issue({}),
		others: [revoked],
		flaw: 'untrusted',
	},
	{ says: 'of a CA below a trusted one', shown: unnamed.issue({}), flaw: 'untrusted' },
	{
		says: 'of a CA below a trusted one that it brings along',
		shown: unnamed.issue({}),
		others: [unnamed],
		flaw: 'untrusted',
	},
	{
		says: 'below a CA that may have none below',
		shown: betweenNarrow.issue({}),
		flaw: 'untrusted',
	},
	{ says: 'of a CA with name constraints', shown: constrainedCa.issue({}), flaw: 'untrusted' },
	{
		says: 'of a CA for servers',
		shown: serversOnlyCa.issue({}),
		flaw: 'untrusted',
		overTls: 'wrong-purpose',
	},
	{ says: 'of a CA that has expired', shown: oldCa.issue({}), flaw: 'untrusted' },
	{ says: 'signed with SHA-1', shown: sha1Ca.issue({}), flaw: 'untrusted' },
	{
		says: 'with an RSA key of 1024 bits',
		shown: ca.issue({ kind: 'short' }),
		flaw: 'untrusted',
		overTls: 'not-possible',
	},
	{ says: 'that has expired', shown: ca.issue({ fromDays: -9, untilDays: -1 }), flaw: 'expired' },
	{ says: 'that is not valid yet', shown: ca.issue({ fromDays: 1, untilDays: 9 }), flaw: 'not-yet-valid' },
	{ says: 'for servers only', shown: ca.issue({ purposes: [serverAuth] }), flaw: 'wrong-purpose' },
	{ says: 'for any purpose', shown: ca.issue({ purposes: ['2.5.29.37.0'] }), flaw: 'wrong-purpose' },
	{
		says: 'whose key may not sign',
		shown: ca.issue({ kind: 'rsa', keyUsage: keyEncipherment }),
		flaw: 'wrong-purpose',
	},
	{
		says: 'of a CA itself',
		shown: ca.issue({ authority: true, purposes: [clientAuth], keyUsage: keyCertSign | digitalSignature }),
		flaw: 'wrong-purpose',
	},
	{ says: 'of a trusted CA itself', shown: ca, flaw: 'wrong-purpose', overTls: 'wrong-purpose' },
	{
		says: 'that demands what we do not understand',
		shown: ca.issue({ more: [unknownCritical] }),
		flaw: 'wrong-purpose',
		overTls: 'untrusted',
	},
	{ says: 'that was revoked', shown: revoked, flaw: 'revoked' },
	{ says: 'with two common names', shown: named([{ CN: ['user'] }, { CN: ['admin'] }]), flaw: 'no-name' },
	{ says: 'with one common name twice', shown: named([{ CN: ['user'] }, { CN: ['user'] }]), flaw: 'no-name' },
	{ says: 'with a common name beside another value', shown: named([{ O: ['x'], CN: ['admin'] }]), flaw: 'no-name' },
	{
		says: 'with one common name beside another value and one alone',
		shown: named([{ O: ['x'], CN: ['admin'] }, { CN: ['user'] }]),
		flaw: 'no-name',
	},
	{ says: 'with two values in one part', shown: named([{ O: ['x'], OU: ['y'] }, { CN: ['user'] }]), flaw: 'no-name' },
	{ says: 'with a NUL in its name', shown: named([{ CN: [{ utf8String: 'admin\0.evil' }] }]), flaw: 'no-name' },
	{ says: 'with a NUL in its UCS-2 name', shown: named([{ CN: [{ bmpString: 'admin\0' }] }]), flaw: 'no-name' },
	{ says: 'with a line break in its name', shown: named([{ CN: [{ utf8String: 'admin\n' }] }]), flaw: 'no-name' },
	{ says: 'without a common name', shown: named([{ O: ['user'] }]), flaw: 'no-name' },
	{ says: 'without a subject', shown: ca.issue({ subject: [], emails: ['user@example.com'] }), flaw: 'no-name' },
	{
		says: 'with names beside its subject only',
		shown: ca.issue({ subject: [{ O: ['x'] }], hosts: ['admin'], emails: ['admin@example.com'] }),
		flaw: 'no-name',
	},
	{ says: 'with an empty name', shown: named([{ CN: [{ utf8String: '' }] }]), flaw: 'no-name' },
	{ says: 'with a space before its name', shown: named([{ CN: [' admin'] }]), flaw: 'no-name' },
	{ says: 'with a space behind its name', shown: named([{ CN: ['admin '] }]), flaw: 'no-name' },
	{ says: 'with a name of 257 letters', shown: named([{ CN: ['x'.repeat(257)] }]), flaw: 'no-name' },
	{
		says: 'whose name is not in its composed form',
		shown: named([{ CN: [{ utf8String: 'Jose\u0301' }] }]),
		flaw: 'no-name',
	},
	{
		says: 'whose name turns the text around',
		shown: named([{ CN: [{ utf8String: 'user\u202enimda' }] }]),
		flaw: 'no-name',
	},
	{
		says: 'whose name begins with a byte order mark',
		shown: named([{ CN: [{ utf8String: '\ufeffadmin' }] }]),
		flaw: 'no-name',
	},
	{
		says: 'with a name in a string that is not for names',
		shown: named([{ CN: [{ ia5String: 'user' }] }]),
		flaw: 'no-name',
	},
];

const asHeader = (der: Buffer) => `:${der.toString('base64')}:`;

for (const { says, shown, others = [], overTls, ...wanted } of [...accepted, ...refused]) {
	const judgement = 'name' in wanted ? `names ${JSON.stringify(wanted.name.slice(0, 30))}` : 'opens nothing';

	if (overTls !== 'not-possible') {
		test(`a certificate ${says}, in a handshake, ${judgement}`, async (t) => {
			const { cert, key } = await shown;
			const found = await judging.ask({ cert: [cert, ...others.map((other) => other.cert)].join(''), key });
			if ('name' in wanted) t.like(found, { kind: 'trusted', name: wanted.name });
			else t.deepEqual(found, { kind: 'refused', flaw: overTls ?? wanted.flaw });
		});
	}

	test(`a certificate ${says}, in a header, ${judgement}`, async (t) => {
		const { der } = await shown;
		const found = forwardedCertificate(asHeader(der), judging.trust);
		if ('name' in wanted) t.like(found, { kind: 'trusted', name: wanted.name });
		else t.deepEqual(found, { kind: 'refused', flaw: wanted.flaw });
	});
}

test('both ways keep the same of a certificate', async (t) => {
	const { cert, key, der } = await ca.issue({});
	t.deepEqual(await judging.ask({ cert, key }), forwardedCertificate(asHeader(der), judging.trust));
});

test('a connection without a certificate is served, and names nobody', async (t) => {
	t.deepEqual(await judging.ask(), { kind: 'none' });
});
