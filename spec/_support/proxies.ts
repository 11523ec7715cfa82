import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newCa, serverAuth } from './certificates.ts';

/*
 * The real nginx, Caddy and HAProxy, each with its example files. Only what no two machines have in common is replaced:
 * addresses, ports and files.
 */

export interface Running {
	/** Speaks https, as `localhost`. */
	readonly port: number;
	/** PEM. */
	readonly ca: string;
	stop(): Promise<void>;
}

export interface Behind {
	/** Ports of this machine. */
	readonly latchkey: number;
	readonly application: number;
	/** Hosts that it answers for, and its port. Absent: `localhost`, and any port. */
	readonly at?: { readonly hosts: readonly string[]; readonly port: number };
	/** PEM: they ask for client certificates of this CA, and forward them. Caddy always does. */
	readonly clientCa?: string;
}

const examples = fileURLToPath(new URL('../examples', import.meta.url));

/** Undefined where it is not installed. */
export const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((file) => existsSync(file));
export const caddy = ['/usr/bin/caddy', '/usr/local/bin/caddy'].find((file) => existsSync(file));
export const haproxy = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy'].find((file) => existsSync(file));

/** Its module njs. Undefined where it is not installed. */
export const njs = ['/usr/lib/nginx/modules/ngx_http_js_module.so', '/etc/nginx/modules/ngx_http_js_module.so'].find(
	(file) => existsSync(file),
);

export async function startNginx({ latchkey, application, at, clientCa }: Behind): Promise<Running> {
	const place = await prepare('nginx.conf', at, (port, file) => ({
		'127.0.0.1:8080': `127.0.0.1:${latchkey}`,
		'127.0.0.1:9000': `127.0.0.1:${application}`,
		'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
		'server_name example.org': `server_name ${hostsOf(at).join(' ')}`,
		'/etc/nginx/server.pem': file('server.pem'),
		'/etc/nginx/server-key.pem': file('server-key.pem'),
		...(clientCa !== undefined && {
			'map $host $client_cert {\n\tdefault "";\n}': '',
			'# js_import client_cert from /etc/nginx': `js_import client_cert from ${examples}`,
			'# js_set': 'js_set',
			'# ssl_verify_client': 'ssl_verify_client',
		}),
	}));
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
	await writeFile(
		place.file('main.conf'),
		[
			...(userInfo().uid === 0 ? ['user root;'] : []),
			...(clientCa === undefined ? [] : [`load_module ${njs};`]),
			...['daemon off;', 'worker_processes 1;', `pid ${place.file('pid')};`, 'error_log stderr;'],
			'events {}',
			'http {',
			'access_log off;',
			...temporary.map((name) => `${name}_temp_path ${place.file(name)};`),
			`include ${place.file('nginx.conf')};`,
			'}',
		].join('\n'),
	);
	return serve(place, nginx, ['-p', place.folder, '-e', 'stderr', '-c', place.file('main.conf')]);
}

export async function startCaddy({ latchkey, application, at }: Behind): Promise<Running> {
	const place = await prepare('Caddyfile', at, (port, file) => ({
		'127.0.0.1:8080': `127.0.0.1:${latchkey}`,
		'127.0.0.1:9000': `127.0.0.1:${application}`,
		'tls {': `tls ${file('server.pem')} ${file('server-key.pem')} {`,
		'example.org {': `{
	admin off
	auto_https off
	storage file_system ${file('storage')}
	servers {
		protocols h1 h2
	}
}
${hostsOf(at)
	.map((host) => `https://${host}:${port}`)
	.join(', ')} {
	bind 127.0.0.1`,
	}));
	return serve(place, caddy, ['run', '--adapter', 'caddyfile', '--config', place.file('Caddyfile')]);
}

export async function startHaproxy({ latchkey, application, at, clientCa }: Behind): Promise<Running> {
	const place = await prepare('haproxy.cfg', at, (port, file) => ({
		'127.0.0.1:8080': `127.0.0.1:${latchkey}`,
		'127.0.0.1:9000': `127.0.0.1:${application}`,
		'bind :443': `bind 127.0.0.1:${port}`,
		'/etc/haproxy/server.pem': file('both.pem'),
		'/etc/haproxy/latchkey.lua': `${examples}/latchkey.lua`,
		...(clientCa !== undefined && {
			' alpn h2,http/1.1': ` ca-file ${file('client-ca.pem')} verify optional alpn h2,http/1.1`,
			'# http-request set-header Client-Cert': 'http-request set-header Client-Cert',
		}),
	}));
	if (clientCa !== undefined) await writeFile(place.file('client-ca.pem'), clientCa);
	const [cert, key] = await Promise.all(['server.pem', 'server-key.pem'].map((name) => readFile(place.file(name))));
	await writeFile(place.file('both.pem'), Buffer.concat([cert ?? Buffer.of(), key ?? Buffer.of()]), { mode: 0o600 });
	return serve(place, haproxy, ['-db', '-f', place.file('haproxy.cfg')]);
}

interface Place {
	readonly folder: string;
	readonly port: number;
	readonly ca: string;
	file(name: string): string;
}

const hostsOf = (at: Behind['at']) => at?.hosts ?? ['localhost'];

/** A folder with the example as it must read here, and with a certificate of its hosts. */
async function prepare(
	example: string,
	at: Behind['at'],
	replacements: (port: number, file: Place['file']) => Record<string, string>,
): Promise<Place> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-proxy-'));
	const file = (name: string) => join(folder, name);
	const port = at?.port ?? (await freePort());
	let conf = await readFile(new URL(`../examples/${example}`, import.meta.url), 'utf8');
	for (const [shown, here] of Object.entries(replacements(port, file))) {
		if (!conf.includes(shown)) throw new Error(`${example} does not say ${shown} any more`);
		conf = conf.replaceAll(shown, here);
	}
	const ca = await newCa('Proxy CA');
	const server = await ca.issue({
		subject: [{ CN: ['localhost'] }],
		hosts: [...hostsOf(at), '127.0.0.1'],
		purposes: [serverAuth],
	});
	await mkdir(file('storage'));
	await writeFile(file(example), conf);
	await writeFile(file('server.pem'), server.cert);
	await writeFile(file('server-key.pem'), server.key, { mode: 0o600 });
	return { folder, port, ca: ca.cert, file };
}

async function serve({ folder, port, ca, file }: Place, program = '', args: readonly string[] = []): Promise<Running> {
	const log = await open(file('log'), 'w');
	// Caddy keeps things in its home.
	const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
	const child = spawn(program, args, { stdio: ['ignore', log.fd, log.fd], env });
	await log.close();
	const ended = once(child, 'exit');
	// Also where a spec is cut off in the middle.
	const end = () => child.kill('SIGTERM');
	process.once('exit', end);
	async function stop() {
		process.off('exit', end);
		child.kill('SIGTERM');
		await ended;
		await rm(folder, { recursive: true });
	}
	for (const until = Date.now() + 20_000; !(await isOpen(port)); await wait(20)) {
		if (child.exitCode === null && Date.now() < until) continue;
		const said = await readFile(file('log'), 'utf8');
		await stop();
		throw new Error(`${program} does not serve, and says: ${said}`);
	}
	return { port, ca, stop };
}

function isOpen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}

export async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, 'close');
	return port;
}
