import type { AuditEvent } from './audit.ts';
import type { CertificateDigest, Channel, SessionToken } from './session.ts';

/** What the core wants to know of a request: where it comes from and what it carries. */
export interface RequestContext extends Channel {
	/** The client's address, as far as trusted proxies tell. */
	readonly address: string;
	/** A short name of the client's program and system, for lists that people read. */
	readonly device: string;
	readonly requestId: string;
	/** Of the trace that a trusted proxy says the request is part of. Absent: of none. */
	readonly traceId?: string | undefined;
	/** The session tokens that it carries on its dialect's cookie, whatever they are worth; more than one where the cookie came twice. */
	readonly presented?: readonly SessionToken[] | undefined;
	/** The XSRF token that it carries, whatever it is worth, where its dialect knows one. */
	readonly xsrfToken?: string | undefined;
	/** The certificate that it shows, trusted or not. To be asked for only where a session is bound to one: it takes some microseconds. */
	readonly certificate?: CertificateDigest | undefined;
}

/** Where a request comes from. Without a dialect: an API token belongs to none. */
export type Origin = Pick<RequestContext, 'address' | 'requestId' | 'traceId'> &
	Partial<Pick<RequestContext, 'dialect'>>;

/** The part of an audit event that every request fills in the same way. */
export type RequestAuditFields = Pick<AuditEvent, 'dialect' | 'address' | 'requestId' | 'traceId'>;

export function auditFieldsOf({ dialect, address, requestId, traceId }: Origin): RequestAuditFields {
	return { ...(dialect && { dialect }), address, requestId, ...(traceId !== undefined && { traceId }) };
}
