import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { openWorkplace, type Workplace } from '../_support/command-line.ts';

/* `rules show`, `rules explain`: the rules in force, where each is written, and why one lets a request pass. */

const yaml = `portal: { url: "https://login.example.org" }
passwordHash: { memory: 64, iterations: 1, parallelism: 1 }
networks: { lan: [10.0.0.0/8, "fd00::/8"] }
resources:
  - { hosts: [WIKI.example.org], path: /assets, methods: [GET], access: public, upstream: "http://127.0.0.1:3000" }
  - hosts: [wiki.example.org]
    paths: [/admin]
    from: [lan]
    permission: wiki.admin
    xsrf: origin
    upstream: http://127.0.0.1:3000
  - { hosts: [wiki.example.org], permissions: { any: [wiki.read, wiki.write], all: [staff] }, upstream: "http://127.0.0.1:3000" }
  - { suffixes: [.cmd], websocket: false, access: authenticated }
`;

let place: Workplace;

test.before(async () => {
	place = await openWorkplace();
	await writeFile(place.file, yaml);
	const added = ['identity', 'add', 'ada', '--permission', 'wiki.read', '--permission', 'staff'];
	const { status, stderr } = await place.run(added);
	if (status !== 0) throw new Error(stderr);
});
test.after.always(() => place?.remove());

const rows = (stdout: string) =>
	stdout
		.trimEnd()
		.split('\n')
		.map((line) => line.split(/ {2,}/));

test.serial('the list as it is in force: in order, read and completed, with file and line', async (t) => {
	const { status, stdout } = await place.run(['rules', 'show']);
	t.is(status, 0);
	t.deepEqual(rows(stdout), [
		['RULE', 'WRITTEN AT', 'HOSTS', 'PATHS', 'METHODS', 'FROM', 'WHO', 'XSRF', 'UPSTREAM'],
		[
			'1',
			'latchkey.yaml:5',
			'wiki.example.org',
			'/assets',
			'GET, HEAD',
			'anywhere',
			'public',
			'always',
			'http://127.0.0.1:3000',
		],
		[
			'2',
			'latchkey.yaml:6',
			'wiki.example.org',
			'/admin',
			'all',
			'10.0.0.0/8, fd00::/8',
			'wiki.admin',
			'origin',
			'http://127.0.0.1:3000',
		],
		[
			'3',
			'latchkey.yaml:12',
			'wiki.example.org',
			'every path',
			'all',
			'anywhere',
			'staff and (wiki.read or wiki.write)',
			'always',
			'http://127.0.0.1:3000',
		],
		['4', 'latchkey.yaml:13', 'every host', '….cmd', 'all, no websocket', 'anywhere', 'authenticated', 'always', '-'],
	]);
});

test.serial('as JSON, with a digest that names what is in force and not how it is written', async (t) => {
	const shown = async () => JSON.parse((await place.run(['rules', 'show', '--json'])).stdout);
	const { digest, rules } = await shown();
	t.regex(digest, /^[0-9a-f]{64}$/);
	t.like(rules[1], {
		number: 2,
		key: 'resources.1',
		writtenAt: 'latchkey.yaml:6',
		hosts: ['wiki.example.org'],
		paths: ['/admin'],
		from: ['10.0.0.0/8', 'fd00::/8'],
		permissions: { all: ['wiki.admin'] },
		xsrf: 'origin',
		upstream: 'http://127.0.0.1:3000',
	});
	await writeFile(place.file, `# a line more\n${yaml}`);
	const moved = await shown();
	t.is(moved.digest, digest);
	t.is(moved.rules[0].writtenAt, 'latchkey.yaml:6');
	await writeFile(place.file, yaml.replace('wiki.admin', 'wiki.root'));
	t.not((await shown()).digest, digest);
	await writeFile(place.file, yaml);
});

const ask = (...args: string[]) => place.run(['rules', 'explain', ...args]);

test.serial('why, for people; and the status says whether it is let through', async (t) => {
	const stranger = await ask('GET', 'https://wiki.example.org/admin', '--from', '10.1.2.3');
	t.is(
		stranger.stdout,
		[
			'not let through: nobody is signed in',
			'  rule      2, latchkey.yaml:6: wiki.example.org; /admin; from 10.0.0.0/8, fd00::/8 → wiki.admin',
			'  a page    302 to https://login.example.org/?return=https%3A%2F%2Fwiki.example.org%2Fadmin',
			'  a script  401 session-missing: The current session is not valid',
			'  missing   a session: sign in',
			'  missing   the permission wiki.admin',
			'',
		].join('\n'),
	);
	t.deepEqual([stranger.status, stranger.stderr], [1, '']);
	const nobody = await ask('GET', 'https://wiki.example.org/admin', '--from', '10.1.2.3', '--as', 'nobody');
	t.deepEqual(nobody, stranger);

	const own = await ask('get', 'https://login.example.org/', '--from', '192.0.2.1', '--as', 'ada');
	t.is(own.status, 1, 'the console stands at / there');
	t.regex(own.stdout, /^not let through: Latchkey answers \/ by itself/);
	const page = await ask('get', 'https://wiki.example.org/start', '--from', '192.0.2.1', '--as', 'ada');
	t.is(page.status, 0);
	t.regex(page.stdout, /^let through: ada holds what the rule asks for\n/);
	const socket = await ask('GET', 'https://wiki.example.org/live', '--websocket', '--from', '::1', '--as', 'ada');
	t.regex(socket.stdout, /\n {2}WebSocket /);
});

test.serial('permissions can be assumed, and an identity is then not needed, nor a store', async (t) => {
	const at = ['--from', '10.0.0.1'];
	const assumed = ['--permission', 'wiki.admin'];
	const without = { env: { LATCHKEY_STORE_IDENTITIES: 'postgres://127.0.0.1:1/none' } };
	const url = 'https://wiki.example.org/admin';
	t.is((await place.run(['rules', 'explain', 'GET', url, ...at, ...assumed], without)).status, 0);
	t.is((await ask('GET', url, ...at, '--permission', 'wiki.read')).status, 1);
	t.is((await ask('GET', url, ...at, '--as', 'ada')).status, 1);
	const lent = await ask('GET', url, ...at, '--as', 'ada', ...assumed, '--json');
	t.is(lent.status, 0);
	t.like(JSON.parse(lent.stdout), { passes: true, as: 'ada', rule: { number: 2, writtenAt: 'latchkey.yaml:6' } });
});

test.serial(
	'an identity of a service, and one without the second factor that everybody must have, are not let through',
	async (t) => {
		const url = 'https://wiki.example.org/start';
		const own = ['--permission', 'wiki.read', '--permission', 'staff'];
		t.is((await place.run(['identity', 'add', 'bot', '--service', ...own])).status, 0);
		const bot = await ask('GET', url, '--from', '::1', '--as', 'bot');
		t.is(bot.status, 1);
		t.regex(bot.stdout, /^not let through: bot is of a service: ask with its token\n/);
		t.regex(bot.stdout, /\n {2}missing {3}an API token\n$/);
		const eve = ['identity', 'add', 'eve', '--password-stdin', ...own];
		t.is((await place.run(eve, { stdin: 'seven green frogs' })).status, 0);
		t.is((await ask('GET', url, '--from', '::1', '--as', 'eve')).status, 0);
		await writeFile(place.file, `${yaml}secondFactor: { required: everybody }\n`);
		t.teardown(() => writeFile(place.file, yaml));
		t.is((await ask('GET', url, '--from', '::1', '--as', 'ada')).status, 0, 'a certificate is never asked for more');
		const alone = await ask('GET', url, '--from', '::1', '--as', 'eve');
		t.is(alone.status, 1);
		t.regex(alone.stdout, /\n {2}missing {3}a second factor: set one up first\n/);
		// Somebody who is assumed has one.
		t.is((await ask('GET', url, '--from', '::1', ...own)).status, 0);
	},
);

test.serial('a token asks by its id, and is not given away', async (t) => {
	const made = JSON.parse(
		(await place.run(['token', 'add', 'ada', '--permission', 'wiki.read', '--network', '10.0.0.0/8', '--json'])).stdout,
	);
	const page = ['GET', 'https://wiki.example.org/start'];
	const passed = await ask(...page, '--token', made.id, '--from', '10.0.0.1');
	t.is(passed.status, 1);
	t.regex(passed.stdout, /^not let through: the token \w{12} of ada lacks staff\n/);
	t.regex(passed.stdout, /\n {2}a program +403 permission-missing: /);
	t.regex(passed.stdout, /\n {2}missing +the permission staff in the token\n/);
	t.regex(
		(await ask(...page, '--token', made.id)).stdout,
		/rules look at the address of the client|say from where it asks/,
	);
	const json = JSON.parse((await ask(...page, '--token', made.id, '--from', '10.0.0.1', '--json')).stdout);
	t.like(json, { passes: false, as: 'ada', token: made.id });
	for (const [args, message] of [
		[['--token', made.token], /must be the id of a token/],
		[['--token', 'aaaaaaaaaaaa'], /there is no API token aaaaaaaaaaaa, or it has ended/],
		[['--token', made.id, '--as', 'ada'], /leave --as and --permission out/],
	] as const) {
		const { status, stdout, stderr } = await ask(...page, ...args);
		t.deepEqual([status, stdout], [2, '']);
		t.regex(stderr, message);
		t.false(stderr.includes(made.token.slice(16)));
	}
});

test.serial('what is no question is wrong usage, and what is no configuration is none', async (t) => {
	const url = 'https://wiki.example.org/x';
	const wrong: [string[], RegExp][] = [
		[['GET', '/admin'], /^latchkey: url: must be http:\/\/HOST\/PATH or https:\/\/HOST\/PATH$/],
		[['GRAB', url], /^latchkey: method: must be a method of HTTP$/],
		[['GET', url, '--from', 'here'], /^latchkey: from: must be an address$/],
		[['GET', url, '--as', 'bob'], /^latchkey: there is no identity bob$/],
		[['GET', url, '--permission', 'a b'], /^latchkey: a b cannot be a permission$/],
		[['GET', url, '--permission', 'a', '--as', 'nobody'], /^latchkey: nobody holds no permission/],
		[['GET'], /^error: missing required argument/],
	];
	for (const [args, message] of wrong) {
		const { status, stdout, stderr } = await ask(...args);
		t.deepEqual([status, stdout], [2, ''], args.join(' '));
		t.regex(stderr.split('\n')[0] ?? '', message);
	}
	await writeFile(place.file, 'resources: [{ path: /a }]\n');
	const { status, stderr } = await ask('GET', url);
	await writeFile(place.file, yaml);
	t.is(status, 1);
	t.regex(stderr, /^latchkey: latchkey\.yaml:1: resources\.0\.permission: is missing/);
});

test.serial('no rules are said to be none', async (t) => {
	await writeFile(place.file, '{}\n');
	t.regex((await place.run(['rules', 'show'])).stdout, /^no rules: /);
	await writeFile(place.file, yaml);
});
