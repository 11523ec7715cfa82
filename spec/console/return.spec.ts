import type { ExecutionContext } from 'ava';
import { createHandClock, minuteMs } from '../_support/hand-clock.ts';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { onStage } from './on-stage.ts';
import { changeAndSignIn, clerkPassword, signIn } from './scenes.ts';
import type { Setting, Stage } from './stage.ts';

/*
 * In a real Chromium, through our own proxy: somebody opens a link into an application, is led to sign in, and lands.
 */

const page = `<!doctype html><title>inside</title><h1>Inside</h1>
<form method="post" action="/app/save"><button>Save</button></form>`;

const clock = createHandClock(Date.now());

async function behind(): Promise<Setting> {
	const upstream = await startUpstream((_, res) => void res.setHeader('Content-Type', 'text/html').end(page));
	const at = (path: string, permission: string) => ({ path, permission, xsrf: 'unsafe', upstream: upstream.url });
	const resources = [
		{ ...at('/app/fresh', 'rest.jewels'), maxAge: 60 },
		{ ...at('/app/sure', 'rest.jewels'), assuranceLevel: 2 },
		...[at('/app', 'rest.jewels'), at('/vault', 'rest.vault')],
	];
	const service = await startService({ resources }, clock);
	await service.add('ada', clerkPassword, { permissions: ['rest.jewels'] });
	await service.add('eve', clerkPassword, { permissions: ['rest.jewels'], mustChange: true });
	const close = async () => {
		await service.close();
		upstream.close();
	};
	return { service: { ...service, close } };
}

async function lands(t: ExecutionContext, { page, service }: Stage, path: string) {
	await page.getByRole('heading', { name: 'Inside' }).waitFor();
	t.is(page.url(), service.url + path);
}

onStage(
	'a deep link with a fragment: led, signed in, there; and back is not the sign-in page',
	async (t, stage) => {
		await stage.open({ path: '/app/d/7?x=1#part-2' });
		t.is(await stage.page.title(), 'Sign in – Latchkey');
		await signIn(stage.page, 'ada', clerkPassword);
		await lands(t, stage, '/app/d/7?x=1#part-2');
		// Signed in already, on at once.
		const other = await stage.newPage();
		await other.goto(`${stage.service.url}/?return=${encodeURIComponent(`${stage.service.url}/app/other`)}`);
		await other.getByRole('heading', { name: 'Inside' }).waitFor();
		t.is(other.url(), `${stage.service.url}/app/other`);
		// Signed out, the next click is the sign-in page.
		await other.goto(stage.service.url);
		await other.getByRole('button', { name: 'Sign out', exact: true }).click();
		await other.getByText('You have signed out').waitFor();
		await stage.page.getByRole('button', { name: 'Save' }).click();
		await stage.page.getByRole('heading', { name: 'Sign in' }).waitFor();
		t.is(new URL(stage.page.url()).searchParams.get('return'), `${stage.service.url}/app/save`);
	},
	behind,
);

onStage(
	'a password that must be changed comes in between, and the way stays known',
	async (t, stage) => {
		const { page } = stage;
		await stage.open({ path: '/app/d/7#part-2' });
		await signIn(page, 'eve', clerkPassword);
		await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
		await page.reload();
		await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
		await page.getByLabel('Current password').fill(clerkPassword);
		await changeAndSignIn(page, 'eve', 'quite another secret 7');
		await lands(t, stage, '/app/d/7#part-2');
	},
	behind,
);

onStage(
	'who may not is told what is missing, and can be somebody else, or stay',
	async (t, stage) => {
		const { page } = stage;
		await stage.open({ path: '/vault' });
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
		t.is(await page.getByRole('alert').textContent(), 'The permission rest.vault is needed.');
		await page.getByText('You are signed in as ada').waitFor();
		await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
		await page.getByRole('heading', { name: 'Sign in' }).waitFor();
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
		await page.getByRole('button', { name: 'Stay here' }).click();
		await page.getByRole('heading', { name: 'My applications' }).waitFor();
		t.is(page.url(), `${stage.service.url}/`);
	},
	behind,
);

onStage(
	'a page that somebody may not see leads to being somebody else, who is asked first, and back',
	async (t, stage) => {
		const { page, service } = stage;
		await service.add('vic', clerkPassword, { permissions: ['rest.vault'] });
		await stage.open();
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('heading', { name: 'My applications' }).waitFor();
		await page.goto(`${service.url}/vault/7?x=1`);
		await page.getByText('Signed in as ada').waitFor();
		await page.getByRole('link', { name: 'Sign in as somebody else' }).click();
		await page.getByRole('button', { name: 'Sign out and go on' }).waitFor();
		t.is((await page.request.get(`${service.url}/services/session/v1/xsrfToken`)).status(), 200, 'nothing ended yet');
		await page.getByRole('button', { name: 'Sign out and go on' }).click();
		await signIn(page, 'vic', clerkPassword);
		await lands(t, stage, '/vault/7?x=1');
		// Signed out meanwhile: nobody is asked twice.
		await stage.context.clearCookies();
		await stage.open({ path: `/?return=${encodeURIComponent(`${service.url}/app/x`)}&switch` });
		await signIn(page, 'ada', clerkPassword);
		await lands(t, stage, '/app/x');
	},
	behind,
);

onStage(
	'an address of nobody is told, and not gone to',
	async (t, stage) => {
		const { page } = stage;
		const evil = ['https://evil.example/', '//evil.example', 'javascript:alert(1)', '/\\evil.example'];
		await stage.open({ path: `/?return=${encodeURIComponent(evil[0] ?? '')}` });
		await signIn(page, 'ada', clerkPassword);
		for (const address of evil) {
			await stage.open({ path: `/?return=${encodeURIComponent(address)}` });
			await page.getByRole('heading', { name: 'Unknown address' }).waitFor();
			t.regex(
				(await page.getByRole('alert').textContent()) ?? '',
				/That address is none of those that this service leads to/,
			);
		}
	},
	behind,
);

onStage(
	'an address that sends one right back is not gone to again and again',
	async (t, stage) => {
		const { page, service } = stage;
		await stage.open();
		await signIn(page, 'ada', clerkPassword);
		await page.getByRole('heading', { name: 'My applications' }).waitFor();
		// Somebody in between who takes the cookie off.
		let asked = 0;
		await stage.context.route(`${service.url}/app/x`, async (route) => {
			asked += 1;
			const location = `${service.url}/?return=${encodeURIComponent(`${service.url}/app/x`)}`;
			await route.fulfill({ status: 302, headers: { Location: location } });
		});
		await page.goto(`${service.url}/app/x`);
		await page.getByRole('heading', { name: 'Signed in here only' }).waitFor();
		t.regex((await page.getByRole('alert').textContent()) ?? '', /sent you right back/);
		t.is(asked, 2);
	},
	behind,
);

onStage(
	'a page that asks for a fresh proof: led, asked for the password, and there; for more than somebody has, told so',
	async (t, stage) => {
		const { page } = stage;
		await stage.open({ path: '/app/d/7' });
		await signIn(page, 'ada', clerkPassword);
		await lands(t, stage, '/app/d/7');
		clock.wind(minuteMs + 1000);
		await page.goto(`${stage.service.url}/app/fresh`);
		const question = page.getByRole('dialog', { name: 'Is it you?' });
		await question.getByLabel('Your password', { exact: true }).fill('not the password');
		await question.getByRole('button', { name: 'Confirm' }).click();
		await question.getByText('The password is wrong').waitFor();
		await question.getByLabel('Your password', { exact: true }).fill(clerkPassword);
		await question.getByRole('button', { name: 'Confirm' }).click();
		await lands(t, stage, '/app/fresh');
		await page.goto(`${stage.service.url}/app/sure`);
		await question.getByText('you have set none up').waitFor();
		await question.getByRole('button', { name: 'Cancel' }).click();
		await page.getByRole('heading', { name: 'Not proved' }).waitFor();
		t.is(new URL(page.url()).searchParams.get('return'), `${stage.service.url}/app/sure`);
	},
	behind,
);
