import { readFileSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import type { ClientCertificate } from '../core/session.ts';
import type { Log } from '../observability/log.ts';
import { chainsOf, isForClients, isWithin } from './chain.ts';
import { hasCurrentList, type RevocationList, readRevocationLists, standingOf } from './crl.ts';
import { pemBlocks } from './pem.ts';
import { readAgain } from './reloadable.ts';
import { certificateName } from './subject.ts';
import { type CertificateFlaw, type CertificateJudgement, type ClientTrust, refusedFor } from './verdict.ts';
import { type Certificate, parseCertificate } from './x509.ts';

export interface ClientTrustFiles {
	/** PEM: the CAs that sign client certificates, each with those above it up to the one that signed itself. */
	readonly clientCa: string;
	/** Revocation lists, PEM or one DER. With it, each CA needs a current list, those above too. */
	readonly clientCrl?: string | undefined;
}

/**
 * Throws where the CAs cannot be read. Revocation lists that cannot be read, or are outdated, refuse every certificate
 * until the file is replaced by a good one; everything else goes on.
 */
export function openClientTrust(
	{ clientCa, clientCrl }: ClientTrustFiles,
	{ clock, log }: { readonly clock: Clock; readonly log: Pick<Log, 'info' | 'error'> },
): ClientTrust {
	const authorities = readAgain(
		[clientCa],
		() => readAuthorities(clientCa),
		(reason) => log.error({ file: clientCa, reason }, 'the client CAs cannot be read; those read before stay'),
	);
	// Never fails: what is wrong with the lists is kept in their place.
	const lists = clientCrl
		? readAgain(
				[clientCrl],
				() => readLists(clientCrl),
				() => {},
			)
		: undefined;
	let reported: string | undefined;

	function flawOf(leaf: Certificate, nowMs: number): CertificateFlaw | undefined {
		if (!isWithin(leaf, nowMs)) return nowMs < leaf.validFrom ? 'not-yet-valid' : 'expired';
		if (!isForClients(leaf)) return 'wrong-purpose';
		let flaw: CertificateFlaw | undefined = 'untrusted';
		for (const chain of chainsOf(leaf, authorities.held, nowMs)) {
			if (!lists) return undefined;
			if (typeof lists.held === 'string') return 'revocation-unknown';
			const standing = standingOf(chain, lists.held, nowMs);
			if (standing === 'good') return undefined;
			if (flaw !== 'revoked') flaw = standing;
		}
		return flaw;
	}

	/** Whoever such a CA signed is refused, and did nothing wrong. */
	function reportConstrained(): void {
		for (const ca of authorities.held.filter(({ hasNameConstraints }) => hasNameConstraints)) {
			const reason = `the CA ${nameOf(ca)} has name constraints, which are not supported`;
			log.error({ file: clientCa, reason }, 'client certificates of this CA are refused');
		}
	}

	function report(): void {
		const reason = lists && troubleWith(lists.held, authorities.held, clock.now());
		if (reason === reported) return;
		reported = reason;
		if (reason) log.error({ file: clientCrl, reason }, 'client certificates are refused until this is put right');
		else log.info({ file: clientCrl }, 'the revocation list is in order again');
	}

	report();
	reportConstrained();
	return {
		get authorities() {
			return authorities.held.map(({ x509 }) => x509.toString());
		},
		judge(certificate): CertificateJudgement {
			let leaf: Certificate;
			try {
				leaf = parseCertificate(certificate);
			} catch {
				return refusedFor('malformed');
			}
			const flaw = flawOf(leaf, clock.now());
			if (flaw) return refusedFor(flaw);
			const name = certificateName(leaf.subject);
			if (!name) return refusedFor('no-name');
			return { kind: 'trusted', name, certificate: certificate.toString('base64') as ClientCertificate };
		},
		reload() {
			const newAuthorities = authorities.look();
			const newLists = lists?.look() ?? false;
			if (newAuthorities) {
				log.info({ file: clientCa }, 'the client CAs were read again');
				reportConstrained();
			}
			if (newLists) log.info({ file: clientCrl }, 'the revocation list was read again');
			report();
			return newAuthorities || newLists;
		},
	};
}

function readAuthorities(file: string): readonly Certificate[] {
	const found = pemBlocks(readFileSync(file), 'CERTIFICATE').map((block) => {
		try {
			return parseCertificate(block);
		} catch (cause) {
			throw new Error(`${file} holds a certificate that cannot be read`, { cause });
		}
	});
	if (found.length === 0) throw new Error(`${file} holds no certificate (PEM is expected)`);
	const useless = found.find(({ authority }) => !authority);
	if (useless) throw new Error(`${file} holds a certificate that is no CA: ${nameOf(useless)}`);
	const isAbove = (one: Certificate, below: Certificate) => one.subject.bytes.equals(below.issuer.bytes);
	const lonely = found.find((below) => !found.some((one) => isAbove(one, below)));
	if (lonely) throw new Error(`${file} holds the CA ${nameOf(lonely)} without the one above it, which is needed too`);
	return found;
}

function readLists(file: string): readonly RevocationList[] | string {
	try {
		return readRevocationLists(readFileSync(file));
	} catch (cause) {
		return `the list cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
	}
}

/** Why certificates would be refused whose holders did nothing wrong. */
function troubleWith(
	lists: readonly RevocationList[] | string,
	authorities: readonly Certificate[],
	nowMs: number,
): string | undefined {
	if (typeof lists === 'string') return lists;
	const silent = authorities.find((ca) => !hasCurrentList(ca, lists, nowMs));
	return silent && `there is no current list of the CA ${nameOf(silent)}`;
}

/** For people to read. */
function nameOf({ x509 }: Certificate): string {
	return JSON.stringify(x509.subject);
}
