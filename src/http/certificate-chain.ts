import type { Certificate } from './certificate-facts.ts';

const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyPurpose = '2.5.29.37.0';
/** From the leaf to the anchor, both counted; and how many signatures one chain may cost. */
const maxLength = 6;
const maxSignatures = 32;
const minRsaBits = 2048;

/** May this be shown by a client? It must say so itself: `clientAuth`, and a key for signing. And it is no CA. */
export function isForClients({ purposes, keyUsage, authority, demandsUnknown }: Certificate): boolean {
	return (
		!authority &&
		!demandsUnknown &&
		purposes?.has(clientAuth) === true &&
		(keyUsage === undefined || (keyUsage.has('digitalSignature') && !keyUsage.has('keyCertSign')))
	);
}

export function isWithin({ validFrom, validUntil }: Certificate, nowMs: number): boolean {
	return validFrom <= nowMs && nowMs <= validUntil;
}

/**
 * The way from a leaf over `others`, which nobody has to trust, up to one of the `anchors`; both ends are in it.
 * `undefined` where there is none. The anchors are judged like all others: an expired CA vouches for nobody.
 *
 * For certificates that come in a header there was no handshake in which OpenSSL would have looked; for the
 * others this is the second look, and it is taken at each login and not at the handshake. Rule: RFC 5280, 6.1,
 * where a CA with name constraints is refused instead of understood.
 */
export function findChain(
	leaf: Certificate,
	others: readonly Certificate[],
	anchors: readonly Certificate[],
	nowMs: number,
): readonly Certificate[] | undefined {
	const issuers = [...anchors, ...others.filter((one) => !holds(anchors, one))];
	let signatures = 0;
	const climb = (chain: readonly Certificate[], child: Certificate): readonly Certificate[] | undefined => {
		if (chain.length >= maxLength) return undefined;
		for (const issuer of issuers) {
			if (holds(chain, issuer) || !mayIssue(issuer, chain, nowMs) || !child.x509.checkIssued(issuer.x509)) continue;
			signatures += 1;
			if (signatures > maxSignatures) return undefined;
			if (!child.signedWith || !child.x509.verify(issuer.x509.publicKey)) continue;
			const longer = [...chain, issuer];
			const found = holds(anchors, issuer) ? longer : climb(longer, issuer);
			if (found) return found;
		}
		return undefined;
	};
	return hasStrongKey(leaf) ? climb([leaf], leaf) : undefined;
}

function mayIssue(issuer: Certificate, chain: readonly Certificate[], nowMs: number): boolean {
	const below = chain.slice(1).filter(({ subject, issuer }) => !subject.bytes.equals(issuer.bytes)).length;
	return (
		issuer.authority &&
		!issuer.demandsUnknown &&
		isWithin(issuer, nowMs) &&
		below <= issuer.mostBelow &&
		(issuer.keyUsage?.has('keyCertSign') ?? true) &&
		(issuer.purposes === undefined || issuer.purposes.has(clientAuth) || issuer.purposes.has(anyPurpose)) &&
		hasStrongKey(issuer)
	);
}

/** As TLS asks it of the certificates that it sees itself (OpenSSL's security level 2). */
function hasStrongKey({ x509 }: Certificate): boolean {
	return (x509.publicKey.asymmetricKeyDetails?.modulusLength ?? minRsaBits) >= minRsaBits;
}

function holds(certificates: readonly Certificate[], one: Certificate): boolean {
	return certificates.some(({ fingerprint }) => fingerprint === one.fingerprint);
}
