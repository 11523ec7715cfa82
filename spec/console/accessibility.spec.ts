import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { onStage } from './on-stage.ts';
import { scenes, settingOf } from './scenes.ts';

/** In this page alone: there are no frames, and a second page to gather what they say costs as much again. */
const axeOn = (page: Page) => new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });

for (const scene of scenes) {
	onStage(
		`${scene.name}: axe finds nothing, light or dark, and nothing is wider than a narrow screen`,
		async (t, stage) => {
			await scene.open(stage);
			const { page } = stage;
			const found = async (axe: AxeBuilder) =>
				(await axe.analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
			// Without motion: axe judges colours, and must not meet one halfway.
			await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
			t.deepEqual(await found(axeOn(page)), []);
			// In the dark nothing but the colours is another.
			await page.emulateMedia({ colorScheme: 'dark' });
			t.deepEqual(await found(axeOn(page).withRules('color-contrast')), []);
			await page.setViewportSize({ width: 320, height: 640 });
			// The tabs are one row, which scrolls.
			const tooWide = `[...document.querySelectorAll('body *')].filter((each) =>
				!each.closest('.unseen, nav > a') && each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML)`;
			t.deepEqual(await page.evaluate(tooWide), []);
			t.is(await page.evaluate('document.documentElement.scrollWidth'), 320);
		},
		() => settingOf(scene),
	);
}
