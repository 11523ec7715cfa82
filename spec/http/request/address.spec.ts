import test from 'ava';
import { addressOf } from '../../../src/http/request/address.ts';

const addresses = [
	['203.0.113.9', '203.0.113.9'],
	[' \t203.0.113.9\t ', '203.0.113.9'],
	['203.0.113.9:443', '203.0.113.9'],
	['[2001:db8::1]:443', '2001:db8::1'],
	['::ffff:203.0.113.9', '203.0.113.9'],
	['unknown', undefined],
] as const;
for (const [written, address] of addresses) {
	test(`${JSON.stringify(written)} is ${address ?? 'no address'}`, (t) => {
		t.is(addressOf(written), address);
	});
}

test('spaces within what is no address are looked at once', (t) => {
	// Where each of them were looked at once for each in front of it, this would take an hour, and the run would end.
	t.is(addressOf(`1${' '.repeat(500_000)}2`), undefined);
});
