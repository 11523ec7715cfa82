import { type App, createApp } from '../_support/authenticator-app.ts';
import type { Stage } from './stage.ts';

/** Sets up an app, on the page that shows how, and returns what it shows from now on. */
export async function setUpApp({ page, clock }: Stage, name = 'My phone'): Promise<App> {
	await page.getByRole('button', { name: 'Set up an app with codes' }).click();
	await page.getByLabel('Name of the app or phone').fill(name);
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.getByRole('img', { name: /QR code/ }).waitFor();
	await page.getByText('The app cannot scan?').click();
	const app = createApp('', (await page.locator('code.key').innerText()).replaceAll(' ', ''), clock.now);
	await page.getByLabel('Code from the app').fill(app.wrongCode());
	await page.getByRole('button', { name: 'Confirm' }).click();
	await page.getByText('The code is wrong, or was used.').waitFor();
	clock.wind(2000);
	await page.getByLabel('Code from the app').fill(app.code());
	await page.getByRole('button', { name: 'Confirm' }).click();
	return app;
}
