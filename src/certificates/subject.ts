import { type IdentityName, parseIdentityName } from '../core/identity.ts';
import { childrenOf, type Der, readOid, tags } from './der.ts';

const commonName = '2.5.4.3';

/**
 * The identity that a certificate names: the one common name (CN) of its subject, letter for letter. `undefined` where
 * there is none or more than one, where a part of the subject has several values at once (`/O=x+CN=admin`), or where
 * the common name is not the canonical form of an identity name.
 *
 * Out of the DER of the subject and not of a text: in `X509Certificate.subject` an organisation called
 * "a, CN=admin" looks like a common name, and `getPeerCertificate()` mixes in the parts with several values
 * (CVE-2021-44532, CVE-2021-44533). The subject's alternative names never count.
 */
export function certificateName(subject: Der): IdentityName | undefined {
	const names: (string | undefined)[] = [];
	for (const part of childrenOf(subject, tags.sequence)) {
		const [value, ...others] = childrenOf(part, tags.set);
		if (!value || others.length > 0) return undefined;
		const [type, text, ...more] = childrenOf(value, tags.sequence);
		if (!text || more.length > 0) return undefined;
		if (readOid(type) === commonName) names.push(readText(text));
	}
	const [name, ...others] = names;
	if (name === undefined || others.length > 0) return undefined;
	const parsed = parseIdentityName(name);
	return parsed === name ? parsed : undefined;
}

/**
 * The three ways to write a name today. Teletex and its like have no certain meaning, so they name nobody.
 * PrintableString: all of printing ASCII, since certificates with an `@` in one are about.
 */
function readText({ tag, content }: Der): string | undefined {
	try {
		switch (tag) {
			case tags.utf8String:
				return decode('utf-8', content);
			case tags.printableString:
				return /^[ -~]*$/.test(content.toString('latin1')) ? content.toString('latin1') : undefined;
			case tags.bmpString:
				return decode('utf-16be', content);
			default:
				return undefined;
		}
	} catch {
		return undefined;
	}
}

/** Throws where the bytes are no such text: a replacement character would let two names become one. */
function decode(encoding: 'utf-8' | 'utf-16be', bytes: Buffer): string {
	return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
}
