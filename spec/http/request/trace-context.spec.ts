import test from 'ava';
import { traceIdIn } from '../../../src/http/request/trace-context.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

const cases: readonly {
	readonly says: string;
	readonly header: string | string[] | undefined;
	readonly is?: string;
}[] = [
	{ says: 'the first version', header: `00-${id}-${parent}-01`, is: id },
	{ says: 'not recorded', header: `00-${id}-${parent}-00`, is: id },
	{ says: 'flags that nobody knows', header: `00-${id}-${parent}-ff`, is: id },
	{ says: 'a later version', header: `01-${id}-${parent}-01`, is: id },
	{ says: 'a later version that says more', header: `cc-${id}-${parent}-01-what-comes`, is: id },
	{ says: 'none', header: undefined },
	{ says: 'empty', header: '' },
	{ says: 'twice', header: `00-${id}-${parent}-01, 00-${id}-${parent}-01` },
	{ says: 'a list', header: [`00-${id}-${parent}-01`] },
	{ says: 'the version that is none', header: `ff-${id}-${parent}-01` },
	{ says: 'the first version that says more', header: `00-${id}-${parent}-01-more` },
	{ says: 'a later version that goes on without a dash', header: `01-${id}-${parent}-01.more` },
	{ says: 'no trace', header: `00-${'0'.repeat(32)}-${parent}-01` },
	{ says: 'no parent', header: `00-${id}-${'0'.repeat(16)}-01` },
	{ says: 'capital letters', header: `00-${id.toUpperCase()}-${parent}-01` },
	{ says: 'a trace that is too short', header: `00-${id.slice(1)}-${parent}-01` },
	{ says: 'a trace that is too long', header: `00-${id}0-${parent}-01` },
	{ says: 'no flags', header: `00-${id}-${parent}` },
	{ says: 'something before it', header: ` 00-${id}-${parent}-01` },
	{ says: 'a line behind it', header: `00-${id}-${parent}-01\n` },
	{ says: 'what is no digit', header: `00-${id.replace('4', 'g')}-${parent}-01` },
];
for (const { says, header, is } of cases) {
	test(`traceparent, ${says}: ${is === undefined ? 'no trace' : 'its id'}`, (t) => t.is(traceIdIn(header), is));
}
