import { foundByAxe } from './axe.ts';
import { onStage } from './on-stage.ts';
import { scenes, settingOf, speak } from './scenes.ts';

for (const scene of scenes) {
	onStage(
		`${scene.name}: axe finds nothing, light or dark, and nothing is wider than a narrow screen, in English, German or Japanese`,
		async (t, stage) => {
			await scene.open(stage);
			const { page } = stage;
			t.deepEqual(await foundByAxe(page), []);
			await page.setViewportSize({ width: 320, height: 640 });
			// The tabs are one row, which scrolls.
			const tooWide = `[...document.querySelectorAll('body *')].filter((each) =>
				!each.closest('.unseen, nav > a') && each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML)`;
			for (const language of ['en', 'de', 'ja'] as const) {
				if (language !== 'en') await speak(page, language);
				t.deepEqual(await page.evaluate(tooWide), [], language);
				t.is(await page.evaluate('document.documentElement.scrollWidth'), 320, language);
			}
		},
		() => settingOf(scene),
	);
}
