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
const aroundKoa = npm('pino', 'prom-client', 'proxy-addr', 'structured-headers', 'jsonc-parser', 'yaml');
const zod = npm('zod');

const core = '^src/core/';
const http = '^src/http/';
const files = '^src/files/';
const config = '^src/config[./]';
const compose = '^src/compose[./]';
const allRooms = [
	'^src/(core|password|http|gateway|cli|console|files)/',
	'^src/(store/(memory|sqlite|redis|postgres)|dialect/[^/]+)/',
	'^src/(compose|config|embed)[./]',
	'^src/main[.]ts$',
	'^src/launcher[.]js$',
];

export default {
	forbidden: [
		folder('core', builtIn('crypto'), npm('uuid')),
		folder(
			'password',
			core,
			builtIn('crypto', 'path', 'worker_threads'),
			npm('@node-rs/argon2', '@zxcvbn-ts/language-common'),
		),
		folder('store/memory', core, node),
		folder('files', node),
		folder('store/sqlite', core, files, node, sqlite),
		folder('store/redis', core, node, npm('redis')),
		folder('store/postgres', core, node, npm('pg')),
		folder('http', core, files, node, koa, aroundKoa, zod),
		room('dialect', '^src/dialect/([^/]+)/', '^src/dialect/$1/', core, http, npm('koa', '@koa/router'), zod),
		folder('gateway', core, http, network, npm('koa', 'httpxy', 'http-proxy-3')),
		room('config', config, config, node, zod, npm('yaml')),
		room('compose', compose, '^src/(?!cli/|console/|embed[./]|main[.])', node, sqlite, 'node_modules/'),
		room('embed', '^src/embed[./]', '^src/embed[./]', core, http, compose, config, npm('koa')),
		folder('cli', core, compose, config, files, node, npm('commander', '@peculiar/x509', 'reflect-metadata')),
		room('main', '^src/main[.]ts$', core, '^src/cli/', compose, config, node),
		room('launcher', '^src/launcher[.]js$', builtIn('fs', 'url')),
		folder('console', 'node_modules/'),
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
