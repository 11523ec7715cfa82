import type { Certificate } from './x509.ts';

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
 * Every way from a leaf over the CA that signed it, and those above, up to one that signed itself; all of them but the
 * leaf out of `authorities`. None where that does not work out. CAs are judged like everybody: an expired one vouches for
 * nobody, and another of the same name and key may.
 *
 * For certificates that come in a header there was no handshake in which OpenSSL would have looked; for the others
 * this is the second look, and it is taken at each login. Rule: RFC 5280, 6.1, where a CA with name constraints is
 * refused instead of understood. Ours: the CA that signed the leaf must be configured, and not only one above it, whose
 * other CAs may well name other people the same; so CAs that a client brings along change nothing.
 */
export function* chainsOf(
	leaf: Certificate,
	authorities: readonly Certificate[],
	nowMs: number,
): Generator<readonly Certificate[]> {
	for (const chain of chainsAbove([leaf], leaf, authorities, nowMs)) {
		// Last: the key of a leaf that nobody signed may be none at all, and to ask for it throws.
		if (hasStrongKey(leaf)) yield chain;
	}
}

function* chainsAbove(
	chain: readonly Certificate[],
	child: Certificate,
	authorities: readonly Certificate[],
	nowMs: number,
): Generator<readonly Certificate[]> {
	for (const issuer of authorities) {
		// By key and name, not by certificate: a cross-signed CA would lead in circles.
		if (chain.slice(1).some((one) => isSameAuthority(one, issuer))) continue;
		if (!mayIssue(issuer, chain, nowMs) || !hasSigned(issuer, child)) continue;
		const longer = [...chain, issuer];
		if (isSelfIssued(issuer)) yield longer;
		else yield* chainsAbove(longer, issuer, authorities, nowMs);
	}
}

function isSameAuthority(one: Certificate, other: Certificate): boolean {
	return one.subject.bytes.equals(other.subject.bytes) && one.x509.publicKey.equals(other.x509.publicKey);
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

/** As OpenSSL names curves of 224 bits and more; parameters that are spelt out have no name, and are refused there, too. */
const strongCurves =
	/^(prime256v1|prime239v[123]|secp(224|256|384|521)[rk]1|sect(233|239|283|409|571)[rk]1|brainpoolP(224|256|320|384|512)[rt]1|SM2)$/;

/** As TLS asks it of the certificates that it sees itself (OpenSSL's security level 2). */
function hasStrongKey({ x509: { publicKey } }: Certificate): boolean {
	const { modulusLength = minRsaBits, namedCurve = '' } = publicKey.asymmetricKeyDetails ?? {};
	return modulusLength >= minRsaBits && (publicKey.asymmetricKeyType !== 'ec' || strongCurves.test(namedCurve));
}
