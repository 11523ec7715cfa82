import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TotpStep } from './authenticator.ts';
import type { Instant } from './clock.ts';

/* Codes of the time, as every app has them: HMAC-SHA-1, six digits, thirty seconds. Sources: RFC 4226, RFC 6238. */

const stepMs = 30_000;
const digits = 6;
const secretBytes = 20;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 160 random bits. Source: RFC 4226, 4, R6. */
export function newTotpSecret(): Buffer {
	return randomBytes(secretBytes);
}

export function stepAt(now: Instant): TotpStep {
	return Math.floor(now / stepMs) as TotpStep;
}

/** Of the steps whose codes may have been taken until now: clocks of phones may be ahead by one. */
export function newestStepAt(now: Instant): TotpStep {
	return (stepAt(now) + 1) as TotpStep;
}

/** The code of a step, six digits. Source: RFC 4226, 5.3. */
export function codeAt(secret: Buffer, step: TotpStep): string {
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(step));
	const digest = createHmac('sha1', secret).update(counter).digest();
	const offset = digest.readUInt8(digest.length - 1) & 0xf;
	const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
	return String(number % 10 ** digits).padStart(digits, '0');
}

/**
 * The step that a code is of: this one, the one before or the one after, and none up to `lastStep`, which are used up.
 * Source: RFC 6238, 5.2; OWASP ASVS 5.0, 6.5.5 asks for 30 seconds, and clocks of phones for 30 more on both sides.
 */
export function stepOf(secret: Buffer, code: string, now: Instant, lastStep: TotpStep): TotpStep | undefined {
	const present = stepAt(now);
	const steps = [present - 1, present, present + 1].filter((step) => step >= 0) as TotpStep[];
	const given = Buffer.from(code);
	// All of them, whichever is right: the time says nothing.
	const right = steps.filter((step) => {
		const expected = Buffer.from(codeAt(secret, step));
		return expected.length === given.length && timingSafeEqual(expected, given);
	});
	return right.find((step) => step > lastStep);
}

/** As apps show and read it, without padding. Source: RFC 4648, 6. */
export function toBase32(bytes: Uint8Array): string {
	const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
	const groups = bits.match(/.{1,5}/g) ?? [];
	return groups.map((group) => base32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/** Code points of a name that an app shows: of what is longer, a QR code could not hold all. */
const shownNames = 40;

function shortened(name: string): string {
	const points = [...name];
	return points.length > shownNames ? `${points.slice(0, shownNames).join('')}…` : name;
}

/** What apps read from a QR code, 1,800 characters at the most. `issuer`: which service; `account`: whose, shortened. */
export function otpauthUri(
	secret: string,
	{ issuer, account }: { readonly issuer: string; readonly account: string },
): string {
	// A colon ends the name of the issuer in the label, whatever wrote it.
	const service = encodeURIComponent(shortened(issuer.replaceAll(':', '')));
	const label = `${service}:${encodeURIComponent(shortened(account))}`;
	const parameters = `secret=${secret}&issuer=${service}&algorithm=SHA1&digits=6&period=30`;
	return `otpauth://totp/${label}?${parameters}`;
}

/** Six digits, as people type them. */
export function parseTotpCode(text: string): string | undefined {
	const code = text.replace(/[\s-]/g, '');
	return /^\d{6}$/.test(code) ? code : undefined;
}
