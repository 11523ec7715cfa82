import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureConsole } from '../.ci/prestart.ts';
import { startGrafana } from './_support/grafana.ts';
import { startKismet } from './_support/kismet.ts';
import { startKura } from './_support/kura.ts';
import { startNodeRed } from './_support/node-red.ts';
import { caddy, haproxy, nginx } from './_support/proxies.ts';
import {
	type Block,
	blocksOf,
	fileOf,
	isAsShown,
	openPlace,
	openTerminal,
	type Place,
	stepsOf,
	type Terminal,
	until,
	writeBlock,
} from './_support/walk.ts';
import { browser, closeBrowser, noBrowser } from './console/stage.ts';

/*
 * The commands of the README and of the pages in docs, to the letter, in one copy of the project and in the order in
 * which they stand: what somebody gets who reads from top to bottom. Only the ports are others.
 */

const root = join(import.meta.dirname, '..');
const ports = ['8080', '8081', '8443', '9000', '9443', '9444', '9445', '9464', '2501', '1880', '3000', '5173', '8181'];
const password = 'a quiet harbour at dawn';

const read = (file: string) => readFile(join(root, file), 'utf8');
const index = await read('docs/README.md');
const listed = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name = '']) => `docs/${name}`);
const texts = new Map(
	await Promise.all(['README.md', ...listed].map(async (page) => [page, await read(page)] as const)),
);
/** Those that have commands which run here. */
const pages = listed.filter((page) =>
	blocksOf(texts.get(page) ?? '').some(({ language, notRun }) => language === 'sh' && notRun === undefined),
);

/** What a page needs that may not be there. */
const missing: Readonly<Record<string, string | undefined>> = {
	'docs/nginx.md': nginx === undefined ? 'nginx is not installed' : undefined,
	'docs/caddy.md': caddy === undefined ? 'Caddy is not installed' : undefined,
	'docs/haproxy.md': haproxy === undefined ? 'HAProxy is not installed' : undefined,
};

/** What stands behind Latchkey on a page, and is said to be there. */
const behind: Readonly<Record<string, () => Promise<{ close(): void }>>> = {
	'docs/kismet.md': () => startKismet(Number(place.here('2501'))),
	'docs/grafana.md': () => startGrafana(Number(place.here('3000'))),
	'docs/node-red.md': () => startNodeRed(Number(place.here('1880'))),
	'docs/kura.md': () => startKura(Number(place.here('8181'))),
};

/** The README has shown that npx finds the command; on the pages it takes most of the time. */
const quicker = 'npx() { if [ "$1" = latchkey ]; then shift; node src/launcher.js "$@"; else command npx "$@"; fi; }';

let place: Place;
let terminal: Terminal;

test.before(async (t) => {
	t.timeout(120_000);
	const folder = await mkdtemp(join(tmpdir(), 'latchkey-readme-'));
	for (const part of ['package.json', 'src', 'openapi.yaml', 'tsconfig.json', '.ci', 'spec/examples']) {
		await cp(join(root, part), join(folder, part), { recursive: true, preserveTimestamps: true });
	}
	await ensureConsole();
	await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
	await mkdir(join(folder, 'dist'));
	await symlink(join(root, 'dist/console'), join(folder, 'dist/console'));
	place = await openPlace(folder, ports);
	for (const name of ['nginx.conf', 'Caddyfile', 'haproxy.cfg']) {
		const file = join(folder, 'spec/examples', name);
		await writeFile(file, place.here(await readFile(file, 'utf8')));
	}
	terminal = openTerminal(folder, place.env);
	await place.start();
});

test.after.always(async () => {
	terminal.close();
	place.close();
	await closeBrowser();
	await rm(place.folder, { recursive: true });
});

async function walk(t: ExecutionContext, page: string): Promise<void> {
	for (const block of blocksOf(texts.get(page) ?? '')) await walkBlock(t, block);
}

async function walkBlock(t: ExecutionContext, block: Block): Promise<void> {
	const file = fileOf(block);
	if (file !== undefined && block.notRun === undefined) await writeBlock(place, file, block);
	if (file === 'latchkey.yaml') await place.start();
	if (block.language !== 'sh' || block.notRun !== undefined) return;
	for (const { command, prints } of stepsOf(block)) {
		// `npm start` has a terminal of its own, and the packages are there.
		if (['npm ci', 'npm start'].includes(command)) continue;
		const { out, status } = await terminal.run(place.here(command));
		t.is(status, 0, `${command}\n${out}`);
		if (prints.length > 0) t.true(isAsShown(out, prints.map(place.here)), `${command}\nprints:\n${out}`);
		else t.notRegex(out, /error|latchkey:/i, command);
	}
}

/** The part of the README that has this heading. */
function section(title: string): string {
	const parts = (texts.get('README.md') ?? '').split(/^## /m);
	return parts.find((part) => part.startsWith(`${title}\n`)) ?? '';
}

test.serial('the README: the first administrator is made in a browser, with the link that is printed', async (t) => {
	t.timeout(120_000);
	const told = section('First login in a browser');
	await until(async () => place.said().includes('#setup='));
	const [, link = '', token = ''] = /(http:\/\/\S+#setup=(\S+))/.exec(place.said()) ?? [];
	t.true(told.includes('#setup='));
	const base = place.here('http://127.0.0.1:8080');
	if (noBrowser !== undefined) {
		t.log(`by its API: ${noBrowser}`);
		const headers = { 'Content-Type': 'application/json' };
		const body = JSON.stringify({ username: 'admin', password, token });
		t.true((await fetch(`${base}/services/session/v1/setup`, { method: 'POST', headers, body })).ok);
		return;
	}
	const page = await (await (await browser()).newContext()).newPage();
	const click = async (name: string) => {
		t.true(told.includes(`**${name}**`), name);
		await page.getByRole('button', { name, exact: true }).click();
	};
	await page.goto(link);
	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByLabel('Repeat the password').fill(password);
	await click('Create administrator');
	await page.getByText('The administrator is created').waitFor();
	await page.getByLabel('Password', { exact: true }).fill(password);
	await click('Sign in');
	await page.getByRole('heading', { name: 'My sessions' }).waitFor();
	t.true(told.includes('**Identities**'));
	await page.getByRole('link', { name: 'Identities' }).waitFor();
});

test.serial('the README: from the first login by curl to a protected page', async (t) => {
	t.timeout(180_000);
	await walk(t, 'README.md');
});

(noBrowser ? test.skip : test.serial)(
	`the README: the protected page opens in the browser that is signed in, and leads others to the sign-in page, and back${noBrowser ? `: ${noBrowser}` : ''}`,
	async (t) => {
		t.timeout(60_000);
		const [address = ''] = /http:\/\/\S+?\/wiki\//.exec(section('Protect a page')) ?? [];
		const [context] = (await browser()).contexts();
		const page = await context!.newPage();
		await page.goto(place.here(address));
		t.is(await page.getByRole('heading').textContent(), 'The crown jewels');
		const stranger = await (await (await browser()).newContext()).newPage();
		await stranger.goto(place.here(address));
		await stranger.getByRole('heading', { name: 'Sign in' }).waitFor();
		await stranger.getByLabel('User name', { exact: true }).fill('admin');
		await stranger.getByLabel('Password', { exact: true }).fill(password);
		await stranger.getByRole('button', { name: 'Sign in', exact: true }).click();
		await stranger.getByRole('heading', { name: 'The crown jewels' }).waitFor();
		t.is(stranger.url(), place.here(address));
	},
);

for (const page of pages) {
	const reason = missing[page];
	(reason === undefined ? test.serial : test.skip)(
		`its commands run: ${page}${reason === undefined ? '' : `: ${reason}`}`,
		async (t) => {
			t.timeout(180_000);
			await terminal.run(quicker);
			const system = await behind[page]?.();
			try {
				await walk(t, page);
			} finally {
				system?.close();
			}
		},
	);
}
