import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { newCa, serverAuth } from '../_support/certificates.ts';
import { openWorkplace } from '../_support/command-line.ts';

/* `config check`, and the start: what a configuration says wrong is told in one clear line. */

const broken: Readonly<Record<string, string>> = {
	'an unknown key': 'htp: { port: 80 }\n',
	'an unknown key further down': 'session:\n  timeout: 900\n',
	'a word for a number': 'http:\n  port: eighty\n',
	'a number out of range': 'https: { cert: a.pem, key: b.pem, port: 70000 }\n',
	'plain http for other machines': 'http:\n  host: 0.0.0.0\n',
	'a store that there is not': 'store:\n  sessions: mysql://localhost\n',
	'no network': 'trustedProxies: [10.0.0.0/33]\n',
	'no YAML': 'banner: "unfinished\n',
	'a path that can be read in two ways':
		'resources:\n  - { path: /a/../b, permission: p, upstream: "http://127.0.0.1:9" }\n',
	'an audit file below a file': 'log:\n  auditFile: broken.yaml/audit.log\n',
	'an audit file in /proc': 'log: { auditFile: /proc/latchkey/audit.log }\n',
	'a database that is a folder': 'store: { sessions: "sqlite:/tmp" }\n',
	'certificates that are not there': 'https: { cert: server.pem, key: server-key.pem }\n',
};

const expected: Readonly<Record<keyof typeof broken, RegExp>> = {
	'an unknown key': /^latchkey: broken\.yaml:1: htp: there is no such key \(did you mean http\?\)$/,
	'an unknown key further down': /^latchkey: broken\.yaml:2: session\.timeout: there is no such key$/,
	'a word for a number': /^latchkey: broken\.yaml:2: http\.port: expected number, received string$/,
	'a number out of range': /^latchkey: broken\.yaml:1: https\.port: expected number to be <=65535$/,
	'plain http for other machines':
		/^latchkey: broken\.yaml:2: http\.host: plain http beyond this machine needs http\.insecure: true, or trustedProxies$/,
	'a store that there is not':
		/^latchkey: broken\.yaml:2: store\.sessions: must be sqlite:FILE, redis:\/\/…, redis\+sentinel:\/\/…, redis\+cluster:\/\/… or memory:$/,
	'no network': /^latchkey: broken\.yaml:1: trustedProxies\.0: must be an address or a CIDR: 10\.0\.0\.0\/8$/,
	'no YAML': /^latchkey: broken\.yaml:\d: Missing closing "quote$/,
	'a path that can be read in two ways':
		/^latchkey: broken\.yaml:2: resources\.0\.path: \/a\/\.\.\/b can be read in several ways$/,
	'an audit file below a file':
		/^latchkey: broken\.yaml:2: log\.auditFile: .*\/audit\.log cannot be made: .*\/broken\.yaml is no folder$/,
	'an audit file in /proc':
		/^latchkey: broken\.yaml:1: log\.auditFile: \/proc\/latchkey\/audit\.log cannot be made: \/proc takes no folders$/,
	'a database that is a folder': /^latchkey: broken\.yaml:1: store\.sessions: \/tmp is a folder$/,
	'certificates that are not there':
		/^latchkey: broken\.yaml:1: https: the certificate .*\/server\.pem cannot be read: ENOENT$/,
};

test('broken configurations: a clear line each, and status 1', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	for (const [says, yaml] of Object.entries(broken)) {
		await writeFile(join(place.folder, 'broken.yaml'), yaml);
		const { status, stdout, stderr } = await place.run(['config', 'check', '--config', 'broken.yaml']);
		t.is(status, 1, says);
		t.is(stdout, '', says);
		t.regex(stderr.replace(/\n$/, ''), expected[says] ?? /nothing/, says);
		t.log(stderr.trimEnd());
	}
});

test('what stops config check stops the start', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	for (const says of ['a word for a number', 'certificates that are not there', 'an audit file in /proc']) {
		await writeFile(join(place.folder, 'broken.yaml'), broken[says] ?? '');
		const { status, stderr } = await place.run(['serve', '--config', 'broken.yaml']);
		t.is(status, 1, says);
		t.regex(stderr.trimEnd(), expected[says] ?? /nothing/, says);
	}
});

test('a good configuration is said to be good, wherever it comes from', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const check = async (args: string[] = [], env: Record<string, string> = {}) =>
		place.run(['config', 'check', ...args], { env });
	t.deepEqual(await check(), { status: 0, stdout: 'latchkey.yaml: ok\n', stderr: '' });
	t.deepEqual(JSON.parse((await check(['--json'])).stdout), { file: 'latchkey.yaml', ok: true });

	const auth =
		'auth: { password: false, basic: true, certificate: false, statelessCertificate: true }\nsession: { bindCertificate: true }\n';
	await writeFile(join(place.folder, 'off.yaml'), auth);
	const warnings = [
		'auth.basic: is of no use while auth.password is false',
		'auth.statelessCertificate: is of no use while auth.certificate is false',
		'session.bindCertificate: is of no use while auth.certificate is false',
	];
	const warned = await check(['--config', 'off.yaml']);
	t.deepEqual([warned.status, warned.stdout], [0, 'off.yaml: ok\n']);
	t.deepEqual(warned.stderr, warnings.map((line) => `warning: ${line}\n`).join(''));
	const asJson = JSON.parse((await check(['--config', 'off.yaml', '--json'])).stdout);
	t.deepEqual(asJson, { file: 'off.yaml', ok: true, warnings });

	await writeFile(join(place.folder, 'other.yaml'), 'htp: 1\n');
	t.is((await check([], { LATCHKEY_CONFIG: 'other.yaml' })).status, 1, 'the environment names another file');
	t.is((await check(['--config', 'latchkey.yaml'], { LATCHKEY_CONFIG: 'other.yaml' })).status, 0, '--config wins');
});

test('the environment: unknown names, values, and files that hold them', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	await writeFile(join(place.folder, 'banner'), 'Authorized use only\n');
	const check = async (env: Record<string, string>) => {
		const { status, stderr } = await place.run(['config', 'check'], { env });
		return `${status} ${stderr.trimEnd()}`;
	};
	t.is(
		await check({ LATCHKEY_HTP_PORT: '1' }),
		'1 latchkey: LATCHKEY_HTP_PORT: there is no such setting (did you mean LATCHKEY_HTTP_PORT?)',
	);
	t.is(
		await check({ LATCHKEY_HTTP_PORT: 'x' }),
		'1 latchkey: LATCHKEY_HTTP_PORT: http.port: expected number, received string',
	);
	t.regex(await check({ LATCHKEY_BANNER_FILE: 'nowhere' }), /^1 latchkey: LATCHKEY_BANNER_FILE: ENOENT/);
	t.is(await check({ LATCHKEY_BANNER_FILE: join(place.folder, 'banner'), LATCHKEY_STORE_SESSIONS: 'memory:' }), '0 ');
	t.regex(
		await check({ LATCHKEY_ADMIN_PASSWORD_FILE: 'nowhere' }),
		/^1 latchkey: LATCHKEY_ADMIN_PASSWORD_FILE: ENOENT: [^\n]+$/,
	);
	await writeFile(join(place.folder, 'latin'), Buffer.from('caf\xe9 au lait matin\n', 'latin1'));
	t.is(
		await check({ LATCHKEY_ADMIN_PASSWORD_FILE: 'latin' }),
		'1 latchkey: LATCHKEY_ADMIN_PASSWORD_FILE: latin is not UTF-8',
	);
});

test('what is in force is named, whether a file says it or the environment', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const env = { LATCHKEY_BANNER: 'x', LATCHKEY_HTTP_PORT: '' };
	t.is((await place.run(['config', 'check'], { env })).stdout, 'latchkey.yaml, LATCHKEY_BANNER: ok\n');
	const json = JSON.parse((await place.run(['config', 'check', '--json'], { env })).stdout);
	t.deepEqual(json, { file: 'latchkey.yaml', environment: ['LATCHKEY_BANNER'], ok: true });
	await rm(place.file);
	t.is((await place.run(['config', 'check'])).stdout, 'the defaults: ok\n');
	t.is((await place.run(['config', 'check'], { env })).stdout, 'the defaults, LATCHKEY_BANNER: ok\n');
});

const up = 'upstream: "http://127.0.0.1:9"';
const surprising: { yaml: string; warned: RegExp[] }[] = [
	{
		yaml: `resources: [{ path: /, permission: p, ${up} }]`,
		warned: [/resources\.0\.path: not for \/, .*\/docs, .*\/console\/\*/],
	},
	{ yaml: `resources: [{ path: /docs, permission: p, ${up} }]`, warned: [/resources\.0\.path: not for \/docs: /] },
	{
		yaml: `resources: [{ path: /Console/x, permission: p, ${up} }]`,
		warned: [/resources\.0\.path: \/Console\/x is below \/console\/\*/],
	},
	{ yaml: 'resources: [{ path: /docs, permission: p }]', warned: [] },
	{ yaml: `resources: [{ path: /app, permission: p, ${up} }]`, warned: [] },
	{
		yaml: `{ console: { path: /door }, resources: [{ path: /docs, permission: p, ${up} }, { path: /console, permission: p, ${up} }] }`,
		warned: [],
	},
	{ yaml: `{ docs: { enabled: false }, resources: [{ path: /docs, permission: p, ${up} }] }`, warned: [] },
	{ yaml: 'allowedOrigins: ["http://localhost:5173", "http://127.0.0.1:1"]', warned: [] },
	{
		yaml: 'allowedOrigins: ["http://app.example.org"]',
		warned: [/allowedOrigins\.0: .* is another site than this machine/],
	},
	{
		yaml: '{ http: { host: 0.0.0.0, insecure: true }, allowedOrigins: ["http://app.example.org", "https://app.example.org"] }',
		warned: [/allowedOrigins\.1: .* is https, and this service is not/],
	},
	{
		yaml: '{ trustedProxies: [127.0.0.1/32], allowedOrigins: ["https://app.example.org", "https://example.org:81", "https://app.example.net"] }',
		warned: [/allowedOrigins\.2: .*example\.net and https:\/\/app\.example\.org are two sites/],
	},
];
test('what can be used, and does not do what one may expect, is warned of', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	for (const { yaml, warned } of surprising) {
		await writeFile(join(place.folder, 'broken.yaml'), yaml);
		const { status, stdout } = await place.run(['config', 'check', '--config', 'broken.yaml', '--json']);
		t.is(status, 0, yaml);
		const { warnings = [] } = JSON.parse(stdout) as { warnings?: string[] };
		t.is(warnings.length, warned.length, `${yaml}: ${warnings.join(' ')}`);
		for (const [at, pattern] of warned.entries()) t.regex(warnings[at] ?? '', pattern);
	}
	const { stdout, stderr } = await place.run(['config', 'check', '--config', 'broken.yaml']);
	t.is(stdout, 'broken.yaml: ok\n');
	t.regex(stderr, /^warning: allowedOrigins\.2: /);
});

test('all that is in force is shown, with where it comes from, and no secret', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	const secrets = ['hunter2-of-postgres', 'hunter2-of-kismet', 'hunter2-of-upstream', 'hunter2-in-the-query'];
	const [ofPostgres, ofKismet, ofUpstream, inQuery] = secrets;
	await writeFile(
		join(place.folder, 'shown.yaml'),
		[
			'http:',
			'  port: 8081',
			'networks: { lan: [10.0.0.0/8] }',
			`dialects: { kismet: { enabled: true, password: ${ofKismet} } }`,
			`upstreamCredentials: { them: { basic: { username: latchkey, password: ${ofUpstream} } } }`,
			'resources:',
			'  - { path: /x, from: [lan], permission: x, upstream: "http://127.0.0.1:9", upstreamCredentials: them }',
			'',
		].join('\n'),
	);
	const env = {
		LATCHKEY_STORE_IDENTITIES: `postgres://latchkey:${ofPostgres}@db/latchkey?sslpassword=${inQuery}`,
		LATCHKEY_TRUSTED_PROXIES: '10.0.0.1,10.0.0.2',
	};
	const shown = await place.run(['config', 'show', '--config', 'shown.yaml', '--json'], { env });
	t.is(shown.status, 0, shown.stderr);
	const all = JSON.parse(shown.stdout) as { key: string; value: unknown; from: string }[];
	const of = (key: string) => all.filter((each) => each.key === key).map(({ value, from }) => [value, from])[0];
	t.deepEqual(of('http.port'), [8081, 'shown.yaml:2']);
	t.deepEqual(of('http.host'), ['127.0.0.1', 'default']);
	t.deepEqual(of('networks.lan'), [['10.0.0.0/8'], 'shown.yaml:3']);
	t.deepEqual(of('resources.0.path'), ['/x', 'shown.yaml:7']);
	t.deepEqual(of('resources.0.exact'), [false, 'default']);
	t.deepEqual(of('trustedProxies'), [['10.0.0.1', '10.0.0.2'], 'LATCHKEY_TRUSTED_PROXIES']);
	const store = 'postgres://latchkey:(secret)@db/latchkey?sslpassword=(secret)';
	t.deepEqual(of('store.identities'), [store, 'LATCHKEY_STORE_IDENTITIES']);
	t.deepEqual(of('dialects.kismet.password'), ['(secret)', 'shown.yaml:4']);
	t.deepEqual(of('upstreamCredentials.them.basic.password'), ['(secret)', 'shown.yaml:5']);
	const asTable = await place.run(['config', 'show', '--config', 'shown.yaml'], { env });
	t.regex(asTable.stdout, /^KEY +VALUE +FROM\n/);
	t.regex(asTable.stdout, /^http\.port +8081 +shown\.yaml:2$/m);
	const rules = await place.run(['rules', 'show', '--config', 'shown.yaml', '--json'], { env });
	for (const secret of secrets) {
		for (const { stdout, stderr } of [shown, asTable, rules]) t.false((stdout + stderr).includes(secret), secret);
	}
	t.like(JSON.parse(rules.stdout).rules[0], { upstreamCredentials: 'them' });
});

test('a schema is printed for editors, whatever the configuration', async (t) => {
	const place = await openWorkplace();
	t.teardown(place.remove);
	await writeFile(place.file, 'htp: 1\n');
	const { status, stdout } = await place.run(['config', 'schema']);
	t.is(status, 0);
	t.is(JSON.parse(stdout).properties.http.properties.port.default, 8080);
});

const isRoot = process.getuid?.() === 0;
(isRoot ? test : test.skip)(
	`a file that somebody else has put into the folder is obeyed by nobody who did not name it${isRoot ? '' : ': only root can give files away'}`,
	async (t) => {
		const place = await openWorkplace();
		t.teardown(place.remove);
		await chown(place.file, 1234, 1234);
		for (const command of ['config check', 'identity list', 'serve']) {
			const { status, stderr } = await place.run(command.split(' '));
			t.is(status, 1, command);
			t.regex(
				stderr,
				/^latchkey: latchkey\.yaml here belongs to somebody else: --config latchkey\.yaml, if it is to be obeyed\n$/,
			);
		}
		t.is((await place.run(['config', 'check', '--config', 'latchkey.yaml'])).status, 0);
	},
);

for (const { untilDays, expired } of [
	{ untilDays: -1, expired: true },
	{ untilDays: 1, expired: false },
]) {
	test(`the check ${expired ? 'warns of' : 'takes'} a server certificate that ends in ${untilDays} days`, async (t) => {
		const place = await openWorkplace({ https: { cert: 'server.pem', key: 'server-key.pem' } });
		t.teardown(place.remove);
		const ca = await newCa('Server CA');
		const { cert, key } = await ca.issue({ purposes: [serverAuth], hosts: ['localhost'], fromDays: -9, untilDays });
		await writeFile(join(place.folder, 'server.pem'), cert);
		await writeFile(join(place.folder, 'server-key.pem'), key, { mode: 0o600 });
		const { status, stderr } = await place.run(['config', 'check']);
		t.is(status, 0);
		t.is(/^warning: https\.cert: \S*server\.pem has expired, on \d{4}-/m.test(stderr), expired, stderr);
	});
}
