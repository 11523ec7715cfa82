import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Instant } from '../../core/clock.ts';
import type { IdentityId } from '../../core/identity.ts';
import {
	completed,
	type DialectName,
	type Kept,
	type Session,
	type SessionKey,
	waitsForFactor,
} from '../../core/session.ts';

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
	/** `waitsForFactor`. Not sealed with: who changes it ends sessions at the most. Absent: it does not. */
	readonly waits?: true;
	/** The rest: IV, tag and text, in base64. */
	readonly sealed: string;
}

export const sealingKeyBytes = 32;

/** 16 digits: texts compare as times do. */
export function timeText(at: Instant): string {
	return String(at).padStart(digits, '0');
}

export function seal(sealingKey: Buffer, session: Session): string {
	const { lastActivityAt, ...facts } = session;
	const { key, identityId, dialect } = facts;
	const waits = waitsForFactor(session) && { waits: true as const };
	const sealed = sealText(sealingKey, bound(facts), JSON.stringify(facts));
	return timeText(lastActivityAt) + JSON.stringify({ key, identityId, dialect, ...waits, sealed } satisfies Open);
}

/** `undefined` where nobody with this key has sealed it. */
export function unseal(sealingKey: Buffer, text: string): Session | undefined {
	try {
		const lastActivityAt = Number(text.slice(0, digits)) as Instant;
		const open = JSON.parse(text.slice(digits)) as Open;
		const facts = JSON.parse(unsealText(sealingKey, bound(open), open.sealed)) as Omit<Kept, 'lastActivityAt'>;
		return Number.isSafeInteger(lastActivityAt) ? completed({ ...facts, lastActivityAt }) : undefined;
	} catch {
		return undefined;
	}
}

/** A value that no script looks into, for one place. */
export function sealValue(sealingKey: Buffer, place: string, value: object): string {
	return sealText(sealingKey, place, JSON.stringify(value));
}

/** `undefined` where nobody with this key has sealed it for that place. */
export function unsealValue(sealingKey: Buffer, place: string, sealed: string): unknown {
	try {
		return JSON.parse(unsealText(sealingKey, place, sealed));
	} catch {
		return undefined;
	}
}

/** Base64 of IV, tag and text. `context`: what it is worth something with. */
function sealText(sealingKey: Buffer, context: string, text: string): string {
	const iv = randomBytes(ivBytes);
	const cipher = createCipheriv(algorithm, sealingKey, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(context));
	const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
	return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Throws where it was sealed by another key, or with another context. */
function unsealText(sealingKey: Buffer, context: string, sealed: string): string {
	const bytes = Buffer.from(sealed, 'base64');
	const iv = bytes.subarray(0, ivBytes);
	const decipher = createDecipheriv(algorithm, sealingKey, iv, { authTagLength: tagBytes })
		.setAAD(Buffer.from(context))
		.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
	return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
}

function bound({ key, identityId, dialect }: Omit<Open, 'sealed'>): string {
	return JSON.stringify([key, identityId, dialect]);
}
