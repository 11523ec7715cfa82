import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { scenes, settingOf } from './scenes.ts';
import { closeBrowser, setStage } from './stage.ts';

/* `npm run screenshots [-- FOLDER [SCENE…]]`: every screen, light and dark, wide and narrow. */

const [to = join(tmpdir(), 'latchkey-screenshots'), ...only] = process.argv.slice(2);
const folder = resolve(to);
mkdirSync(folder, { recursive: true });

const widths = { wide: 1200, narrow: 320 };
let count = 0;

for (const scene of scenes) {
	const { name, open } = scene;
	if (only.length > 0 && !only.includes(name)) continue;
	const stage = await setStage(await settingOf(scene));
	await open(stage);
	// What lies before the page covers what is seen of it, and no more.
	const fullPage = (await stage.page.getByRole('dialog').count()) === 0;
	for (const [width, pixels] of Object.entries(widths)) {
		await stage.page.setViewportSize({ width: pixels, height: 800 });
		for (const colorScheme of ['light', 'dark'] as const) {
			await stage.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			await stage.page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage });
			count += 1;
		}
	}
	await stage.close();
}
await closeBrowser();
process.stdout.write(`${count} screenshots in ${folder}\n`);
