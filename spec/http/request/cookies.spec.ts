import test from 'ava';
import { cookiesOf } from '../../../src/http/request/cookies.ts';

const cases: readonly (readonly [header: string | undefined, values: readonly string[]])[] = [
	[undefined, []],
	['', []],
	['s=abc', ['abc']],
	['a=1; s=abc; b=2', ['abc']],
	['a=1;s=abc;b=2', ['abc']],
	['a=1;\t s=abc \t; b=2', ['abc']],
	['s=', ['']],
	['s=a=b', ['a=b']],
	['s', []],
	['S=abc', []],
	['xs=abc', []],
	['s2=abc', []],
	['a=s=abc', []],
	['a="; s=abc', ['abc']],
	// In quotes, as Python writes them: RFC 6265, 4.1.1.
	['s="abc"', ['abc']],
	['s=""', ['']],
	['s="', ['"']],
	['s="ada@example.org|1|x"; b=2', ['ada@example.org|1|x']],
	['s="a\\054b\\"c\\\\d"', ['a,b"c\\d']],
	['s=a\\054b', ['a\\054b']],
	// One name twice: another server on this host, or somebody who put a second one beside ours. Judged one by one.
	['s=good; s=bad', ['good', 'bad']],
	['s=bad; s=good', ['bad', 'good']],
	['s=same; s=same', ['same']],
	['s="same"; s=same', ['same']],
	['s=good; a=1; s=', ['good', '']],
	['s=1; s=2; s=3; s=4', ['1', '2', '3', '4']],
	['s=1; s=2; s=3; s=4; s=5', []],
	[';;; s=abc;;', ['abc']],
	[`${'a=1; '.repeat(1000)}s=abc`, ['abc']],
];

for (const [header, values] of cases) {
	test(`Cookie: ${header?.slice(0, 60)} holds ${JSON.stringify(values)}`, (t) => {
		t.deepEqual(cookiesOf(header, 's'), values);
	});
}

test('a name with characters of its own is compared letter for letter', (t) => {
	t.deepEqual(cookiesOf('__Host-id=abc', '__Host-id'), ['abc']);
	t.deepEqual(cookiesOf('__host-id=abc', '__Host-id'), []);
});
