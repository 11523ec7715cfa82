import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { IdentityName } from '../../src/core/identity.ts';
import { qrSvg } from '../../src/qr/qr.ts';
import { createClient } from '../_support/client.ts';
import { startSecureService } from '../_support/secure-service.ts';
import type { Settings, TestService } from '../_support/service.ts';
import { setUpApp } from './set-up-app.ts';
import type { Setting, Stage } from './stage.ts';

/*
 * Every screen of the console, and how one gets there. For the specs that look at all of them, and for the screenshots.
 */

export const adminPassword = 'a quiet harbour at dawn';
export const clerkPassword = 'seven lamps in the window';

export interface Scene {
	readonly name: string;
	readonly settings?: Settings;
	/** Over https, with certificates asked for. */
	readonly secure?: true;
	open(stage: Stage): Promise<void>;
}

export async function settingOf({ settings = {}, secure }: Scene): Promise<Setting> {
	if (!secure) return { settings };
	return { service: await startSecureService(settings), options: { ignoreHTTPSErrors: true } };
}

const banner = 'This system is for authorised use only. What happens here is written down.';

export async function signIn(page: Page, name: string, password: string): Promise<void> {
	await page.getByLabel('User name', { exact: true }).fill(name);
	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Where a password has to be changed: chooses another one, and signs in with it. */
export async function changeAndSignIn(page: Page, name: string, fresh: string): Promise<void> {
	await page.getByLabel('New password', { exact: true }).fill(fresh);
	await page.getByLabel('Repeat the new password', { exact: true }).fill(fresh);
	await page.keyboard.press('Enter');
	await page.getByText('The password is changed').waitFor();
	await signIn(page, name, fresh);
}

/** The code of an invitation that an operator makes. */
export async function invitationOf({ service }: TestService, name: string): Promise<string> {
	const identity = await service.core.identities.findByName(name as IdentityName);
	const how = { expiresInMs: 3_600_000 };
	const made = identity && (await service.core.invitations.make(identity, how, { actor: 'operator' }));
	if (!made?.ok) throw new Error(`${name} cannot be invited`);
	return made.value.code;
}

const application = (host: string, more: object = {}) => ({
	...{ hosts: [host], permission: 'rest.assets', xsrf: 'unsafe', upstream: 'http://127.0.0.1:1' },
	...more,
});

async function signedIn(stage: Stage, path = '/'): Promise<Page> {
	const { service } = stage;
	await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
	await service.add('ada', clerkPassword, { permissions: ['rest.assets', 'rest.configuration'] });
	await service.add('line-4-sensor', undefined, { permissions: ['rest.assets'] });
	await service.add('grace', clerkPassword, { permissions: ['rest.assets'], mustChange: true });
	const agents = ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/605', 'curl/8.5.0'];
	for (const agent of agents) {
		for (const [name, password] of [
			['ada', clerkPassword],
			['admin', adminPassword],
		] as const) {
			const body = { username: name, password };
			await createClient(service).post('/services/session/v1/login/password', body, { 'User-Agent': agent });
			stage.clock.wind(3 * 60_000);
		}
	}
	// Now, in the browser's time.
	stage.clock.wind(2 * 60_000);
	const page = await stage.open();
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	if (path !== '/') await stage.open({ path });
	// A page may load several things.
	await page.getByText('One moment…').first().waitFor({ state: 'detached' });
	return page;
}

/** ada, who has just signed in for the first time. */
export async function signedInAsAda({ service, open }: Stage): Promise<Page> {
	await service.add('ada', clerkPassword);
	const page = await open();
	await signIn(page, 'ada', clerkPassword);
	return page;
}

/** ada, who has just set up an app with codes, where that is done. */
export async function withApp(stage: Stage) {
	const page = await signedInAsAda(stage);
	await page.getByRole('link', { name: 'Security' }).click();
	await page.getByText('Anybody who knows your password can sign in as you.').waitFor();
	const app = await setUpApp(stage);
	await page.getByText('My phone is set up. Your other sessions have ended.').waitFor();
	return { page, app };
}

export async function signOut(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Sign out', exact: true }).click();
	await page.getByText('You have signed out.').waitFor();
}

/** What the keyboard is at, by its label or its text. The page moves it after it has drawn itself: it is given a moment. */
export async function atFocus(page: Page, wanted: string): Promise<unknown> {
	const look = 'document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent';
	let found = await page.evaluate(look);
	for (let tries = 0; found !== wanted && tries < 1000; tries += 1) {
		await page.waitForTimeout(20);
		found = await page.evaluate(look);
	}
	return found;
}

/** As one comes back to a tab: the page looks how the session is. */
export async function comeBack(page: Page): Promise<void> {
	await page.evaluate("window.dispatchEvent(new Event('pageshow'))");
}

/** By the switch below the page, also where a dialog stands before it. The service's own pages have none: they go by the browser. */
export async function speak(page: Page, language: 'de' | 'ja'): Promise<void> {
	const choice = page.locator('.foot select');
	if ((await choice.count()) > 0) await choice.selectOption(language);
	else {
		await page.setExtraHTTPHeaders({ 'Accept-Language': language });
		await page.reload();
	}
	await page.locator(`html[lang=${language}]`).waitFor();
}

/** The password field has been judged. */
const judged = (page: Page) => page.locator('.strength strong').first().waitFor();

export const scenes: readonly Scene[] = [
	{
		name: 'first-run',
		async open(stage) {
			const page = await stage.open();
			await page.getByLabel('Password', { exact: true }).fill('admin2026');
			await judged(page);
		},
	},
	{
		name: 'first-run-by-the-link',
		settings: { passwordPolicy: { requireDigits: true, requireSpecialCharacters: true, requireBothCases: true } },
		async open(stage) {
			await stage.open({ path: `/#setup=${await stage.service.service.core.identities.setupToken()}` });
		},
	},
	{
		name: 'sign-in',
		async open({ service, open }) {
			await service.add('admin', adminPassword);
			await open();
		},
	},
	{
		name: 'sign-in-banner-certificate',
		settings: { banner },
		secure: true,
		async open({ service, open }) {
			await service.add('admin', adminPassword);
			await open({ url: service.service.urls[1] ?? '' });
		},
	},
	{
		name: 'sign-in-branded',
		settings: {
			portal: {
				title: 'Harbour Gate',
				logo: join(import.meta.dirname, '../../src/console/icon.svg'),
				accent: '#0055aa',
				help: { text: 'Forgotten your password? Call the control room, 555.', url: 'https://help.example.org/' },
			},
		},
		async open({ service, open }) {
			await service.add('admin', adminPassword);
			await open();
		},
	},
	{
		name: 'sign-in-wrong',
		async open({ service, open }) {
			await service.add('admin', adminPassword);
			await signIn(await open(), 'admin', 'not the password');
		},
	},
	{
		name: 'sign-in-too-many',
		async open({ service, open }) {
			await service.add('admin', adminPassword);
			const page = await open();
			await page.route('**/login/password', (route) =>
				route.fulfill({ status: 429, headers: { 'Retry-After': '75' }, json: { message: 'Too many attempts' } }),
			);
			await signIn(page, 'admin', adminPassword);
			await page.getByRole('alert').waitFor();
		},
	},
	{
		name: 'unavailable',
		async open({ page, service }) {
			await page.route('**/services/**', (route) => route.abort());
			await page.goto(service.url);
			await page.getByRole('alert').waitFor();
		},
	},
	{
		name: 'forced-change',
		async open({ service, open }) {
			await service.add('grace', clerkPassword, { mustChange: true });
			const page = await open();
			await signIn(page, 'grace', clerkPassword);
			await page.getByLabel('New password', { exact: true }).fill('copper kettle, north wall');
			await judged(page);
		},
	},
	{
		name: 'invitation',
		async open({ service, open }) {
			await service.add('admin', adminPassword);
			await service.add('grace');
			const page = await open({ path: `/#/invitation/${await invitationOf(service, 'grace')}` });
			await page.getByLabel('Password', { exact: true }).fill('copper kettle, north wall');
			await judged(page);
		},
	},
	{
		name: 'invitation-over',
		async open({ service, open }) {
			await service.add('admin', adminPassword);
			const page = await open({ path: `/#/invitation/${'a'.repeat(26)}` });
			await page.getByRole('heading', { name: 'This invitation is over' }).waitFor();
		},
	},
	{
		name: 'second-factor',
		async open(stage) {
			const { page } = await withApp(stage);
			await signOut(page);
			await signIn(page, 'ada', clerkPassword);
			await page.getByLabel('Code from your app').fill('123456');
			await page.getByRole('button', { name: 'Sign in' }).click();
			await page.getByRole('alert').waitFor();
		},
	},
	{
		name: 'second-factor-enrolment',
		settings: { secondFactor: { required: 'everybody' } },
		async open(stage) {
			const page = await signedInAsAda(stage);
			await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
		},
	},
	{
		name: 'security',
		async open(stage) {
			await withApp(stage);
		},
	},
	{
		name: 'security-app',
		async open(stage) {
			const { page } = await withApp(stage);
			await page.getByRole('button', { name: 'Set up an app with codes' }).click();
			await page.getByLabel('Name of the app or phone').fill('Tablet');
			await page.getByRole('button', { name: 'Go on' }).click();
			await page.getByText('The app cannot scan?').click();
		},
	},
	{
		name: 'security-recovery-codes',
		async open(stage) {
			const { page } = await withApp(stage);
			await page.getByRole('button', { name: 'Make recovery codes' }).click();
			await page.getByText('Each lets you in once').waitFor();
		},
	},
	{
		name: 'my-sessions',
		async open(stage) {
			await signedIn(stage);
		},
	},
	{
		name: 'my-applications',
		settings: {
			console: { path: '/latchkey' },
			resources: [
				application('wiki.example.org', {
					title: 'Wiki of the plant',
					icon: join(import.meta.dirname, '../../src/console/icon.svg'),
				}),
				application('grafana.example.org', { title: 'Grafana' }),
				application('a-host-with-quite-a-long-name-of-its-own.example.org'),
				application('help.example.org', { permission: undefined, access: 'public', title: 'Help' }),
			],
		},
		async open({ service, open }) {
			await service.add('ada', clerkPassword, { permissions: ['rest.assets'] });
			const page = await open({ path: '/latchkey' });
			await signIn(page, 'ada', clerkPassword);
			await page.getByRole('heading', { name: 'My applications' }).waitFor();
		},
	},
	{
		name: 'refused-page',
		settings: {
			resources: [{ path: '/vault', permission: 'rest.vault', xsrf: 'unsafe', upstream: 'http://127.0.0.1:1' }],
		},
		async open({ service, open, page }) {
			await service.add('ada', clerkPassword);
			await signIn(await open(), 'ada', clerkPassword);
			await page.getByRole('heading', { name: 'My sessions' }).waitFor();
			await page.goto(`${service.url}/vault`);
			await page.getByRole('link', { name: 'Sign in as somebody else' }).waitFor();
		},
	},
	{
		name: 'unreachable-page',
		settings: { resources: [{ path: '/gone', access: 'public', upstream: 'http://127.0.0.1:1' }] },
		async open({ service, page }) {
			await page.goto(`${service.url}/gone`);
			await page.getByRole('link', { name: 'Try again' }).waitFor();
		},
	},
	{
		name: 'greeting',
		settings: { banner: { afterLogin: banner } },
		async open({ service, open }) {
			await service.add('ada', clerkPassword);
			const page = await open();
			await signIn(page, 'ada', clerkPassword);
			await page.getByRole('heading', { name: 'Signed in' }).waitFor();
		},
	},
	{
		name: 'password',
		async open(stage) {
			const page = await signedIn(stage, '/#/password');
			await page.getByLabel('Current password', { exact: true }).fill(adminPassword);
			await page.getByLabel('New password', { exact: true }).fill('password12345678');
			await page.getByLabel('Repeat the new password', { exact: true }).fill('password12345678');
			await judged(page);
			await page.getByRole('button', { name: 'Change the password' }).click();
			await page.getByRole('alert').waitFor();
		},
	},
	{
		name: 'identities',
		async open(stage) {
			await signedIn(stage, '/#/identities');
		},
	},
	{
		name: 'identities-selected',
		settings: { portal: { title: 'Harbour Gate', accent: '#0055aa', help: 'Call 555.' } },
		async open(stage) {
			await signedIn(stage, '/#/identities');
			await stage.page.getByRole('checkbox', { name: 'Select this page' }).check();
			await stage.page.getByLabel('With them').selectOption('Give a permission');
		},
	},
	{
		name: 'identities-disabled-at-once',
		async open(stage) {
			await signedIn(stage, '/#/identities');
			await stage.page.getByRole('checkbox', { name: 'Select this page' }).check();
			await stage.page.getByRole('button', { name: 'Go on' }).click();
			await stage.page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'identities-done-at-once',
		async open(stage) {
			await signedIn(stage, '/#/identities');
			await stage.page.getByRole('checkbox', { name: 'Select this page' }).check();
			await stage.page.getByRole('button', { name: 'Go on' }).click();
			await stage.page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
			await stage.page.getByText('Not done for 1 identity:').waitFor();
		},
	},
	{
		name: 'audit',
		async open(stage) {
			const page = await signedIn(stage, '/#/audit');
			await page.getByRole('listitem').first().waitFor();
		},
	},
	{
		name: 'audit-filtered',
		async open(stage) {
			await stage.service.add('mallory', clerkPassword);
			const wrong = { username: 'mallory', password: 'not the password' };
			const client = createClient(stage.service);
			await client.post('/services/session/v1/login/password', wrong, { 'User-Agent': 'curl/8.5.0' });
			const page = await signedIn(stage, '/#/audit');
			await page.getByLabel('Person').fill('mallory');
			await page.getByLabel('Outcome').selectOption('Refused');
			await page.getByLabel('From', { exact: true }).fill('2026-01-01T00:00');
			await page.getByRole('button', { name: 'Search' }).click();
			await page.getByText('Refused: bad-credentials').waitFor();
		},
	},
	{
		name: 'tokens',
		async open(stage) {
			const page = await signedIn(stage, '/#/tokens');
			for (const name of ['nightly build', 'a-gauge-with-quite-a-long-name-at-the-north-wall']) {
				await page.getByLabel('What it is for').fill(name);
				await page.getByLabel('Permissions').fill('rest.assets\nrest.configuration');
				await page.getByLabel('Networks').fill('127.0.0.0/8 fd00::/8');
				await page.getByRole('button', { name: 'Make a token' }).click();
				await page.getByRole('button', { name: 'Done' }).click();
			}
			await page.getByRole('listitem').filter({ hasText: 'gauge' }).waitFor();
		},
	},
	{
		name: 'token-made',
		async open(stage) {
			const page = await signedIn(stage, '/#/tokens');
			await page.getByLabel('What it is for').fill('nightly build');
			await page.getByRole('button', { name: 'Make a token' }).click();
			await page.getByLabel('The token', { exact: true }).waitFor();
		},
	},
	{
		name: 'explain',
		settings: {
			portal: {},
			resources: [
				{ hosts: ['wiki.example.org'], path: '/assets', access: 'public', upstream: 'http://127.0.0.1:3000' },
				{
					...{ hosts: ['wiki.example.org'], paths: ['/admin'], from: ['10.0.0.0/8', 'fd00::/8'] },
					...{ permissions: { any: ['wiki.admin', 'wiki.owner'] }, upstream: 'http://127.0.0.1:3000' },
				},
			],
		},
		async open(stage) {
			const page = await signedIn(stage, '/#/explain');
			await page.getByLabel('Address', { exact: true }).fill('https://wiki.example.org/admin/users?page=2');
			await page.getByLabel('Who asks', { exact: true }).fill('ada');
			await page.getByLabel('From', { exact: true }).fill('10.1.2.3');
			await page.getByRole('button', { name: 'Explain' }).click();
			await page.getByText('Not let through').waitFor();
		},
	},
	{
		name: 'new-identity',
		async open(stage) {
			const page = await signedIn(stage, '/#/new-identity');
			await page.getByRole('button', { name: 'Suggest one' }).click();
			await judged(page);
		},
	},
	{
		name: 'identity',
		async open(stage) {
			await signedIn(stage, '/#/identity/ada');
		},
	},
	{
		name: 'history',
		async open(stage) {
			const page = await signedIn(stage, '/#/history');
			await page.getByText('Sign-in').first().waitFor();
		},
	},
	{
		name: 'identity-invitation',
		async open(stage) {
			const page = await signedIn(stage, '/#/identity/line-4-sensor');
			// As with portal.url, which is on no port of a spec.
			const url = `https://login.example.org/#/invitation/${'aeywk3xcq7m2h'.repeat(2)}`;
			const expiresAt = '2026-12-01T12:00:00.000Z';
			await page.route('**/invitation', (route) =>
				route.fulfill({ status: 201, json: { for: 'first-sign-in', url, qr: qrSvg(url), expiresAt } }),
			);
			await page.getByRole('button', { name: 'Make a link' }).click();
			await page.getByLabel('The link', { exact: true }).waitFor();
		},
	},
	{
		name: 'identity-renaming',
		async open(stage) {
			const page = await signedIn(stage, '/#/identity/ada');
			await page.getByRole('button', { name: 'Rename' }).click();
			await page.getByLabel('New user name').fill('grace');
			await page.getByRole('region', { name: 'Name', exact: true }).getByRole('button', { name: 'Rename' }).click();
			await page.getByText('That name is taken').waitFor();
		},
	},
	{
		name: 'identity-removal',
		async open(stage) {
			const page = await signedIn(stage, '/#/identity/ada');
			await page.getByRole('button', { name: 'Remove' }).click();
		},
	},
	{
		name: 'proof',
		async open(stage) {
			const page = await signedIn(stage, '/#/identity/ada');
			const disable = page.getByRole('button', { name: 'Disable' });
			await disable.waitFor();
			stage.clock.wind(6 * 60_000);
			await disable.click();
			await page.getByLabel('Your password', { exact: true }).fill('not the password');
			await page.getByRole('button', { name: 'Confirm' }).click();
			await page.getByRole('alert').waitFor();
		},
	},
	{
		name: 'all-sessions',
		async open(stage) {
			const page = await signedIn(stage, '/#/all-sessions');
			await page
				.getByRole('button', { name: /^Sign out ada/ })
				.first()
				.click();
			await page.getByText('Signed out:').waitFor();
		},
	},
	{
		name: 'all-sessions-end',
		async open(stage) {
			const page = await signedIn(stage, '/#/all-sessions');
			await page.getByRole('button', { name: 'End all sessions' }).click();
			await page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'about-to-end',
		async open(stage) {
			const page = await signedIn(stage);
			stage.clock.wind(14 * 60_000 + 15_000);
			await comeBack(page);
			await page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'has-ended',
		async open(stage) {
			const page = await signedIn(stage, '/#/new-identity');
			await page.getByLabel('User name', { exact: true }).fill('somebody new');
			stage.clock.wind(15 * 60_000 + 1000);
			await page.getByRole('button', { name: 'Create' }).click();
			await page.getByRole('button', { name: 'Suggest one' }).click();
			await page.getByRole('button', { name: 'Create' }).click();
			await page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'signed-out',
		async open(stage) {
			const page = await signedIn(stage);
			await page.getByRole('button', { name: 'Sign out', exact: true }).click();
			await page.getByText('You have signed out').waitFor();
		},
	},
];
