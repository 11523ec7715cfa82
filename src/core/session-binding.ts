import { hash } from 'node:crypto';
import type { AuditEvent } from './audit.ts';
import type { ShownCertificate } from './opened-session.ts';
import type { RequestContext } from './request.ts';
import { auditFieldsOf } from './request.ts';
import type { CertificateDigest, Session } from './session.ts';

/*
 * A session that was opened by a certificate may be bound to it: then a copied cookie is worth nothing without the key. Each
 * request shows the certificate anew, in its own TLS connection or by the word of a trusted proxy. Compared are the bytes of the
 * certificate, not the name in it. Whether it is still trusted is judged elsewhere (`SessionEnds.endRefused`), so that a request
 * costs one comparison. Source: RFC 8705, 3, `x5t#S256`.
 */

/** `der`: what a client showed, byte for byte. */
export function certificateDigestOf(der: Uint8Array): CertificateDigest {
	return hash('sha256', der) as CertificateDigest;
}

export function digestOfShown({ certificate }: ShownCertificate): CertificateDigest {
	return certificateDigestOf(Buffer.from(certificate, 'base64'));
}

/**
 * Whether a request shows the session without the certificate that it is bound to. Such a request is refused, and ends nothing:
 * else a thief with a copied cookie could end the session of its owner.
 */
export function isStolen({ boundTo }: Pick<Session, 'boundTo'>, request: Pick<RequestContext, 'certificate'>): boolean {
	return boundTo !== undefined && boundTo !== request.certificate;
}

/** The line of the audit for that. `whose`: absent where the identity was removed. */
export function theftOf(
	{ dialect, key }: Session,
	request: RequestContext,
	whose: Pick<AuditEvent, 'identity'>,
): AuditEvent {
	const theft = { act: 'session-stolen', outcome: 'refused', reason: 'bad-certificate' } as const;
	return { ...theft, ...whose, ...auditFieldsOf(request), dialect, session: key, device: request.device };
}
