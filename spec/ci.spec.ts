import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

/* The last lines of `.ci/run`. */

const count = join(import.meta.dirname, '../.ci/count.mjs');

function counted(tap: readonly string[]) {
	const { stdout, status } = spawnSync(process.execPath, [count], { input: tap.join('\n'), encoding: 'utf8' });
	return { lines: stdout.trimEnd().split('\n'), status };
}

const passed = ['TAP version 13', 'ok 1 - a › passes', '#   its log', 'ok 2 - a › is left out # SKIP'];
const failed = [
	'not ok 3 - a › fails',
	'#   its log',
	'  ---',
	'    name: AssertionError',
	'    message: Difference',
	'  ...',
];

test('what was skipped and the number of each kind stand at the end', (t) => {
	t.deepEqual(counted(passed), {
		lines: ['ok 2 - a › is left out # SKIP', '1 passed, 0 failed, 1 skipped'],
		status: 0,
	});
	t.is(counted([]).status, 1, 'nothing at all is no success');
});

test('what failed says why, with its log and the first thirty lines of its message', (t) => {
	const long = [
		'not ok 4 - b › fails at length',
		'  ---',
		...Array.from({ length: 40 }, (_, at) => `    ${at}`),
		'  ...',
	];
	const { lines, status } = counted([...passed, ...failed, ...long, 'ok 5 - b › passes']);
	t.is(status, 1);
	t.deepEqual(lines.slice(1, 6), [
		'not ok 3 - a › fails',
		'#   its log',
		'    name: AssertionError',
		'    message: Difference',
		long[0],
	]);
	t.deepEqual(lines.slice(-3), ['    29', '    (10 more)', '2 passed, 2 failed, 1 skipped']);
});

test('what was cut off in the middle of a message is counted, too', (t) => {
	const { lines, status } = counted([...passed, ...failed.slice(0, 4)]);
	t.is(status, 1);
	t.deepEqual(lines.slice(1), [
		'not ok 3 - a › fails',
		'#   its log',
		'    name: AssertionError',
		'1 passed, 1 failed, 1 skipped',
	]);
});
