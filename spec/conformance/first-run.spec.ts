import { spawn, spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../_support/client.ts';
import { checkLogin, checkSetup, password, setPassword, startDialects, withService } from '../_support/dialects.ts';
import { until } from '../_support/server.ts';
import { type Installation, install } from '../requirements/process.ts';
import { doors, killedInTheMiddle, names, setup, statusOfLogin } from './first-run.ts';

/*
 * A fresh installation is set up once, by anybody who may, through whichever door; and it is done whole or not at all.
 */

const kismetOn = { dialects: { kismet: { enabled: true } } };

function installation(t: ExecutionContext, settings: object = kismetOn): Installation {
	const installed = install({ ...settings });
	t.teardown(() => installed.remove());
	return installed;
}

async function started(t: ExecutionContext, installed: Installation, env: Record<string, string> = {}) {
	const serving = await installed.start([], env);
	t.teardown(() => serving.end());
	return serving;
}

test('of a hundred at once, through both doors, exactly one makes the first identity, an administrator', (t) =>
	withService(startDialects, async ({ caller, service, audit }) => {
		const ways = Object.values(doors);
		const token = await service.core.identities.setupToken();
		const tries = Array.from({ length: 100 }, (_, at) => ways[at % 2]?.(caller(), `ranger${at}`, token));
		const statuses = (await Promise.all(tries)).map((reply) => reply?.status ?? 0);
		t.is(statuses.filter((status) => status < 300).length, 1);
		t.deepEqual([...new Set(statuses.filter((status) => status >= 300))].sort(), [401, 409]);
		const identities = await service.core.identities.list();
		t.is(identities.length, 1);
		t.deepEqual([...(identities[0]?.permissions ?? [])].map(String), ['kura.admin']);
		t.is(await statusOfLogin(caller(), identities[0]?.name ?? '', password), 200);
		t.is(audit().filter(({ act, outcome }) => act === 'setup' && outcome === 'ok').length, 1);
	}));

test.serial('of a hundred at once at two processes on one file, exactly one makes the first identity', async (t) => {
	const installed = installation(t);
	const [one, other] = await Promise.all([started(t, installed), started(t, installed)]);
	const ways = Object.values(doors);
	const token = await one.setupToken();
	t.is(await other.setupToken(), token);
	const tries = Array.from({ length: 100 }, (_, at) =>
		ways[at % 2]?.(createClient(at % 4 < 2 ? one : other), `ranger${at}`, token),
	);
	const statuses = (await Promise.all(tries)).map((reply) => reply?.status ?? 0);
	t.is(statuses.filter((status) => status < 300).length, 1);
	t.is(names(installed).length, 1);
	t.is((await createClient(one).get(checkSetup)).status, 200);
	t.is((await createClient(other).get(checkSetup)).status, 200);
});

for (const [says, door] of Object.entries(doors)) {
	test.serial(
		`killed in the middle of a first run through ${says}, there is no administrator or a whole one`,
		async (t) => {
			await killedInTheMiddle(t, door, [0.4, 0.9]);
		},
	);
}

test.serial('serve prints the setup token and every way to begin, until there is an identity', async (t) => {
	const installed = installation(t);
	const first = await started(t, installed);
	const token = await first.setupToken();
	t.true(first.stderr().includes(`${first.url}/#setup=${token}\n`), 'a link for the browser');
	t.false(first.stdout().includes(token), 'the log does not hold it');
	await first.end('SIGTERM');
	const second = await started(t, installed);
	t.is(await second.setupToken(), token, 'it is the same after a restart');
	const headers = { 'X-Forwarded-For': '203.0.113.9' };
	const caller = createClient(second);
	t.is(
		(await caller.send(setPassword, { method: 'POST', form: { password, token: `${token}x` }, headers })).status,
		403,
	);
	t.is((await caller.send(setPassword, { method: 'POST', form: { password, token }, headers })).status, 200);
	await second.end('SIGTERM');
	const third = await started(t, installed);
	t.false(third.stderr().includes('token'));
});

test.serial('the link leads to where the console stands; without one there is none', async (t) => {
	const moved = await started(t, installation(t), { LATCHKEY_CONSOLE_PATH: '/door' });
	await commandOf(moved.stderr);
	t.true(moved.stderr().includes(`${moved.url}/door#setup=`));
	const portal = await started(t, installation(t), { LATCHKEY_PORTAL_URL: 'https://login.example.org' });
	await commandOf(portal.stderr);
	t.true(portal.stderr().includes('https://login.example.org/#setup='), 'where it answers at all');
	t.false(portal.stderr().includes(`${portal.url}/#setup=`));
	const none = await started(t, installation(t), { LATCHKEY_CONSOLE_ENABLED: 'false' });
	await commandOf(none.stderr);
	t.false(none.stderr().includes('#setup='));
});

/** The line that `serve` prints for a shell. */
const commandOf = (stderr: () => string) =>
	until(async () => {
		const [command] = /p=\$.* identity add admin .*(?=\n)/.exec(stderr()) ?? [];
		return command ?? Promise.reject(new Error(stderr()));
	});

test.serial('the command that serve prints is one that can be typed where it runs', async (t) => {
	const installed = installation(t);
	const serving = await started(t, installed);
	const typed = spawnSync('sh', ['-c', await commandOf(serving.stderr)], { cwd: installed.folder, encoding: 'utf8' });
	t.is(typed.status, 0, typed.stderr);
	t.deepEqual(names(installed), ['admin: kura.admin']);

	// A shell knows nothing of the data folder that systemd has set.
	const other = installation(t);
	const state = join(other.folder, 'state');
	const bySystemd = await started(t, other, { STATE_DIRECTORY: state });
	const elsewhere = spawnSync('sh', ['-c', await commandOf(bySystemd.stderr)], { encoding: 'utf8' });
	t.is(elsewhere.status, 0, elsewhere.stderr);
	t.deepEqual(names({ ...other, folder: state }), ['admin: kura.admin']);

	const byNpx = await started(t, installation(t), { npm_command: 'exec' });
	t.regex(await commandOf(byNpx.stderr), /\| npx latchkey identity add /);

	// As in the image: there is no npx, and `latchkey` stands in the path.
	const { folder, configFile } = installation(t);
	symlinkSync(join(import.meta.dirname, '../../src/launcher.js'), join(folder, 'latchkey'));
	const PATH = [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
	const command = 'latchkey';
	const child = spawn(command, ['serve', '--config', configFile], {
		cwd: folder,
		env: { PATH },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	t.teardown(() => child.kill('SIGKILL'));
	let stderr = '';
	child.stderr.on('data', (chunk) => {
		stderr += chunk;
	});
	t.regex(await commandOf(() => stderr), /\| latchkey identity add /);
});

test.serial('an identity made by the command line is the first one, too', async (t) => {
	const installed = installation(t);
	const serving = await started(t, installed);
	const add = ['identity', 'add', 'admin', '--password-stdin', '--permission', 'kura.admin'];
	t.is((await installed.run(add, password)).status, 0);
	const caller = createClient(serving);
	t.is((await caller.get(checkSetup)).status, 200);
	t.is((await caller.send(setPassword, { method: 'POST', form: { password } })).status, 401);
	t.is((await caller.post(setup, { username: 'me', password })).status, 409);
	t.is((await caller.send(checkLogin, { basic: ['admin', password] })).status, 200);
});

test.serial(
	'LATCHKEY_ADMIN_PASSWORD makes the first identity at the first start, and never means anything again',
	async (t) => {
		const installed = installation(t);
		const first = await started(t, installed, { LATCHKEY_ADMIN_PASSWORD: password });
		t.deepEqual(names(installed), ['admin: kura.admin']);
		t.is(await statusOfLogin(createClient(first), 'admin', password), 200);
		t.false(first.stderr().includes(password) || first.stdout().includes(password));
		await first.end('SIGTERM');
		const again = await started(t, installed, {
			LATCHKEY_ADMIN_PASSWORD: 'three white owls',
			LATCHKEY_ADMIN_NAME: 'other',
		});
		t.deepEqual(names(installed), ['admin: kura.admin']);
		t.is(await statusOfLogin(createClient(again), 'admin', 'three white owls'), 401);
		t.is(await statusOfLogin(createClient(again), 'admin', password), 200);
		await again.end('SIGTERM');
		await installed.run(['identity', 'remove', 'admin', '--yes']);
		await started(t, installed, { LATCHKEY_ADMIN_PASSWORD: password });
		t.deepEqual(names(installed), [], 'nor when everybody was removed');
	},
);

test.serial('the first administrator may come from files, as container engines mount secrets', async (t) => {
	const installed = installation(t);
	const file = (name: string, content: string) => {
		const path = join(installed.folder, name);
		writeFileSync(path, content);
		return path;
	};
	await started(t, installed, {
		LATCHKEY_ADMIN_PASSWORD_FILE: file('password', `${password}\n`),
		LATCHKEY_ADMIN_NAME_FILE: file('name', 'ranger\n'),
	});
	t.deepEqual(names(installed), ['ranger: kura.admin']);
});

test.serial(
	'of two processes that start at once with LATCHKEY_ADMIN_PASSWORD, both serve, and there is one identity',
	async (t) => {
		const installed = installation(t);
		const env = { LATCHKEY_ADMIN_PASSWORD: password };
		const [one, other] = await Promise.all([started(t, installed, env), started(t, installed, env)]);
		t.deepEqual(names(installed), ['admin: kura.admin']);
		for (const serving of [one, other]) t.is(await statusOfLogin(createClient(serving), 'admin', password), 200);
	},
);

const bad: readonly (readonly [says: string, env: Record<string, string>, word: RegExp])[] = [
	['a password that the policy refuses', { LATCHKEY_ADMIN_PASSWORD: 'short' }, /LATCHKEY_ADMIN_PASSWORD.*15/],
	['a name that is none', { LATCHKEY_ADMIN_PASSWORD: password, LATCHKEY_ADMIN_NAME: ' x' }, /LATCHKEY_ADMIN_NAME/],
	['a file that is not there', { LATCHKEY_ADMIN_PASSWORD_FILE: '/nowhere/at/all' }, /LATCHKEY_ADMIN_PASSWORD_FILE/],
];

for (const [says, env, word] of bad) {
	test.serial(`the first start stops at ${says}, in one line, and leaves nothing behind`, async (t) => {
		const installed = installation(t);
		const fault = await t.throwsAsync(() => installed.start([], env));
		t.regex(fault?.message ?? '', word);
		t.deepEqual(names(installed), []);
		t.is((await createClient(await started(t, installed)).get(checkSetup)).status, 500);
	});
}

test.serial(
	'with a login in the configuration, the first administrator of the environment is made all the same',
	async (t) => {
		const installed = installation(t, { dialects: { kismet: { enabled: true, password } } });
		const serving = await started(t, installed, { LATCHKEY_ADMIN_PASSWORD: 'three white owls' });
		t.deepEqual(names(installed), ['admin: kura.admin', 'kismet: kura.admin']);
		t.is((await createClient(serving).send(checkLogin, { basic: ['kismet', password] })).status, 200);
	},
);

test.serial('neither the password nor the token is in the database once the setup is done', async (t) => {
	const installed = installation(t);
	const serving = await started(t, installed);
	const token = await serving.setupToken();
	t.is((await createClient(serving).send(setPassword, { method: 'POST', form: { password } })).status, 200);
	await serving.end('SIGTERM');
	const db = new DatabaseSync(join(installed.folder, 'data/latchkey.db'), { readOnly: true });
	t.teardown(() => db.close());
	t.is(db.prepare('SELECT token FROM setup').get()?.token, null);
	const kept = JSON.stringify(db.prepare('SELECT * FROM identity').all());
	t.false(kept.includes(password) || kept.includes(token));
});
