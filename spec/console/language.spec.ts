import type { Page } from 'playwright-core';
import { foundByAxe } from './axe.ts';
import { onStage } from './on-stage.ts';
import { adminPassword, clerkPassword } from './scenes.ts';
import type { Setting } from './stage.ts';

const inBrowserOf =
	(locale: string, settings: Setting['settings'] = {}) =>
	async (): Promise<Setting> => ({
		settings,
		options: { locale },
	});

const htmlOf = (page: Page) => page.evaluate('[document.documentElement.lang, document.documentElement.dir]');

onStage(
	'a German browser gets German, and never sees English; another language comes without a reload, and what was typed stays',
	async (t, { open, service, page, newPage }) => {
		await service.add('ada', clerkPassword);
		await page.addInitScript(`window.drawn = new Set();
			new MutationObserver(() => window.drawn.add(document.querySelector('h1')?.textContent)).observe(document, { childList: true, subtree: true })`);
		await open();
		t.deepEqual(await htmlOf(page), ['de', 'ltr']);
		t.is(await page.title(), 'Anmelden – Latchkey');
		t.deepEqual(await page.evaluate('[...window.drawn].filter(Boolean)'), ['Anmelden']);

		await page.getByLabel('Benutzername').fill('ada');
		await page.getByLabel('Passwort', { exact: true }).fill('not the password');
		await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
		await page.getByText('Der Name oder das Passwort ist falsch.').waitFor();
		const other = await open({ page: await newPage() });
		await page.getByLabel('Sprache').focus();
		await page.getByLabel('Sprache').selectOption('Italiano');
		await page.getByText('Il nome o la password non è corretto.').waitFor();
		t.deepEqual(await htmlOf(page), ['it', 'ltr']);
		t.is(await page.getByLabel('Nome utente').inputValue(), 'ada');
		t.is(await page.getByLabel('Password', { exact: true }).inputValue(), 'not the password');
		await page.getByRole('status').filter({ hasText: 'La lingua ora è l’italiano.' }).waitFor({ state: 'attached' });
		t.is(await page.evaluate('document.activeElement.tagName'), 'SELECT');

		// Other tabs follow, and the choice comes before what the browser is set to.
		await other.getByRole('heading', { name: 'Accesso' }).waitFor();
		await page.reload();
		await page.getByRole('heading', { name: 'Accesso' }).waitFor();
		await page.getByLabel('Lingua').selectOption('ja');
		await page.getByRole('heading', { name: 'サインイン' }).waitFor();
		t.deepEqual(await htmlOf(page), ['ja', 'ltr']);
	},
	inBrowserOf('de-CH'),
);

onStage(
	'inside, times and numbers are in the language; a code that no language knows is told in English, marked as such',
	async (t, { open, service, page }) => {
		await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
		await open();
		await page.getByLabel('Benutzername').fill('admin');
		await page.getByLabel('Passwort', { exact: true }).fill(adminPassword);
		await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
		await page.getByRole('heading', { name: 'Meine Sitzungen' }).waitFor();
		t.regex(
			await page.locator('.row .facts').innerText(),
			/Seit .* mit Passwort\s+Aktiv (gerade eben|vor \d+ Minuten?)/,
		);
		await page.goto(`${service.url}/#/new-identity`);
		await page.getByLabel('Benutzername').fill('grace');
		await page.getByRole('button', { name: 'Ein Passwort vorschlagen' }).click();
		await page.locator('.strength strong').filter({ hasText: 'Sehr schwer zu erraten.' }).waitFor();
		await page.route('**/identities', (route) =>
			route.fulfill({ status: 409, json: { message: 'The moon is in the wrong house', code: 'moon' } }),
		);
		await page.getByRole('button', { name: 'Anlegen' }).click();
		const words = page.getByRole('alert').locator('[lang=en]');
		await words.waitFor();
		t.is(await words.innerText(), 'The moon is in the wrong house.');
		await page.route('**/identities', (route) =>
			route.fulfill({ status: 409, json: { message: 'This identity is disabled', code: 'identity-disabled' } }),
		);
		await page.getByRole('button', { name: 'Anlegen' }).click();
		await page.getByText('Diese Identität ist deaktiviert, oder ihre Zeit ist abgelaufen.').waitFor();
		t.is(await page.getByRole('alert').locator('[lang=en]').count(), 0);
	},
	inBrowserOf('de'),
);

/** Pages that hold much: the widest words must find room on a phone, and those of one letter beside each other, too. */
const pages = ['/#/sessions', '/#/security', '/#/tokens', '/#/identity/ada'];
const signInLabels = {
	de: ['Benutzername', 'Passwort', 'Anmelden'],
	ja: ['ユーザー名', 'パスワード', 'サインイン'],
} as const;

for (const language of ['de', 'ja'] as const) {
	onStage(
		`in ${language} axe finds nothing, and nothing is wider than a phone`,
		async (t, { open, service, page }) => {
			await service.add('admin', adminPassword, { permissions: ['kura.admin'] });
			await service.add('ada', clerkPassword, { permissions: ['rest.assets'], mustChange: true });
			await page.setViewportSize({ width: 360, height: 740 });
			await open();
			const fits = async (where: string) => {
				t.deepEqual(await foundByAxe(page), [], where);
				t.is(await page.evaluate('document.documentElement.scrollWidth'), 360, where);
			};
			await fits('sign-in');
			const [name, password, submit] = signInLabels[language];
			await page.getByLabel(name).fill('admin');
			await page.getByLabel(password, { exact: true }).fill(adminPassword);
			await page.getByRole('button', { name: submit, exact: true }).click();
			await page.getByRole('navigation').waitFor();
			for (const path of pages) {
				await page.goto(service.url + path);
				await page.locator('h1').waitFor();
				await page.locator('.loading').first().waitFor({ state: 'detached' });
				await fits(path);
			}
		},
		inBrowserOf(language, { secondFactor: {} }),
	);
}
