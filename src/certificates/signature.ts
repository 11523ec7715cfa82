import { constants, type KeyObject, verify } from 'node:crypto';
import { childrenOf, type Der, expect, readOid, tags } from './der.ts';

export interface SignatureAlgorithm {
	/** `null`: the algorithm brings its own. */
	readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
	/** RSASSA-PSS only: bytes of salt. */
	readonly saltLength?: number;
}

/** RSA with PKCS #1 v1.5, ECDSA, Ed25519 and Ed448. What is missing (MD5, SHA-1) is too weak to sign a certificate. */
const algorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map([
	['1.2.840.113549.1.1.11', { hash: 'sha256' }],
	['1.2.840.113549.1.1.12', { hash: 'sha384' }],
	['1.2.840.113549.1.1.13', { hash: 'sha512' }],
	['1.2.840.10045.4.3.2', { hash: 'sha256' }],
	['1.2.840.10045.4.3.3', { hash: 'sha384' }],
	['1.2.840.10045.4.3.4', { hash: 'sha512' }],
	['1.3.101.112', { hash: null }],
	['1.3.101.113', { hash: null }],
]);

const rsaPss = '1.2.840.113549.1.1.10';
const hashes: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512'> = new Map([
	['2.16.840.1.101.3.4.2.1', 'sha256'],
	['2.16.840.1.101.3.4.2.2', 'sha384'],
	['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** The algorithm of a certificate's or a revocation list's signature; `undefined` where it is unknown or too weak. */
export function readSignatureAlgorithm(element: Der | undefined): SignatureAlgorithm | undefined {
	const [type, parameters] = childrenOf(expect(element, tags.sequence));
	const oid = readOid(type);
	return oid === rsaPss ? readPss(parameters) : algorithms.get(oid);
}

export function isSignedWith(
	key: KeyObject,
	{ hash, saltLength }: SignatureAlgorithm,
	content: Buffer,
	signature: Buffer,
): boolean {
	const padding = constants.RSA_PKCS1_PSS_PADDING;
	try {
		return verify(hash, content, saltLength === undefined ? key : { key, padding, saltLength }, signature);
	} catch {
		return false;
	}
}

/** RFC 4055, 3.1. Left out, the hash is SHA-1, which will not do, and the salt has 20 bytes. */
function readPss(parameters: Der | undefined): SignatureAlgorithm | undefined {
	const given = parameters ? childrenOf(parameters, tags.sequence) : [];
	const [hashAlgorithm] = given.filter(({ tag }) => tag === 0xa0).flatMap((part) => childrenOf(part));
	const [salt] = given.filter(({ tag }) => tag === 0xa2).flatMap((part) => childrenOf(part));
	const hash = hashAlgorithm && hashes.get(readOid(childrenOf(hashAlgorithm, tags.sequence)[0]));
	return (
		hash && { hash, saltLength: salt ? expect(salt, tags.integer).content.readUIntBE(0, salt.content.length) : 20 }
	);
}
