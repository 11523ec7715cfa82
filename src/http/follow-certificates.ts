import type { ClientTrust } from './certificate.ts';

/** A certificate that a new list revokes opens nothing after so many milliseconds; the promise is a minute. */
const lookEveryMs = 10_000;

export interface Following {
	/** For a signal that says: the files have changed. */
	lookNow(): void;
	stop(): void;
}

/**
 * Looks every ten seconds whether the files of certificates have changed. Does not keep the process alive. `reloadTls`
 * is for the https server, where there is one of our own: a proxy may forward the certificates.
 */
export function followCertificates(trust: ClientTrust | undefined, reloadTls?: () => void): Following {
	const lookNow = () => {
		trust?.reload();
		reloadTls?.(); // after trust: it shows clients which CAs are asked for
	};
	const timer = setInterval(lookNow, lookEveryMs).unref();
	return { lookNow, stop: () => clearInterval(timer) };
}
