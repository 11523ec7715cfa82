import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../_support/client.ts';
import { type ChildServer, openWorkplace, serve } from '../_support/command-line.ts';
import { soon } from '../store/soon.ts';

/* Several processes behind one address. */

const password = 'four brown bears';

function workersOf({ pid }: Pick<ChildServer, 'pid'>): number[] {
	const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
	return stdout.split('\n').flatMap((line) => Number(line) || []);
}

async function startWorkers(settings: Record<string, unknown> = {}) {
	const place = await openWorkplace(settings);
	const add = await place.run(['identity', 'add', 'jo', '--password-stdin', '--no-policy'], { stdin: password });
	if (add.status !== 0) throw new Error(add.stderr);
	const server = await serve(place.folder, { args: ['--workers', '3'] });
	return {
		...{ place, server },
		async close() {
			await server.stop();
			await place.remove();
		},
	};
}

/** For all that needs no settings of its own. The last of them kills it. */
let shared: Awaited<ReturnType<typeof startWorkers>>;

test.before(async () => {
	shared = await startWorkers();
});

test.after.always(() => shared?.close());

async function ownWorkers(t: ExecutionContext, settings: Record<string, unknown>) {
	const { server, close } = await startWorkers(settings);
	t.teardown(close);
	return server;
}

test.serial('sessions and their ends hold over all workers', async (t) => {
	const { server } = shared;
	t.is(workersOf(server).length, 3);
	for (let round = 0; round < 20; round += 1) {
		const browser = createClient(server);
		t.is((await browser.login('jo', password)).status, 200);
		const jar = new Map(browser.jar);
		const all = await Promise.all(Array.from({ length: 20 }, () => browser.me()));
		t.deepEqual([...new Set(all.map(({ status }) => status))], [200]);
		await browser.logout();
		for (const [name, value] of jar) browser.jar.set(name, value);
		const over = await Promise.all(Array.from({ length: 20 }, () => browser.me()));
		t.deepEqual([...new Set(over.map(({ status }) => status))], [401]);
	}
});

test.serial('guesses are counted by all workers together', async (t) => {
	const server = await ownWorkers(t, { attempts: { limit: 5 } });
	const guesses = await Promise.all(
		Array.from({ length: 60 }, (_, index) => createClient(server).login('jo', `wrong ${index}`)),
	);
	const tried = guesses.filter(({ status }) => status === 401).length;
	t.log(`${tried} of 60 guesses were tried`);
	t.true(tried >= 5 && tried <= 5 + 3);
	t.is(guesses.filter(({ status }) => status === 429).length, 60 - tried);
});

test.serial('a worker that is killed is replaced, and no client waits for it', async (t) => {
	const { server } = shared;
	const browser = createClient(server);
	await browser.login('jo', password);
	let [answered, sent] = [0, 0];
	/** Numbers of the requests that were answered. */
	const answers: number[] = [];
	const broken = new Map<string | undefined, number>();
	let stopped = false;
	const clients = Array.from({ length: 10 }, async () => {
		while (!stopped) {
			const number = sent++;
			try {
				const { status } = await browser.me();
				answered += 1;
				answers.push(number);
				t.is(status, 200);
			} catch (fault) {
				const { code } = (fault as { cause?: { code?: string } }).cause ?? {};
				broken.set(code, (broken.get(code) ?? 0) + 1);
			}
			await sleep(5);
		}
	});
	for (let round = 0; round < 3; round += 1) {
		await sleep(300);
		const [victim] = workersOf(server);
		const replaced = () => server.said.stdout.split('another worker serves').length - 1;
		process.kill(victim!, 'SIGKILL');
		const [sentBefore, answersBefore] = [sent, answers.length];
		const meanwhile = () => answers.slice(answersBefore).filter((number) => number >= sentBefore).length;
		let whileTwo = 0;
		t.true(
			await soon(async () => {
				if (replaced() === round + 1) return true;
				whileTwo = meanwhile();
				return false;
			}),
		);
		t.true(whileTwo > 0, 'who asks before there is another worker is answered before');
		t.is(workersOf(server).length, 3);
		t.false(workersOf(server).includes(victim!));
	}
	stopped = true;
	await Promise.all(clients);
	t.log(`${answered} answers, broken ${JSON.stringify([...broken])}`);
	t.false(broken.has('ECONNREFUSED'), 'there is always somebody');
	t.true(answered > 100);
	t.is(server.said.stdout.split('a worker died').length - 1, 3, 'one line each');
});

test.serial(
	'a worker that is killed while the service starts is replaced, and the first one does what it has to',
	async (t) => {
		const place = await openWorkplace();
		t.teardown(() => place.remove());
		const launcher = fileURLToPath(new URL('../../src/launcher.js', import.meta.url));
		const child = spawn(process.execPath, [launcher, 'serve', '--workers', '2'], { cwd: place.folder });
		const ended = once(child, 'close');
		t.teardown(async () => {
			child.kill('SIGTERM');
			await ended;
		});
		let said = '';
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
		const workers = () => workersOf({ pid: child.pid ?? 0 });
		t.true(await soon(async () => workers().length > 0));
		const [victim = 0] = workers();
		process.kill(victim, 'SIGKILL');
		t.true(await soon(async () => said.includes('"act":"start"'), 60_000), said);
		t.regex(said, /a worker died while it started: another one takes its place/);
		t.regex(said, /#setup=/, 'the operator is told how to begin');
		t.is(workers().length, 2);
		t.false(workers().includes(victim));
	},
);

test.serial('told to stop, all workers finish what is under way, and the status is 0', async (t) => {
	const server = await ownWorkers(t, { passwordHash: { memory: 65_536, iterations: 3, parallelism: 1 } });
	const logins = Array.from({ length: 6 }, () =>
		createClient(server).post('/services/session/v1/login/password', { username: 'jo', password }),
	);
	await sleep(100);
	const workers = workersOf(server);
	server.signal('SIGTERM');
	t.deepEqual(new Set((await Promise.all(logins)).map(({ status }) => status)), new Set([200]));
	t.is((await server.ended).status, 0);
	for (const pid of workers) t.throws(() => process.kill(pid, 0));
	const acts = server.said.stdout.split('\n').filter((line) => /"act":"(start|stop)"/.test(line));
	t.is(acts.length, 2, 'one start and one stop for all of them');
});

test.serial('workers end when the process that started them is killed', async (t) => {
	const { server } = shared;
	const workers = workersOf(server);
	server.signal('SIGKILL');
	await server.ended;
	for (let tries = 0; workers.some(isAlive) && tries < 100; tries += 1) await sleep(50);
	t.false(workers.some(isAlive));
});

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

test.serial('workers that cannot share their sessions, or are no number, are refused', async (t) => {
	const place = await openWorkplace({ store: { sessions: 'memory:' } });
	t.teardown(() => place.remove());
	for (const [workers, expected, says] of [
		['2', 1, /memory belong to one process/],
		['0', 2, /say a number/],
		['many', 2, /say a number/],
	] as const) {
		const { status, stderr } = await place.run(['serve', '--workers', workers]);
		t.is(status, expected);
		t.regex(stderr, says);
	}
});

test.serial('every worker takes the rules of a changed file, and says so', async (t) => {
	const rule = (access: string) => ({ resources: [{ path: '/x', access, upstream: 'http://127.0.0.1:1' }] });
	const { place, server, close } = await startWorkers(rule('denied'));
	t.teardown(close);
	const statuses = async () => {
		const all = await Promise.all(
			Array.from({ length: 20 }, () => fetch(`${server.url}/x`, { headers: { Connection: 'close' } })),
		);
		return [...new Set(all.map(({ status }) => status))];
	};
	t.deepEqual(await statuses(), [404]);
	await place.configure(rule('public'));
	server.signal('SIGHUP');
	const changes = () => server.said.stdout.match(/"act":"rules-change"/g)?.length;
	t.true(await soon(async () => changes() === 3));
	t.deepEqual(await statuses(), [502], 'passed on, to an upstream that is not there');
});
