import test from 'ava';
import { parseIdentityName } from '../../src/core/identity.ts';
import { parseApiTokenName } from '../../src/core/new-api-token.ts';
import { parsePassword } from '../../src/core/password.ts';
import { authenticatorName } from '../../src/dialect/kura/bodies.ts';

/*
 * To put the marks on one letter in order takes the square of their number: half an hour for these, and the run would end. Each text is
 * measured before.
 */
const marks = `a${'\u0315'.repeat(500_000)}${'\u0300'.repeat(500_000)}`;

const readers: Readonly<Record<string, (text: string) => unknown>> = {
	'the name of an identity': parseIdentityName,
	'the name of an API token': parseApiTokenName,
	'a password': parsePassword,
	'the name of an authenticator': (text) => authenticatorName.safeParse(text).data,
};
for (const [what, read] of Object.entries(readers)) {
	test(`${what} is measured before its marks are put in order`, (t) => {
		t.is(read(marks), undefined);
		t.is(read('e\u0301bcdefgh'), '\u00e9bcdefgh');
	});
}
