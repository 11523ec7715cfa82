import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { prettyLine } from '../../src/observability/pretty.ts';
import { cleanEnvironment, openWorkplace, serve } from '../_support/command-line.ts';
import { soon } from '../store/soon.ts';

/* The audit and the log, as people read them. */

const launcher = join(import.meta.dirname, '../../src/launcher.js');

const event = (act: string, more: object = {}) =>
	`${JSON.stringify({ level: 'info', time: '2026-11-29T09:30:00.000Z', audit: true, act, outcome: 'ok', ...more })}\n`;

test('the last events of the audit, all or those of somebody, as text or as they are', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const file = join(place.folder, 'audit.log');
	await place.configure({ log: { auditFile: file } });
	for (const name of ['ada', 'bob', 'eve']) await place.run(['identity', 'add', name]);
	await appendFile(file, event('login', { outcome: 'refused', reason: 'bad-credentials', identity: 'ada' }));
	await appendFile(file, '{"level":"info","time":"2026-11-29T09:30:00.000Z","msg":"not of the audit"}\nno JSON\n');
	const all = await place.run(['audit', 'tail', '--lines', '2']);
	t.is(all.stderr, '');
	const [first, last, end] = all.stdout.split('\n');
	t.regex(first ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} audit identity-add eve by operator/);
	t.regex(last ?? '', /audit login ada refused: bad-credentials$/);
	t.is(end, '');
	const of = await place.run(['audit', 'tail', '--identity', 'ada', '--act', 'identity-add', '--json']);
	t.deepEqual(
		of.stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line).identity),
		['ada'],
	);
	const piped = await place.run(['audit', 'tail', '-'], { stdin: event('logout', { identity: 'bob' }) });
	t.regex(piped.stdout, /audit logout bob\n$/);
	const control = event('login', { identity: 'eve', device: '\u009b2J\u007f' });
	const asJson = await place.run(['audit', 'tail', '-', '--json'], { stdin: control });
	t.notRegex(asJson.stdout, /[\x7f-\x9f]/, 'it tells a terminal nothing');
	t.deepEqual(JSON.parse(asJson.stdout), JSON.parse(control));
	t.regex((await place.run(['audit', 'tail', 'nothing.log'])).stderr, /nothing\.log cannot be read: ENOENT/);
	await place.configure({});
	t.regex((await place.run(['audit', 'tail'])).stderr, /log\.auditFile is not set/);
});

test('what comes is followed through a rotation, and through a file that is cut short', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const file = join(place.folder, 'audit.log');
	await writeFile(file, event('login', { identity: 'first' }));
	const child = spawn(process.execPath, [launcher, 'audit', 'tail', file, '--follow'], {
		cwd: place.folder,
		env: cleanEnvironment(),
	});
	const ended = once(child, 'close');
	t.teardown(async () => {
		child.kill();
		await ended;
	});
	let shown = '';
	child.stdout.setEncoding('utf8').on('data', (text) => {
		shown += text;
	});
	const shows = (text: string) => soon(async () => shown.includes(text));
	t.true(await shows('login first'));
	const [half, rest] = [
		event('login', { identity: 'second' }).slice(0, 50),
		event('login', { identity: 'second' }).slice(50),
	];
	await appendFile(file, half);
	await appendFile(file, rest);
	t.true(await shows('login second'), shown);
	await rename(file, `${file}.1`);
	await appendFile(`${file}.1`, event('login', { identity: 'third' }));
	await writeFile(file, event('login', { identity: 'fourth' }));
	t.true(await shows('login third'), shown);
	t.true(await shows('login fourth'), shown);
	await writeFile(file, '');
	await soon(async () => false, 600);
	await appendFile(file, event('x', { identity: 'fifth' }));
	t.true(await shows('x fifth'), shown);
	t.is(shown.split('\n').length, 6);
});

test('nothing in a line tells a terminal what to do; what is no line stays as it is', (t) => {
	const nasty = '\u001b]0;owned\u0007\u009b31m';
	const options = { colour: true };
	const line = prettyLine(
		JSON.stringify({
			level: 'warn',
			time: 'x',
			msg: nasty,
			[`${nasty}`]: nasty,
			cause: { message: nasty, stack: `a\n${nasty}` },
		}),
		options,
	);
	t.notRegex(stripVTControlCharacters(line), /(?!\n)\p{Cc}/u);
	t.notRegex(prettyLine(nasty, options), /(?!\n)\p{Cc}/u);
	t.is(prettyLine('started\n', options), 'started\n');
	t.is(
		prettyLine('{"level":"info","time":"x","msg":"a","n":1,"s":"b c"}', { colour: false }),
		'x info a n=1 s="b c"\n',
	);
});

test('log.format: JSON through a pipe, text for people where it is asked for; the audit file is JSON always', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const piped = await serve(place.folder);
	await piped.stop();
	for (const line of piped.said.stdout.trim().split('\n')) t.is(JSON.parse(line).level, 'info');
	await place.configure({ log: { format: 'pretty' } });
	const pretty = await serve(place.folder, { until: /audit start/ });
	await pretty.stop();
	t.regex(pretty.said.stdout, /^\d{4}-\d\d-\d\d \S+ audit start version=\S+\n/);
	t.is(stripVTControlCharacters(pretty.said.stdout), pretty.said.stdout);
});
