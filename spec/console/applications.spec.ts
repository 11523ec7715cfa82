import { join } from 'node:path';
import { startService } from '../_support/service.ts';
import { startUpstream } from '../_support/upstream.ts';
import { onStage } from './on-stage.ts';
import { atFocus, changeAndSignIn, clerkPassword, signIn } from './scenes.ts';
import type { Setting } from './stage.ts';

/*
 * The first page after sign-in: what one may open; and what the operator has to say before.
 */

async function behind(): Promise<Setting> {
	const upstream = await startUpstream(
		(_, res) => void res.setHeader('Content-Type', 'text/html').end('<h1>Inside</h1>'),
	);
	const at = (path: string, permission: string, more: object = {}) => ({
		...{ path, permission, xsrf: 'unsafe', upstream: upstream.url },
		...more,
	});
	const service = await startService({
		banner: { beforeLogin: 'Before', afterLogin: 'Line 4 stands still tonight.' },
		resources: [
			at('/jewels', 'rest.jewels', {
				title: 'Jewels <i>',
				icon: join(import.meta.dirname, '../../src/console/icon.svg'),
			}),
			at('/vault', 'rest.vault', { title: 'Vault' }),
		],
	});
	await service.add('ada', clerkPassword, { permissions: ['rest.jewels'] });
	await service.add('ivo', clerkPassword);
	await service.add('eve', clerkPassword, { permissions: ['rest.jewels'], mustChange: true });
	const close = async () => {
		await service.close();
		upstream.close();
	};
	return { service: { ...service, close } };
}

onStage(
	'after signing in: the greeting, then what one may open, by keyboard, too',
	async (t, stage) => {
		const { page, service } = stage;
		await stage.open();
		await signIn(page, 'ada', clerkPassword);
		await page.getByText('Line 4 stands still tonight.').waitFor();
		await page.keyboard.press('Tab');
		t.is(await atFocus(page, 'Go on'), 'Go on');
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'My applications' }).waitFor();
		t.is(await page.getByRole('link', { name: 'Applications' }).getAttribute('aria-current'), 'page');
		t.deepEqual(await page.locator('.app .name').allTextContents(), ['Jewels <i>']);
		t.true(await page.evaluate("document.querySelector('.app img').decode().then(() => true)"), 'the picture is one');
		await page.keyboard.press('Tab');
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'Inside' }).waitFor();
		t.is(page.url(), `${service.url}/jewels`);
		// Read once: a page that is opened anew asks nobody to read it again.
		await stage.open();
		await page.getByRole('heading', { name: 'My applications' }).waitFor();
		await page.getByRole('link', { name: 'My sessions' }).click();
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	},
	behind,
);

onStage(
	'with nothing to open the console is as it was',
	async (t, stage) => {
		const { page } = stage;
		await stage.open();
		await signIn(page, 'ivo', clerkPassword);
		await page.getByRole('button', { name: 'Go on' }).click();
		await page.getByRole('heading', { name: 'My sessions' }).waitFor();
		t.is(await page.getByRole('link', { name: 'Applications' }).count(), 0);
		t.is(await page.getByRole('link', { name: 'My sessions' }).getAttribute('aria-current'), 'page');
	},
	behind,
);

onStage(
	'the greeting comes before the way back, and once the password is changed; who signs in anew keeps the page',
	async (t, stage) => {
		const { page, service } = stage;
		await stage.open({ path: '/jewels/7' });
		await signIn(page, 'eve', clerkPassword);
		await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
		await changeAndSignIn(page, 'eve', 'quite another secret 7');
		await page.getByRole('button', { name: 'Go on' }).click();
		await page.getByRole('heading', { name: 'Inside' }).waitFor();
		t.is(page.url(), `${service.url}/jewels/7`);
	},
	behind,
);
