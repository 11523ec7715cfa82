import { join } from 'node:path';
import test from 'ava';
import { createSqliteApiTokens } from '../../src/store/sqlite/api-tokens.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { openWorkplace, type Workplace } from '../_support/command-line.ts';

/* `latchkey token`, and the identities that are for it. */

let place: Workplace;
test.before(async () => {
	place = await openWorkplace();
	await done('identity', 'add', 'ci', '--service', '--permission', 'rest.assets', '--permission', 'rest.devices');
});
test.after.always(() => place.remove());

async function done(...args: string[]): Promise<{ stdout: string; stderr: string }> {
	const { status, stdout, stderr } = await place.run(args);
	if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
	return { stdout, stderr };
}

async function failed(...args: string[]): Promise<string> {
	const { status, stdout, stderr } = await place.run(args);
	if (status !== 1 || stdout !== '') throw new Error(`${args.join(' ')}: ${status} ${stdout}`);
	return stderr.trim();
}

const shape = /^lk_([a-z2-7]{12})_[A-Za-z0-9_-]{49}$/;
const listed = async (...more: string[]) => JSON.parse((await done('token', 'list', '--json', ...more)).stdout);

test.serial('a token is printed once, alone on stdout, and kept nowhere', async (t) => {
	const { stdout, stderr } = await done('token', 'add', 'ci', '--permission', 'rest.assets', '--name', 'nightly build');
	const [text = '', id] = shape.exec(stdout.trim()) ?? [];
	t.is(stdout, `${text}\n`);
	t.regex(stderr, new RegExp(`^token ${id} of ci opens rest\\.assets, until \\d{4}-.*; it is not shown again\\n$`));
	const all = await done('token', 'list');
	t.regex(all.stdout, new RegExp(`^ID .*\\n${id}  ci  +nightly build  rest\\.assets  .* never  +-\\n$`));
	const [token] = await listed();
	t.like(token, { id, identity: 'ci', name: 'nightly build', permissions: ['rest.assets'], endsWithPassword: false });
	t.is(Date.parse(token.expiresAt) - Date.parse(token.createdAt), 90 * 86_400_000);
	t.false(JSON.stringify([all, token]).includes(text.slice(16)));
	await done('token', 'end', String(id));
	t.deepEqual(await listed(), []);
	t.regex(await failed('token', 'end', String(id)), /^latchkey: there is no such API token/);
});

test.serial('all that a token may have', async (t) => {
	const { stdout } = await done(
		...['token', 'add', 'ci', '--permission', 'rest.devices', '--permission', 'rest.assets', '--for', '12h', '--json'],
		...['--network', '10.0.0.0/8', '--network', '2001:db8::1', '--path', '/assets/a.b', '--ends-with-password'],
	);
	const made = JSON.parse(stdout);
	t.deepEqual(Object.keys(made), ['id', 'token', 'expiresAt']);
	t.regex(made.token, shape);
	const [token] = await listed('--identity', 'ci');
	t.like(token, {
		id: made.id,
		permissions: ['rest.assets', 'rest.devices'],
		networks: ['10.0.0.0/8', '2001:db8::1'],
		paths: ['/assets/a.b'],
		endsWithPassword: true,
	});
	t.is(Date.parse(token.expiresAt) - Date.parse(token.createdAt), 12 * 3_600_000);
	t.is((await done('token', 'end', '--identity', 'ci')).stderr, '1 API token of ci ended\n');
	t.is((await done('token', 'list')).stderr, 'there are no API tokens\n');
});

const refused: [string, string[], RegExp][] = [
	[
		'more than its identity holds',
		['--permission', 'kura.admin'],
		/ci: does not hold kura\.admin: latchkey identity grant/,
	],
	['what is no permission', ['--permission', 'a b'], /a b: is not a permission/],
	['a network that is none', ['--network', '10.0.0.0/99'], /10\.0\.0\.0\/99: is not an address or a CIDR/],
	...['assets', '/a/../b', '/a//b', '/a%2fb', '/a/.', '/a;b', '/a?b', '/ä', '/a.'].map(
		(path): [string, string[], RegExp] => [`the path ${path}`, ['--path', path], /is not a path/],
	),
	['a longer life than a year', ['--for', '367d'], /366 days at the most/],
	['a name that does not print', ['--name', 'a\u0007b'], /cannot be a name/],
];
for (const [what, more, line] of refused) {
	test.serial(`a token is not made with ${what}`, async (t) => {
		t.regex(await failed('token', 'add', 'ci', ...more), line);
		t.deepEqual(await listed(), []);
	});
}

test.serial('a token of nobody is not made', async (t) => {
	t.regex(await failed('token', 'add', 'nobody'), /there is no identity nobody/);
});

test.serial('all tokens end at once, and one that is pasted whole ends, too', async (t) => {
	const { stdout } = await done('token', 'add', 'ci');
	await done('token', 'add', 'ci');
	const ended = await done('token', 'end', stdout.trim());
	t.regex(ended.stderr, /^token [a-z2-7]{12} ended\n$/);
	t.is((await done('token', 'end', '--all', '--yes')).stderr, '1 API token ended\n');
});

test.serial('an identity of a service has no password, and one with an end says when', async (t) => {
	const { status, stderr } = await place.run(['identity', 'set-password', 'ci', '--password-stdin'], {
		stdin: 'four brown bears',
	});
	t.is(status, 1);
	t.regex(stderr, /ci: an identity of a service has no password/);
	const { stdout } = await done('identity', 'add', 'guest', '--for', '1h', '--json');
	const guest = JSON.parse(stdout);
	t.is(Date.parse(guest.expiresAt) - Date.parse(guest.createdAt), 3_600_000);
	t.true(JSON.parse((await done('identity', 'show', 'ci', '--json')).stdout).service);
	t.regex((await done('identity', 'list')).stdout, /^ci +service +enabled .*\nguest +none +until 20/m);
});

test.serial('tokens move with their identities, and what ended in between does not come back', async (t) => {
	const [first, second] = [await done('token', 'add', 'ci'), await done('token', 'add', 'ci')];
	const from = `sqlite:${join(place.folder, 'data', 'latchkey.db')}`;
	const moved = await done('store', 'move', '--from', from, '--to', 'sqlite:other.db');
	t.regex(moved.stderr, /^2 API tokens moved, 0 were there$/m);
	const file = openSqlite(join(place.folder, 'other.db'));
	const there = createSqliteApiTokens(file);
	const ids = (await there.list(undefined)).map(({ id }) => id);
	t.deepEqual([...ids].sort(), [first, second].map(({ stdout }) => String(shape.exec(stdout.trim())?.[1])).sort());
	await there.endOf(undefined, Date.now() as never);
	await file.close();
	await done('store', 'move', '--from', from, '--to', 'sqlite:other.db', '--again');
	const again = openSqlite(join(place.folder, 'other.db'));
	t.deepEqual(await createSqliteApiTokens(again).list(undefined), []);
	await again.close();
	await done('store', 'reopen', '--yes');
	t.deepEqual(await listed(), [], 'those of a store that was moved have ended');
});

test.serial('a backup has no tokens, and a restore leaves those that are there as they are', async (t) => {
	const [ended, living] = [await done('token', 'add', 'ci'), await done('token', 'add', 'ci', '--name', 'living')];
	await done('store', 'backup', 'backup.db');
	const file = openSqlite(join(place.folder, 'backup.db'), { isRestored: true });
	t.deepEqual(await createSqliteApiTokens(file).list(undefined), []);
	await file.close();
	await done('token', 'end', ended.stdout.trim());
	await done('store', 'restore', 'backup.db', '--yes');
	const [token, ...others] = await listed();
	t.is(others.length, 0);
	t.is(token.id, shape.exec(living.stdout.trim())?.[1]);
});
