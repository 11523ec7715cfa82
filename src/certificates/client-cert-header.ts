import { createRequire } from 'node:module';
import { type CertificateJudgement, type ClientTrust, refusedFor } from './verdict.ts';

/** Loaded with the first header. By `require`, as in `http/session-cookie.ts`. */
const require = createRequire(import.meta.url);
const structuredHeaders = require.resolve('structured-headers');

/**
 * Whose certificate a proxy saw: its `Client-Cert` header, judged as strictly as if the connection were our own. Only
 * for requests of a trusted proxy: anybody can send a header.
 *
 * Rule: RFC 9440, 2.2: one byte sequence. Several headers arrive joined by commas, and are refused. `Client-Cert-Chain`
 * is not needed: the CA that signed the certificate must be configured.
 */
export function forwardedCertificate(header: string | undefined, trust: ClientTrust | undefined): CertificateJudgement {
	// `::`: a proxy that always sets it, so that nobody else does, and was shown no certificate.
	if (header === undefined || header === '::' || !trust) return { kind: 'none' };
	const certificate = forwardedDer(header);
	return certificate ? trust.judge(certificate) : refusedFor('malformed');
}

/**
 * The bytes in that header, whatever they are. `undefined`: there are none, or they are not written as the rule says. Parameters
 * are defined for none, so they are ignored (RFC 8941, 3.1.2).
 */
export function forwardedDer(header: string | undefined): Buffer | undefined {
	if (header === undefined) return undefined;
	const { parseItem }: typeof import('structured-headers') = require(structuredHeaders);
	try {
		const [value] = parseItem(header);
		return value instanceof ArrayBuffer ? Buffer.from(value) : undefined;
	} catch {
		return undefined;
	}
}
