import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type ChildServer, cheapHashes, cleanEnvironment, serve } from '../_support/command-line.ts';
import { haproxy } from '../_support/proxies.ts';
import { freePort, start, until } from '../_support/server.ts';
import { noSharedStores, startSharedStores } from '../_support/shared-stores.ts';

/*
 * Two nodes behind HAProxy are replaced one after the other while people sign in, look and sign out: by those of this version, and
 * back by those of a former one, whose schema of PostgreSQL is an older one.
 */

/** The last one before identities had a last sign-in: three migrations and a hundred commits ago. */
const former = 'd4b4bf9';
const root = join(import.meta.dirname, '../..');
const password = 'four brown bears';
const people = 4;
const sessionsEach = 3;
/** Between two replacements. */
const requestsBetween = process.env.LONG === 'short' ? 200 : 3000;
const base = '/services/session/v1';

const git = (...words: string[]) => spawnSync('git', words, { cwd: root, encoding: 'utf8' });
const why =
	noSharedStores ??
	(haproxy === undefined ? 'HAProxy is not installed' : undefined) ??
	(git('cat-file', '-e', `${former}^{commit}`).status === 0 ? undefined : `this clone has no commit ${former}`);

/** What it depends on, and in which versions. */
function dependencies(lock: string): string {
	const { packages } = JSON.parse(lock) as { packages: Record<string, { version?: string; dev?: boolean }> };
	const used = Object.entries(packages).filter(([name, { dev }]) => name !== '' && !dev);
	return JSON.stringify(used.map(([name, { version }]) => [name, version]));
}

/** Its sources, in a folder, with what they depend on. Returns its launcher. */
async function checkOut(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-former-'));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	execFileSync(
		'bash',
		['-c', `git archive ${former} src package.json package-lock.json openapi.yaml | tar -x -C '${folder}'`],
		{
			cwd: root,
		},
	);
	const [theirs, ours] = await Promise.all([folder, root].map((at) => readFile(join(at, 'package-lock.json'), 'utf8')));
	if (dependencies(theirs ?? '') === dependencies(ours ?? '')) {
		await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
	} else {
		execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
	}
	return join(folder, 'src/launcher.js');
}

const ours = join(root, 'src/launcher.js');

async function startHaproxy(
	t: ExecutionContext,
	ports: readonly number[],
): Promise<{ port: number; up(): Promise<number[]> }> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-haproxy-'));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	const [port, stats] = [await freePort(), await freePort()];
	// Where stores are so slow that no node is ready, nodes are asked all the same: they say so themselves.
	const servers = ports.flatMap((to, at) => [
		`	server node${at} 127.0.0.1:${to} check`,
		`	server spare${at} 127.0.0.1:${to} backup`,
	]);
	const lines = [
		'defaults',
		'	mode http',
		'	timeout connect 2s',
		'	timeout client 60s',
		'	timeout server 60s',
		'	timeout check 5s',
		'	option redispatch',
		'	retries 3',
		'	retry-on conn-failure',
		'frontend all',
		`	bind 127.0.0.1:${port}`,
		'	default_backend nodes',
		'backend nodes',
		'	balance roundrobin',
		'	option allbackups',
		'	option httpchk GET /health/ready',
		'	default-server inter 200ms fall 2 rise 1',
		...servers,
		'frontend told',
		`	bind 127.0.0.1:${stats}`,
		'	stats enable',
		'	stats uri /',
	];
	await writeFile(join(folder, 'haproxy.cfg'), `${lines.join('\n')}\n`);
	const child = start(haproxy ?? '', ['-db', '-f', join(folder, 'haproxy.cfg')]);
	t.teardown(() => void child.kill('SIGKILL'));
	const up = async () => {
		const { body } = await send(stats, 'GET', '/;csv');
		return ports.map((_, at) => at).filter((at) => new RegExp(`^nodes,node${at},.*,UP,`, 'm').test(body));
	};
	await until(up);
	return { port, up };
}

/** What a browser shows. */
interface Session {
	readonly Cookie: string;
	readonly 'X-XSRF-Token': string;
}

interface Reply {
	readonly status: number;
	readonly body: string;
	readonly cookie: string | undefined;
}

function send(
	port: number,
	method: string,
	path: string,
	{ agent, body, ...headers }: { agent?: Agent; body?: object; Cookie?: string; 'X-XSRF-Token'?: string } = {},
): Promise<Reply> {
	return new Promise((resolve, reject) => {
		const sent = request(
			{
				...{ host: '127.0.0.1', port, method, path, agent: agent ?? false },
				headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
			},
			(res) => {
				let body = '';
				res.setEncoding('utf8').on('data', (chunk) => (body += chunk));
				res.once('error', reject).once('end', () => {
					const cookie = /^[^;]+/.exec(res.headers['set-cookie']?.[0] ?? '')?.[0];
					resolve({ status: res.statusCode ?? 0, body, cookie });
				});
			},
		);
		sent.once('error', reject).end(body && JSON.stringify(body));
	});
}

(why === undefined ? test : test.skip)(
	`nodes are replaced by those of another version, and back, under load: no request is dropped, no session lost, none revived${why === undefined ? '' : `: ${why}`}`,
	async (t) => {
		t.timeout(900_000);
		const launcher = await checkOut(t);
		const stores = await startSharedStores();
		t.teardown(stores.stop);
		const store = await stores.newSettings();
		const ports = [await freePort(), await freePort(), await freePort()] as const;
		const folders: string[] = [];
		for (const port of ports) {
			const folder = await mkdtemp(join(tmpdir(), 'latchkey-node-'));
			t.teardown(() => rm(folder, { recursive: true, force: true }));
			const settings = { http: { port }, store, passwordHash: cheapHashes, attempts: { limit: 1_000_000 } };
			await writeFile(join(folder, 'latchkey.yaml'), JSON.stringify({ ...settings, console: { enabled: false } }));
			folders.push(folder);
		}
		for (let number = 0; number < people; number += 1) {
			const words = [launcher, 'identity', 'add', `person-${number}`, '--password-stdin', '--no-policy'];
			await until(async () => {
				const child = spawn(process.execPath, words, { cwd: folders[0], env: cleanEnvironment() });
				child.stdin.end(password);
				const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
				if (status !== 0 && !/taken/.test(said)) throw new Error(said);
			}, 200_000);
		}
		const nodes: (ChildServer | undefined)[] = [undefined, undefined, undefined];
		t.teardown(() => Promise.all(nodes.map((node) => node?.stop())).then(() => undefined));
		const begin = async (at: number, which: string) => {
			nodes[at] = await serve(folders[at] ?? '', { launcher: which, withinMs: 200_000 });
		};
		await Promise.all([begin(0, launcher), begin(1, launcher)]);
		const balancer = await startHaproxy(t, ports);
		const areUp = (wanted: readonly number[]) =>
			until(async () => {
				const found = await balancer.up();
				if (String(found) !== String(wanted)) throw new Error(`up are ${found}, not ${wanted}`);
			}, 200_000);
		await areUp([0, 1]);

		const count = { requests: 0, logins: 0, logouts: 0, toWait: 0 };
		const dropped: string[] = [];
		const lost: string[] = [];
		const revived: string[] = [];
		const over: { session: Session; at: number }[] = [];
		let isOver = false;
		async function ask(method: string, path: string, how: Parameters<typeof send>[3] = {}): Promise<Reply | undefined> {
			const reply = await send(balancer.port, method, base + path, how).catch((fault: Error) => String(fault));
			count.requests += 1;
			if (typeof reply === 'object' && reply.status < 500 && reply.status !== 429) return reply;
			// A store of a slow machine did not answer in time: a node said so, and nothing was dropped.
			const isToWait = typeof reply === 'object' && reply.status === 503 && /"code":"unavailable"/.test(reply.body);
			if (isToWait) count.toWait += 1;
			else dropped.push(`${method} ${path}: ${typeof reply === 'object' ? `${reply.status} ${reply.body}` : reply}`);
			await sleep(50);
			return undefined;
		}
		async function signIn(number: number, agent?: Agent): Promise<Session | undefined> {
			const body = { username: `person-${number}`, password };
			while (!isOver) {
				const login = await ask('POST', '/login/password', { body, ...(agent && { agent }) });
				if (login === undefined) continue;
				// So says the former version where a store goes away while a password is tried.
				if (login.status === 401) count.toWait += 1;
				if (login.status !== 200) continue;
				const Cookie = login.cookie ?? '';
				const token = await ask('GET', '/xsrfToken', { Cookie, ...(agent && { agent }) });
				if (token === undefined) continue;
				if (token.status !== 200) {
					lost.push(`one just opened: ${token.status} ${token.body}`);
					continue;
				}
				count.logins += 1;
				return { Cookie, 'X-XSRF-Token': (JSON.parse(token.body) as { xsrfToken: string }).xsrfToken };
			}
			return undefined;
		}
		const opened = Array.from({ length: people * sessionsEach }, (_, number) => signIn(number % people));
		const staying = (await Promise.all(opened)).filter((session) => session !== undefined);
		async function stay(session: Session, number: number) {
			const agent = number % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
			while (!isOver) {
				const reply = await ask('GET', '/currentIdentity', { ...session, ...(agent && { agent }) });
				if (reply && reply.status !== 200) lost.push(`${reply.status} ${reply.body}`);
				await sleep(10);
			}
			agent?.destroy();
		}
		async function comeAndGo(number: number) {
			while (!isOver) {
				const session = await signIn(number % people);
				if (session === undefined) return;
				await sleep(10);
				const reply = await ask('POST', '/logout', session);
				if (reply === undefined) continue;
				if (reply.status >= 300) lost.push(`a logout is ${reply.status} ${reply.body}`);
				over.push({ session, at: performance.now() });
				count.logouts += 1;
				await sleep(20);
			}
		}
		async function tryOld() {
			while (!isOver) {
				const old = over.filter(({ at }) => performance.now() - at > 1000);
				const one = old[Math.floor(Math.random() * old.length)];
				const reply = one && (await ask('GET', '/currentIdentity', one.session));
				if (one && reply?.status === 200) revived.push(`${(performance.now() - one.at).toFixed(0)} ms after its end`);
				await sleep(10);
			}
		}
		const running = [...staying.map(stay), ...[0, 1].map(comeAndGo), tryOld(), tryOld()];
		const more = (enough = count.requests + requestsBetween) =>
			until(async () => {
				if (count.requests < enough) throw new Error(`${count.requests} of ${enough}`);
			}, 300_000);
		const replace = async (from: number, to: number, which: string) => {
			await begin(to, which);
			const others = [0, 1, 2].filter((at) => nodes[at] !== undefined);
			await areUp(others);
			await more();
			const old = nodes[from];
			old?.signal('SIGTERM');
			t.deepEqual(await old?.ended, { status: 0, signal: null });
			nodes[from] = undefined;
			await areUp(others.filter((at) => at !== from));
			await more();
		};
		await more();
		try {
			await replace(0, 2, ours);
			await replace(1, 0, ours);
			await replace(2, 1, launcher);
			await replace(0, 2, launcher);
		} finally {
			isOver = true;
			await Promise.all(running);
		}
		for (const session of staying) {
			const reply = await ask('GET', '/currentIdentity', session);
			if (reply && reply.status !== 200) lost.push(`at the end: ${reply.status}`);
		}
		for (const { session } of over.slice(-500)) {
			const reply = await ask('GET', '/currentIdentity', session);
			if (reply?.status === 200) revived.push('at the end');
		}
		const { requests, logins, logouts, toWait } = count;
		t.log(
			`${requests} requests (${logins} logins, ${logouts} logouts, ${toWait} asked to wait for a store), 4 replacements, ${former} and this version`,
		);
		t.log(`dropped ${dropped.length}, sessions lost ${lost.length}, revived ${revived.length}`);
		t.deepEqual({ dropped, lost, revived }, { dropped: [], lost: [], revived: [] });
		t.true(logouts > 10);
	},
);
