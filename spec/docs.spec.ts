import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import { blocksOf } from './_support/walk.ts';

/*
 * The README and the pages in docs as pages: links lead somewhere, everything is found, pictures are small. Their
 * commands: `spec/readme.package.ts`.
 */

const root = join(import.meta.dirname, '..');
const inDocs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...inDocs.map((name) => `docs/${name}`)];
const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** Without its blocks and its code, in which brackets are no links. */
const proseOf = (page: string) => read(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');

/** As GitHub makes them from headings; GitLab and Forgejo do the same for the letters that we use. */
function anchorsOf(page: string): Set<string> {
	const headings = [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) => text);
	const slugs = headings.map((text) =>
		text
			.toLowerCase()
			.replaceAll(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-'),
	);
	return new Set(slugs.map((slug, at) => (slugs.indexOf(slug) < at ? `${slug}-${at}` : slug)));
}

/** Links and pictures of a page that lead into this repository. */
function linksOf(page: string): { link: string; file: string; anchor: string }[] {
	const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
	return links
		.filter((link) => !/^[a-z]+:/.test(link))
		.map((link) => {
			const [path = '', anchor = ''] = link.split('#');
			const file = path === '' ? page : relative(root, join(root, dirname(page), path));
			return { link, file, anchor };
		});
}

test('every link between pages and files leads somewhere, to a heading too', (t) => {
	for (const page of pages) {
		for (const { link, file, anchor } of linksOf(page)) {
			t.true(existsSync(join(root, file)), `${page}: ${link}`);
			if (anchor !== '' && file.endsWith('.md')) t.true(anchorsOf(file).has(anchor), `${page}: ${link}`);
		}
	}
});

test('every page is found from the README, and stands in the list of pages', (t) => {
	const listed = linksOf('docs/README.md').map(({ file }) => file);
	const found = new Set(['README.md']);
	for (const page of found) for (const { file } of linksOf(page)) if (file.endsWith('.md')) found.add(file);
	for (const name of inDocs) {
		t.true(found.has(`docs/${name}`), name);
		if (name !== 'README.md') t.true(listed.includes(`docs/${name}`), name);
	}
});

test('a README is read in one go', (t) => {
	const lines = read('README.md').trimEnd().split('\n').length;
	t.true(lines >= 150 && lines <= 200, `${lines} lines`);
});

test('pictures are small enough for every reader, and each is shown', (t) => {
	const shown = new Set(pages.flatMap(linksOf).map(({ file }) => file));
	for (const name of readdirSync(join(root, 'docs/images'))) {
		const file = `docs/images/${name}`;
		t.true(statSync(join(root, file)).size <= 80_000, file);
		t.true(shown.has(file), file);
	}
});

test('commands that no spec types say why', (t) => {
	const left = pages.flatMap((page) => blocksOf(read(page)).map((block) => ({ page, ...block })));
	const notRun = left.filter(({ notRun }) => notRun !== undefined);
	for (const { page, lines, notRun: why = '' } of notRun) t.log(`${page}: ${lines[0]}: ${why}`);
	t.true(notRun.every(({ notRun: why = '' }) => why.length > 10));
});

test('what the pages have one make is left alone by git', (t) => {
	const ignored = read('.gitignore').split('\n');
	const made = [
		...[
			'/jar',
			'/cookie.txt',
			'/site/',
			'/certs/',
			'/proxy/',
			'/kismet-key',
			'/exporter-key',
			'/kura-password',
			'/latchkey.yaml',
			'/latchkey.schema.json',
			'/vite.config.js',
			'/settings.js',
		],
		...[
			'/latchkey.backup*',
			'/admin-password',
			'/users_database.yml',
			'/snapshot_0.xml',
			'/people.json',
			'/*.log',
			'.secrets/',
			'data/',
			'*.tgz',
			'/backup.sql',
			'/sbom.cdx.json',
			'/sbom/',
		],
	];
	for (const each of made) t.true(ignored.includes(each), each);
});
