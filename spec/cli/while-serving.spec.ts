import { spawnSync } from 'node:child_process';
import test from 'ava';
import { createClient } from '../_support/client.ts';
import { type ChildServer, openWorkplace, serve, type Workplace } from '../_support/command-line.ts';

/*
 * The command line beside a service that runs: on the same store, and honoured at once. One story, in order.
 */

const verify = '/services/auth/v1/verify?permission=rest.assets';
const password = 'four brown bears';
const nextPassword = 'seven green frogs';

let place: Workplace;
let server: ChildServer;

test.before(async () => {
	place = await openWorkplace({ secondFactor: { requiredFor: ['rest.safe'] } });
	server = await serve(place.folder);
});

test.after.always(async () => {
	await server.stop();
	await place.remove();
});

async function run(command: string, stdin = '') {
	const ran = await place.run(command.split(' '), { stdin });
	if (ran.status !== 0) throw new Error(`${command}: ${ran.stderr}`);
	return ran;
}

test.serial('the first start prints what to type, and typing it makes an administrator', async (t) => {
	const [line = ''] = /p=\$.*$/m.exec(server.said.stderr) ?? [];
	const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: place.folder, encoding: 'utf8' });
	t.is(status, 0, stderr);
	const [typed = ''] = stdout.split('\n');
	t.true(typed.length >= 24, 'a password of its own, which is shown');
	const browser = createClient(server);
	t.is((await browser.login('admin', typed)).status, 200);
	t.deepEqual((await browser.me()).body, { name: 'admin', passwordChangeNeeded: false, permissions: ['kura.admin'] });
});

test.serial('an identity that was added signs in at once', async (t) => {
	const { stdout } = await run(
		'identity add ada --password-stdin --permission rest.assets --permission rest.devices --json',
		`${password}\n`,
	);
	const { id, createdAt, ...shown } = JSON.parse(stdout);
	t.deepEqual(shown, {
		name: 'ada',
		permissions: ['rest.assets', 'rest.devices'],
		hasPassword: true,
		passwordChangeNeeded: false,
		disabled: false,
	});
	t.regex(id, /^[0-9a-f-]{36}$/);
	t.regex(createdAt, /^\d{4}-\d\d-\d\dT.*Z$/);
	t.is((await createClient(server).login('ada', password)).status, 200);
});

test.serial(
	'who must change the password is told so at login; who has none can sign in by certificate only',
	async (t) => {
		await run('identity add newcomer --password-stdin --must-change-password', password);
		t.deepEqual((await createClient(server).login('newcomer', password)).body, { passwordChangeNeeded: true });
		const { stdout } = await run('identity add device --json');
		t.is(JSON.parse(stdout).hasPassword, false);
		t.is((await createClient(server).login('device', password)).status, 401);
	},
);

test.serial('an operator may set a password that the policy refuses, and import a verifier of Kura’s', async (t) => {
	await run('identity add lazy --password-stdin --no-policy', 'pw');
	t.is((await createClient(server).login('lazy', 'pw')).status, 200);
	// base64 of the SHA-256 of `old password`
	await run('identity add veteran --verifier-stdin', `$kura-sha256$${await sha256('old password')}`);
	t.is((await createClient(server).login('veteran', 'old password')).status, 200);
	t.is((await createClient(server).login('veteran', 'old password')).status, 200);
});

async function sha256(text: string): Promise<string> {
	return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('base64');
}

test.serial('permissions that are taken away and given are so for the session that is open', async (t) => {
	const browser = createClient(server);
	await browser.login('ada', password);
	t.is((await browser.get(verify)).status, 200);
	await run('identity revoke ada rest.assets rest.devices');
	t.is((await browser.get(verify)).status, 403);
	await run('identity grant ada rest.assets');
	t.is((await browser.get(verify)).status, 200);
});

test.serial('one that asks for a second factor ends the session that is open without, and says so', async (t) => {
	await run('identity add guard --password-stdin', password);
	const browser = createClient(server);
	await browser.login('guard', password);
	t.is((await run('identity grant guard rest.assets')).stderr, 'guard now holds rest.assets\n');
	t.is((await browser.me()).status, 200);
	const { stderr } = await run('identity grant guard rest.safe');
	t.is(stderr, 'guard now holds rest.safe; that needs a second factor: its sessions have ended\n');
	t.is((await browser.me()).status, 401);
	t.like((await browser.login('guard', password)).body, { enrolmentNeeded: true });
	await run('identity remove guard');
});

test.serial('sessions are listed without a secret, and ended one by one or all of an identity', async (t) => {
	const browsers = [createClient(server), createClient(server), createClient(server)];
	for (const browser of browsers) await browser.login('ada', password);
	const { stdout } = await run('session list --identity ada --json');
	const sessions = JSON.parse(stdout) as { id: string; identity: string; state: string }[];
	t.true(sessions.length >= 3);
	t.true(sessions.every(({ identity, state }) => identity === 'ada' && state === 'open'));
	for (const { jar } of browsers) t.false(stdout.includes(jar.get('JSESSIONID') ?? ''));

	await run(`session end ${sessions[0]?.id}`);
	const alive = await Promise.all(browsers.map(async (browser) => (await browser.me()).status));
	t.deepEqual(alive, [200, 200, 401], 'the newest stands first');

	const table = (await run('session list')).stdout;
	const [short = ''] = new RegExp(`^${sessions[1]?.id.slice(0, 16)}`, 'm').exec(table) ?? [];
	await run(`session end ${short}`);
	t.is((await browsers[1]?.me())?.status, 401, 'an ID as short as the table shows it will do');

	t.regex((await run('session end --identity ada')).stderr, /^\d+ sessions? of ada ended\n$/);
	t.is((await browsers[0]?.me())?.status, 401);
});

test.serial('a password that an operator sets ends what was opened with the one before', async (t) => {
	const browser = createClient(server);
	await browser.login('ada', password);
	await run('identity set-password ada --password-stdin', nextPassword);
	t.is((await browser.me()).status, 401);
	t.is((await browser.login('ada', password)).status, 401);
	t.is((await browser.login('ada', nextPassword)).status, 200);
	await run('identity set-password ada --password-stdin --must-change-password', password);
	t.is((await browser.me()).status, 401);
	t.deepEqual((await browser.login('ada', password)).body, { passwordChangeNeeded: true });
});

test.serial('an identity that is disabled or removed is out at once', async (t) => {
	await run('identity set-password ada --password-stdin', nextPassword);
	const browser = createClient(server);
	await browser.login('ada', nextPassword);
	await run('identity disable ada');
	t.is((await browser.me()).status, 401);
	t.is((await browser.login('ada', nextPassword)).status, 401);
	await run('identity enable ada');
	t.is((await browser.login('ada', nextPassword)).status, 200);
	await run('identity remove ada');
	t.is((await browser.me()).status, 401);
	t.is((await browser.login('ada', nextPassword)).status, 401);
});

test.serial('identities are shown and listed, for people and for programs', async (t) => {
	t.is(JSON.parse((await run('identity show lazy --json')).stdout).name, 'lazy');
	const { stdout } = await run('identity list');
	t.regex(stdout, /^NAME +PASSWORD +STATE +LAST SIGN-IN +PERMISSIONS\n/);
	t.regex(stdout, /^admin +set +enabled +(never|[\dT:.-]+Z) +kura\.admin$/m);
	t.regex(stdout, /^device +none +enabled +(never|[\dT:.-]+Z) +-$/m);
	t.regex(stdout, /^newcomer +must change +enabled +never +-$/m);
	t.notRegex(stdout, /argon2|sha256|ada/);
	const names = JSON.parse((await run('identity list --json')).stdout).map(({ name }: { name: string }) => name);
	t.deepEqual(names, ['admin', 'device', 'lazy', 'newcomer', 'veteran']);
	t.regex((await run('identity list --state must-change-password --search NEW')).stdout, /\nnewcomer .*\n$/);
	t.regex((await run('identity list --permission rest.nothing')).stderr, /^no identity is like that\n$/);
});

test.serial('a second service on the same port says so, and leaves the first alone', async (t) => {
	const { port } = new URL(server.url);
	const { status, stderr } = await place.run(['serve'], { env: { LATCHKEY_HTTP_PORT: port } });
	t.is(status, 1);
	t.regex(stderr, new RegExp(`^latchkey: the address is in use: 127\\.0\\.0\\.1:${port}\\n$`));
	t.is((await createClient(server).get('/health/ready')).status, 200);
});
