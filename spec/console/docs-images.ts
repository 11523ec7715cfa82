import { join } from 'node:path';
import { scenes, settingOf } from './scenes.ts';
import { closeBrowser, setStage } from './stage.ts';

/* `npm run docs:images`: the pictures of the README, from the running service. */

const folder = join(import.meta.dirname, '../../docs/images');

for (const name of ['sign-in', 'identities']) {
	const scene = scenes.find((each) => each.name === name)!;
	const stage = await setStage(await settingOf(scene));
	await scene.open(stage);
	// Where the last click was, nothing is hovered over.
	await stage.page.mouse.move(0, 0);
	await stage.page.setViewportSize({ width: 960, height: 600 });
	await stage.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
	await stage.page.screenshot({ path: join(folder, `${name}.png`) });
	await stage.close();
}
await closeBrowser();
