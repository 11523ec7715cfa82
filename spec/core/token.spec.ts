import { createHash } from 'node:crypto';
import test from 'ava';
import { hasSameRoot, isSameStamp } from '../../src/core/credential-stamp.ts';
import type { DialectName } from '../../src/core/session.ts';
import {
	isSameSecret,
	keyOf,
	newCredentialStamp,
	newSessionToken,
	newSetupToken,
	newStampOfSameRoot,
	newXsrfToken,
	parseSessionToken,
} from '../../src/core/token.ts';

const kura = 'kura' as DialectName;

test('ten thousand session tokens: 256 bits each, none twice, every bit as often set as not', (t) => {
	const count = 10_000;
	const tokens = Array.from({ length: count }, newSessionToken);
	t.is(new Set(tokens).size, count);
	const set = new Array<number>(256).fill(0);
	for (const token of tokens) {
		const bytes = Buffer.from(token, 'base64url');
		t.is(bytes.length, 32);
		for (let bit = 0; bit < 256; bit += 1) set[bit]! += (bytes[bit >> 3]! >> (bit & 7)) & 1;
	}
	for (const [bit, times] of set.entries()) t.true(Math.abs(times / count - 0.5) < 0.03, `bit ${bit}: ${times}`);
});

const shapes: readonly (readonly [text: string, isToken: boolean])[] = [
	['A'.repeat(43), true],
	[newSessionToken(), true],
	['', false],
	['A'.repeat(42), false],
	['A'.repeat(44), false],
	[`${'A'.repeat(42)}=`, false],
	[`${'A'.repeat(42)}+`, false],
	[`${'A'.repeat(42)} `, false],
	[`${'A'.repeat(43)}\n`, false],
	[`"${'A'.repeat(41)}"`, false],
	[`${'A'.repeat(42)}é`, false],
];

for (const [text, isToken] of shapes) {
	test(`${JSON.stringify(text)} can ${isToken ? '' : 'not '}be a session token`, (t) => {
		t.is(parseSessionToken(text) !== undefined, isToken);
	});
}

test('what is kept of a session token is its SHA-256 with its channel, and nothing that leads back to it', (t) => {
	const token = newSessionToken();
	const key = keyOf(token, { dialect: kura, secure: false });
	t.is(key, createHash('sha256').update(`kura:${token}`).digest('hex') as typeof key);
});

test('a token is worth something on the channel that it was issued on, and on no other', (t) => {
	const token = newSessionToken();
	const kismet = 'kismet' as DialectName;
	const keys = [kura, kismet].flatMap((dialect) => [true, false].map((secure) => keyOf(token, { dialect, secure })));
	t.is(new Set(keys).size, 4);
});

test('XSRF tokens, setup tokens and credential stamps are fresh each time', (t) => {
	for (const make of [newXsrfToken, newSetupToken, newCredentialStamp] as (() => string)[]) {
		t.is(new Set(Array.from({ length: 1000 }, make)).size, 1000, make.name);
	}
	t.is(Buffer.from(newSetupToken(), 'base64url').length, 16);
	t.is(Buffer.from(newCredentialStamp(), 'base64url').length, 24);
});

test('a stamp of the same root is another stamp; a fresh one has another root', (t) => {
	const stamp = newCredentialStamp();
	const kin = newStampOfSameRoot(stamp);
	t.is(kin.length, stamp.length);
	t.true(isSameStamp(stamp, stamp));
	t.false(isSameStamp(stamp, kin));
	t.true(hasSameRoot(stamp, kin));
	t.false(hasSameRoot(stamp, newCredentialStamp()));
	t.false(isSameStamp(kin, newStampOfSameRoot(stamp)));
});

const secrets: readonly (readonly [given: string, kept: string, same: boolean])[] = [
	['abc', 'abc', true],
	['abd', 'abc', false],
	['ab', 'abc', false],
	['abcd', 'abc', false],
	['', 'abc', false],
	['ABC', 'abc', false],
	['abc, abc', 'abc', false],
	// As many characters, and more bytes: must be a no, not a fault.
	['äbc', 'abc', false],
];

for (const [given, kept, same] of secrets) {
	test(`${JSON.stringify(given)} and ${JSON.stringify(kept)} are ${same ? '' : 'not '}the same secret`, (t) => {
		t.is(isSameSecret(given, kept), same);
	});
}
