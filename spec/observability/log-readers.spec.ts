import { readFileSync } from 'node:fs';
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
