import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { forwardedDer } from '../../certificates/client-cert-header.ts';
import { peerDer } from '../../certificates/verdict.ts';
import type { CertificateDigest } from '../../core/session.ts';
import { certificateDigestOf } from '../../core/session-binding.ts';
import type { Client } from './client.ts';

/** What connections of our own servers were opened with. It stays so: they are never renegotiated (`certificates/server-tls.ts`). */
const openedWith = new WeakMap<Socket, CertificateDigest>();

/**
 * For a server's `secureConnection` event. A client that hangs up before its request is judged is no thief: a connection that is
 * gone has no certificate any more that could be asked for.
 */
export function rememberCertificate(socket: Socket): void {
	const digest = digestOf(peerDer(socket));
	if (digest) openedWith.set(socket, digest);
}

/**
 * The certificate that a request shows, trusted or not: that of the client's connection, or the one that a trusted proxy saw and
 * forwards. The proxy's own says nothing of its clients. `undefined`: none, or none that anybody proved to hold the key of.
 */
export function shownCertificate(
	{ headers, socket }: IncomingMessage,
	{ viaTrustedProxy }: Pick<Client, 'viaTrustedProxy'>,
): CertificateDigest | undefined {
	return viaTrustedProxy
		? digestOf(forwardedDer(headers['client-cert']?.toString()))
		: (openedWith.get(socket) ?? digestOf(peerDer(socket)));
}

function digestOf(der: Buffer | undefined): CertificateDigest | undefined {
	return der && certificateDigestOf(der);
}
