import test from 'ava';
import type { TotpStep } from '../../src/core/authenticator.ts';
import type { Instant } from '../../src/core/clock.ts';
import { codeAt, newTotpSecret, otpauthUri, parseTotpCode, stepAt, stepOf, toBase32 } from '../../src/core/totp.ts';
import { qrSvg } from '../../src/qr/qr.ts';

const secret = Buffer.from('12345678901234567890');
const never = -1 as TotpStep;
const at = (seconds: number) => (seconds * 1000) as Instant;

/** RFC 6238, appendix B: seconds, and the last six of its eight digits. */
const vectors: [number, string][] = [
	[59, '287082'],
	[1_111_111_109, '081804'],
	[1_111_111_111, '050471'],
	[1_234_567_890, '005924'],
	[2_000_000_000, '279037'],
	[20_000_000_000, '353130'],
];
for (const [seconds, code] of vectors) {
	test(`RFC 6238, appendix B: at ${seconds} the code is ${code}`, (t) => {
		t.is(codeAt(secret, stepAt(at(seconds))), code);
		t.is(stepOf(secret, code, at(seconds), never), Math.floor(seconds / 30) as TotpStep);
	});
}

test('RFC 4226, appendix D: the first ten codes', (t) => {
	const codes = Array.from({ length: 10 }, (_, step) => codeAt(secret, step as TotpStep));
	t.deepEqual(codes, '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' '));
});

test('a code is right in its step, the one before and the one after, and in no other', (t) => {
	const step = 1000 as TotpStep;
	const code = codeAt(secret, step);
	const seen = [-60, -31, -30, -1, 0, 29, 30, 59, 60, 89].map((seconds) =>
		stepOf(secret, code, at(30_000 + seconds), never),
	);
	t.deepEqual(seen, [undefined, undefined, step, step, step, step, step, step, undefined, undefined]);
});

test('a step that is used up is right no more, nor one before it, also where the clock went back', (t) => {
	const code = (step: number) => codeAt(secret, step as TotpStep);
	const now = at(30_000);
	const last = 1000 as TotpStep;
	t.is(stepOf(secret, code(1000), now, last), undefined);
	t.is(stepOf(secret, code(999), now, last), undefined);
	t.is(stepOf(secret, code(1001), now, last), 1001 as TotpStep);
	t.is(stepOf(secret, code(900), at(27_000), last), undefined, 'the clock was set back by 50 minutes');
});

test('what is no code is never right', (t) => {
	for (const text of ['', '0', '0000000', '28708２', '287082 ', 'abcdef']) {
		t.is(stepOf(secret, text, at(59), never), undefined, text);
	}
	const typed = ['287 082', ' 287082 ', '287-082', '28708', '2870821', '28708a', '', '２８７０８２'].map(parseTotpCode);
	t.deepEqual(typed, ['287082', '287082', '287082', undefined, undefined, undefined, undefined, undefined]);
});

test('secrets are written as apps read them', (t) => {
	t.is(toBase32(secret), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
	// RFC 4648, 10, without padding.
	const texts = ['f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => toBase32(Buffer.from(text)));
	t.deepEqual(texts, ['MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI']);
	const [one, other] = [newTotpSecret(), newTotpSecret()];
	t.is(one.length, 20);
	t.notDeepEqual(one, other);
});

test('names in the address of an app break nothing in it', (t) => {
	const uri = new URL(otpauthUri('ABC', { issuer: 'Lat:ch&key?', account: 'ada:&secret=X#é' }));
	t.is(decodeURIComponent(uri.pathname), '/Latch&key?:ada:&secret=X#é');
	t.deepEqual(Object.fromEntries(uri.searchParams), {
		...{ secret: 'ABC', issuer: 'Latch&key?', algorithm: 'SHA1', digits: '6', period: '30' },
	});
	t.is(uri.hash, '');
});

test('an address is short enough to be drawn, however long the names are', (t) => {
	const long = '漢'.repeat(64);
	for (const name of [long, '🙂'.repeat(256)]) {
		const uri = otpauthUri(toBase32(newTotpSecret()), { issuer: name, account: name });
		t.true(uri.length <= 1800, String(uri.length));
		t.true(qrSvg(uri).startsWith('<svg'));
	}
	const { pathname } = new URL(otpauthUri('ABC', { issuer: 'Latchkey', account: long }));
	t.is(decodeURIComponent(pathname), `/Latchkey:${'漢'.repeat(40)}…`);
});
