import { chownSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeKeyFile } from '../../src/files/key-file.ts';
import { messageOf } from '../../src/files/open-or-make.ts';
import { openAuditFile } from '../../src/observability/audit-file.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';

/* Root makes files beside a service that runs as somebody else: `sudo latchkey identity set-password …`. */

const service = 65_534;
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const unless = process.getuid?.() === 0 ? '' : ': not run, since this is not root';

function folderOfService(t: ExecutionContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-owner-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	chownSync(folder, service, service);
	return folder;
}

asRoot(`what root makes belongs to whom the folder belongs to${unless}`, async (t) => {
	const folder = folderOfService(t);
	const database = join(folder, 'data', 'latchkey.db');
	const file = openSqlite(database);
	file.noteSetUp();
	await file.close();
	makeKeyFile(`${database}.sealing-key`, 'a key\n');
	openAuditFile(join(folder, 'log', 'audit.log'), () => undefined).write('a line\n');
	const made = readdirSync(folder, { recursive: true }).map(String);
	t.is(made.filter((name) => /^(data|log|.*(db|set-up|sealing-key|audit\.log))$/.test(name)).length, 6, made.join());
	for (const name of made) {
		const { uid, gid, mode } = statSync(join(folder, name));
		t.deepEqual([name, uid, gid, mode & 0o077], [name, service, service, 0]);
	}
});

asRoot(`a link, and a file that is there, keep their owner${unless}`, (t) => {
	const folder = folderOfService(t);
	const there = join(folder, 'there');
	writeFileSync(there, '');
	symlinkSync(there, join(folder, 'link'));
	symlinkSync(join(tmpdir(), `latchkey-owner-${process.pid}`), join(folder, 'dangling'));
	t.teardown(() => rmSync(join(tmpdir(), `latchkey-owner-${process.pid}`), { force: true }));
	for (const name of ['there', 'link', 'dangling']) {
		openAuditFile(join(folder, name), () => undefined).write('a line\n');
		t.is(statSync(join(folder, name)).uid, 0);
		t.is(lstatSync(join(folder, name)).uid, 0);
	}
});

asRoot(`a file that belongs to somebody else is named with its owner${unless}`, (t) => {
	const path = join(folderOfService(t), 'latchkey.db.set-up');
	writeFileSync(path, '');
	chownSync(path, service, service);
	const fault = Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES', path });
	t.is(messageOf(fault), `${path} belongs to somebody else (uid ${service}): chown it to who runs this`);
	t.is(messageOf(Object.assign(fault, { path: '/nowhere' })), 'EACCES: permission denied, open');
});
