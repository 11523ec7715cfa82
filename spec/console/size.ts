import { adminPassword, signIn } from './scenes.ts';
import { closeBrowser, setStage } from './stage.ts';

/* `npm run console:size`: what the console costs until it can be used, and what the judge of passwords costs later. */

/** Bytes as a server on the network counts them: what stands in the bodies, compressed, and the headers beside. */
interface Cost {
	readonly path: string;
	readonly body: number;
	readonly whole: number;
}

interface Paint {
	readonly firstPaint: number;
	readonly usable: number;
}

const runs = 5;
const say = (text: string) => process.stdout.write(`${text}\n`);
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function load(): Promise<{ costs: readonly Cost[]; workerBytes: number; paint: Paint }> {
	const stage = await setStage({});
	const costs: Cost[] = [];
	const counted: Promise<void>[] = [];
	stage.context.on('requestfinished', (request) => {
		counted.push(
			request.sizes().then((sizes) => {
				const { responseBodySize: body, responseHeadersSize: headers } = sizes;
				costs.push({ path: new URL(request.url()).pathname, body, whole: body + headers });
			}),
		);
	});
	await stage.service.add('admin', adminPassword);
	const started = performance.now();
	const page = await stage.open();
	const usable = performance.now() - started;
	const firstPaint = Number(
		await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0]?.startTime`),
	);
	await page.waitForLoadState('networkidle');
	await Promise.all(counted);
	const first = [...costs];

	const worker = page.waitForEvent('worker');
	await signIn(page, 'admin', adminPassword);
	await page.getByRole('link', { name: 'Password' }).click();
	await page.getByLabel('New password', { exact: true }).fill('something to judge');
	const { headers } = await fetch((await worker).url(), { headers: { 'Accept-Encoding': 'br' } });
	await stage.close();
	return { costs: first, workerBytes: Number(headers.get('content-length')), paint: { firstPaint, usable } };
}

const paints: Paint[] = [];
let last: Awaited<ReturnType<typeof load>> | undefined;
for (let run = 0; run < runs; run += 1) {
	last = await load();
	paints.push(last.paint);
}
await closeBrowser();

for (const { path, body } of last?.costs ?? []) say(`${kB(body).padStart(9)}  ${path}`);
const total = (costs: readonly Cost[] = []) => ({
	body: costs.reduce((sum, { body }) => sum + body, 0),
	whole: costs.reduce((sum, { whole }) => sum + whole, 0),
});
const first = total(last?.costs);
say(`first load: ${kB(first.body)} compressed, ${kB(first.whole)} with headers, ${last?.costs.length} requests`);
say(`later, with the first password to judge: ${kB(last?.workerBytes ?? 0)}`);
say(
	`first contentful paint ${median(paints.map(({ firstPaint }) => firstPaint)).toFixed(0)} ms, ` +
		`form ready ${median(paints.map(({ usable }) => usable)).toFixed(0)} ms (median of ${runs}, empty cache)`,
);
