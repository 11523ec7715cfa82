import test from 'ava';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve, type Workplace } from '../_support/command-line.ts';

/* `latchkey identity invite`, in the terminal and while the service runs. */

const base = '/services/session/v1';

let place: Workplace;
test.before(async () => {
	place = await openWorkplace();
	await place.run(['identity', 'add', 'ada']);
	await place.run(['identity', 'add', 'ci', '--service']);
});
test.after.always(() => place.remove());

test.serial('a link that is printed while the service runs sets the password of the person', async (t) => {
	const server = await serve(place.folder);
	t.teardown(() => server.stop());
	const { status, stdout, stderr } = await place.run(['identity', 'invite', 'ada']);
	t.is(status, 0, stderr);
	const [, code] = /^\/#\/invitation\/([a-z2-7]{26})\n$/.exec(stdout) ?? [];
	t.regex(
		stderr,
		/^portal\.url is not set: .*\ninvitation of ada, good once, until \d{4}-.*; it is not shown again\n$/,
	);
	const told = await createClient(server).post(`${base}/invitation`, { code });
	t.like(told.body as object, { for: 'first-sign-in', username: 'ada' });
	const password = 'seven green frogs';
	t.is((await createClient(server).post(`${base}/invitation/acceptance`, { code, password })).status, 200);
	t.is((await createClient(server).login('ada', password)).status, 200);
});

test.serial('with portal.url it has that host; for programs as JSON', async (t) => {
	await place.configure({ portal: { url: 'https://login.example.org/sign-in' } });
	const { stdout, stderr } = await place.run([
		'identity',
		'invite',
		'ada',
		'--json',
		'--hours',
		'1',
		'--for',
		'new-password',
	]);
	t.is(stderr, '');
	const { url, expiresAt, ...others } = JSON.parse(stdout);
	t.deepEqual(others, { for: 'new-password' });
	t.regex(url, /^https:\/\/login\.example\.org\/sign-in\/#\/invitation\/[a-z2-7]{26}$/);
	const left = Date.parse(expiresAt) - Date.now();
	t.true(left > 0 && left <= 3_600_000);
});

const refusals: [string, string[], number, RegExp][] = [
	['nobody', ['nobody'], 1, /there is no identity nobody/],
	['a service', ['ci'], 1, /ci: an identity of a service has no password/],
	['more than a week', ['ada', '--hours', '169'], 2, /a number from 1 to 168/],
	['no time at all', ['ada', '--hours', '0'], 2, /a number from 1 to 168/],
	['another purpose', ['ada', '--for', 'fun'], 2, /first-sign-in, new-password/],
	['a new factor, where there is none', ['ada', '--for', 'new-factor'], 1, /ada: it has no second factor that another/],
	['a QR code for a pipe', ['ada', '--qr'], 1, /--qr needs a terminal/],
];
for (const [what, args, expected, words] of refusals) {
	test.serial(`is refused: ${what}`, async (t) => {
		const { status, stdout, stderr } = await place.run(['identity', 'invite', ...args]);
		t.is(status, expected);
		t.is(stdout, '');
		t.regex(stderr, words);
	});
}

test.serial('is refused: where logins by password are off', async (t) => {
	await place.configure({ auth: { password: false } });
	const { status, stderr } = await place.run(['identity', 'invite', 'ada']);
	t.is(status, 1);
	t.regex(stderr, /logins by password are switched off/);
});
