import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { scenes, settingOf, speak } from './scenes.ts';
import { closeBrowser, setStage } from './stage.ts';

/*
 * `npm run screenshots [-- FOLDER [SCENE…]]`: every screen, light and dark, wide and narrow, at twice the size, in the system's
 * own colours, and in the languages of the longest words and of the widest letters. Japanese needs a font that has it.
 */

const [to = join(tmpdir(), 'latchkey-screenshots'), ...only] = process.argv.slice(2);
const folder = resolve(to);
mkdirSync(folder, { recursive: true });

const wide = { width: 1200, height: 800 };
const narrow = { width: 360, height: 740 };
/** What 1200 pixels have room for where everything is twice as large. */
const at200 = { width: 600, height: 400 };

interface Look {
	readonly name: string;
	readonly size: typeof wide;
	readonly media?: Parameters<Page['emulateMedia']>[0];
	readonly language?: 'de' | 'ja';
}

const looks: readonly Look[] = [
	{ name: 'wide', size: wide },
	{ name: 'wide-dark', size: wide, media: { colorScheme: 'dark' } },
	{ name: 'narrow', size: narrow },
	{ name: 'narrow-dark', size: narrow, media: { colorScheme: 'dark' } },
	{ name: '200', size: at200 },
	{ name: 'forced', size: wide, media: { forcedColors: 'active' } },
	{ name: 'de', size: wide, language: 'de' },
	{ name: 'de-narrow', size: narrow, language: 'de' },
	{ name: 'ja', size: wide, language: 'ja' },
	{ name: 'ja-narrow', size: narrow, language: 'ja' },
];

let count = 0;
for (const scene of scenes) {
	if (only.length > 0 && !only.includes(scene.name)) continue;
	const stage = await setStage(await settingOf(scene));
	const { page } = stage;
	await scene.open(stage);
	// Where the last click was, nothing is hovered over.
	await stage.page.mouse.move(0, 0);
	// What lies before the page covers what is seen of it, and no more.
	const fullPage = (await page.getByRole('dialog').count()) === 0;
	for (const { name, size, media, language } of looks) {
		await page.setViewportSize(size);
		await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce', ...media });
		if (language) await speak(page, language);
		await page.screenshot({ path: join(folder, `${scene.name}-${name}.png`), fullPage });
		count += 1;
	}
	await stage.close();
}
await closeBrowser();
process.stdout.write(`${count} screenshots in ${folder}\n`);
