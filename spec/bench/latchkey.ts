import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Answer, patiently, request, type Visitor } from './ask.ts';
import { type Core, runNode, type Started, serverCore, startNode } from './programs.ts';
import { once } from './run.ts';

/*
 * Latchkey as it is delivered: compiled, in a folder of its own, with the modules of its checkout.
 */

/** Where this file stands. */
export const checkout = join(import.meta.dirname, '../..');
const base = '/services/session/v1';

export const checkPath = `${base}/currentIdentity`;
export const loginPath = `${base}/login/password`;
export const password = 'four brown bears';
/** Who logs in, and what an identity may use. */
export const person = 'ada';
export const permission = 'rest.assets';

const builds = new Map<string, () => Promise<string>>();

/** Builds a checkout, once; resolves to the script that is `latchkey`. */
function build(root: string): Promise<string> {
	const opened =
		builds.get(root) ??
		once(
			() => compile(root),
			(script) => rm(join(script, '../..'), { recursive: true }),
		);
	builds.set(root, opened);
	return opened();
}

async function compile(root: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-built-'));
	const dist = join(folder, 'dist');
	const run = (program: string, ...words: string[]) =>
		promisify(execFile)(join(root, 'node_modules/.bin', program), words);
	// Its types are checked elsewhere.
	const config = join(root, '.ci/tsconfig.build.json');
	await run('tsc', '-p', config, '--outDir', dist, '--declaration', 'false', '--noCheck');
	await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
	for (const file of ['package.json', 'openapi.yaml', 'src/launcher.js'])
		await cp(join(root, file), join(folder, file));
	return join(folder, 'src/launcher.js');
}

export type Settings = Readonly<Record<string, unknown>>;

/** A configuration and its data, in a folder of its own. */
export interface Installed {
	readonly folder: string;
	/** The default database. */
	readonly file: string;
	/** Adds somebody who can log in. */
	add(name: string): Promise<void>;
	/** On the servers' core, unless told otherwise. `nodeOptions`: for Node itself. */
	start(how?: { readonly nodeOptions?: readonly string[]; readonly core?: Core }): Promise<Started>;
	remove(): Promise<void>;
}

/** `root`: another checkout than this one. */
export async function install(settings: Settings = {}, root = checkout): Promise<Installed> {
	const script = await build(root);
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
	await writeFile(join(folder, 'latchkey.yaml'), JSON.stringify({ http: { port: 0 }, ...settings }));
	const installed: Installed = {
		folder,
		file: join(folder, 'data/latchkey.db'),
		async add(name) {
			const words = ['identity', 'add', name, '--password-stdin', '--permission', permission];
			const attempt = () => runNode([script, ...words], { cwd: folder }, password);
			// On a busy machine a store that has just been started may answer too late for the first.
			await attempt().catch(attempt).catch(attempt);
		},
		start: ({ nodeOptions = [], core = serverCore } = {}) =>
			startNode([...nodeOptions, script, 'serve'], { cwd: folder, core, env: { XDG_CACHE_HOME: folder } }),
		remove: () => rm(folder, { recursive: true, force: true }),
	};
	await installed.add(person);
	return installed;
}

/** `more`: further headers, also of what follows. */
export async function signIn(url: string, name = person, more: Visitor['headers'] = {}): Promise<Visitor> {
	const json = { username: name, password };
	const login = await patiently(() => request(url, loginPath, { method: 'POST', json, headers: more }));
	if (login.status !== 200) throw new Error(`no login: ${login.status} ${login.body}`);
	const Cookie = login.cookies.join('; ');
	const token = await patiently(() => request(url, `${base}/xsrfToken`, { headers: { ...more, Cookie } }));
	if (token.status !== 200) throw new Error(`no XSRF token: ${token.status} ${token.body}`);
	return { headers: { ...more, Cookie, 'X-XSRF-Token': JSON.parse(token.body).xsrfToken } };
}

export function signOut(url: string, { headers }: Visitor): Promise<Answer> {
	return request(url, `${base}/logout`, { method: 'POST', headers });
}
