import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { descriptions } from '../../src/config/descriptions.ts';
import { ConfigError, readConfig } from '../../src/config/read.ts';

/** Reads this text as `latchkey.yaml` in a folder of its own: the configuration, or the lines that say what is wrong. */
function read(t: ExecutionContext, yaml: string, env: Record<string, string> = {}) {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'latchkey.yaml');
	writeFileSync(file, yaml);
	try {
		return { folder, config: readConfig({ file, env }), lines: [] };
	} catch (fault) {
		if (!(fault instanceof ConfigError)) throw fault;
		return { folder, lines: fault.lines.map((line) => line.replaceAll(`${folder}/`, '')) };
	}
}

const broken: readonly (readonly [yaml: string, ...lines: string[]])[] = [
	['htp:\n  port: 80\n', 'latchkey.yaml:1: htp: there is no such key (did you mean http?)'],
	[
		'session: { inactivityinterval: 3 }\n',
		'latchkey.yaml:1: session.inactivityinterval: there is no such key (did you mean inactivityInterval?)',
	],
	[
		'resources:\n  - { path: /a, permision: a }\n',
		'latchkey.yaml:2: resources.0.permision: there is no such key (did you mean permission?)',
		'latchkey.yaml:2: resources.0.permission: is missing: who may pass is said by permission, permissions or access',
	],
	[
		'metrics:\n  enabled: true\n',
		'latchkey.yaml:2: metrics.enabled: is gone: metrics have a listener of their own, where metrics.port is set',
	],
	['metrics: { port: 8080 }\n', 'latchkey.yaml:1: metrics.port: is the port of http, too'],
	['session:\n  cookieName: A\n  timeout: 3\n', 'latchkey.yaml:3: session.timeout: there is no such key'],
	['http:\n  port: eighty\n', 'latchkey.yaml:2: http.port: expected number, received string'],
	['http:\n  port: 70000\n', 'latchkey.yaml:2: http.port: expected number to be <=65535'],
	['http:\n', 'latchkey.yaml:1: http: has no value'],
	[
		'http:\n  host: 0.0.0.0\n',
		'latchkey.yaml:2: http.host: plain http beyond this machine needs http.insecure: true, or trustedProxies',
	],
	['https: { cert: a.pem }\n', 'latchkey.yaml:1: https.key: is missing'],
	[
		'https: { cert: a, key: b, clientCrl: c }\n',
		'latchkey.yaml:1: https.clientCrl: is of no use without https.clientCa',
	],
	['https: { cert: a, key: b, port: 8080 }\n', 'latchkey.yaml:1: https.port: is the port of http, too'],
	[
		'store:\n  sessions: mysql://x\n',
		'latchkey.yaml:2: store.sessions: must be sqlite:FILE, redis://…, redis+sentinel://…, redis+cluster://… or memory:',
	],
	['session: { inactivityInterval: -1 }\n', 'latchkey.yaml:1: session.inactivityInterval: expected number to be >=0'],
	[
		'session: { afterPasswordChange: keep }\n',
		'latchkey.yaml:1: session.afterPasswordChange: expected one of "end"|"renew"',
	],
	['session: { cookieName: "a b" }\n', 'latchkey.yaml:1: session.cookieName: must be 1 to 64 letters, digits, - and _'],
	[
		'session: { cookieName: __Host-id }\n',
		'latchkey.yaml:1: session.cookieName: browsers take that name over https only: configure https or trustedProxies',
	],
	['auth: { basic: "yes" }\n', 'latchkey.yaml:1: auth.basic: expected boolean, received string'],
	[
		'trustedProxies:\n  - 10.0.0.0/8\n  - 10.0.0.0/33\n',
		'latchkey.yaml:3: trustedProxies.1: must be an address or a CIDR: 10.0.0.0/8',
	],
	[
		'allowedOrigins: ["https://app.example.org/"]\n',
		'latchkey.yaml:1: allowedOrigins.0: must be an origin as browsers write it: https://app.example.org',
	],
	[
		'allowedOrigins: ["*"]\n',
		'latchkey.yaml:1: allowedOrigins.0: must be an origin as browsers write it: https://app.example.org',
	],
	[
		'resources:\n  - path: /a\n',
		'latchkey.yaml:2: resources.0.permission: is missing: who may pass is said by permission, permissions or access',
	],
	[
		'resources:\n  - { path: /a, permission: a..b }\n',
		'latchkey.yaml:2: resources.0.permission: must be letters, digits, _ - * and dots between them',
	],
	[
		'resources:\n  - { path: /a, permission: a, upstream: "http://h/base" }\n',
		'latchkey.yaml:2: resources.0.upstream: must be http://HOST:PORT or https://HOST:PORT, with nothing behind it',
	],
	[
		'log: { level: loud }\n',
		'latchkey.yaml:1: log.level: expected one of "trace"|"debug"|"info"|"warn"|"error"|"fatal"',
	],
	['http: { port: 1 }\nhttp: { port: 2 }\n', 'latchkey.yaml:2: http: Map keys must be unique'],
	['http:\n\tport: 80\n', 'latchkey.yaml:2: Tabs are not allowed as indentation'],
	['banner: *text\n', 'latchkey.yaml: Unresolved alias (the anchor must be set before the alias): text'],
	[
		'trustedProxies: [127.0.0.1, 0.0.0.0/0]\n',
		'latchkey.yaml:1: trustedProxies.1: would believe everybody: name the addresses of the proxies',
	],
	[
		'passwordHash:\n  memory: 8\n  parallelism: 4\n',
		'latchkey.yaml:2: passwordHash.memory: must be 8 KiB or more for each of parallelism',
	],
	['- http\n', 'latchkey.yaml: must hold keys and values'],
	['__proto__: { http: 1 }\n', 'latchkey.yaml:1: __proto__: there is no such key'],
	[
		'htp: 1\nhttp: { port: x, insecure: 1 }\n',
		'latchkey.yaml:2: http.port: expected number, received string',
		'latchkey.yaml:2: http.insecure: expected boolean, received number',
		'latchkey.yaml:1: htp: there is no such key (did you mean http?)',
	],
	// What programs write.
	['{"http":{"port":70000}}', 'latchkey.yaml:1: http.port: expected number to be <=65535'],
	['{"http":{"prot":80}}\n', 'latchkey.yaml:1: http.prot: there is no such key'],
	['{"http":{"port":80},"http":{"port":81}}', 'latchkey.yaml:1: "http": Map keys must be unique'],
	['{"__proto__":{"http":1}}', 'latchkey.yaml:1: __proto__: there is no such key'],
	['{"http":null}', 'latchkey.yaml:1: http: has no value'],
];

for (const [yaml, ...lines] of broken) {
	test(`a line for each thing that is wrong, with its place: ${JSON.stringify(yaml)}`, (t) => {
		t.deepEqual([...read(t, yaml).lines], lines);
	});
}

test('a file that is not there is said to be missing', (t) => {
	const fault = t.throws(() => readConfig({ file: '/nowhere/latchkey.yaml', env: {} }), { instanceOf: ConfigError });
	t.regex(fault.message, /^\/nowhere\/latchkey\.yaml: cannot be read: ENOENT/);
});

test('every key is optional: nothing at all is the defaults', (t) => {
	const empty = read(t, '').config;
	t.like(empty, {
		http: { host: '127.0.0.1', port: 8080, insecure: false },
		https: undefined,
		session: {
			inactivityInterval: 900,
			absoluteLifetime: 43_200,
			cookieName: 'JSESSIONID',
			afterPasswordChange: 'end',
		},
		auth: { password: true, certificate: true, sessions: true, basic: false, statelessCertificate: false },
		passwordPolicy: {
			minLength: 12,
			refuseCommon: true,
			requireDigits: false,
			requireSpecialCharacters: false,
			requireBothCases: false,
			temporaryHours: 72,
		},
		banner: undefined,
		log: { level: 'info' },
	});
	t.deepEqual(empty?.trustedProxies, []);
	t.deepEqual(empty?.allowedOrigins, []);
	t.deepEqual(empty?.resources, []);
	t.false(empty?.dialects.kismet.enabled);
	t.false(empty?.dialects.insights.enabled);
});

/** What only the store's driver would say, with the port open already. */
const addresses: readonly (readonly [store: string, isOne: boolean])[] = [
	['identities: "postgres://u:p#w@db/x"', false],
	['identities: "postgres://u:1#w@db/x"', false],
	['identities: "postgres://u:100%@db/x"', false],
	['identities: "postgres://u@db:99999/x"', false],
	['identities: "postgres://u:p%23w@db:5432/x?sslmode=require"', true],
	['identities: "postgres://u@/x?host=/run/postgresql"', true],
	['identities: "postgres:///x"', true],
	['sessions: "redis://h:99999"', false],
	['sessions: "redis://:p@ss@h"', false],
	['sessions: "redis://:a/b@h"', false],
	['sessions: "redis://:100%@h"', false],
	['sessions: "redis://a,b"', false],
	['sessions: "redis://h/one"', false],
	['sessions: "redis://u:p%40ss@h:6380/2"', true],
	['sessions: "rediss://[::1]:6380"', true],
	['sessions: "redis+sentinel://:pw@a:26379,b:26379/mymaster"', true],
	['sessions: "redis+sentinel://jo:pw@a:26379,b,c/main/0?sentinelUsername=s&sentinelPassword=p%40w"', true],
	['sessions: "redis+sentinel://a/main/one"', false],
	['sessions: "redis+sentinel://a/main?password=x"', false],
	['sessions: "redis+cluster://a:7000,b:7001"', true],
	['sessions: "redis+cluster://a:7000,b:7001/3"', false],
];

for (const [store, isOne] of addresses) {
	test(`an address that ${isOne ? 'is one is taken' : 'cannot be read is said to be so'}: ${store}`, (t) => {
		const { lines } = read(t, `store:\n  ${store}\n`);
		const [key = ''] = store.split(':');
		const rule = 'in names and passwords @ : / ? # and % are written %40 %3A %2F %3F %23 %25';
		t.deepEqual([...lines], isOne ? [] : [`latchkey.yaml:2: store.${key}: cannot be read as an address: ${rule}`]);
	});
}

/** As Kubernetes sets them in every pod for Services `latchkey`, `latchkey-http` and `latchkey-metrics`, and `docker run --link`. */
const links = {
	LATCHKEY_SERVICE_HOST: '10.96.0.12',
	LATCHKEY_SERVICE_PORT: '8080',
	LATCHKEY_SERVICE_PORT_HTTP: '8080',
	LATCHKEY_PORT: 'tcp://10.96.0.12:8080',
	LATCHKEY_PORT_8080_TCP: 'tcp://10.96.0.12:8080',
	LATCHKEY_PORT_8080_TCP_PROTO: 'tcp',
	LATCHKEY_PORT_8080_TCP_PORT: '8080',
	LATCHKEY_PORT_8080_TCP_ADDR: '10.96.0.12',
	LATCHKEY_PORT_53_UDP: 'udp://10.96.0.12:53',
	LATCHKEY_HTTP_SERVICE_HOST: '10.96.0.13',
	LATCHKEY_HTTP_SERVICE_PORT: '80',
	LATCHKEY_HTTP_PORT: 'tcp://10.96.0.13:80',
	LATCHKEY_HTTP_PORT_80_TCP_ADDR: '10.96.0.13',
	LATCHKEY_METRICS_PORT: 'tcp://10.96.0.14:9464',
	LATCHKEY_NAME: '/web/latchkey',
	LATCHKEY_ENV_NODE_VERSION: '24.0.0',
};

test('variables that describe a Service or a container called latchkey are no settings', (t) => {
	const { config, lines } = read(t, 'http: { port: 1234 }\n', links);
	t.deepEqual(lines, []);
	t.is(config?.http.port, 1234);
	t.deepEqual(
		[...read(t, '', { ...links, LATCHKEY_HTP_PORT: 'tcp' }).lines],
		['LATCHKEY_HTP_PORT: there is no such setting (did you mean LATCHKEY_HTTP_PORT?)'],
	);
});

test('files and secrets are UTF-8, or are refused; a byte order mark is taken off', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-secret-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = (name: string, bytes: Buffer) => {
		writeFileSync(join(folder, name), bytes);
		return join(folder, name);
	};
	const latin = Buffer.from('banner: caf\xe9\n', 'latin1');
	const [line] = read(t, '', { LATCHKEY_BANNER_FILE: file('latin', latin) }).lines;
	t.is(line, `LATCHKEY_BANNER_FILE: ${join(folder, 'latin')} is not UTF-8`);
	const marked = file('marked', Buffer.from('\uFEFFcafé\r\n'));
	t.is(read(t, '', { LATCHKEY_BANNER_FILE: marked }).config?.banner, 'café');
	const asConfiguration = file('latin.yaml', latin);
	t.throws(() => readConfig({ file: asConfiguration, env: {} }), {
		message: `${asConfiguration}: cannot be read: it is not UTF-8`,
	});
	const withMark = file('marked.yaml', Buffer.from('\uFEFFbanner: café\n'));
	t.is(readConfig({ file: withMark, env: {} }).banner, 'café');
});

test('a length of passwords that is set is that of one alone, too; what is not set is left to the installation', (t) => {
	const lengths = (yaml: string, env = {}) => {
		const { minLength, minLengthAlone } = read(t, yaml, env).config?.passwordPolicy ?? {};
		return [minLength, minLengthAlone];
	};
	t.deepEqual(lengths(''), [12, undefined]);
	t.deepEqual(lengths('passwordPolicy: { refuseCommon: false }\n'), [12, undefined]);
	t.deepEqual(lengths('passwordPolicy: { minLength: 12 }\n'), [12, 12]);
	t.deepEqual(lengths('passwordPolicy: { minLength: 8, minLengthAlone: 20 }\n'), [8, 20]);
	t.deepEqual(lengths('passwordPolicy: { minLengthAlone: 12 }\n'), [12, 12]);
	t.deepEqual(lengths('', { LATCHKEY_PASSWORD_POLICY_MIN_LENGTH: '10' }), [10, 10]);
});

test('relative paths of stores count from the data folder, else from the working folder', (t) => {
	const { config, folder } = read(t, 'data: { dir: /srv/one }\n', { STATE_DIRECTORY: '/srv/two' });
	t.is(config?.store.identities, 'sqlite:/srv/one/data/latchkey.db');
	const identitiesOf = (env: Record<string, string>) =>
		read(t, 'store: { identities: "sqlite:a.db" }\n', env).config?.store.identities;
	t.is(identitiesOf({ LATCHKEY_DATA_DIR: '/srv/three', STATE_DIRECTORY: '/srv/two' }), 'sqlite:/srv/three/a.db');
	t.is(identitiesOf({ STATE_DIRECTORY: '/srv/two:/srv/four' }), 'sqlite:/srv/two/a.db');
	t.is(identitiesOf({ LATCHKEY_DATA_DIR: 'below' }), `sqlite:${process.cwd()}/below/a.db`);
	t.is(identitiesOf({}), `sqlite:${process.cwd()}/a.db`);
	t.false(identitiesOf({})?.includes(folder));
});

test('other relative paths count from the folder of the file', (t) => {
	const { config, folder } = read(t, 'https: { cert: a.pem, key: ../b.pem }\nlog: { auditFile: audit.log }\n');
	t.is(config?.https?.cert, `${folder}/a.pem`);
	t.is(config?.https?.key, join(folder, '../b.pem'));
	t.is(config?.log.auditFile, `${folder}/audit.log`);
	const files = 'upstreamCa: ca.pem, icon: icons/a.svg';
	const rule = read(t, `resources: [{ path: /a, permission: p, upstream: "https://localhost", ${files} }]\n`);
	t.is(rule.config?.resources[0]?.upstreamCa, `${rule.folder}/ca.pem`);
	t.is(rule.config?.resources[0]?.icon, `${rule.folder}/icons/a.svg`);
});

for (const word of ['401', '"401"']) {
	test(`unauthenticated: ${word} is 401 with and without quotes`, (t) => {
		const { config, lines } = read(t, `resources: [{ path: /a, permission: p, unauthenticated: ${word} }]\n`);
		t.deepEqual(lines, []);
		t.is(config?.resources[0]?.unauthenticated, '401');
	});
}

const said: readonly (readonly [env: Record<string, string>, says: object])[] = [
	[{ LATCHKEY_HTTP_PORT: '1234' }, { http: { port: 1234, host: 'localhost' } }],
	[{ LATCHKEY_STORE_SESSIONS: 'memory:' }, { store: { sessions: 'memory:' } }],
	[{ LATCHKEY_SESSION_INACTIVITY_INTERVAL: '60' }, { session: { inactivityInterval: 60 } }],
	[{ LATCHKEY_PASSWORD_POLICY_MIN_LENGTH: '8' }, { passwordPolicy: { minLength: 8 } }],
	[{ LATCHKEY_AUTH_BASIC: 'true' }, { auth: { basic: true } }],
	[{ LATCHKEY_AUTH_CERTIFICATE_LEVEL: '2' }, { auth: { certificateLevel: 2 } }],
	[{ LATCHKEY_HTTPS_HSTS: 'false', LATCHKEY_HTTPS_CERT: 'a', LATCHKEY_HTTPS_KEY: 'b' }, { https: { hsts: false } }],
	[{ LATCHKEY_HTTPS_HSTS: '0', LATCHKEY_HTTPS_CERT: 'a', LATCHKEY_HTTPS_KEY: 'b' }, { https: { hsts: 0 } }],
	[{ LATCHKEY_BANNER: 'Hello, world' }, { banner: 'Hello, world' }],
	[{ LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }, { trustedProxies: ['10.0.0.0/8', '::1'] }],
	[{ LATCHKEY_TRUSTED_PROXIES: '["10.0.0.0/8"]' }, { trustedProxies: ['10.0.0.0/8'] }],
	[{ LATCHKEY_TRUSTED_PROXIES: '' }, { trustedProxies: [] }],
	[
		{ LATCHKEY_HTTP_PORT: '', LATCHKEY_HTTP_HOST_FILE: '', LATCHKEY_BANNER: '' },
		{ http: { host: 'localhost', port: 80 }, banner: 'from the file' },
	],
	[{ LATCHKEY_HTTP_PORT: '81', LATCHKEY_HTTP_PORT_FILE: '' }, { http: { port: 81 } }],
	[{ LATCHKEY_RESOURCES: '[{"path":"/a","permission":"p"}]' }, { resources: [{ path: '/a', permission: 'p' }] }],
	[{ LATCHKEY_NETWORKS: '{"lan":["10.0.0.0/8"]}' }, { networks: { lan: ['10.0.0.0/8'] } }],
	[{ LATCHKEY_DIALECTS_KISMET_ENABLED: 'true' }, { dialects: { kismet: { enabled: true } } }],
	[{ LATCHKEY_CONFIG: 'elsewhere.yaml', LATCHKEY_ADMIN_PASSWORD: 'x', PATH: '/bin' }, { http: { port: 80 } }],
];

for (const [env, says] of said) {
	test(`the environment wins over the file: ${JSON.stringify(env)}`, (t) => {
		const yaml = 'http: { host: localhost, port: 80 }\nbanner: from the file\n';
		const { config, lines } = read(t, yaml, env);
		t.deepEqual(lines, []);
		t.like(config, says);
	});
}

test('every setting with a default can have it from the environment', (t) => {
	const settingOf = (config: unknown, key: string) =>
		key.split('.').reduce((part, name) => (part as Record<string, unknown>)?.[name], config);
	const { config: usual } = read(t, '');
	const isSimple = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value);
	const keys = Object.keys(descriptions).filter((key) => isSimple(settingOf(usual, key)));
	t.true(keys.length > 50);
	for (const key of keys.filter((each) => !each.startsWith('store.') && each !== 'data.dir')) {
		const name = `LATCHKEY_${key
			.replaceAll('.', '_')
			.replaceAll(/([a-z])([A-Z])/g, '$1_$2')
			.toUpperCase()}`;
		const { config, lines } = read(t, '', { [name]: String(settingOf(usual, key)) });
		t.deepEqual(lines, [], name);
		t.deepEqual(settingOf(config, key), settingOf(usual, key), name);
	}
});

const misread: readonly (readonly [env: Record<string, string>, line: string])[] = [
	[{ LATCHKEY_HTP_PORT: '1' }, 'LATCHKEY_HTP_PORT: there is no such setting (did you mean LATCHKEY_HTTP_PORT?)'],
	[
		{ LATCHKEY_METRICS_ALLOW: '10.0.0.0/8' },
		'LATCHKEY_METRICS_ALLOW: is gone: metrics have a listener of their own, metrics.host and metrics.port',
	],
	[{ LATCHKEY_PORT: '8080' }, 'LATCHKEY_PORT: there is no such setting'],
	[
		{ LATCHKEY_LOG_AUDITFILE: 'a' },
		'LATCHKEY_LOG_AUDITFILE: there is no such setting (did you mean LATCHKEY_LOG_AUDIT_FILE?)',
	],
	[
		{ LATCHKEY_TRUSTED_PROXIES: '::/0' },
		'LATCHKEY_TRUSTED_PROXIES: trustedProxies.0: would believe everybody: name the addresses of the proxies',
	],
	[{ LATCHKEY_HTTP: '{}' }, 'LATCHKEY_HTTP: there is no such setting'],
	[{ LATCHKEY_HTTP_PORT: 'eighty' }, 'LATCHKEY_HTTP_PORT: http.port: expected number, received string'],
	[{ LATCHKEY_HTTP_PORT: '80 ' }, 'LATCHKEY_HTTP_PORT: http.port: expected number, received string'],
	[
		{ LATCHKEY_AUTH_CERTIFICATE_LEVEL: '3' },
		'LATCHKEY_AUTH_CERTIFICATE_LEVEL: auth.certificateLevel: expected one of 1|2',
	],
	[{ LATCHKEY_AUTH_BASIC: 'yes' }, 'LATCHKEY_AUTH_BASIC: auth.basic: expected boolean, received string'],
	[
		{ LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8,x' },
		'LATCHKEY_TRUSTED_PROXIES: trustedProxies.1: must be an address or a CIDR: 10.0.0.0/8',
	],
	[{ LATCHKEY_RESOURCES: '[{' }, 'LATCHKEY_RESOURCES: resources: expected array, received string'],
	[
		{ LATCHKEY_BANNER: 'a', LATCHKEY_BANNER_FILE: '/dev/null' },
		'LATCHKEY_BANNER_FILE: says what LATCHKEY_BANNER says, too: leave one of them out',
	],
];

for (const [env, line] of misread) {
	test(`what the environment says wrong is told with the variable's name: ${JSON.stringify(env)}`, (t) => {
		t.deepEqual([...read(t, '', env).lines], [line]);
	});
}

test('a variable may name a file that holds the value: all of it but a line break at its end', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-secret-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = join(folder, 'secret');
	writeFileSync(file, ' of the "banner" # \n');
	t.is(read(t, '', { LATCHKEY_BANNER_FILE: file }).config?.banner, ' of the "banner" # ');
	const [line] = read(t, '', { LATCHKEY_BANNER_FILE: join(folder, 'nowhere') }).lines;
	t.regex(line ?? '', /^LATCHKEY_BANNER_FILE: ENOENT/);
});
