import { X509Certificate } from 'node:crypto';
import { childrenOf, type Der, expect, NotDer, readBits, readDer, readOid, readTime, tags } from './der.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature.ts';

/** What a certificate says about itself (RFC 5280, 4.1). True only if somebody trusted signed it. */
export interface Certificate {
	/** For what Node knows better: keys and signatures. */
	readonly x509: X509Certificate;
	/** SHA-256 of all its bytes, hex. */
	readonly fingerprint: string;
	/** Hex. Names a certificate among those of one issuer. */
	readonly serial: string;
	/** The names as they stand there, in DER. */
	readonly issuer: Der;
	readonly subject: Der;
	/** Both in milliseconds since 1970, and both still within. */
	readonly validFrom: number;
	readonly validUntil: number;
	/** How its issuer signed it; `undefined`: in a way that is unknown or too weak. */
	readonly signedWith: SignatureAlgorithm | undefined;
	/** A CA; and how many more may stand below it, the last one not counted. */
	readonly authority: boolean;
	readonly mostBelow: number;
	/** `undefined`: its key may be used for everything. */
	readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
	/** Extended key usages, as object identifiers. `undefined`: none are named. */
	readonly purposes: ReadonlySet<string> | undefined;
	/** The names of the places where its issuer publishes lists that speak of it (`cRLDistributionPoints`), in DER. */
	readonly listedAt: readonly Buffer[];
	/** A CA that vouches for some names only. Not understood, so it vouches for none. */
	readonly hasNameConstraints: boolean;
	/** It demands something that we do not understand; then it must not be used (RFC 5280, 4.2). */
	readonly demandsUnknown: boolean;
}

type KeyUsage = 'digitalSignature' | 'keyCertSign' | 'cRLSign';

export interface Extension {
	readonly critical: boolean;
	/** DER. */
	readonly value: Buffer;
}

const keyUsageBits: Record<KeyUsage, number> = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 };
const extension = {
	keyUsage: '2.5.29.15',
	subjectAltName: '2.5.29.17',
	basicConstraints: '2.5.29.19',
	nameConstraints: '2.5.29.30',
	crlDistributionPoints: '2.5.29.31',
	certificatePolicies: '2.5.29.32',
	extendedKeyUsage: '2.5.29.37',
};
const understood = new Set(Object.values(extension).filter((oid) => oid !== extension.nameConstraints));

/** Throws where the bytes are no certificate. PEM is none: whoever reads a file takes the certificates out of it. */
export function parseCertificate(bytes: Buffer): Certificate {
	const [signed, algorithm] = childrenOf(readDer(bytes, tags.sequence));
	const fields = childrenOf(expect(signed, tags.sequence));
	if (fields[0]?.tag === 0xa0) fields.shift(); // the version
	const [serial, innerAlgorithm, issuer, validity, subject] = fields;
	if (!algorithm || !innerAlgorithm?.bytes.equals(algorithm.bytes)) throw new NotDer('two signature algorithms');
	const [from, until] = childrenOf(expect(validity, tags.sequence));
	const extensions = readExtensions(fields.find(({ tag }) => tag === 0xa3));
	const x509 = new X509Certificate(bytes);
	return {
		x509,
		fingerprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
		serial: expect(serial, tags.integer).content.toString('hex'),
		issuer: expect(issuer, tags.sequence),
		subject: expect(subject, tags.sequence),
		validFrom: readTime(from),
		validUntil: readTime(until),
		signedWith: readSignatureAlgorithm(algorithm),
		...readBasicConstraints(extensions.get(extension.basicConstraints)),
		keyUsage: readKeyUsage(extensions.get(extension.keyUsage)),
		purposes: readPurposes(extensions.get(extension.extendedKeyUsage)),
		listedAt: readDistributionPoints(extensions.get(extension.crlDistributionPoints)),
		hasNameConstraints: extensions.has(extension.nameConstraints),
		demandsUnknown:
			extensions.has(extension.nameConstraints) ||
			[...extensions].some(([oid, { critical }]) => critical && !understood.has(oid)),
	};
}

/** Of the element that wraps the extensions; none where there is no such element. */
export function readExtensions(wrapper: Der | undefined): Map<string, Extension> {
	const extensions = new Map<string, Extension>();
	const [list] = wrapper ? childrenOf(wrapper) : [];
	for (const element of list ? childrenOf(list, tags.sequence) : []) {
		const { oid, ...found } = readExtension(element);
		if (extensions.has(oid)) throw new NotDer('an extension twice');
		extensions.set(oid, found);
	}
	return extensions;
}

export function readExtension(element: Der): Extension & { oid: string } {
	const [type, ...rest] = childrenOf(element, tags.sequence);
	const flag = rest.length > 1 ? expect(rest[0], tags.boolean).content : undefined;
	return {
		oid: readOid(type),
		critical: flag ? flag[0] !== 0 : false,
		value: expect(rest.at(-1), tags.octetString).content,
	};
}

function readBasicConstraints(found: Extension | undefined): Pick<Certificate, 'authority' | 'mostBelow'> {
	const parts = found ? childrenOf(readDer(found.value, tags.sequence)) : [];
	const authority = parts[0]?.tag === tags.boolean && parts[0].content[0] !== 0;
	const limit = parts.find(({ tag }) => tag === tags.integer);
	return { authority, mostBelow: limit ? limit.content.readUIntBE(0, Math.min(limit.content.length, 6)) : Infinity };
}

function readKeyUsage(found: Extension | undefined): ReadonlySet<KeyUsage> | undefined {
	if (!found) return undefined;
	const { bytes } = readBits(readDer(found.value));
	const isSet = (bit: number) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
	return new Set((Object.keys(keyUsageBits) as KeyUsage[]).filter((usage) => isSet(keyUsageBits[usage])));
}

function readPurposes(found: Extension | undefined): ReadonlySet<string> | undefined {
	return found && new Set(childrenOf(readDer(found.value, tags.sequence)).map((purpose) => readOid(purpose)));
}

/** Points for some reasons only, or of lists that somebody else signs, are left aside: no such list is understood. */
function readDistributionPoints(found: Extension | undefined): readonly Buffer[] {
	const points = found ? childrenOf(readDer(found.value, tags.sequence)) : [];
	return points.flatMap((point) => {
		const [name, ...more] = childrenOf(point, tags.sequence);
		return name?.tag === 0xa0 && more.length === 0 ? readFullName(name) : [];
	});
}

/** The names inside of a `DistributionPointName`, in DER; none where it is relative to an issuer. */
export function readFullName(wrapper: Der): readonly Buffer[] {
	const [name] = childrenOf(wrapper);
	return name?.tag === 0xa0 ? childrenOf(name).map(({ bytes }) => bytes) : [];
}
