import { join } from 'node:path';
import { startUpstream } from '../_support/upstream.ts';
import { ask, base, type Jar, login, signIn } from '../requirements/ask.ts';
import { type Installation, install, type Serving } from '../requirements/process.ts';

const password = 'four brown bears';

/** What requests may be made of that are worth something, so that they get past the first door. */
export interface Treasures {
	readonly cookies: readonly string[];
	readonly tokens: readonly string[];
	readonly authorizations: readonly string[];
	readonly certificates: readonly string[];
}

/** A service of its own process, with every protocol and every way in switched on. */
export interface Stage {
	readonly serving: Serving;
	/** Signs in anew, where what was signed in has ended by what was asked. */
	treasures(): Promise<Treasures>;
	close(): Promise<void>;
}

export interface StageHow {
	/** Of `latchkey serve`. */
	readonly args?: readonly string[];
	/** A second upstream, below `/sockets`. */
	readonly sockets?: string;
}

export async function openStage({ args, sockets }: StageHow = {}): Promise<Stage> {
	const upstream = await startUpstream((req, res) => void req.resume().on('end', () => res.end('the treasure')));
	const installation = install();
	const certificates = join(installation.folder, 'certificates');
	const made = await installation.run(['certificates', 'dev', '--out', certificates, '--client', 'ann']);
	if (made.status !== 0 && made.status !== 2) throw new Error(made.stderr);
	install(settingsOf(upstream.url, certificates, sockets), installation.folder);
	const add = ['identity', 'add', 'root', '--password-stdin', '--permission', 'kura.admin', '--no-policy'];
	const added = await installation.run(add, password);
	if (added.status !== 0) throw new Error(added.stderr);
	const serving = await installation.start([], {}, args);
	return {
		serving,
		treasures: () => treasuresOf(serving.url, installation),
		async close() {
			await serving.end('SIGTERM');
			installation.remove();
			upstream.close();
		},
	};
}

function settingsOf(upstream: string, certificates: string, sockets = upstream) {
	const at = (path: string, more: object = {}) => ({ path, permission: 'p', upstream, ...more });
	return {
		https: {
			port: 0,
			cert: join(certificates, 'server.pem'),
			key: join(certificates, 'server-key.pem'),
			clientCa: join(certificates, 'ca.pem'),
		},
		auth: { basic: true, statelessCertificate: true, passkey: { rpId: 'login.example.org' } },
		attempts: { limit: 1_000_000 },
		trustedProxies: ['127.0.0.1'],
		allowedOrigins: ['https://app.example.org'],
		resources: [
			at('/treasure'),
			at('/pages', { xsrf: 'unsafe' }),
			at('/sockets', { xsrf: 'unsafe', upstream: sockets }),
			at('/gone', { upstream: 'http://127.0.0.1:9' }),
		],
		dialects: { kismet: { enabled: true }, insights: { enabled: true } },
	};
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const basic = (name: string, word: string) => `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`;

async function treasuresOf(url: string, installation: Installation): Promise<Treasures> {
	const root = await signInOrRepair(url, installation);
	const headers = root.headers;
	const body = { name: 'ann', password, permissions: ['p', 'kura.admin'], passwordChangeNeeded: false };
	await ask(url, 'DELETE', `${base}/identities/ann`, { headers });
	await ask(url, 'POST', `${base}/identities`, { headers, body });
	const ann = await signIn(url, 'ann', password);
	const insights = await ask(url, 'POST', '/prime-14.01/api/!login', {
		headers: form,
		body: new URLSearchParams({ uid: 'ann', pw: password }).toString(),
	});
	const kismet = await ask(url, 'GET', '/session/check_session', {
		headers: { Authorization: basic('ann', password) },
	});
	const cookies = [...(insights.headers['set-cookie'] ?? []), ...(kismet.headers['set-cookie'] ?? [])];
	return {
		cookies: [root.headers.Cookie ?? '', ann.headers.Cookie ?? '', ...cookies.map((each) => each.split(';')[0] ?? '')],
		tokens: [root.xsrf, ann.xsrf],
		authorizations: [basic('ann', password), basic('root', password), basic('nobody', 'x')],
		certificates: await certificatesOf(installation),
	};
}

async function signInOrRepair(url: string, installation: Installation): Promise<Jar> {
	const { status } = await login(url, 'root', password);
	if (status !== 200) {
		await installation.run(['identity', 'remove', 'root']);
		const add = ['identity', 'add', 'root', '--password-stdin', '--permission', 'kura.admin', '--no-policy'];
		await installation.run(add, password);
	}
	return signIn(url, 'root', password);
}

async function certificatesOf({ folder }: Installation): Promise<string[]> {
	const { readFile } = await import('node:fs/promises');
	const pem = await readFile(join(folder, 'certificates', 'ann.pem'), 'utf8');
	const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]+)-----/.exec(pem) ?? [];
	return [`:${base64.replaceAll(/\s/g, '')}:`];
}
