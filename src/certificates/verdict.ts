import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { IdentityName } from '../core/identity.ts';
import type { ClientCertificate } from '../core/session.ts';

/** Why a client certificate is worth nothing here. For the log; a client only learns that it is. */
export type CertificateFlaw =
	/** No certificate, or written in a way that DER does not write. */
	| 'malformed'
	/** No CA in `clientCa` signed it, or none that could vouch for it now. */
	| 'untrusted'
	| 'not-yet-valid'
	| 'expired'
	/** Not for clients (`clientAuth`), a CA, or bound to a condition that we do not understand. */
	| 'wrong-purpose'
	| 'revoked'
	/** There is no current list that would say whether it is revoked. */
	| 'revocation-unknown'
	/** Not exactly one common name, or one that no identity can have. */
	| 'no-name'
	/** The connection goes on with a TLS session of an earlier one: nobody proved to hold the key. */
	| 'resumed';

export type CertificateJudgement =
	/** No certificate was shown, or no CA is configured to ask for one. */
	| { readonly kind: 'none' }
	| { readonly kind: 'refused'; readonly flaw: CertificateFlaw }
	| {
			readonly kind: 'trusted';
			readonly name: IdentityName;
			readonly certificate: ClientCertificate;
	  };

/** Whom the configured CAs vouch for. There is one judge, for handshakes and for headers. */
export interface ClientTrust {
	/** Judges a certificate (DER) as things stand at this moment. */
	judge(certificate: Buffer): CertificateJudgement;
	/** The CAs, PEM each. */
	readonly authorities: readonly string[];
	/** Looks at the files again; returns whether CAs or lists are new. Never throws: what cannot be read is logged, once. */
	reload(): boolean;
}

/** For the log: what to do about a flaw that whoever issues certificates can mend. */
export function adviceFor(flaw: CertificateFlaw): string | undefined {
	return flaw === 'wrong-purpose'
		? 'issue it for clients: no CA, keyUsage with digitalSignature or absent, extendedKeyUsage with clientAuth or absent'
		: undefined;
}

export function refusedFor(flaw: CertificateFlaw): CertificateJudgement {
	return { kind: 'refused', flaw };
}

/**
 * Whether the sessions that a certificate opened must end. Not for want of a list: what says nothing of a certificate, as
 * a file that somebody is just writing, lets nobody in and throws nobody out.
 */
export function isTakenBack(certificate: ClientCertificate, trust: ClientTrust): boolean {
	const judged = trust.judge(Buffer.from(certificate, 'base64'));
	return judged.kind === 'refused' && judged.flaw !== 'revocation-unknown';
}

/** As OpenSSL names it in `authorizationError`; all others are `untrusted`. */
const flaws: ReadonlyMap<string, CertificateFlaw> = new Map([['INVALID_PURPOSE', 'wrong-purpose']]);

/**
 * What OpenSSL says where the one way up to a root that it tried leads nowhere: a parent that has expired, roots that
 * signed each other. We try every way, and look at all that it looks at.
 */
const ofOneWay: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'UNABLE_TO_GET_ISSUER_CERT']);

/** Without `node:tls`, which a service that speaks plain http does not load. */
function isEncrypted(socket: Socket): socket is TLSSocket {
	return (socket as Partial<TLSSocket>).encrypted === true;
}

/**
 * The certificate that this connection was opened with, in DER: who opened it holds its key. `undefined`: none; or the connection
 * goes on with a TLS session of an earlier one, and nobody proved to hold any key.
 */
export function peerDer(socket: Socket): Buffer | undefined {
	if (!isEncrypted(socket) || socket.isSessionReused()) return undefined;
	return socket.getPeerX509Certificate()?.raw;
}

/**
 * Whose certificate this connection was opened with. Asked at each login, and not once a connection: a certificate that
 * is revoked while its connection stays open opens no session any more.
 *
 * We ask for certificates without insisting, so that Node hands over the names of certificates that nobody vouches for,
 * too: what OpenSSL objects to comes first.
 */
export function peerCertificate(socket: Socket, trust: ClientTrust | undefined): CertificateJudgement {
	if (!trust || !isEncrypted(socket)) return { kind: 'none' };
	const shown = socket.getPeerX509Certificate();
	if (!shown) return { kind: 'none' };
	if (socket.isSessionReused()) return refusedFor('resumed');
	const objection = socket.authorized ? undefined : String(socket.authorizationError);
	if (objection === undefined || ofOneWay.has(objection)) return trust.judge(shown.raw);
	return refusedFor(flaws.get(objection) ?? 'untrusted');
}
