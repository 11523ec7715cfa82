import test from 'ava';
import { cookieOf } from '../../src/http/cookies.ts';

const cases: readonly (readonly [header: string | undefined, value: string | undefined])[] = [
	[undefined, undefined],
	['', undefined],
	['s=abc', 'abc'],
	['a=1; s=abc; b=2', 'abc'],
	['a=1;s=abc;b=2', 'abc'],
	['a=1;\t s=abc \t; b=2', 'abc'],
	['s=', ''],
	['s="abc"', '"abc"'],
	['s=a=b', 'a=b'],
	['s', undefined],
	['S=abc', undefined],
	['xs=abc', undefined],
	['s2=abc', undefined],
	['a=s=abc', undefined],
	['a="; s=abc', 'abc'],
	// One name twice: somebody put a second one beside ours, and neither is believed.
	['s=good; s=bad', undefined],
	['s=bad; s=good', undefined],
	['s=same; s=same', undefined],
	['s=good; s=', undefined],
	['s=good; a=1; s=bad', undefined],
	[';;; s=abc;;', 'abc'],
	[`${'a=1; '.repeat(1000)}s=abc`, 'abc'],
];

for (const [header, value] of cases) {
	test(`Cookie: ${header?.slice(0, 60)} holds ${value === undefined ? 'no session' : JSON.stringify(value)}`, (t) => {
		t.is(cookieOf(header, 's'), value);
	});
}

test('a name with characters of its own is compared letter for letter', (t) => {
	t.is(cookieOf('__Host-id=abc', '__Host-id'), 'abc');
	t.is(cookieOf('__host-id=abc', '__Host-id'), undefined);
});
