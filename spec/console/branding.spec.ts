import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { onStage } from './on-stage.ts';

/* Whose product the console shows. What is refused before the start: `spec/app/branding.spec.ts`. */

const folder = mkdtempSync(join(tmpdir(), 'latchkey-logo-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const logo = join(folder, 'logo.svg');
writeFileSync(
	logo,
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" onload="top.hacked=1"><rect width="8" height="8"/>
<image href="https://evil.example.org/x.png"/><script>top.hacked = 1; document.documentElement.id = 'hacked'</script></svg>`,
);

onStage(
	'title, logo, colours and help are those of the configuration, and a script in the logo does nothing',
	async (t, { open, page, service, offences }) => {
		// Somebody is there: otherwise the console begins with the first setup.
		await service.add('ada', 'four brown bears');
		await open();
		t.is(await page.title(), 'Sign in – Harbour');
		t.is(await page.locator('.brand').innerText(), 'Harbour');
		t.is(await page.getByRole('link', { name: 'Get help' }).getAttribute('href'), 'https://help.example.org/');
		await page.getByText('Call 555').waitFor();
		const mark = page.locator('.brand img');
		const decoded =
			"(async (image) => (await image.decode(), image.naturalWidth > 0))(document.querySelector('.brand img'))";
		t.true(await page.evaluate(decoded));
		const colourOf = () =>
			page.evaluate("getComputedStyle(document.querySelector('button[type=submit]')).backgroundColor");
		for (const [colorScheme, colour] of [
			['light', 'rgb(0, 85, 170)'],
			['dark', 'rgb(61, 158, 255)'],
		] as const) {
			await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			t.is(await colourOf(), colour);
		}
		t.is(await page.evaluate('window.hacked'), undefined);

		t.deepEqual(offences, []);
		// By itself it is a document, of no origin, which runs nothing and loads nothing.
		await page.goto(service.url + (await mark.getAttribute('src')));
		t.is(await page.evaluate('document.documentElement.id'), '');
		t.is(await page.evaluate('window.hacked'), undefined);
		const tried = offences.splice(0);
		t.true(tried.some((offence) => offence.includes('The action has been blocked')));
		for (const offence of tried) t.regex(offence, /https:\/\/evil\.example\.org\/x\.png/);
	},
	{
		portal: {
			title: 'Harbour',
			logo,
			accent: '#0055aa',
			help: { text: 'Call 555.', url: 'https://help.example.org/' },
		},
	},
);
