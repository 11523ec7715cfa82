import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { ensureApiDocs } from '../../.ci/prestart.ts';
import type { OpenApi } from '../../src/api-docs/document.ts';
import { inline, prose } from '../../src/api-docs/html.ts';
import { pageOf } from '../../src/api-docs/page.ts';
import { createClient } from '../_support/client.ts';
import { contract, operations } from '../_support/contract.ts';
import { startService, type TestService } from '../_support/service.ts';

let service: TestService;
test.before(async (t) => {
	t.true(await ensureApiDocs());
	service = await startService();
});
test.after.always(() => service.close());

/** As a browser asks that has it in its cache. */
const having = (etag = '') => ({ 'If-None-Match': etag, 'Cache-Control': 'max-age=0' });

test('/openapi.yaml is the document in the repository, and is sent once', async (t) => {
	const browser = createClient(service);
	const answer = await browser.get('/openapi.yaml');
	t.is(answer.status, 200);
	t.is(answer.headers['content-type'], 'application/yaml; charset=utf-8');
	t.is(answer.body, readFileSync('openapi.yaml', 'utf8'));
	const again = await browser.get('/openapi.yaml', having(answer.headers.etag));
	t.is(again.status, 304);
	t.is(again.body, '');
});

test('/docs is a page that is sent once, too', async (t) => {
	const browser = createClient(service);
	const answer = await browser.get('/docs');
	t.is(answer.status, 200);
	t.is(answer.headers['content-type'], 'text/html; charset=utf-8');
	t.is((await browser.get('/docs', having(answer.headers.etag))).status, 304);
	t.is((await browser.get('/docs', having('"another"'))).status, 200);
});

test('/openapi.json says the same as /openapi.yaml', async (t) => {
	const answer = await createClient(service).get('/openapi.json');
	t.is(answer.headers['content-type'], 'application/json; charset=utf-8');
	t.deepEqual(answer.body, JSON.parse(JSON.stringify(contract)));
});

for (const path of ['/docs', '/openapi.yaml', '/openapi.json']) {
	test(`${path} is compressed for who takes that, and the same in the end`, async (t) => {
		const get = (accepts: string) => fetch(service.url + path, { headers: { 'Accept-Encoding': accepts } });
		const plain = await get('identity');
		t.is(plain.headers.get('Content-Encoding'), null);
		const text = await plain.text();
		for (const encoding of ['br', 'gzip']) {
			const answer = await get(encoding);
			t.is(answer.headers.get('Content-Encoding'), encoding);
			t.is(answer.headers.get('Vary'), 'Accept-Encoding');
			t.true(Number(answer.headers.get('Content-Length')) < text.length / 4);
			t.is(await answer.text(), text);
		}
	});
}

test('the page loads nothing, and its one style and its one script are those that the policy names', async (t) => {
	const { body, headers } = await createClient(service).get('/docs');
	const page = String(body);
	const policy = String(headers['content-security-policy']);
	t.true(policy.startsWith("default-src 'none';"));
	t.notRegex(policy, /unsafe|\*|https?:/);
	t.notRegex(page, /<(img|iframe|object|embed|form|base)\b|\bsrc=|\bon\w+=|\bstyle=|@import|url\(/i);
	for (const element of ['style', 'script']) {
		const [, text = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(page) ?? [];
		t.is(page.split(`<${element}`).length, 2, element);
		const hash = createHash('sha256').update(text).digest('base64');
		t.true(policy.includes(`${element}-src 'sha256-${hash}';`), element);
	}
	const links = [...page.matchAll(/<link\b[^>]*href="([^"]*)"/g)].map(([, href = '']) => href);
	t.true(links.every((href) => href.startsWith('data:')));
});

test('the page shows every operation and every schema, and every link in it leads somewhere', (t) => {
	const page = pageOf(contract).replace(/<script>.*<\/script>/s, '');
	const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id = '']) => id);
	t.deepEqual(ids, [...new Set(ids)], 'ids are unique');
	const wanted = [
		...operations.map(({ operation }) => operation.operationId),
		...Object.keys(contract.components.schemas).map((name) => `schema-${name}`),
		...Object.keys(contract.components.securitySchemes).map((name) => `proof-${name}`),
		...[...page.matchAll(/href="#([^"]+)"/g)].map(([, id = '']) => id),
	];
	t.deepEqual(
		wanted.filter((id) => !ids.includes(id)),
		[],
	);
	t.notRegex(page, /\[object Object\]|\bundefined\b|\bNaN\b/);
});

test('whatever text the document holds, it stays text', (t) => {
	const hostile = '<script>alert("1")</script>\'&';
	const text = new Set(['title', 'version', 'summary', 'description', 'message', 'pattern']);
	const poisoned = JSON.parse(JSON.stringify(contract), (key, value: unknown) =>
		text.has(key) && typeof value === 'string' ? `${value}${hostile}` : value,
	) as OpenApi;
	const page = pageOf(poisoned);
	t.is(page.split(/<script/i).length, 2, 'our own');
	t.true(page.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;'));
});

const descriptions: readonly (readonly [says: string, markdown: string, page: string])[] = [
	['paragraphs', 'one\ntwo\n\nthree\n', '<p>one\ntwo</p><p>three</p>'],
	['headings', '## `A` and B', '<h4><code>A</code> and B</h4>'],
	['lists', '- one\n  more\n- two', '<ul><li>one\n  more</li><li>two</li></ul>'],
	['numbered lists', '1. one\n2. two', '<ol><li>one</li><li>two</li></ol>'],
	['code, where nothing else means anything', '`a < **b**`', '<p><code>a &lt; **b**</code></p>'],
	['strong words', '**all** of it', '<p><strong>all</strong> of it</p>'],
	['links', '[there](https://example.org/?a&b)', '<p><a href="https://example.org/?a&amp;b">there</a></p>'],
	['links within the page and the service', '[a](#b) [c](/d)', '<p><a href="#b">a</a> <a href="/d">c</a></p>'],
	['no links that run something', '[a](javascript:alert)', '<p>[a](javascript:alert)</p>'],
	['no links that leave the service unseen', '[a](//evil.example)', '<p>[a](//evil.example)</p>'],
	['no markup', '<b>&amp;</b>', '<p>&lt;b&gt;&amp;amp;&lt;/b&gt;</p>'],
	['no attributes', '[a](https://e.org/"onclick=x)', '<p><a href="https://e.org/&quot;onclick=x">a</a></p>'],
];

for (const [says, markdown, page] of descriptions) {
	test(`a description may have ${says}`, (t) => t.is(prose(markdown).markup, page));
}

test('a description within a line has no paragraphs', (t) => t.is(inline('a `b`\n').markup, 'a <code>b</code>'));
