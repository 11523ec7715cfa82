import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parseDocument } from 'yaml';
import { descriptions } from '../../src/config/descriptions.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { schema } from '../../src/config/schema.ts';
import { blocksOf } from '../_support/walk.ts';

/* `config schema`: what an editor is told of the file is what the pages say, and what the service takes. */

const root = join(import.meta.dirname, '../..');
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const pages = [
	'README.md',
	...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
];

const made = jsonSchema();
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(made);

/** Examples that are part of a Latchkey configuration; others are of other programs. */
const examples = pages.flatMap((page) =>
	blocksOf(read(page)).flatMap(({ language, lines }) => {
		if (language !== 'yaml') return [];
		const document = parseDocument(lines.join('\n'));
		const value: unknown = document.toJS();
		const keys = Object.keys(Object(value));
		const isOurs = keys.some((key) => key in schema.shape);
		// Compose has services and networks, Traefik http, too.
		const isOthers = keys.includes('services') || 'routers' in Object(Object(value).http);
		return isOurs && !isOthers ? [{ page, at: lines[0] ?? '', value }] : [];
	}),
);

test('it is a schema of draft 2020-12, and no key but those of the schema is taken', (t) => {
	t.is(made.$schema, 'https://json-schema.org/draft/2020-12/schema');
	t.deepEqual(Object.keys(made.properties as object), Object.keys(schema.shape));
	t.true(validate({}));
	const wrong = [
		{ htp: {} },
		{ http: { port: 'eighty' } },
		{ http: { port: 70_000 } },
		{ session: { afterPasswordChange: 'keep' } },
		{ resources: [{ path: 'x', permission: 'a' }] },
		{ resources: [{ path: '/x', permision: 'a' }] },
		{ resources: [{ path: '/x', permission: 'a..b' }] },
		{ networks: { '1': ['10.0.0.0/8'] } },
		{ trustedProxies: '10.0.0.0/8' },
	];
	for (const value of wrong) t.false(validate(value), JSON.stringify(value));
});

test('every example of the pages is valid', (t) => {
	t.log(`${examples.length} examples`);
	t.true(examples.length >= 15);
	for (const { page, at, value } of examples) {
		t.true(validate(value), `${page}: ${at}: ${JSON.stringify(validate.errors)}`);
	}
});

/** A cell as plain text: links are their words, and references to other pages are left out. */
const plain = (cell: string) =>
	cell
		.replace(/ ?\(\[[^\]]*\]\([^)]*\)\)/g, '')
		.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
		.trim();

test('editors show the words of the page of the configuration', (t) => {
	const rows = [...read('docs/configuration.md').matchAll(/^\| `([A-Za-z[\].]+)` \| .*? \| ?(.*?) ?\|$/gm)];
	t.deepEqual({ ...descriptions }, Object.fromEntries(rows.map(([, key = '', meaning = '']) => [key, plain(meaning)])));
	const text = JSON.stringify(made);
	for (const [key, description] of Object.entries(descriptions)) {
		t.true(text.includes(`"description":${JSON.stringify(description)}`), key);
	}
});

test('the page says how an editor learns of it', (t) => {
	const page = read('docs/configuration.md');
	t.regex(page, /latchkey config schema > latchkey\.schema\.json/);
	t.regex(page, /^# yaml-language-server: \$schema=latchkey\.schema\.json$/m);
});
