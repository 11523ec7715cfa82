import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import type { AuthenticatorId, SealedSecret } from './authenticator.ts';
import type { Brand } from './brand.ts';
import type { IdentityId } from './identity.ts';

/*
 * TOTP secrets are kept sealed: AES-256-GCM, with a key that is not in the database. A copy of the database yields no code; a
 * row that is put to another authenticator or identity is worth nothing. Source: OWASP ASVS 5.0, 11.3.3.
 */

/** 256 random bits. */
export type SealingKey = Brand<Buffer, 'SealingKey'>;

/** What a sealed secret belongs to. */
export interface Owner {
	readonly id: AuthenticatorId;
	readonly identityId: IdentityId;
}

export interface Sealing {
	seal(secret: Buffer, owner: Owner): SealedSecret;
	/** `undefined`: none of our keys has sealed it, or it is somebody else's. */
	unseal(sealed: SealedSecret, owner: Owner): Buffer | undefined;
	/** Whether it was sealed by the key that seals now. */
	isCurrent(sealed: SealedSecret): boolean;
}

const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';

export function newSealingKey(): SealingKey {
	return randomBytes(keyBytes) as Buffer as SealingKey;
}

/** Names a key and tells nothing of it. */
function sealingKeyId(key: SealingKey): string {
	return hash('sha256', Buffer.concat([Buffer.from('latchkey sealing key:'), key])).slice(0, 12);
}

/** Base64 or base64url of 32 bytes, or 64 hex digits; several with spaces or line breaks between them. `undefined`: something else. */
export function parseSealingKeys(text: string): readonly SealingKey[] | undefined {
	const words = text.split(/\s+/).filter((word) => word !== '');
	const keys = words.map((word) => Buffer.from(word, /^[0-9a-f]{64}$/i.test(word) ? 'hex' : 'base64'));
	const isShaped = words.every((word) => /^([0-9a-f]{64}|[A-Za-z0-9+/_-]{43}=?)$/i.test(word));
	return words.length > 0 && isShaped && keys.every(({ length }) => length === keyBytes)
		? (keys as SealingKey[])
		: undefined;
}

/** The first key seals, all unseal: so a key is replaced while the service runs. */
export function createSealing(keys: readonly [SealingKey, ...SealingKey[]]): Sealing {
	const byId = new Map(keys.map((key) => [sealingKeyId(key), key]));
	const [current] = keys;
	const currentId = sealingKeyId(current);

	return {
		seal(secret, owner) {
			const iv = randomBytes(ivBytes);
			const cipher = createCipheriv(algorithm, current, iv, { authTagLength: tagBytes }).setAAD(contextOf(owner));
			const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
			return `${currentId}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}` as SealedSecret;
		},
		unseal(sealed, owner) {
			const [keyId = '', text = ''] = sealed.split('.');
			const key = byId.get(keyId);
			const bytes = Buffer.from(text, 'base64url');
			if (key === undefined || bytes.length < ivBytes + tagBytes) return undefined;
			const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
				.setAAD(contextOf(owner))
				.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
			try {
				return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
			} catch {
				return undefined;
			}
		},
		isCurrent: (sealed) => sealed.startsWith(`${currentId}.`),
	};
}

function contextOf({ id, identityId }: Owner): Buffer {
	return Buffer.from(`${id}|${identityId}`);
}
