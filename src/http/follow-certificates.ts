import type { Server } from 'node:https';
import type { ClientTrust } from './certificate.ts';
import type { Tls } from './tls.ts';

/** A certificate that a new list revokes opens nothing after so many milliseconds; the promise is a minute. */
const lookEveryMs = 10_000;

export interface Following {
	/** For a signal that says: the files have changed. */
	lookNow(): void;
	stop(): void;
}

/**
 * Looks every ten seconds whether the files of certificates have changed. Does not keep the process alive. Without an
 * https server of our own (a proxy forwards the certificates) there is `trust` alone.
 */
export function followCertificates(trust: ClientTrust | undefined, own?: { tls: Tls; server: Server }): Following {
	const lookNow = () => {
		trust?.reload();
		own?.tls.reload(own.server); // after trust: it shows clients which CAs are asked for
	};
	const timer = setInterval(lookNow, lookEveryMs).unref();
	return { lookNow, stop: () => clearInterval(timer) };
}
