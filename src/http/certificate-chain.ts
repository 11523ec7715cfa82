import type { Certificate } from './certificate-facts.ts';

const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyPurpose = '2.5.29.37.0';
const minRsaBits = 2048;

/**
 * May this be shown by a client? It is no CA, and what it says of its use allows it: `clientAuth`, and a key for signing.
 * Rule: RFC 5280, 4.2.1.12: without extended key usages every use is allowed.
 */
export function isForClients({ purposes, keyUsage, authority, demandsUnknown }: Certificate): boolean {
	return (
		!authority &&
		!demandsUnknown &&
		(purposes === undefined || purposes.has(clientAuth)) &&
		(keyUsage === undefined || (keyUsage.has('digitalSignature') && !keyUsage.has('keyCertSign')))
	);
}

export function isWithin({ validFrom, validUntil }: Certificate, nowMs: number): boolean {
	return validFrom <= nowMs && nowMs <= validUntil;
}

/**
 * A leaf, the CA that signed it, and those above up to the one that signed itself; all of them but the leaf out of
 * `authorities`. `undefined` where that does not work out. CAs are judged like everybody: an expired one vouches for
 * nobody.
 *
 * For certificates that come in a header there was no handshake in which OpenSSL would have looked; for the others
 * this is the second look, and it is taken at each login. Rule: RFC 5280, 6.1, where a CA with name constraints is
 * refused instead of understood. Ours: the CA that signed the leaf must be configured, and not only one above it, whose
 * other CAs may well name other people the same; so CAs that a client brings along change nothing.
 */
export function findChain(
	leaf: Certificate,
	authorities: readonly Certificate[],
	nowMs: number,
): readonly Certificate[] | undefined {
	const chain = [leaf];
	for (let child = leaf; chain.length === 1 || !isSelfIssued(child); ) {
		const issuer = authorities.find(
			(one) => !chain.includes(one) && mayIssue(one, chain, nowMs) && hasSigned(one, child),
		);
		if (!issuer) return undefined;
		chain.push(issuer);
		child = issuer;
	}
	return hasStrongKey(leaf) ? chain : undefined;
}

function isSelfIssued({ subject, issuer }: Certificate): boolean {
	return subject.bytes.equals(issuer.bytes);
}

function hasSigned(issuer: Certificate, child: Certificate): boolean {
	return (
		child.signedWith !== undefined && child.x509.checkIssued(issuer.x509) && child.x509.verify(issuer.x509.publicKey)
	);
}

function mayIssue(issuer: Certificate, chain: readonly Certificate[], nowMs: number): boolean {
	const below = chain.slice(1).filter((one) => !isSelfIssued(one)).length;
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
