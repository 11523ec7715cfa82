import type { IncomingMessage } from 'node:http';
import { forwardedDer } from '../../certificates/client-cert-header.ts';
import { peerDer } from '../../certificates/verdict.ts';
import type { CertificateDigest } from '../../core/session.ts';
import { certificateDigestOf } from '../../core/session-binding.ts';
import type { Client } from './client.ts';

/**
 * The certificate that a request shows, trusted or not: that of the client's connection, or the one that a trusted proxy saw and
 * forwards. The proxy's own says nothing of its clients. `undefined`: none, or none that anybody proved to hold the key of.
 */
export function shownCertificate(
	{ headers, socket }: IncomingMessage,
	{ viaTrustedProxy }: Pick<Client, 'viaTrustedProxy'>,
): CertificateDigest | undefined {
	const der = viaTrustedProxy ? forwardedDer(headers['client-cert']?.toString()) : peerDer(socket);
	return der && certificateDigestOf(der);
}
