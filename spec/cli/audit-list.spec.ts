import test from 'ava';
import { openWorkplace } from '../_support/command-line.ts';

/* `latchkey audit list`. */

test('the audit is searched without a service', async (t) => {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const run = async (line: string) => {
		const ran = await place.run(line.split(' '));
		t.is(ran.status, 0, ran.stderr);
		return ran;
	};
	for (const line of ['add ada', 'add bob', 'grant ada rest.assets', 'rename ada countess', 'remove bob --yes']) {
		await run(`identity ${line}`);
	}
	const { stdout } = await run('audit list');
	t.regex(stdout, /^TIME +WHAT +OUTCOME +WHO +BY +HOW +FROM\n/);
	t.deepEqual(
		[...stdout.matchAll(/^\d{4}-\S+Z +(\S+) +ok +(\S.*?) +operator +- +-$/gm)].map(([, ...cells]) => cells.join(' ')),
		[
			'identity-remove bob',
			'identity-rename ada → countess',
			'permission-grant ada',
			'identity-add bob',
			'identity-add ada',
		],
	);
	const { events } = JSON.parse((await run('audit list --json --identity bob --act identity-add --outcome ok')).stdout);
	t.is(events.length, 1);
	t.like(events[0], { act: 'identity-add', identity: 'bob', actor: 'operator' });
	t.is(JSON.parse((await run('audit list --json --limit 2')).stdout).events.length, 2);
	t.is(
		JSON.parse((await run('audit list --json --from 2020-01-01 --to 2020-01-02T00:00:00Z')).stdout).events.length,
		0,
	);
	t.regex((await run('audit list --address 192.0.2.*')).stderr, /no line of the audit/);
	for (const wrong of ['--from yesterday', '--limit 0', '--outcome maybe']) {
		t.is((await place.run(['audit', 'list', ...wrong.split(' ')])).status, 2, wrong);
	}
});
