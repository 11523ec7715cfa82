import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmdirSync,
	rmSync,
	statSync,
	symlinkSync,
	unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { AuditEvent } from '../../src/core/audit.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { createLogs, type Level } from '../../src/observability/log.ts';

function start(level: Level, auditFile?: string) {
	const written: string[] = [];
	const to = { write: (text: string) => void written.push(text) };
	return { ...createLogs({ level, to, ...(auditFile !== undefined && { auditFile }) }), written };
}

const event: AuditEvent = { act: 'login', outcome: 'ok' };

test('an event is one line of JSON, written before the call returns', (t) => {
	const { log, audit, written } = start('info');
	log.info({ number: 1 }, 'first');
	audit.write(event);
	t.is(written.length, 2);
	for (const line of written) t.regex(line, /^\{[^\n]*\}\n$/);
	const [first, second] = written.map((line) => JSON.parse(line));
	t.like(first, { level: 'info', number: 1, msg: 'first' });
	t.like(second, { audit: true, act: 'login', outcome: 'ok' });
	t.regex(second.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

const tricks = ['a\n{"audit":true,"act":"login"}', 'a\r\nb', '\u001b[2J', '"}', '\u2028', '\\', '\ud800'];

for (const trick of tricks) {
	test(`no value forges a line: ${JSON.stringify(trick)}`, (t) => {
		const { audit, log, written } = start('info');
		audit.write({ ...event, address: trick });
		log.warn({ cause: new Error(trick) }, 'failed');
		t.is(written.length, 2);
		for (const line of written) {
			t.is(line.trimEnd().split(/[\n\r]/).length, 1);
			t.false(line.includes('\u001b'));
			t.notThrows(() => JSON.parse(line));
		}
	});
}

const levels: readonly (readonly [level: Level, log: readonly string[], audited: boolean])[] = [
	['debug', ['debug', 'info', 'warn', 'error'], true],
	['info', ['info', 'warn', 'error'], true],
	['error', ['error'], true],
	['fatal', [], true],
	['silent', [], false],
];

for (const [level, shown, audited] of levels) {
	test(`level ${level} shows ${shown.join(', ') || 'nothing'}, and ${audited ? '' : 'not even '}the audit`, (t) => {
		const { log, audit, written } = start(level);
		for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]({}, each);
		audit.write(event);
		const lines = written.map((line) => JSON.parse(line));
		t.deepEqual(
			lines.filter(({ audit: isAudit }) => !isAudit).map(({ msg }) => msg),
			[...shown],
		);
		t.is(
			lines.some(({ audit: isAudit }) => isAudit),
			audited,
		);
	});
}

test('of an error its kind, its message and its stack are told, and nothing that hangs on it', (t) => {
	const { log, written } = start('info');
	const driver = Object.assign(new Error('no such table'), {
		code: 'SQLITE_ERROR',
		query: 'SELECT secret',
		parameters: ['hunter2'],
		cause: Object.assign(new Error('inner'), { detail: 'hunter2' }),
	});
	log.error({ cause: driver }, 'failed');
	log.error({ cause: new StoreUnavailable('SQLite', { cause: driver }) }, 'away');
	log.error({ cause: 'a word' }, 'odd');
	const [plain, away, odd] = written.map((line) => JSON.parse(line).cause);
	t.like(plain, { type: 'Error', message: 'no such table: inner', code: 'SQLITE_ERROR' });
	t.like(away.cause, { message: 'no such table: inner', code: 'SQLITE_ERROR' });
	t.deepEqual(odd, { message: 'a word' });
	t.notRegex(written.join(''), /hunter2|SELECT/);
});

test('an audit file takes the audit, whatever the level, and is readable by its owner only', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-audit-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'deep', 'audit.log');
	const { audit, written } = start('silent', file);
	audit.write(event);
	t.deepEqual(written, []);
	t.like(JSON.parse(readFileSync(file, 'utf8')), { audit: true, act: 'login' });
	t.is(statSync(file).mode & 0o777, 0o600);
	t.is(statSync(dirname(file)).mode & 0o777, 0o700);
	const { audit: other } = start('info', file);
	other.write(event);
	t.is(readFileSync(file, 'utf8').trimEnd().split('\n').length, 2, 'another process appends');
});

test('an audit file on a full disk: each line is refused, none is lost, and the log says it once', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-audit-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'audit.log');
	// Takes no byte, as a full disk does.
	symlinkSync('/dev/full', file);
	const { audit, probe, reopen, written } = start('info', file);
	t.notThrows(() => audit.write({ ...event, act: 'start' }), 'nobody waits for an answer');
	for (let times = 0; times < 20; times += 1) t.throws(() => audit.write(event), { instanceOf: StoreUnavailable });
	t.throws(probe, { instanceOf: StoreUnavailable });
	unlinkSync(file);
	reopen();
	t.notThrows(probe);
	audit.write({ ...event, act: 'logout' });
	const acts = readFileSync(file, 'utf8').trimEnd().split('\n');
	t.deepEqual(
		acts.map((line) => JSON.parse(line).act),
		['start', ...Array.from({ length: 20 }, () => 'login'), 'logout'],
	);
	t.deepEqual(
		written.map((line) => JSON.parse(line).level),
		['error', 'warn'],
	);
	t.regex(written[0] ?? '', /ENOSPC/);
});

test('after a rotation the audit goes to the new file', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-audit-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'audit.log');
	const { audit, reopen } = start('info', file);
	audit.write(event);
	renameSync(file, `${file}.1`);
	reopen();
	audit.write({ ...event, act: 'logout' });
	t.is(JSON.parse(readFileSync(`${file}.1`, 'utf8')).act, 'login');
	t.is(JSON.parse(readFileSync(file, 'utf8')).act, 'logout');
});

test('where the path cannot be opened anew, lines go on into the file of before, and into the new one once it can', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-audit-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'audit.log');
	const { audit, reopen, probe, written } = start('info', file);
	audit.write(event);
	renameSync(file, `${file}.1`);
	mkdirSync(file);
	for (let times = 0; times < 2; times += 1) reopen();
	t.notThrows(() => audit.write({ ...event, act: 'logout' }));
	t.notThrows(probe);
	rmdirSync(file);
	audit.write({ ...event, act: 'start' });
	const actsIn = (path: string) =>
		readFileSync(path, 'utf8')
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line).act);
	t.deepEqual([actsIn(`${file}.1`), actsIn(file)], [['login', 'logout'], ['start']]);
	t.deepEqual(
		written.map((line) => JSON.parse(line)).map(({ level, msg }) => [level, msg.replace(/:.*/, '')]),
		[
			['error', 'the audit file cannot be opened anew'],
			['warn', 'the audit file can be written again'],
		],
	);
});

for (const [what, path] of [
	['below a plain file', join(import.meta.filename, 'audit.log')],
	['where no folder can be made', '/proc/latchkey/deep/audit.log'],
] as const) {
	test(`an audit file ${what} stops the start, in one line that names the setting`, (t) => {
		const { message = '' } = t.throws(() => start('info', path)) ?? {};
		t.true(message.startsWith(`log.auditFile: ${path} cannot be opened: `));
		t.false(message.includes('\n'));
	});
}
