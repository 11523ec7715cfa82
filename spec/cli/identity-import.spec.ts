import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';

/* From other systems, with their passwords: what moves over, what is skipped and why, and what no file may do to us. */

const password = 'four brown bears';
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

async function workplace(t: ExecutionContext) {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const file = (name: string, text: string | Buffer) => {
		writeFileSync(join(place.folder, name), text);
		return name;
	};
	const importing = (kind: string, name: string, ...more: string[]) =>
		place.run(['identity', 'import', '--from', kind, name, ...more]);
	const listed = async () => JSON.parse((await place.run(['identity', 'list', '--json'])).stdout) as Listed[];
	return { ...place, file, importing, listed };
}

interface Listed {
	readonly name: string;
	readonly permissions: string[];
	readonly hasPassword: boolean;
	readonly passwordChangeNeeded: boolean;
	readonly disabled: boolean;
}

function verifiers(folder: string): Map<unknown, unknown> {
	const database = new DatabaseSync(join(folder, 'data/latchkey.db'), { readOnly: true });
	try {
		const rows = database.prepare('SELECT name, password_verifier AS verifier FROM identity ORDER BY name').all();
		return new Map(rows.map(({ name, verifier }) => [name, verifier]));
	} finally {
		database.close();
	}
}

const component = 'org.eclipse.kura.internal.useradmin.store.RoleRepositoryStoreImpl';
const inXml = (value: unknown) => JSON.stringify(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const snapshot = (users: unknown, groups: unknown, head = '') => `<?xml version="1.0" encoding="UTF-8"?>
${head}<esf:configurations xmlns:esf="http://eurotech.com/esf/2.0" xmlns:ocd="http://www.osgi.org/xmlns/metatype/v1.2.0">
	<esf:configuration pid="org.eclipse.kura.clock.ClockService"><esf:properties>
		<esf:property array="false" encrypted="false" name="users.config" type="String"><esf:value>[{"name":"kura.user.mallory"}]</esf:value></esf:property>
	</esf:properties></esf:configuration>
	<esf:configuration pid="${component}"><esf:properties>
		<esf:property array="false" encrypted="false" name="users.config" type="String"><esf:value>${inXml(users)}</esf:value></esf:property>
		<esf:property array="false" encrypted="false" name="groups.config" type="String"><esf:value><![CDATA[${JSON.stringify(groups)}]]></esf:value></esf:property>
	</esf:properties></esf:configuration>
</esf:configurations>`;

test('a snapshot of Kura: passwords, rights, must-change; factory passwords always must change', async (t) => {
	const { folder, file, importing, listed, run } = await workplace(t);
	await run(['identity', 'add', 'Ann']);
	const users = [
		{ name: 'kura.user.admin', credentials: { 'kura.password': sha256('admin') } },
		{ name: 'kura.user.bob', credentials: { 'kura.password': sha256(password) } },
		{ name: 'kura.user.own', credentials: { 'kura.password': sha256('own') } },
		{
			name: 'kura.user.cleo',
			credentials: { 'kura.password': sha256(password) },
			properties: { 'kura.need.password.change': 'true' },
		},
		{ name: 'kura.user.robot' },
		{ name: 'kura.user.ann', credentials: { 'kura.password': sha256(password) } },
		{ name: 'somebody else' },
		{ name: 'kura.user.bytes', credentials: { 'kura.password': [1, 2, 3] } },
		{ name: 'kura.user.two\nlines' },
	];
	const groups = [
		{ name: 'kura.permission.kura.admin', basicMembers: ['kura.user.admin'] },
		{ name: 'kura.permission.rest.assets', basicMembers: ['kura.user.bob', 'kura.user.admin', 'kura.user.nobody'] },
		{ name: 'other', basicMembers: ['kura.user.bob'] },
	];
	const name = file('snapshot_0.xml', snapshot(users, groups));
	const trial = await importing('kura', name, '--dry-run');
	t.is(trial.status, 1);
	t.regex(trial.stdout, /^bob: would be imported$/m);
	t.is((await listed()).length, 1);
	t.is(verifiers(folder).size, 1);

	const { status, stdout, stderr } = await importing('kura', name);
	t.is(status, 1);
	t.deepEqual(stdout.trim().split('\n'), [
		'admin: imported (must change the password)',
		'bob: imported',
		'own: imported (must change the password)',
		'cleo: imported (must change the password)',
		'robot: imported (without a password)',
	]);
	t.regex(stderr, /^ann: skipped: that name is taken, or looks like one that is$/m);
	t.regex(stderr, /^somebody else: skipped: is no identity/m);
	t.regex(stderr, /^bytes: skipped: has a password in a form that is not known$/m);
	t.regex(stderr, /^two\ufffdlines: skipped: Latchkey can have no such name/m);
	t.regex(stderr, /^5 of 9 imported$/m);
	t.regex(stderr, /^latchkey: 4 skipped$/m);
	const people = new Map((await listed()).map((each) => [each.name, each]));
	t.deepEqual(people.get('admin')?.permissions, ['kura.admin', 'rest.assets']);
	t.deepEqual(people.get('bob')?.permissions, ['rest.assets']);
	t.false(people.get('robot')?.hasPassword);
	t.false(people.has('mallory'));
	t.regex((await importing('kura', name)).stderr, /^0 of 9 imported$/m);
});

test('everybody who was imported signs in once with the old password, and is kept as argon2id from then on', async (t) => {
	const { folder, file, importing } = await workplace(t);
	const users = [
		'users:',
		'  ada:',
		'    displayname: "Ada"',
		'    password: "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$mlGqKWEsNWDVLrbQ+Ho+hGw3qFz+h4h/VG5WSbtJ/Vo"',
		'    groups: [admins, dev]',
		'  bob:',
		'    disabled: true',
		'    password: "{CRYPT}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"',
		'  eve:',
		'    password: "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"',
		'    groups: ["two words"]',
		'  sam:',
		'    password: "{CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"',
		'    groups: []',
	].join('\n');
	const name = file('users_database.yml', users);
	const authelia = await importing('authelia', name, '--group', 'admins=ops.read');
	t.is(authelia.status, 1, authelia.stderr);
	t.regex(authelia.stdout, /^bob: imported \(disabled\)$/m);
	t.regex(authelia.stderr, /^eve: skipped: group\.two words is no permission/m);
	t.regex(authelia.stderr, /^until each of them has logged in once/m);
	const htpasswd = await importing(
		'htpasswd',
		file(
			'users.htpasswd',
			[
				'# people',
				'ulf:$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
				'weak:$apr1$qHDFfhPC$nITSVHgYbDAK1Y0acGRnY0',
				'sha:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
				'clear:password',
				'ulf:$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
				'dear:$2y$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
				'nothing',
				'',
			].join('\r\n'),
		),
	);
	t.is(htpasswd.stdout, 'ulf: imported\n');
	t.regex(htpasswd.stderr, /^weak: skipped: its password is kept in a weak form/m);
	t.regex(htpasswd.stderr, /^sha: skipped: its password is kept in a weak form/m);
	t.regex(htpasswd.stderr, /^dear: skipped: its verifier is of no kind that is known, or costs too much/m);
	t.regex(htpasswd.stderr, /^clear: skipped: its verifier/m);
	t.false(/W6ph5|nITSV|E5YPO|clear:password/.test(htpasswd.stderr), 'no verifier is shown');
	const conf = file('kismet_httpd.conf', `# made by Kismet\nhttpd_username=kismet\nhttpd_password=${password}\n`);
	t.is((await importing('kismet', conf)).stdout, 'kismet: imported\n');
	t.false(readFileSync(join(folder, 'data/latchkey.db')).includes(password));

	const service = await serve(folder);
	t.teardown(() => service.stop());
	const people = [
		['ada', 'password', 401],
		['sam', 'Hello world!', 200],
		['ulf', 'U*U', 200],
		['kismet', password, 200],
		['bob', 'Hello world!', 401],
	] as const;
	for (const [person, word, status] of people) {
		t.is((await createClient(service).login(person, 'not it')).status, 401, person);
		t.is((await createClient(service).login(person, word)).status, status, person);
		if (status !== 200) continue;
		t.regex(String(verifiers(folder).get(person)), /^\$argon2id\$v=19\$m=64,t=1,p=1\$/, person);
		t.is((await createClient(service).login(person, word)).status, 200, person);
		t.is((await createClient(service).login(person, 'not it')).status, 401, person);
	}
});

test('export and import go round, with verifiers and without; a dry run adds nobody', async (t) => {
	const one = await workplace(t);
	const add = (args: string[], stdin = '') => one.run(['identity', 'add', ...args], { stdin });
	await add(['ada', '--password-stdin', '--permission', 'kura.admin', '--permission', 'ops.read'], password);
	await add(['cert']);
	await add(['bob', '--password-stdin', '--must-change-password'], password);
	await add(['ci', '--service']);
	await add(['temp', '--for', '30d', '--password-stdin'], password);
	await one.run(['identity', 'disable', 'bob']);
	const exported = await one.run(['identity', 'export', '--with-verifiers']);
	t.is(exported.status, 0, exported.stderr);
	const bare = await one.run(['identity', 'export']);
	t.false(/argon2id/.test(bare.stdout));
	t.regex(bare.stderr, /^without verifiers/m);

	const other = await workplace(t);
	const name = other.file('people.json', exported.stdout);
	chmodSync(join(other.folder, name), 0o600);
	t.is((await other.importing('json', name, '--dry-run')).status, 0);
	t.deepEqual(await other.listed(), []);
	t.is((await other.importing('json', name)).status, 0);
	t.deepEqual(verifiers(other.folder), verifiers(one.folder));
	t.is(
		(await other.run(['identity', 'export', '--with-verifiers'])).stdout.replace(/"expiresAt":"[^"]*"/, ''),
		exported.stdout.replace(/"expiresAt":"[^"]*"/, ''),
	);
});

const json = (identities: unknown) => JSON.stringify({ format: 'latchkey-identities', version: 1, identities });

test('ten thousand are added in a few transactions, and none of their verifiers is hashed', async (t) => {
	const { folder, file, importing } = await workplace(t);
	const verifier = '$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
	const many = Array.from({ length: 10_000 }, (_, index) => ({ name: `person-${index}`, verifier }));
	const { status, stdout, stderr } = await importing('json', file('many.json', json(many)));
	t.is(status, 0, stderr);
	t.is(stdout.trimEnd().split('\n').length, 10_000);
	const kept = verifiers(folder);
	t.is(kept.size, 10_000);
	t.deepEqual(new Set(kept.values()), new Set([verifier]));
});

const laughs = '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';
const hostile: readonly (readonly [says: string, kind: string, text: string | Buffer, reason: RegExp])[] = [
	['billion laughs', 'kura', snapshot([], [], laughs), /declares a document type/],
	['an entity that nobody declared', 'kura', '<a>&lol;</a>', /is not XML/],
	['no end', 'kura', '<a>', /is not XML/],
	[
		'what an encrypted snapshot looks like',
		'kura',
		'q1oNoXvbwq3XUv7Hoh1TtA==-Z0x',
		/is not XML; a snapshot may be encrypted/,
	],
	['another component', 'kura', '<a/>', /there is no users.config/],
	[
		'the component twice',
		'kura',
		snapshot([{ name: 'kura.user.a' }], []).replace('org.eclipse.kura.clock.ClockService', component),
		/stands in it twice/,
	],
	[
		'a key twice',
		'kura',
		snapshot([], []).replace('>[]</esf:value>', '>[{"name":"kura.user.a","name":"kura.user.b"}]</esf:value>'),
		/a key stands twice/,
	],
	[
		'YAML of a billion laughs',
		'authelia',
		'a: &a [x, x]\nb: &b [*a, *a]\nusers: *b\n',
		/not YAML, has a key twice, or aliases/,
	],
	[
		'the same name twice',
		'authelia',
		'users:\n  a: { password: x }\n  a: { password: y }\n',
		/not YAML, has a key twice/,
	],
	['no users', 'authelia', 'users: 7', /no users file of Authelia/],
	['much depth', 'json', '['.repeat(100_000), /is not JSON/],
	[
		'a key twice',
		'json',
		'{"format":"latchkey-identities","version":1,"version":1,"identities":[]}',
		/a key stands twice/,
	],
	['a key that is none of ours', 'json', json([{ name: 'a', admin: true }]), /identities\.0/],
	['another version', 'json', '{"format":"latchkey-identities","version":2,"identities":[]}', /version/],
	['nobody', 'json', json([]), /there is nobody in it/],
	['keys of Kismet', 'kismet', '[{"name":"web","token":"A0"}]', /--from kismet-keys takes them over/],
	['a login twice', 'kismet', 'httpd_username=a\nhttpd_username=b\nhttpd_password=c', /stands in it twice/],
	['another encoding', 'htpasswd', Buffer.from([0x61, 0xff, 0x3a]), /is not UTF-8/],
];

test('no file makes us busy, or is half taken: one line, status 1, and nobody is added', async (t) => {
	const { file, importing, listed, folder, run } = await workplace(t);
	for (const [says, kind, text, reason] of hostile) {
		const { status, stdout, stderr } = await importing(kind, file('hostile', text));
		t.is(status, 1, says);
		t.is(stdout, '', says);
		t.regex(stderr, reason, says);
		t.is(stderr.trimEnd().split('\n').length, 1, `${says}: ${stderr}`);
	}
	const long = openSync(join(folder, 'long'), 'w');
	ftruncateSync(long, 2 ** 30);
	closeSync(long);
	t.regex((await importing('htpasswd', 'long')).stderr, /^latchkey: long is longer than 64 MiB\n$/);
	t.regex((await importing('htpasswd', 'absent')).stderr, /^latchkey: .*absent/);
	t.is((await run(['identity', 'import', '--from', 'ldap', 'long'])).status, 2);
	t.is((await run(['identity', 'import', 'long'])).status, 2);
	t.deepEqual(await listed(), []);
});

test('names and rights that cannot be, and times that are over, are skipped one by one', async (t) => {
	const { file, importing, listed } = await workplace(t);
	const people = [
		{ name: 'a\0b' },
		{ name: 'operator' },
		{ name: '..' },
		{ name: 'ok', permissions: ['ops.read'] },
		{ name: 'O\u212a' },
		{ name: 'bad', permissions: ['ops read'] },
		{ name: 'late', expiresAt: '2020-01-01T00:00:00Z' },
		{ name: 'svc', service: true, verifier: '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5' },
		{ name: '\u001b[31mred' },
		{ name: 'long', verifier: `$5$rounds=999999999$saltstring$${'A'.repeat(43)}` },
	];
	const { status, stdout, stderr } = await importing('json', file('people.json', json(people)));
	t.is(status, 1);
	t.is(stdout, 'ok: imported (without a password)\n');
	t.regex(stderr, /^1 of 10 imported$/m);
	t.false(stderr.includes('\u001b['));
	t.deepEqual(
		(await listed()).map(({ name }) => name),
		['ok'],
	);
});

test('the keys of Kismet go on as they are, each for a program of its own that holds its role', async (t) => {
	const { folder, file, importing, listed, run, configure } = await workplace(t);
	await configure({ dialects: { kismet: { enabled: true, keyLifetimeDays: 100, roles: { drone: 'fleet.drone' } } } });
	const hex = () => randomBytes(16).toString('hex').toUpperCase();
	const [capture, reader, drone, past, soon] = [hex(), hex(), hex(), hex(), hex()];
	const now = Math.floor(Date.now() / 1000);
	const key = (token: unknown, name: string, role: string, expires = 0) => ({
		token,
		name,
		role,
		created: now,
		accessed: now,
		expires,
	});
	const keys = [
		key(capture, 'remote-1', 'datasource'),
		key(reader, 'grafana', 'readonly', now + 3600 * 24 * 365),
		key(drone, 'drone', 'drone'),
		key(soon, 'soon', 'scanreport', now + 3600),
		key(past, 'past', 'readonly', now - 1),
		key(hex(), 'web logon', 'admin'),
		key('eyJhbGciOiJIUzI1NiJ9.e30.x', 'jwt', 'admin'),
		key(hex(), 'grafana', 'admin'),
		key(capture, 'again', 'readonly'),
		key(hex(), 'odd', 'two words'),
	];
	const name = file('session.db', JSON.stringify(keys));
	const trial = await importing('kismet-keys', name, '--dry-run');
	t.regex(trial.stdout, /^remote-1: would be imported$/m);
	t.deepEqual(await listed(), []);

	const { status, stdout, stderr } = await importing('kismet-keys', name);
	t.is(status, 1);
	t.deepEqual(stdout.trim().split('\n').sort(), [
		'drone: imported',
		'grafana: imported',
		'remote-1: imported',
		'soon: imported',
	]);
	t.regex(stderr, /^past: skipped: its time is over$/m);
	t.regex(stderr, /^web logon: skipped: is the login of Kismet itself, and no key$/m);
	t.regex(stderr, /^jwt: skipped: its key is in a form that is not known$/m);
	t.regex(stderr, /^grafana: skipped: that name is taken/m);
	t.regex(stderr, /^again: skipped: its key is here already, under another name$/m);
	t.regex(stderr, /^odd: skipped: its name or its role is none/m);
	for (const text of [capture, reader, past]) t.false((stdout + stderr).includes(text));
	const people = new Map((await listed()).map((each) => [each.name, each]));
	t.deepEqual([...people.keys()].sort(), ['drone', 'grafana', 'remote-1', 'soon']);
	t.deepEqual(people.get('remote-1')?.permissions, ['kismet.datasource']);
	t.deepEqual(people.get('drone')?.permissions, ['fleet.drone']);
	const tokens = JSON.parse((await run(['token', 'list', '--json'])).stdout) as { name: string; expiresAt: string }[];
	const days = (one: string) =>
		Math.round((Date.parse(tokens.find((each) => each.name === one)?.expiresAt ?? '') - Date.now()) / 36_000) / 2400;
	t.is(tokens.length, 4);
	t.deepEqual([days('remote-1'), days('grafana')].map(Math.round), [100, 100], 'no longer than a key lives here');
	t.true(days('soon') < 0.05);
	t.false(readFileSync(join(folder, 'data/latchkey.db')).includes(capture), 'kept is a digest');

	const server = await serve(folder);
	t.teardown(() => server.stop());
	const status2 = async (text: string, path: string) =>
		(await fetch(server.url + path, { headers: { Cookie: `KISMET=${text}` } })).status;
	t.is(await status2(capture, '/services/auth/v1/verify?permission=kismet.datasource'), 200);
	t.is(await status2(capture, '/services/auth/v1/verify?permission=kismet.readonly'), 403);
	t.is(await status2(reader, '/services/auth/v1/verify?permission=kismet.readonly'), 200);
	t.is(await status2(past, '/services/auth/v1/verify?permission=kismet.readonly'), 401);
	await run(['token', 'end', '--identity', 'remote-1']);
	t.is(await status2(capture, '/services/auth/v1/verify?permission=kismet.datasource'), 401);
});
