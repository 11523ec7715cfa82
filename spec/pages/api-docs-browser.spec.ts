import { ensureApiDocs } from '../../.ci/prestart.ts';
import { foundByAxe } from '../console/axe.ts';
import { onStage } from '../console/on-stage.ts';

/* The page of the API, as somebody uses it. What offends its Content-Security-Policy fails each of these. */

onStage('the page of the API is found through, and what is found can be left again', async (t, { page, service }) => {
	t.true(await ensureApiDocs());
	await page.goto(`${service.url}/docs`);
	const titles = () => page.locator('article h3:visible').allTextContents();
	const all = (await titles()).length;
	await page.keyboard.press('/');
	await page.keyboard.type('XSRF tok');
	t.true((await titles()).includes('Get the XSRF token #'));
	t.true((await titles()).length < all / 4);
	const operations = await page.locator('article:not(.schema):visible').count();
	t.is(await page.locator('nav li li:visible').count(), operations);
	t.true(operations > 0);
	await page.fill('#search', 'no such thing');
	t.is(await page.locator('#found').textContent(), 'Nothing found.');
	// A link to what is hidden shows it.
	await page.evaluate("location.hash = '#logout'");
	await page.locator('#logout').waitFor();
	t.is((await titles()).length, all);
});

onStage(
	'every command can be copied, and asks the service that the page is read at',
	async (t, { page, context, service }) => {
		await context.grantPermissions(['clipboard-read', 'clipboard-write']);
		await page.goto(`${service.url}/docs#loginWithPassword`);
		await page.locator('#loginWithPassword button').click();
		await page.getByText('Copied').waitFor();
		const copied = await page.evaluate<string>('navigator.clipboard.readText()');
		t.true(copied.startsWith(`curl -i '${service.url}/services/session/v1/login/password' \\\n  -X POST \\\n`), copied);
		t.is(await page.locator('.curl').count(), await page.locator('.curl button:visible').count());
	},
);

onStage('every heading of an operation, a schema or a part has a link to itself', async (t, { page, service }) => {
	await page.goto(`${service.url}/docs`);
	const without = `[...document.querySelectorAll('main h2, article h3')].filter((heading) => {
		const href = heading.querySelector('a.deep')?.getAttribute('href') ?? '';
		return document.getElementById(href.slice(1))?.contains(heading) !== true;
	}).map((heading) => heading.textContent)`;
	t.deepEqual(await page.evaluate(without), []);
});

onStage(
	'on a phone nothing is wider than the screen, and the operations are a tap away',
	async (t, { page, service }) => {
		await page.setViewportSize({ width: 360, height: 640 });
		await page.goto(`${service.url}/docs`);
		t.is(await page.evaluate('document.documentElement.scrollWidth'), 360);
		const link = page.locator('nav a[href="#logout"]');
		t.false(await link.isVisible());
		await page.locator('summary').click();
		await link.click();
		t.true((await page.evaluate<number>("document.querySelector('#logout').getBoundingClientRect().top")) < 640);
		t.false(await link.isVisible());
	},
);

onStage('axe finds nothing in the page of the API, light or dark', async (t, { page, service }) => {
	await page.goto(`${service.url}/docs`);
	t.deepEqual(await foundByAxe(page), []);
});
