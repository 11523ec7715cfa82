import type { Page } from 'playwright-core';
import { onStage } from './on-stage.ts';
import { adminPassword, signIn, speak } from './scenes.ts';
import type { Stage } from './stage.ts';

/* What pictures show of the frame around every page, and no rule of axe. */

const everything = {
	resources: [{ hosts: ['wiki.example.org'], permission: 'wiki.read', xsrf: 'unsafe', upstream: 'http://127.0.0.1:1' }],
};

async function asAdministrator({ service, open }: Stage): Promise<Page> {
	await service.add('administrator-of-the-plant', adminPassword, { permissions: ['kura.admin'] });
	const page = await open({ path: '/#/explain' });
	await signIn(page, 'administrator-of-the-plant', adminPassword);
	await page.getByRole('heading', { name: 'Explain access' }).waitFor();
	return page;
}

const rowsOf = (page: Page) =>
	page.evaluate(
		"new Set([...document.querySelectorAll('nav a')].map((each) => each.getBoundingClientRect().top)).size",
	);

onStage(
	'the tabs of an administrator are one row: all to be seen at 1280 pixels, the open one on a phone',
	async (t, stage) => {
		await stage.page.setViewportSize({ width: 1280, height: 800 });
		const page = await asAdministrator(stage);
		const tabs = await page.getByRole('navigation').getByRole('link').allTextContents();
		t.true(tabs.length >= 8, tabs.join(', '));
		t.is(await rowsOf(page), 1);
		t.true(await page.evaluate("{ const nav = document.querySelector('nav'); nav.scrollWidth <= nav.clientWidth }"));
		await page.setViewportSize({ width: 360, height: 740 });
		await page.reload();
		await page.getByRole('heading', { name: 'Explain access' }).waitFor();
		t.is(await rowsOf(page), 1);
		const { y = 0, height = 0 } = (await page.locator('nav').boundingBox()) ?? {};
		const header = (await page.locator('header').boundingBox())?.height ?? 0;
		t.true(header < y + height * 1.5, `a header of ${header} pixels has two rows`);
		const open = "document.querySelector('nav [aria-current]').getBoundingClientRect()";
		const isSeen = `{ const { left, right } = ${open}; left >= 0 && right <= innerWidth }`;
		t.true(await page.evaluate(isSeen));
		await page.evaluate("document.querySelector('nav').scrollTo(0, 0)");
		await speak(page, 'de');
		await page.waitForFunction(isSeen);
		await page.setViewportSize({ width: 320, height: 740 });
		await page.waitForFunction(isSeen);
	},
	everything,
);

onStage(
	'where the system chooses the colours, the open tab and the strength of a password are still told apart',
	async (t, stage) => {
		const page = await asAdministrator(stage);
		await page.emulateMedia({ forcedColors: 'active' });
		const outlines = `[...document.querySelectorAll('nav a')].map((each) =>
			[each.matches('[aria-current]'), getComputedStyle(each).outlineStyle !== 'none'])`;
		for (const [isOpen, isMarked] of (await page.evaluate(outlines)) as [boolean, boolean][]) t.is(isMarked, isOpen);
		await page.getByRole('link', { name: 'Password' }).click();
		await page.getByLabel('New password', { exact: true }).fill('letmein');
		await page.locator('.strength strong').waitFor();
		const bars = "[...document.querySelectorAll('.bars span')].map((each) => getComputedStyle(each).backgroundColor)";
		const [first, ...others] = (await page.evaluate(bars)) as string[];
		t.true(others.every((colour) => colour !== first));
	},
	everything,
);
