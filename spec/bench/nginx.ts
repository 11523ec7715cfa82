import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '../_support/server.ts';
import { request } from './ask.ts';
import { cpuMsOfAll, pinned, serverCore } from './programs.ts';

/** nginx that asks Latchkey about every request, and passes on what may pass. */
export interface Nginx {
	readonly url: string;
	/** Milliseconds. */
	cpuMs(): number;
	stop(): Promise<void>;
}

export async function startNginx(program: string, latchkey: string, application: string): Promise<Nginx> {
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-nginx-'));
	const port = await freePort();
	const file = join(folder, 'nginx.conf');
	await writeFile(file, configuration({ folder, port, latchkey: hostOf(latchkey), application: hostOf(application) }));
	const [taskset, args] = pinned(serverCore, [program, '-p', folder, '-e', 'stderr', '-c', file]);
	const child = spawn(taskset, args, { stdio: 'ignore' });
	const kill = () => void child.kill('SIGTERM');
	process.once('exit', kill);
	const url = `http://127.0.0.1:${port}`;
	await until(() => request(url, '/'));
	return {
		url,
		cpuMs: () => cpuMsOfAll(child.pid ?? 0),
		async stop() {
			process.off('exit', kill);
			const gone = once(child, 'exit');
			kill();
			await gone;
			await rm(folder, { recursive: true });
		},
	};
}

const hostOf = (url: string) => new URL(url).host;

interface Parts {
	readonly folder: string;
	readonly port: number;
	readonly latchkey: string;
	readonly application: string;
}

function configuration({ folder, port, latchkey, application }: Parts): string {
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
		(name) => `${name}_temp_path ${folder}/${name};`,
	);
	return `
${userInfo().uid === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http {
	access_log off; ${temporary.join(' ')}
	keepalive_requests 1000000;
	upstream latchkey { server ${latchkey}; keepalive 32; keepalive_requests 1000000; }
	upstream application { server ${application}; keepalive 32; keepalive_requests 1000000; }
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	client_max_body_size 0;
	proxy_request_buffering off;
	proxy_buffering on;
	proxy_max_temp_file_size 0;
	server {
		listen 127.0.0.1:${port};
		location = /verify {
			internal;
			proxy_pass http://latchkey/services/auth/v1/verify;
			proxy_pass_request_body off;
			proxy_set_header Content-Length "";
			proxy_set_header X-Forwarded-Method $request_method;
			proxy_set_header X-Forwarded-Uri $request_uri;
			proxy_set_header X-Forwarded-Host $http_host;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_set_header X-Forwarded-For $remote_addr;
		}
		location / {
			auth_request /verify;
			auth_request_set $identity $upstream_http_remote_user;
			auth_request_set $permissions $upstream_http_remote_groups;
			proxy_set_header Remote-User $identity;
			proxy_set_header Remote-Groups $permissions;
			proxy_set_header X-XSRF-Token "";
			proxy_set_header Cookie "";
			proxy_pass http://application;
		}
	}
}
`;
}
