import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';

/* What docs/logs.md tells readers of the log to expect. */

const page = readFileSync(join(import.meta.dirname, '../../docs/logs.md'), 'utf8');
const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];

interface Step {
	readonly type: string;
	readonly inputs?: readonly string[];
	readonly source?: string;
	readonly route?: Readonly<Record<string, string>>;
}
const vector = parse(yaml) as Readonly<Record<'sources' | 'transforms' | 'sinks', Record<string, Step>>>;

/** journald cuts longer ones: its `LineMax=`. */
const longestLine = 48 * 1024;

/** What a service prints that is asked for this and that, and loses its store. */
async function printed(t: { teardown(end: () => unknown): void }): Promise<string[]> {
	const place = await openWorkplace({ log: { level: 'trace' } });
	t.teardown(place.remove);
	await place.run(['identity', 'add', 'ada', '--password-stdin', '--no-policy'], { stdin: 'four brown bears' });
	const server = await serve(place.folder, { args: ['--config', place.file] });
	const ada = createClient(server);
	await ada.login('ada', 'wrong');
	await ada.login('ada', 'four brown bears');
	await ada.send(`/${'a'.repeat(15_000)}`, { headers: { 'X-Long': 'a' } });
	await ada.logout();
	await server.stop();
	return server.said.stdout.trimEnd().split('\n');
}

test('each line that `serve` prints is one object, with the fields of the documentation, and journald cuts none', async (t) => {
	const lines = await printed(t);
	const told = new Set([...page.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? []));
	const acts: unknown[] = [];
	for (const line of lines) {
		t.true(Buffer.byteLength(line) < longestLine);
		const fields = JSON.parse(line) as Record<string, unknown>;
		t.false(Number.isNaN(Date.parse(String(fields.time))), line);
		if (fields.audit === true) acts.push(`${fields.act} ${fields.outcome}`);
		else t.deepEqual([typeof fields.level, typeof fields.msg], ['string', 'string'], line);
		// Whatever else an audited act says of itself: its version, where it starts.
		if (fields.act !== 'start') for (const name of Object.keys(fields)) t.true(told.has(name), `${name}: ${line}`);
	}
	t.deepEqual(acts, ['start ok', 'login refused', 'login ok', 'logout ok', 'stop ok']);
});

/** A journald with folders of its own: what comes from stdin goes into it, and what it has kept to stdout. */
const throughJournald = `
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
printf '[Journal]\\nStorage=volatile\\nReadKMsg=no\\nAudit=no\\n' > /run/systemd/journald.conf.d/own.conf
/lib/systemd/systemd-journald 2>/dev/null &
trap "kill $!" EXIT
until [ -S /run/systemd/journal/stdout ]; do sleep 0.1; done
systemd-cat -t latchkey cat
journalctl --sync
journalctl -D /run/log/journal -t latchkey -o cat`;
const noJournald = existsSync('/lib/systemd/systemd-journald')
	? spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
		? undefined
		: 'nothing may be mounted here'
	: 'there is no journald';
(noJournald ? test.skip : test)(
	`journald keeps each line as it was printed, and \`audit tail\` reads them${noJournald ? `: ${noJournald}` : ''}`,
	async (t) => {
		t.timeout(120_000);
		const lines = await printed(t);
		const args = ['-m', '--propagation', 'private', 'bash', '-ec', throughJournald];
		const kept = spawnSync('unshare', args, { input: `${lines.join('\n')}\n`, encoding: 'utf8', timeout: 60_000 });
		t.is(kept.stdout, `${lines.join('\n')}\n`, kept.stderr);
		const place = await openWorkplace();
		t.teardown(place.remove);
		const told = await place.run(['audit', 'tail', '-', '--act', 'login', '--json'], { stdin: kept.stdout });
		t.is(told.stdout.trimEnd().split('\n').length, 2, told.stderr);
	},
);

test('Vector’s configuration hangs together, and asks for fields that there are', (t) => {
	const made = new Set(Object.keys(vector.sources));
	for (const [name, { inputs = [], source = '', route = {} }] of Object.entries(vector.transforms)) {
		for (const input of inputs) t.true(made.has(input), `${name}: ${input}`);
		made.add(name);
		for (const output of Object.keys(route)) made.add(`${name}.${output}`);
		for (const [, field = ''] of `${source} ${Object.values(route).join(' ')}`.matchAll(/[ (]\.(\w+)/g))
			t.true(['message', 'timestamp', 'time', 'audit'].includes(field), `${name}: ${field}`);
	}
	for (const [name, { inputs = [] }] of Object.entries(vector.sinks))
		for (const input of inputs) t.true(made.has(input), `${name}: ${input}`);
	t.deepEqual(Object.keys(vector.sinks), ['audit', 'log']);
});
