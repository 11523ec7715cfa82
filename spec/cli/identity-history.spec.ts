import test from 'ava';
import { openWorkplace } from '../_support/command-line.ts';

/* `latchkey identity history`. */

test('what operators do with a login stands in its history, newest first', async (t) => {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const run = async (line: string, stdin = '') => {
		const ran = await place.run(['identity', ...line.split(' ')], { stdin });
		t.is(ran.status, 0, ran.stderr);
		return ran;
	};
	await run('add ada');
	await run('set-password ada --password-stdin', 'seven green frogs');
	await run('rename ada countess');
	const { stdout } = await run('history countess');
	t.regex(stdout, /^TIME +WHAT +OUTCOME +HOW +FROM +BY\n/);
	t.deepEqual(
		[...stdout.matchAll(/^\d{4}-\S+Z +(\S+) +(\S+) +- +- +(\S+)$/gm)].map(([, ...cells]) => cells.join(' ')),
		['identity-rename ok operator', 'password-reset ok operator', 'identity-add ok operator'],
	);
	const { events } = JSON.parse((await run('history countess --json --limit 1')).stdout);
	t.like(events, [{ act: 'identity-rename', outcome: 'ok', actor: 'operator' }]);
	t.is((await run('history countess --limit 1000')).stderr, '');
	const wrong = await place.run(['identity', 'history', 'countess', '--limit', '1001']);
	t.is(wrong.status, 2);
	t.regex(wrong.stderr, /a number from 1 to 1000/);
	t.regex((await place.run(['identity', 'history', 'nobody'])).stderr, /there is no identity nobody/);
});
