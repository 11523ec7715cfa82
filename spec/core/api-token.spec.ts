import { hash } from 'node:crypto';
import test from 'ava';
import { newApiToken, parseApiToken } from '../../src/core/api-token.ts';

/* The text of a token: found by secret scanners, and told from a typing error without a store. */

test('a token names itself and opens by its secret, of which a SHA-256 is kept', (t) => {
	const { text, id, key } = newApiToken();
	t.regex(text, /^lk_[a-z2-7]{12}_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$/);
	t.deepEqual(parseApiToken(text), { id, key });
	const secret = text.slice('lk_'.length + 12 + '_'.length, -6);
	t.is(Buffer.from(secret, 'base64url').length, 32, '256 bits');
	t.is(key as string, hash('sha256', `token:${secret}`));
	t.false(text.includes(key));
});

test('the checksum is CRC-32 in base62, as a secret scanner computes it', (t) => {
	const text = `lk_${'a'.repeat(12)}_${'A'.repeat(43)}`;
	const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
	/** By the polynomial itself. */
	let crc = 0xffff_ffff;
	for (const byte of Buffer.from(text)) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
	}
	let rest = BigInt((crc ^ 0xffff_ffff) >>> 0);
	let checksum = '';
	for (let at = 0; at < 6; at += 1) {
		checksum = digits[Number(rest % 62n)] + checksum;
		rest /= 62n;
	}
	t.truthy(parseApiToken(text + checksum));
});

test('no two tokens are alike', (t) => {
	const made = Array.from({ length: 1000 }, newApiToken);
	for (const part of ['text', 'id', 'key'] as const) t.is(new Set(made.map((each) => each[part])).size, 1000);
});

test('a text with one wrong, missing, swapped or added character is no token', (t) => {
	const { text } = newApiToken();
	const variants = [...text].flatMap((character, at) => {
		const before = text.slice(0, at);
		const after = text.slice(at + 1);
		const next = after[0] ?? '';
		return [
			`${before}${character === 'b' ? 'c' : 'b'}${after}`,
			before + after,
			`${before}${character}${character}${after}`,
			...(next !== '' && next !== character ? [`${before}${next}${character}${after.slice(1)}`] : []),
		];
	});
	t.true(variants.length > 200);
	for (const variant of variants) t.is(parseApiToken(variant), undefined, variant);
});

const others = ['', 'lk_', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'eyJhbGciOiJub25lIn0.e30.', 'x'.repeat(100_000)];
for (const text of others) {
	test(`what is somebody else's is no token: ${text.slice(0, 20)}`, (t) => t.is(parseApiToken(text), undefined));
}

test('nothing may stand around a token', (t) => {
	const { text } = newApiToken();
	for (const around of [` ${text}`, `${text} `, `${text}\n`, text.toUpperCase(), `${text}${text}`]) {
		t.is(parseApiToken(around), undefined, JSON.stringify(around));
	}
});
