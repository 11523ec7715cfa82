import { createPrivateKey, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/*
 * CAs and certificates for specs, good and bad ones, made in memory. Nothing of `src` takes part: what made a
 * certificate must not be what judges it.
 */

const algorithms = {
	ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
	rsa: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
	pss: {
		name: 'RSA-PSS',
		modulusLength: 2048,
		publicExponent: new Uint8Array([1, 0, 1]),
		hash: 'SHA-256',
		saltLength: 32,
	},
	sha1: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-1' },
	short: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
	ed25519: { name: 'Ed25519' },
} as const;

export const { Extension } = x509;
export const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
export const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags;
/** DER of `[permitted: everything below C=AQ]`. */
export const nameConstraints = new x509.Extension(
	'2.5.29.30',
	true,
	Buffer.from('3015a0133011a40f300d310b3009060355040613024151', 'hex'),
);
export const unknownCritical = new x509.Extension('1.3.6.1.4.1.99999.1', true, Buffer.from('0500', 'hex'));

export type Subject = x509.JsonNameParams;

export interface CertificateWishes {
	readonly subject?: Subject;
	readonly kind?: keyof typeof algorithms;
	/** Days from now. */
	readonly fromDays?: number;
	readonly untilDays?: number;
	readonly authority?: boolean;
	readonly mostBelow?: number;
	/** `null`: the extension is left out. */
	readonly purposes?: readonly string[] | null;
	readonly keyUsage?: number | null;
	readonly emails?: readonly string[];
	readonly hosts?: readonly string[];
	readonly more?: readonly x509.Extension[];
	/** Its key pair, and no new one: cross-signed, or renewed. */
	readonly keysOf?: Issued;
}

interface ListWishes {
	readonly revoked?: readonly Issued[];
	readonly fromDays?: number;
	readonly untilDays?: number;
	readonly more?: readonly x509.Extension[];
	/** Signed with somebody else's key. */
	readonly forgedBy?: Issued;
}

export interface Issued {
	/** PEM. */
	readonly cert: string;
	readonly key: string;
	readonly der: Buffer;
	readonly serialNumber: string;
	readonly keys: webcrypto.CryptoKeyPair;
	/** A certificate signed with this one's key, whether it is a CA or not. */
	issue(wishes: CertificateWishes): Promise<Issued>;
	/** A revocation list, PEM. */
	list(wishes?: ListWishes): Promise<string>;
}

/** A CA of that name, trusted by nobody yet. */
export function newCa(name = 'Test CA', wishes: CertificateWishes = {}): Promise<Issued> {
	return make({
		subject: [{ CN: [name] }],
		authority: true,
		purposes: null,
		keyUsage: keyCertSign | cRLSign,
		...wishes,
	});
}

/** A certificate that signed itself. */
export function newSelfSigned(wishes: CertificateWishes): Promise<Issued> {
	return make(wishes);
}

const dayMs = 86_400_000;

async function make(
	wishes: CertificateWishes,
	issuer?: { name: x509.Name; key: webcrypto.CryptoKey; kind: keyof typeof algorithms },
) {
	const { subject = [{ CN: ['user'] }], kind = 'ec', fromDays = -1, untilDays = 30, authority = false } = wishes;
	const { purposes = [clientAuth], keyUsage = digitalSignature, emails = [], hosts = [], more = [] } = wishes;
	const algorithm = algorithms[kind];
	const keys =
		wishes.keysOf?.keys ??
		((await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair);
	const extensions: x509.Extension[] = [new x509.BasicConstraintsExtension(authority, wishes.mostBelow, true), ...more];
	if (purposes) extensions.push(new x509.ExtendedKeyUsageExtension([...purposes]));
	if (keyUsage !== null) extensions.push(new x509.KeyUsagesExtension(keyUsage, true));
	if (emails.length > 0 || hosts.length > 0) {
		const names = [
			...emails.map((value) => ({ type: 'email' as const, value })),
			...hosts.map((value) => ({ type: /^[\d.:]+$/.test(value) ? ('ip' as const) : ('dns' as const), value })),
		];
		extensions.push(new x509.SubjectAlternativeNameExtension(names));
	}
	const name = new x509.Name(subject);
	const certificate = await x509.X509CertificateGenerator.create({
		subject: name,
		issuer: issuer?.name ?? name,
		notBefore: new Date(Date.now() + fromDays * dayMs),
		notAfter: new Date(Date.now() + untilDays * dayMs),
		publicKey: keys.publicKey,
		signingKey: issuer?.key ?? keys.privateKey,
		signingAlgorithm: algorithms[issuer?.kind ?? kind],
		extensions,
	});
	const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
	const issued: Issued = {
		cert: `${certificate.toString('pem')}\n`,
		key: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({
			format: 'pem',
			type: 'pkcs8',
		}) as string,
		der: Buffer.from(certificate.rawData),
		serialNumber: certificate.serialNumber,
		keys,
		issue: (next) => make(next, { name, key: keys.privateKey, kind }),
		async list({ revoked = [], fromDays: listFrom = -1, untilDays: listUntil = 7, more: ownMore = [], forgedBy } = {}) {
			const list = await x509.X509CrlGenerator.create({
				issuer: name,
				thisUpdate: new Date(Date.now() + listFrom * dayMs),
				nextUpdate: new Date(Date.now() + listUntil * dayMs),
				entries: revoked.map(({ serialNumber }) => ({ serialNumber, revocationDate: new Date() })),
				extensions: [...ownMore],
				signingKey: forgedBy?.keys.privateKey ?? keys.privateKey,
				signingAlgorithm: algorithm,
			});
			// The library calls the block `CRL`; everybody else (RFC 7468) calls it this:
			return `${list.toString('pem').replaceAll(' CRL-', ' X509 CRL-')}\n`;
		},
	};
	return issued;
}
