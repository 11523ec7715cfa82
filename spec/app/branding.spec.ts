import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { ensureConsole } from '../../.ci/prestart.ts';
import { examine } from '../../src/app/validate.ts';
import { accentsOf, contrastOf, reasonAgainstAccent } from '../../src/config/accent.ts';
import { type ConfigError, loadConfig } from '../../src/config/read.ts';
import { createClient } from '../_support/client.ts';
import { startService } from '../_support/service.ts';
import { soon } from '../store/soon.ts';

/* Whose product the pages show. The console in a browser: `spec/console/branding.spec.ts`. */

let folder: string;
const png = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
	'base64',
);
const svg = '<?xml version="1.0"?>\n<!-- ours -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>';

test.before(async (t) => {
	t.true(await ensureConsole());
	folder = await mkdtemp(join(tmpdir(), 'latchkey-branding-'));
});
test.after.always(() => rm(folder, { recursive: true }));

/** What `config check` says of it. */
async function problemsOf(yaml: string): Promise<readonly string[]> {
	const file = join(folder, 'latchkey.yaml');
	await writeFile(file, yaml);
	try {
		const { config, placeOf } = loadConfig({ file, env: {} });
		examine(config, placeOf);
		return [];
	} catch (fault) {
		return (fault as ConfigError).lines.map((line) => line.replaceAll(`${folder}/`, ''));
	}
}

const inFile = (name: string, content: string | Buffer) => writeFile(join(folder, name), content);

const wrong: readonly (readonly [yaml: string, problem: RegExp])[] = [
	[
		"accent: '#ffcc00'",
		/^latchkey\.yaml:2: portal\.accent: #ffcc00 has a contrast of 1\.3:1 with #f5f4f0 in the light theme, and text needs 4\.5:1; #826800 would do$/,
	],
	[
		"accent: { light: '#0055aa', dark: '#0055aa' }",
		/portal\.accent\.dark: #0055aa .* in the dark theme, .*; #3d9eff would do$/,
	],
	['accent: #0055aa', /portal\.accent: must be a colour in quotes/],
	['accent: green', /portal\.accent: must be a colour in quotes/],
	["accent: { light: '#0055aa' }", /portal\.accent/],
	['title: "  "', /portal\.title: must be 1 to 60 printable characters/],
	['help: { url: "javascript:alert(1)" }', /portal\.help\.url: must be https/],
	['help: {}', /portal\.help: needs a text or a url/],
	['help: [1]', /portal\.help: must be a text, or a text and a url/],
	['logo: none.svg', /^latchkey\.yaml:2: portal\.logo: none\.svg: ENOENT/],
	['logo: large.png', /portal\.logo: large\.png: is larger than 64 KiB/],
	['logo: page.svg', /portal\.logo: page\.svg: is neither SVG nor PNG, whatever its name says/],
	['logo: entities.svg', /is neither SVG nor PNG/],
];

test('what cannot be shown, or not be read, is refused before the start, with the place and what would do', async (t) => {
	await inFile('large.png', Buffer.concat([png, Buffer.alloc(64 * 1024)]));
	await inFile('page.svg', '<!doctype html><svg></svg>');
	await inFile('entities.svg', '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>');
	for (const [yaml, problem] of wrong) {
		const problems = await problemsOf(`portal:\n  ${yaml}\n`);
		t.is(problems.length, 1, yaml);
		t.regex(problems[0] ?? '', problem, yaml);
	}
	await inFile('logo.gif', png);
	await inFile('logo.svg', svg);
	for (const yaml of ['logo: logo.gif', 'logo: logo.svg', "accent: '#0AF'", "accent: '#0055aa'", 'help: Call 555']) {
		const isLight = yaml.includes('0AF');
		t.is((await problemsOf(`portal:\n  ${yaml}\n`)).length, isLight ? 1 : 0, yaml);
	}
});

test('whatever colour is given, what is made of it is read well in both themes, and so is every colour that would do', (t) => {
	const grounds = { light: ['#ffffff', '#faf9f6', '#f5f4f0'], dark: ['#1a2124', '#161c1f', '#12171a'] };
	const channels = [0, 51, 102, 153, 204, 255].map((value) => value.toString(16).padStart(2, '0'));
	for (const red of channels)
		for (const green of channels)
			for (const blue of channels) {
				const given = `#${red}${green}${blue}`;
				const proposed = / (#[0-9a-f]{6}) would do$/.exec(reasonAgainstAccent(given, 'light') ?? '')?.[1] ?? given;
				t.is(reasonAgainstAccent(proposed, 'light'), undefined, given);
				const accents = accentsOf({ light: proposed });
				for (const theme of ['light', 'dark'] as const) {
					const { accent, strong, on, soft } = accents[theme];
					const pairs = [...grounds[theme], soft, on].map((other) => [accent, other]);
					for (const [one = '', other = ''] of [...pairs, [strong, soft], [strong, on]])
						t.true(contrastOf(one, other) >= 4.5, `${given} ${theme}: ${one} and ${other}`);
				}
			}
});

test('the grounds that are compared with are those of the console', (t) => {
	const css = readFileSync(new URL('../../src/console/style/base.css', import.meta.url), 'utf8');
	const [light = '', dark = ''] = css.split('prefers-color-scheme');
	for (const [theme, colours] of [
		[light, ['ground: #f5f4f0', 'paper: #ffffff', 'sunken: #faf9f6']],
		[dark, ['ground: #12171a', 'paper: #1a2124', 'sunken: #161c1f']],
	] as const)
		for (const colour of colours) t.true(theme.includes(`--${colour}`), colour);
});

const title = 'Plant <42> & "Co"';

async function startBranded(portal: object) {
	await inFile('logo.svg', svg);
	return startService({
		portal: { title, logo: join(folder, 'logo.svg'), accent: '#0055aa', ...portal },
		resources: [{ path: '/wiki', permission: 'wiki', upstream: 'http://127.0.0.1:1', xsrf: 'unsafe' }],
	});
}

test('the console comes with title, logo, colours and help, and its policy has no hole', async (t) => {
	const service = await startBranded({ help: { text: 'Call <555>', url: 'https://help.example.org/' } });
	t.teardown(() => service.close());
	const page = await fetch(service.url);
	const text = await page.text();
	t.notRegex(page.headers.get('content-security-policy') ?? '', /unsafe|nonce|sha256/);
	t.true(text.includes('<title>Plant &lt;42&gt; &amp; &quot;Co&quot;</title>'));
	t.false(text.includes('<script>1'));
	const [, told = ''] = /<meta name="brand" content="([^"]*)">/.exec(text) ?? [];
	const brand = JSON.parse(
		told
			.replace(/&quot;/g, '"')
			.replace(/&lt;/g, '<')
			.replace(/&gt;/g, '>')
			.replace(/&amp;/g, '&'),
	);
	t.like(brand, { title, help: { text: 'Call <555>', url: 'https://help.example.org/' } });
	t.regex(brand.logo, /^\/console\/brand\/[0-9a-f]{32}\.svg$/);

	const logo = await fetch(service.url + brand.logo);
	t.is(await logo.text(), svg);
	t.like(Object.fromEntries(logo.headers), {
		'content-type': 'image/svg+xml',
		'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox",
		'x-content-type-options': 'nosniff',
		'cache-control': 'public, max-age=31536000, immutable',
	});
	const [, css = ''] = /<link rel="stylesheet" href="([^"]*brand[^"]*)"><\/head>/.exec(text) ?? [];
	const style = await fetch(service.url + css);
	t.is(style.headers.get('content-type'), 'text/css; charset=utf-8');
	t.regex(await style.text(), /^:root\{--accent:#0055aa;.*dark\)\{:root\{--accent:#3d9eff;/);
	t.is((await fetch(`${service.url}/console/brand/x.svg`)).status, 404);
});

const navigation = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };

test('the pages that say why something is not shown are of the same product, and load nothing', async (t) => {
	const service = await startBranded({});
	t.teardown(() => service.close());
	await service.add('ada', 'a long password');
	await service.add('root', 'a long password', { permissions: ['wiki'] });
	for (const [name, status] of [
		['ada', 403],
		['root', 502],
	] as const) {
		const client = createClient(service);
		await client.login(name, 'a long password');
		const page = await client.get('/wiki', navigation);
		t.is(page.status, status);
		t.regex(page.text, /<title>[^<]* – Plant &lt;42&gt; &amp; &quot;Co&quot;<\/title>/);
		t.true(page.text.includes(`src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}"`));
		t.true(page.text.includes('--accent:#0055aa'));
		const policy = String(page.headers['content-security-policy']);
		t.regex(
			policy,
			/^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/,
		);
	}
});

test('apps and passkeys call the service by the title, where nothing else is said', async (t) => {
	for (const [more, name] of [
		[{}, title],
		[{ secondFactor: { issuer: 'Gate' } }, 'Gate'],
	] as const) {
		const service = await startService({ portal: { title }, ...more });
		t.teardown(() => service.close());
		const { url } = service;
		t.is(service.service.core.passkeys.relyingPartyOf('http://localhost:1')?.name, name);
		await service.add('ada', 'a long password');
		const ada = createClient(service);
		await ada.login('ada', 'a long password');
		const made = await ada.post('/services/session/v1/authenticators/totp', { name: 'Phone' });
		t.true(String((made.body as { uri?: string }).uri).includes(`issuer=${encodeURIComponent(name)}`), url);
	}
});

test('a changed file changes the brand while the service runs; a logo that cannot be used changes nothing', async (t) => {
	const service = await startBranded({});
	t.teardown(() => service.close());
	const file = join(service.folder, 'latchkey.yaml');
	const written = parse(readFileSync(file, 'utf8')) as { portal: object };
	const titleNow = async () => /<title>([^<]*)/.exec(await (await fetch(service.url)).text())?.[1];
	await writeFile(file, JSON.stringify({ ...written, portal: { ...written.portal, title: 'Harbour' } }));
	service.service.reload();
	t.true(await soon(async () => (await titleNow()) === 'Harbour'));
	await writeFile(file, JSON.stringify({ ...written, portal: { title: 'Nobody', logo: 'none.svg' } }));
	service.service.reload();
	t.true(await soon(async () => service.lines.some(({ problems }) => /portal\.logo/.test(String(problems)))));
	t.is(await titleNow(), 'Harbour');
});
