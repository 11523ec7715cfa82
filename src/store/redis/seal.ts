import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Instant } from '../../core/clock.ts';
import type { IdentityId } from '../../core/identity.ts';
import type { DialectName, Session, SessionKey } from '../../core/session.ts';

/*
 * How a session stands in Redis: 16 digits of its last activity, and JSON of what the scripts look for, with everything
 * else sealed (AES-256-GCM). A reader of Redis learns no XSRF token and no credential stamp; a writer makes no session, and
 * moves none to another key or identity. What it can do is to end sessions, or to keep one that lives from becoming inactive
 * within its absolute lifetime.
 */

const digits = 16;
const ivBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';

/** What the scripts read. */
interface Open {
	readonly key: SessionKey;
	readonly identityId: IdentityId;
	readonly dialect: DialectName;
	/** The rest: IV, tag and text, in base64. */
	readonly sealed: string;
}

export const sealingKeyBytes = 32;

/** 16 digits: texts compare as times do. */
export function timeText(at: Instant): string {
	return String(at).padStart(digits, '0');
}

export function seal(sealingKey: Buffer, { lastActivityAt, ...facts }: Session): string {
	const { key, identityId, dialect } = facts;
	const iv = randomBytes(ivBytes);
	const cipher = createCipheriv(algorithm, sealingKey, iv, { authTagLength: tagBytes }).setAAD(bound(facts));
	const text = Buffer.concat([cipher.update(JSON.stringify(facts), 'utf8'), cipher.final()]);
	const sealed = Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64');
	return timeText(lastActivityAt) + JSON.stringify({ key, identityId, dialect, sealed } satisfies Open);
}

/** `undefined` where nobody with this key has sealed it. */
export function unseal(sealingKey: Buffer, text: string): Session | undefined {
	try {
		const lastActivityAt = Number(text.slice(0, digits)) as Instant;
		const open = JSON.parse(text.slice(digits)) as Open;
		const bytes = Buffer.from(open.sealed, 'base64');
		const iv = bytes.subarray(0, ivBytes);
		const decipher = createDecipheriv(algorithm, sealingKey, iv, { authTagLength: tagBytes })
			.setAAD(bound(open))
			.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
		const facts = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
		return Number.isSafeInteger(lastActivityAt) ? { ...JSON.parse(facts.toString('utf8')), lastActivityAt } : undefined;
	} catch {
		return undefined;
	}
}

function bound({ key, identityId, dialect }: Omit<Open, 'sealed'>): Buffer {
	return Buffer.from(JSON.stringify([key, identityId, dialect]));
}
