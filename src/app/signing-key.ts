import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { promisify } from 'node:util';
import type { SigningKey } from '../core/access-token.ts';
import type { NoteStore } from '../core/stores.ts';
import { refuseOpenFile } from '../files/private-file.ts';

/** Source: NIST SP 800-131A; RFC 7518, 3.3. */
const leastBits = 2048;

/**
 * The key that access tokens are signed with: that of the file, or the one that the first process made and keeps beside
 * identities, the same on every node. Rejects with `StoreUnavailable`, and may be asked again.
 */
export function createSigningKey(keyFile: string | undefined, notes: NoteStore): () => Promise<SigningKey> {
	let known: Promise<SigningKey> | undefined;
	return () => {
		known ??= (keyFile === undefined ? keptOrNew(notes) : Promise.resolve().then(() => readSigningKey(keyFile))).catch(
			(fault) => {
				known = undefined;
				throw fault;
			},
		);
		return known;
	};
}

/** Named like the file, without what stands behind the last dot. Throws with a message for the operator. */
export function readSigningKey(file: string): SigningKey {
	let pem: Buffer;
	try {
		pem = readFileSync(file);
	} catch (cause) {
		throw new Error(`${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { cause });
	}
	refuseOpenFile('private key', file);
	const kid = basename(file, extname(file));
	return signingKeyOf(pem, () => kid, file);
}

/** Named by its thumbprint: another key has another name. */
async function keptOrNew(notes: NoteStore): Promise<SigningKey> {
	const kept = (await notes.find('signing-key')) ?? (await notes.offer('signing-key', await newKey()));
	return signingKeyOf(Buffer.from(kept), (key) => `latchkey-${thumbprintOf(key).slice(0, 8)}`, 'the signing key');
}

async function newKey(): Promise<string> {
	const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: leastBits });
	return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function signingKeyOf(pem: Buffer, nameOf: (publicKey: KeyObject) => string, what: string): SigningKey {
	let privateKey: KeyObject;
	try {
		privateKey = createPrivateKey(pem);
	} catch (cause) {
		throw new Error(`${what} holds no private key in PEM without a passphrase`, { cause });
	}
	const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
	if (privateKey.asymmetricKeyType !== 'rsa' || bits < leastBits)
		throw new Error(`${what} holds no RSA key of ${leastBits} bits or more`);
	const publicKey = createPublicKey(privateKey);
	return { kid: nameOf(publicKey), privateKey, publicKey };
}

function thumbprintOf(publicKey: KeyObject): string {
	return createHash('sha256')
		.update(publicKey.export({ type: 'spki', format: 'der' }))
		.digest('hex');
}
