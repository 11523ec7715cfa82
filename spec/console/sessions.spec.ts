import { createClient } from '../_support/client.ts';
import { onStage } from './on-stage.ts';
import { clerkPassword, signIn } from './scenes.ts';
import type { Stage } from './stage.ts';

const base = '/services/session/v1';

const agents = [
	'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
	'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/605',
	'curl/8.5.0',
];

/** ada, signed in three times elsewhere and once here. */
async function withOthers({ service, clock, open }: Stage) {
	await service.add('ada', clerkPassword);
	const others = agents.map(() => createClient(service));
	for (const [index, other] of others.entries()) {
		const body = { username: 'ada', password: clerkPassword };
		await other.post(`${base}/login/password`, body, { 'User-Agent': agents[index] ?? '' });
		clock.wind(120_000);
	}
	const page = await open();
	await signIn(page, 'ada', clerkPassword);
	await page.getByText('This browser').waitFor();
	return { page, others };
}

onStage(
	'each session is shown: device, address, since when, last activity, and which one is this',
	async (t, stage) => {
		stage.clock.wind(8 * 60_000);
		const { page } = await withOthers(stage);
		const rows = await page.getByRole('listitem').allInnerTexts();
		t.is(rows.length, 4);
		t.regex(
			rows[0] ?? '',
			/^Chrome on Linux\s*This browser\s*127\.0\.0\.1\s*Since .*\d:\d\d.* by password\s*Active just now$/,
		);
		t.regex(
			rows[1] ?? '',
			/^curl\/8\.5\.0\s*127\.0\.0\.1\s*Since .*\d:\d\d.* by password\s*Active 2 minutes ago, .*\d:\d\d/,
		);
		t.regex(rows[2] ?? '', /^Safari on iPhone/);
		t.regex(rows[3] ?? '', /^Firefox on Linux/);
	},
);

onStage('one session is ended, then all others; this one stays', async (t, stage) => {
	const { page, others } = await withOthers(stage);
	const alive = async () => Promise.all(others.map(async (other) => (await other.get(`${base}/xsrfToken`)).status));
	await page.getByRole('button', { name: /^Sign out Safari on iPhone/ }).click();
	await page.getByRole('status').filter({ hasText: 'Signed out: Safari on iPhone, 127.0.0.1.' }).waitFor();
	await page.getByText('Safari on iPhone', { exact: true }).waitFor({ state: 'detached' });
	t.deepEqual(await alive(), [200, 401, 200]);
	await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
	await page.getByRole('status').filter({ hasText: '2 sessions have ended.' }).waitFor();
	t.deepEqual(await alive(), [401, 401, 401]);
	t.is(await page.getByRole('listitem').count(), 1);
	t.is(await page.getByRole('button', { name: 'Sign out everywhere else' }).count(), 0, 'there is nothing left to end');
});

onStage('a session that ended by itself meanwhile is no trouble', async (t, stage) => {
	const { page, others } = await withOthers(stage);
	await others[2]?.fetchXsrfToken();
	await others[2]?.logout();
	await page.getByRole('button', { name: /^Sign out curl/ }).click();
	await page.getByRole('alert').filter({ hasText: 'It has ended already.' }).waitFor();
	t.pass();
});

onStage('a list that cannot be had is said so, and asked for again', async (t, stage) => {
	const { page } = await withOthers(stage);
	await page.route('**/sessions', (route) => route.abort());
	await page.reload();
	await page.getByRole('alert').filter({ hasText: 'The service cannot be reached.' }).waitFor();
	await page.unroute('**/sessions');
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByText('This browser').waitFor();
	t.is(await page.getByRole('alert').count(), 0);
});

onStage('an answer that comes late does not take the place of a newer one', async (t, stage) => {
	const { page, others } = await withOthers(stage);
	const asked = Promise.withResolvers<void>();
	const released = Promise.withResolvers<void>();
	await page.route(
		'**/sessions',
		async (route) => {
			const response = await route.fetch();
			asked.resolve();
			await released.promise;
			await route.fulfill({ response });
		},
		{ times: 1 },
	);
	// As another tab of this browser says it.
	const lookAnew = () => page.evaluate("new BroadcastChannel('latchkey').postMessage('session changed')");
	await lookAnew();
	await asked.promise;
	await others[2]?.fetchXsrfToken();
	await others[2]?.logout();
	await lookAnew();
	await page.getByText('curl/8.5.0', { exact: true }).waitFor({ state: 'detached' });
	const late = page.waitForResponse('**/sessions');
	released.resolve();
	await (await late).finished();
	await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
	t.is(await page.getByRole('listitem').count(), 3);
});

onStage('two sessions of the same browser are told apart, by eye and by ear', async (t, stage) => {
	const { page, service, clock } = stage;
	await service.add('ada', clerkPassword);
	const headers = { 'User-Agent': agents[0] ?? '' };
	for (let nth = 0; nth < 2; nth += 1) {
		await createClient(service).post(`${base}/login/password`, { username: 'ada', password: clerkPassword }, headers);
		clock.wind(2000);
	}
	await stage.open();
	await signIn(page, 'ada', clerkPassword);
	const buttons = page.getByRole('button', { name: /^Sign out Firefox on Linux, 127\.0\.0\.1, since .*\d:\d\d/ });
	await buttons.first().waitFor();
	const names = await Promise.all((await buttons.all()).map((button) => button.getAttribute('aria-label')));
	t.is(new Set(names).size, 2, names.join('; '));
	const rows = await page.getByRole('listitem').filter({ hasText: 'Firefox' }).allInnerTexts();
	t.is(new Set(rows).size, 2);
});
