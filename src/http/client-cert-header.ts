import { parseItem, parseList } from 'structured-headers';
import { type CertificateJudgement, type ClientTrust, refusedFor } from './certificate.ts';

/** Longer chains are not looked at. */
const mostOthers = 8;

/**
 * Whose certificate a proxy saw: the `Client-Cert` header, and `Client-Cert-Chain` where the proxy sends it too. Judged
 * as strictly as if the connection were our own. Only for requests of a trusted proxy: anybody can send a header.
 *
 * Rule: RFC 9440, 2: one byte sequence, and a list of them. Several headers arrive joined by commas, and are refused.
 */
export function forwardedCertificate(
	header: string | undefined,
	chain: string | undefined,
	trust: ClientTrust | undefined,
): CertificateJudgement {
	if (header === undefined || !trust) return { kind: 'none' };
	let leaf: Buffer;
	let others: Buffer[];
	try {
		leaf = bytesOf(parseItem(header));
		others = chain === undefined ? [] : parseList(chain).map(bytesOf);
	} catch {
		return refusedFor('malformed');
	}
	return others.length > mostOthers ? refusedFor('malformed') : trust.judge(leaf, others);
}

/** Throws where it is anything but a byte sequence. Parameters are defined for none, so they are ignored (RFC 8941). */
function bytesOf([value]: readonly [unknown, unknown]): Buffer {
	if (!(value instanceof ArrayBuffer)) throw new TypeError('no byte sequence');
	return Buffer.from(value);
}
