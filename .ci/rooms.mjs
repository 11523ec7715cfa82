// Which room may touch what, a line for each: data flows one way, and nobody reaches back. `import type` counts.
import { builtinModules } from 'node:module';

const room = (name, path, ...mayTouch) => ({ name, severity: 'error', from: { path }, to: { pathNot: mayTouch } });
/** A room that is a folder: it may touch itself. */
const folder = (name, ...mayTouch) => room(name, `^src/${name}/`, `^src/${name}/`, ...mayTouch);

const npm = (...names) => `node_modules/(@types/)?(${names.join('|')})/`;
const builtIn = (...names) => `^(node:)?(${names.join('|')})$`;
const sqlite = builtIn('sqlite');
const node = builtIn(...builtinModules.map((name) => name.replace('node:', '')).filter((name) => name !== 'sqlite'));
const network = builtIn('dns', 'events', 'http', 'http2', 'https', 'net', 'stream', 'stream/promises', 'tls', 'url');
const koa = npm('koa', '@koa/router', 'koa-bodyparser', 'koa-compose', 'koa-session');
const zod = npm('zod');

const core = '^src/core/';
const observability = '^src/observability/';
const certificates = '^src/certificates/';
const http = '^src/http/';
const files = '^src/files/';
const config = '^src/config[./]';
const app = '^src/app/';
const allRooms = [
	'^src/(core|hashing|observability|certificates|http|gateway|pages|app|cli|console|api-docs|files|moving-in|qr|webauthn|client)/',
	'^src/(store/(memory|sqlite|redis|postgres|remote)|dialect/[^/]+)/',
	'^src/(config|embed)[./]',
	'^src/main[.]ts$',
	'^src/launcher[.]js$',
];

export default {
	forbidden: [
		folder('core', builtIn('crypto', 'net', 'zlib'), npm('uuid')),
		folder(
			'hashing',
			core,
			builtIn('crypto', 'module', 'path', 'worker_threads'),
			npm('@node-rs/argon2', 'bcryptjs', '@zxcvbn-ts/language-common'),
		),
		folder('webauthn', core, builtIn('module'), npm('@simplewebauthn/server')),
		folder('moving-in', builtIn('crypto'), npm('jsonc-parser', 'saxes', 'yaml'), zod),
		folder('store/remote', core, node),
		folder('store/memory', core, node),
		folder('files', node),
		folder('qr', npm('uqr')),
		folder('store/sqlite', core, files, node, sqlite),
		folder('store/redis', core, '^src/store/remote/', node, npm('redis')),
		folder('store/postgres', core, '^src/store/remote/', node, npm('pg')),
		folder('observability', core, files, node, npm('pino', 'prom-client')),
		folder('certificates', core, files, observability, node, npm('structured-headers')),
		folder('http', core, observability, certificates, node, koa, npm('proxy-addr', 'jsonc-parser'), zod),
		room(
			'dialect',
			'^src/dialect/([^/]+)/',
			'^src/dialect/$1/',
			core,
			'^src/qr/',
			certificates,
			http,
			npm('koa', '@koa/router'),
			zod,
		),
		folder('gateway', core, observability, http, network, npm('koa', 'httpxy', 'http-proxy-3')),
		room('config', config, config, node, zod, npm('yaml')),
		folder('pages', core, observability, http, node, npm('koa', '@koa/router')),
		room('app', app, '^src/(?!cli/|client/|console/|api-docs/|embed[./]|main[.])', node, sqlite, 'node_modules/'),
		room('embed', '^src/embed[./]', '^src/embed[./]', core, observability, http, app, config, npm('koa')),
		folder(
			'cli',
			core,
			app,
			config,
			files,
			'^src/moving-in/',
			'^src/qr/',
			node,
			npm('commander', '@peculiar/x509', 'reflect-metadata'),
		),
		room('main', '^src/main[.]ts$', core, '^src/cli/', app, config, node),
		room('launcher', '^src/launcher[.]js$', builtIn('fs', 'module', 'url')),
		folder('client'),
		folder('console', '^src/client/', 'node_modules/'),
		folder('api-docs', '^src/http/response/html[.]ts$', builtIn('fs', 'http', 'path'), npm('yaml')),
		{ name: 'no-room', severity: 'error', from: { path: '^src/', pathNot: allRooms }, to: {} },
		{ name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
		{ name: 'all-found', severity: 'error', from: {}, to: { couldNotResolve: true } },
	],
	options: {
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['import', 'node', 'default', 'types'],
			extensions: ['.ts', '.tsx', '.js'],
		},
	},
};
