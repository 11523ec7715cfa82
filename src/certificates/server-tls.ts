import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server, ServerOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { Instant } from '../core/clock.ts';
import { refuseOpenFile } from '../files/private-file.ts';
import type { Log } from '../observability/log.ts';
import { pemBlocks } from './pem.ts';
import { readAgain } from './reloadable.ts';
import type { ClientTrust } from './verdict.ts';

export interface TlsFiles {
	/** PEM: the server's certificate, and behind it those that lead to its CA. */
	readonly cert: string;
	/** PEM. Of rights 0600, or less. */
	readonly key: string;
}

export interface Tls {
	/** For `https.createServer`. */
	readonly options: ServerOptions;
	/** Looks at the files again; new handshakes use what changed. Never throws: what cannot be read is logged, once. */
	reload(server: Server): void;
}

/** Forward secret and authenticated, all of them. Rule: RFC 9325, 4.2; those of TLS 1.3 first. */
const ciphers = [
	'TLS_AES_256_GCM_SHA384',
	'TLS_CHACHA20_POLY1305_SHA256',
	'TLS_AES_128_GCM_SHA256',
	'ECDHE-ECDSA-AES256-GCM-SHA384',
	'ECDHE-RSA-AES256-GCM-SHA384',
	'ECDHE-ECDSA-CHACHA20-POLY1305',
	'ECDHE-RSA-CHACHA20-POLY1305',
	'ECDHE-ECDSA-AES128-GCM-SHA256',
	'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/** Milliseconds until a client that does not finish its handshake is cut. */
const handshakeTimeoutMs = 10_000;

/**
 * Throws, with a message for the operator, where a file cannot be used or the key is open to others.
 *
 * With `trust`, clients are asked for a certificate, and those without one are served. A TLS session can then not be
 * resumed: Node hands over the certificate of the session's first connection without any proof that the client still
 * holds its key, and a browser that came without one could not show one later. Each connection proves its own.
 */
export function openTls(files: TlsFiles, trust: ClientTrust | undefined, log: Pick<Log, 'info' | 'error'>): Tls {
	const context = readAgain(
		[files.cert, files.key],
		() => readContext(files),
		(reason) => log.error({ ...files, reason }, 'the TLS certificate cannot be read; the one read before stays'),
	);
	let authorities = trust?.authorities.join('');
	return {
		options: {
			...context.held,
			...demandsOf(trust),
			ALPNProtocols: ['http/1.1'],
			handshakeTimeout: handshakeTimeoutMs,
			requestCert: trust !== undefined,
			rejectUnauthorized: false,
		},
		reload(server) {
			const isNew = context.look();
			const present = trust?.authorities.join('');
			if (!isNew && present === authorities) return;
			authorities = present;
			server.setSecureContext({ ...context.held, ...demandsOf(trust) });
			log.info({ ...files }, 'the TLS certificate was read again');
		},
	};
}

/** What the service demands of every connection, whatever certificate it shows. */
function demandsOf(trust: ClientTrust | undefined): SecureContextOptions {
	const resumption = trust ? constants.SSL_OP_NO_TICKET : 0;
	return {
		minVersion: 'TLSv1.2',
		ciphers,
		honorCipherOrder: true,
		// Renegotiation (TLS 1.2) would change the certificate under a connection that was judged.
		secureOptions: constants.SSL_OP_NO_RENEGOTIATION | resumption,
		...(trust && { ca: [...trust.authorities] }),
	};
}

/** A certificate and its own key. Throws, with a message for the operator, where they are not that. */
export function readContext(files: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
	const read = { cert: readNamed(files.cert, 'certificate'), key: readNamed(files.key, 'private key') };
	refuseOpenFile('private key', files.key);
	try {
		process.getBuiltinModule('node:tls').createSecureContext(read);
		// OpenSSL has a place for each type of key, and finds nothing wrong with an RSA certificate and an EC key.
		const [first] = pemBlocks(read.cert, 'CERTIFICATE');
		if (first && !new X509Certificate(first).checkPrivateKey(createPrivateKey(read.key))) {
			throw new Error("the first certificate of the file is of another key (it must be the server's own, not a CA)");
		}
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new Error(`${files.cert} and ${files.key} are no certificate and its key: ${reason}`, { cause });
	}
	return read;
}

/** The last moment at which a server's certificate is valid. `undefined`: there is none to read. */
export function lastMomentOf({ cert }: TlsFiles): Instant | undefined {
	try {
		const [first] = pemBlocks(readFileSync(cert), 'CERTIFICATE');
		return first && (new X509Certificate(first).validToDate.getTime() as Instant);
	} catch {
		return undefined;
	}
}

function readNamed(file: string, what: string): Buffer {
	try {
		return readFileSync(file);
	} catch (cause) {
		throw new Error(`the ${what} ${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? cause}`, { cause });
	}
}
