import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { describedRules } from '../../src/app/described-rules.ts';
import { examine } from '../../src/app/validate.ts';
import { warningsOf } from '../../src/app/warnings.ts';
import { ConfigError, loadConfig, readConfig } from '../../src/config/read.ts';

/* Rules that cannot be used stop the start, with file and line, and with what to do. */

function linesOf(yaml: string, env: Record<string, string> = {}): { lines: readonly string[]; warnings: string[] } {
	const folder = mkdtempSync(join(tmpdir(), 'latchkey-gate-'));
	const file = join(folder, 'latchkey.yaml');
	writeFileSync(file, yaml);
	try {
		const { config, placeOf } = loadConfig({ file, env: { LATCHKEY_DATA_DIR: folder, ...env } });
		examine(config, placeOf);
		return { lines: [], warnings: warningsOf(config) };
	} catch (fault) {
		if (!(fault instanceof ConfigError)) throw fault;
		return { lines: fault.lines.map((line) => line.replaceAll(`${folder}/`, '')), warnings: [] };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const rule = (text: string) => `  - { permission: p, ${text} }\n`;

const broken: { says: string; yaml: string; lines: string[] }[] = [
	{
		says: 'a general rule before a narrow one',
		yaml: `resources:\n${rule('path: /')}\n${rule('path: /admin')}`,
		lines: [
			'latchkey.yaml:4: resources.1: can never match: resources.0 (latchkey.yaml:2) comes first and holds for all of it; put this rule before it, or leave it out',
		],
	},
	{
		says: 'the same path twice, in other letters',
		yaml: `resources:\n${rule('path: /a')}${rule('paths: [/A/, /%61]')}`,
		lines: [
			'latchkey.yaml:3: resources.1: can never match: resources.0 (latchkey.yaml:2) comes first and holds for all of it; put this rule before it, or leave it out',
		],
	},
	{
		says: 'two rules that cover a third one together',
		yaml: `networks: { lan: [10.0.0.0/9, 10.128.0.0/9] }\nresources:\n${rule('from: [10.0.0.0/9]')}${rule('from: [10.128.0.0/9]')}${rule('path: /a, from: [lan]')}`,
		lines: [
			'latchkey.yaml:5: resources.2: can never match: resources.0 (latchkey.yaml:3), resources.1 (latchkey.yaml:4) come first and hold together for all of it; put this rule before one of them, or leave it out',
		],
	},
	{
		says: 'what nothing can be',
		yaml: `resources:\n${rule('websocket: true, methods: [POST]')}`,
		lines: ['latchkey.yaml:2: resources.0: can never match: nothing is all that it names at once'],
	},
	{
		says: 'a host with a path',
		yaml: `resources:\n${rule('hosts: [a.example, "https://b.example/x"]')}`,
		lines: [
			'latchkey.yaml:2: resources.0.hosts.1: https://b.example/x must be a host name, HOST:PORT, *. and a name, or *',
		],
	},
	{
		says: 'a star in the midst of a host',
		yaml: `resources:\n  - permission: p\n    hosts:\n      - a.*.example\n`,
		lines: ['latchkey.yaml:4: resources.0.hosts.0: a.*.example must be a host name, HOST:PORT, *. and a name, or *'],
	},
	{
		says: 'a path that can be read in several ways',
		yaml: `resources:\n${rule('paths: [/a, /b/../c]')}`,
		lines: ['latchkey.yaml:2: resources.0.paths.1: /b/../c can be read in several ways'],
	},
	{
		says: 'one path and several',
		yaml: `resources:\n${rule('path: /a, paths: [/b]')}`,
		lines: ['latchkey.yaml:2: resources.0.paths: path stands there, too: name all in paths'],
	},
	{
		says: 'exact, and no path',
		yaml: `resources:\n${rule('exact: true')}`,
		lines: ['latchkey.yaml:2: resources.0.exact: is of no use without path or paths'],
	},
	{
		says: 'a network that has no name',
		yaml: `networks:\n  office: [192.0.2.0/24]\nresources:\n${rule('from: [ofice, 10.0.0.0/8]')}`,
		lines: [
			'latchkey.yaml:4: resources.0.from.0: must be an address, a CIDR, or a name of networks (did you mean office?)',
		],
	},
	{
		says: 'a method that nobody knows',
		yaml: `resources:\n${rule('methods: [GET, get]')}`,
		lines: ['latchkey.yaml:2: resources.0.methods.1: must be a method of HTTP, in capitals'],
	},
	{
		says: 'a suffix that is a path',
		yaml: `resources:\n${rule('suffixes: [/x.cmd]')}`,
		lines: ['latchkey.yaml:2: resources.0.suffixes.0: must be 1 to 64 characters, and none of / \\ ? # ; : %'],
	},
	{
		says: 'a network that is none',
		yaml: 'networks:\n  lan: [10.0.0.0/33]\n',
		lines: ['latchkey.yaml:2: networks.lan.0: must be an address or a CIDR: 10.0.0.0/8'],
	},
	{
		says: 'public, and a permission',
		yaml: 'resources:\n  - path: /a\n    permission: p\n    access: public\n',
		lines: ['latchkey.yaml:4: resources.0.access: permission stands there, too: who may pass is said once'],
	},
	{
		says: 'everything public, without saying of what',
		yaml: 'resources:\n  - hosts: ["*"]\n    access: public\n',
		lines: [
			'latchkey.yaml:3: resources.0.access: public would open every path of every host: name hosts, path or paths',
		],
	},
	{
		says: 'credentials, and nobody is asked',
		yaml: 'resources:\n  - path: /a\n    access: public\n    credentials: [certificate]\n',
		lines: ['latchkey.yaml:4: resources.0.credentials: is of no use with access: public'],
	},
	{
		says: 'other credentials for what an earlier rule holds for',
		yaml: `resources:\n${rule('path: /a, credentials: [password]')}${rule('path: /a, credentials: [certificate]')}`,
		lines: [
			'latchkey.yaml:3: resources.1: can never match: resources.0 (latchkey.yaml:2) comes first and holds for all of it; put this rule before it, or leave it out',
		],
	},
	{
		says: 'permissions without one',
		yaml: 'resources:\n  - { path: /a, permissions: {} }\n',
		lines: ['latchkey.yaml:2: resources.0.permissions: must name any, or all'],
	},
	{
		says: 'credentials that have no such name',
		yaml: `upstreamCredentials:\n  kismet: { bearer: abc }\nresources:\n${rule('path: /a, upstream: "http://127.0.0.1:1", upstreamCredentials: kismett')}`,
		lines: ['latchkey.yaml:4: resources.0.upstreamCredentials: there are none of that name (did you mean kismet?)'],
	},
	{
		says: 'credentials of two kinds, of none, without a secret, with two',
		yaml: 'upstreamCredentials:\n  a: { bearer: abc, basic: { username: u, password: p } }\n  b: {}\n  c: { cookie: { name: K } }\n  d: { basic: { username: u, password: p, passwordFile: f } }\n',
		lines: [
			'latchkey.yaml:2: upstreamCredentials.a.bearer: basic stands there, too: name one',
			'latchkey.yaml:3: upstreamCredentials.b: must be one of cookie, basic, bearer, bearerFile, clientCertificate',
			'latchkey.yaml:4: upstreamCredentials.c.cookie: is missing: value, or valueFile',
			'latchkey.yaml:5: upstreamCredentials.d.basic: passwordFile stands there, too: name one',
		],
	},
	{
		says: 'secrets that cannot be sent, which are not repeated',
		yaml: 'upstreamCredentials:\n  a: { bearer: "abc\\r\\nX: canary" }\n  b: { cookie: { name: "a b", value: "canary;" } }\n  c: { basic: { username: "a:b", password: "canary\\n" } }\n',
		lines: [
			'latchkey.yaml:2: upstreamCredentials.a.bearer: must be a bearer token',
			'latchkey.yaml:3: upstreamCredentials.b.cookie.name: must be the name of a cookie',
			'latchkey.yaml:3: upstreamCredentials.b.cookie.value: must be the value of a cookie',
			'latchkey.yaml:4: upstreamCredentials.c.basic.username: must be 1 to 1024 characters, without a colon',
			'latchkey.yaml:4: upstreamCredentials.c.basic.password: must be 1 to 1024 characters',
		],
	},
	{
		says: 'a file of credentials that is not there',
		yaml: 'upstreamCredentials:\n  k:\n    cookie: { name: KISMET, valueFile: /nowhere/key }\n',
		lines: ['latchkey.yaml:2: upstreamCredentials.k: /nowhere/key cannot be read: ENOENT'],
	},
	{
		says: 'what only an upstream can use, and an https one',
		yaml: `upstreamCredentials:\n  k: { clientCertificate: { cert: c, key: k } }\nresources:\n${rule('path: /a, upstreamCa: ca.pem, stripQuery: [user]')}${rule('path: /b, upstream: "http://127.0.0.1:1", upstreamCredentials: k, upstreamCa: ca.pem')}`,
		lines: [
			'latchkey.yaml:4: resources.0.upstreamCa: is of no use without upstream',
			'latchkey.yaml:4: resources.0.stripQuery: is of no use without upstream',
			'latchkey.yaml:5: resources.1.upstreamCa: is of no use: the upstream is plain http',
			'latchkey.yaml:5: resources.1.upstreamCredentials: a client certificate needs an https upstream',
		],
	},
	{
		says: 'a preset, and what it says itself',
		yaml: 'resources:\n  - { preset: kismet, permission: p, methods: [GET], exact: true, path: /k }\n  - { preset: kismett }\n',
		lines: ['latchkey.yaml:3: resources.1.preset: expected one of "kismet"|"kura"'],
	},
	{
		says: 'a preset, and who may pass',
		yaml: 'resources:\n  - { preset: kismet, permission: p, methods: [GET], exact: true, path: /k }\n',
		lines: [
			'latchkey.yaml:2: resources.0.methods: is said by the preset kismet',
			'latchkey.yaml:2: resources.0.permission: is said by the preset kismet',
			'latchkey.yaml:2: resources.0.exact: is said by the preset kismet',
		],
	},
	{
		says: 'a preset below a path that can be read in several ways',
		yaml: 'resources:\n  - { preset: kura, path: /a/../b }\n',
		lines: ['latchkey.yaml:2: resources.0.path: /a/../b can be read in several ways'],
	},
	{
		says: 'a rule behind a preset that holds for all of it',
		yaml: 'resources:\n  - { preset: kismet }\n  - { path: /devices, permission: p }\n',
		lines: [
			'latchkey.yaml:3: resources.1: can never match: resources.0 (latchkey.yaml:2) comes first and holds for all of it; put this rule before it, or leave it out',
		],
	},
];
for (const { says, yaml, lines } of broken) {
	test(`rules that cannot be used stop the start: ${says}`, (t) => {
		t.deepEqual(linesOf(yaml).lines, lines);
	});
}

test('rules of a variable are told by its name', (t) => {
	const resources = JSON.stringify([{ permission: 'p' }, { path: '/a', permission: 'p' }]);
	t.deepEqual(linesOf('', { LATCHKEY_RESOURCES: resources }).lines, [
		'LATCHKEY_RESOURCES: resources.1: can never match: resources.0 (LATCHKEY_RESOURCES) comes first and holds for all of it; put this rule before it, or leave it out',
	]);
});

test('where all requests come from this machine, a rule that looks at addresses is warned of', (t) => {
	const yaml = `resources:\n${rule('from: [10.0.0.0/8]')}`;
	t.regex(linesOf(yaml).warnings.join('\n'), /^resources\.0\.from: all requests come from this machine/);
	t.deepEqual(linesOf(`trustedProxies: [127.0.0.1]\n${yaml}`).warnings, []);
	t.deepEqual(linesOf(`http: { host: 0.0.0.0, insecure: true }\n${yaml}`).warnings, []);
});

test('credentials that are off are warned of', (t) => {
	const yaml = `resources:\n${rule('path: /a, credentials: [password, basic, certificate]')}`;
	const off = (at: number, kind: string) => `resources.0.credentials.${at}: nobody can have it: ${kind} is off in auth`;
	t.deepEqual(linesOf(yaml).warnings, [off(1, 'basic')]);
	t.deepEqual(linesOf(`auth: { basic: true }\n${yaml}`).warnings, []);
	t.deepEqual(linesOf(`auth: { password: false, certificate: false }\n${yaml}`).warnings, [
		off(0, 'password'),
		off(1, 'basic'),
		off(2, 'certificate'),
	]);
	t.deepEqual(linesOf(`auth: { basic: true, sessions: false }\n${yaml}`).warnings, [
		off(0, 'password'),
		off(2, 'certificate'),
	]);
});

test('the rules of the documentation can be used', (t) => {
	const text = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8');
	const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
	t.true(blocks.length > 0);
	for (const yaml of blocks) t.deepEqual(linesOf(yaml).lines, [], yaml);
});

test('the digest of rules says nothing of secrets that stand in the configuration', (t) => {
	const digestWith = (secret: string) => {
		const upstreamCredentials = {
			a: { cookie: { name: 'K', value: secret } },
			b: { basic: { username: 'u', password: secret } },
			c: { bearer: secret },
		};
		return describedRules(readConfig({ settings: { upstreamCredentials }, env: {} })).digest;
	};
	t.is(digestWith('one'), digestWith('another'));
});
