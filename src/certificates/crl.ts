import { childrenOf, type Der, expect, NotDer, readBits, readDer, readTime, tags } from './der.ts';
import { pemBlocks } from './pem.ts';
import { isSignedWith, readSignatureAlgorithm } from './signature.ts';
import { type Certificate, type Extension, readExtension, readExtensions, readFullName } from './x509.ts';

/** A certificate revocation list (RFC 5280, 5): which certificates its issuer takes back. */
export interface RevocationList {
	/** The issuer's name, in DER. */
	readonly issuer: Der;
	/** Both in milliseconds since 1970. After `validUntil` a list says nothing any more. */
	readonly validFrom: number;
	readonly validUntil: number;
	/**
	 * Its own place, as `Certificate.listedAt` names it; absent: it speaks of all certificates of its issuer. An issuer that
	 * splits its list says so in this way only: whether one speaks of a certificate, the certificate must say.
	 */
	readonly ofPoint: readonly Buffer[] | undefined;
	/** As `Certificate.serial`. */
	readonly serials: ReadonlySet<string>;
	isSignedBy(issuer: Certificate): boolean;
}

/** Throws where the file holds no list, or one of which we do not understand every word. */
export function readRevocationLists(file: Buffer): RevocationList[] {
	const blocks = pemBlocks(file, 'X509 CRL');
	return (blocks.length > 0 ? blocks : [file]).map(parseRevocationList);
}

/**
 * How a chain stands, from its leaf to its anchor: `revoked` where any list of an issuer names a certificate of it, an
 * outdated list too; `revocation-unknown` where no list speaks for an issuer at this time.
 */
export function standingOf(
	chain: readonly Certificate[],
	lists: readonly RevocationList[],
	nowMs: number,
): 'good' | 'revoked' | 'revocation-unknown' {
	let standing: 'good' | 'revocation-unknown' = 'good';
	for (const [i, issuer] of chain.entries()) {
		const certificate = chain[i - 1];
		if (!certificate) continue;
		if (lists.some((list) => list.serials.has(certificate.serial) && speaksFor(list, issuer))) return 'revoked';
		const ownLists = lists.filter((list) => isFor(list, certificate));
		if (!hasCurrentList(issuer, ownLists, nowMs)) standing = 'revocation-unknown';
	}
	return standing;
}

/** Rule: RFC 5280, 6.3.3 (b) (2) (i). */
function isFor({ ofPoint }: RevocationList, { listedAt }: Certificate): boolean {
	return ofPoint === undefined || ofPoint.some((name) => listedAt.some((one) => one.equals(name)));
}

export function hasCurrentList(issuer: Certificate, lists: readonly RevocationList[], nowMs: number): boolean {
	return lists.some((list) => list.validFrom <= nowMs && nowMs <= list.validUntil && speaksFor(list, issuer));
}

function speaksFor(list: RevocationList, issuer: Certificate): boolean {
	return (
		list.issuer.bytes.equals(issuer.subject.bytes) &&
		(issuer.keyUsage?.has('cRLSign') ?? true) &&
		list.isSignedBy(issuer)
	);
}

function parseRevocationList(bytes: Buffer): RevocationList {
	const [signed, algorithm, signature] = childrenOf(readDer(bytes, tags.sequence));
	const fields = childrenOf(expect(signed, tags.sequence));
	if (fields[0]?.tag === tags.integer) fields.shift(); // the version
	const [innerAlgorithm, issuer, from, until, ...rest] = fields;
	if (!signed || !algorithm || !innerAlgorithm?.bytes.equals(algorithm.bytes)) {
		throw new NotDer('two signature algorithms');
	}
	const signedWith = readSignatureAlgorithm(algorithm);
	const { bytes: signatureBytes } = readBits(signature);
	const extensions = readExtensions(rest.find(({ tag }) => tag === 0xa0));
	const distribution = extensions.get(issuingDistributionPoint);
	extensions.delete(issuingDistributionPoint);
	// Critical are the ways to say that it is not the whole list: of some reasons, of other issuers, of changes only.
	if (hasCritical(extensions.values())) throw new NotDer('a partial or indirect list');
	/** By fingerprint. Signatures over long lists cost milliseconds. */
	const asked = new Map<string, boolean>();
	return {
		issuer: expect(issuer, tags.sequence),
		ofPoint: distribution && readPoint(distribution),
		validFrom: readTime(from),
		validUntil: readTime(until),
		serials: new Set(readSerials(rest.find(({ tag }) => tag === tags.sequence))),
		isSignedBy({ fingerprint, x509 }) {
			const answer =
				asked.get(fingerprint) ??
				(signedWith !== undefined && isSignedWith(x509.publicKey, signedWith, signed.bytes, signatureBytes));
			asked.set(fingerprint, answer);
			return answer;
		},
	};
}

const issuingDistributionPoint = '2.5.29.28';

/**
 * The names of a list that says where it is published, and is a whole one in every other respect. Throws where it is of
 * users, of CAs or of some reasons only, or of other issuers. Rule: RFC 5280, 5.2.5; AWS Private CA writes such lists.
 */
function readPoint({ value }: Extension): readonly Buffer[] | undefined {
	const [point, ...others] = childrenOf(readDer(value, tags.sequence));
	if (point === undefined) return undefined;
	const names = point.tag === 0xa0 && others.every(isFalse) ? readFullName(point) : [];
	if (names.length === 0) throw new NotDer('a partial or indirect list');
	return names;
}

/** DER leaves out what is false; some write it. */
function isFalse({ tag, content }: Der): boolean {
	return tag !== 0x83 && content.length === 1 && content[0] === 0;
}

function* readSerials(revoked: Der | undefined): Generator<string> {
	for (const entry of revoked ? childrenOf(revoked) : []) {
		const [serial, , extensions] = childrenOf(entry, tags.sequence);
		if (extensions && hasCritical(childrenOf(extensions, tags.sequence).map(readExtension))) {
			throw new NotDer('an entry that belongs to another issuer');
		}
		yield expect(serial, tags.integer).content.toString('hex');
	}
}

function hasCritical(extensions: Iterable<{ readonly critical: boolean }>): boolean {
	return [...extensions].some(({ critical }) => critical);
}
