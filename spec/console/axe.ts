import { createRequire } from 'node:module';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const require = createRequire(import.meta.url);
/** That which the builder brings along. */
const { source }: { readonly source: string } = createRequire(require.resolve('@axe-core/playwright'))('axe-core');

/**
 * What axe finds in a page, light and dark. In the dark nothing but the colours is another. In this page alone: there are no
 * frames, and a second page to gather what they say costs as much again. It is put there once: the builder would do it twice
 * for each look, 1.5 MB each time.
 */
export async function foundByAxe(page: Page): Promise<string[]> {
	await page.evaluate(source);
	const look = async (colorScheme: 'light' | 'dark') => {
		// Without motion: axe judges colours, and must not meet one halfway.
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		const axe = new AxeBuilder({ page, axeSource: 'undefined' }).setLegacyMode();
		axe.options({ resultTypes: ['violations'] });
		const { violations } = await (colorScheme === 'light' ? axe : axe.withRules('color-contrast')).analyze();
		return violations.map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
	};
	return [...(await look('light')), ...(await look('dark'))];
}
