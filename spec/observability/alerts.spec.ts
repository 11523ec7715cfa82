import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { z } from 'zod';
import type { AuditEvent } from '../../src/core/audit.ts';
import { setUpApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { type Selector, selectorsOf } from '../_support/promql.ts';
import { startSecureService } from '../_support/secure-service.ts';
import { hasProgram, until } from '../_support/server.ts';
import { newSharedSettings } from '../_support/servers.ts';
import { type Settings, startService } from '../_support/service.ts';
import { noSharedStores } from '../_support/shared-stores.ts';
import { startUpstream } from '../_support/upstream.ts';

/* The alerts and the dashboard of docs/metrics.md ask for what `/metrics` has. */

const examples = join(import.meta.dirname, '../examples');
const rulesFile = join(examples, 'prometheus-rules.yml');

const rule = z.strictObject({
	alert: z.string().regex(/^Latchkey[A-Z]\w+$/),
	expr: z.string(),
	for: z
		.string()
		.regex(/^\d+[smh]$/)
		.optional(),
	labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
	annotations: z.strictObject({ summary: z.string() }),
});
const rules = z
	.strictObject({ groups: z.tuple([z.strictObject({ name: z.literal('latchkey'), rules: z.array(rule) })]) })
	.parse(parse(readFileSync(rulesFile, 'utf8'))).groups[0].rules;

const panel = z.looseObject({
	id: z.int(),
	type: z.enum(['stat', 'timeseries']),
	title: z.string().min(1),
	description: z.string().min(1),
	gridPos: z.strictObject({ h: z.int(), w: z.int(), x: z.int(), y: z.int() }),
	targets: z.array(z.looseObject({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).min(1),
});
const dashboard = z
	.looseObject({
		templating: z.object({ list: z.array(z.looseObject({ name: z.string() })) }),
		panels: z.array(panel),
	})
	.parse(JSON.parse(readFileSync(join(examples, 'grafana-dashboard.json'), 'utf8')));

/** As Grafana fills it in. */
const filled = (expr: string) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.+');

const base = '/services/session/v1';
const password = 'four brown bears';

/** The series of a scrape: by name, the values of each label. */
type Series = Map<string, Map<string, Set<string>>>;

async function scrape(url: string | undefined, into: Series): Promise<void> {
	const text = await (await fetch(url ?? '')).text();
	for (const line of text.split('\n')) {
		const [, name = '', labels = ''] = /^([a-z_0-9]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
		if (name === '') continue;
		const known = into.get(name) ?? new Map<string, Set<string>>();
		for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
			known.set(label, (known.get(label) ?? new Set()).add(value));
		into.set(name, known);
	}
}

/** One that has seen everything that is counted. */
async function scraped(): Promise<Series> {
	const series: Series = new Map();
	const upstream = await startUpstream((_, res) => void res.writeHead(401).end());
	const service = await startService({
		metrics: { port: 0 },
		attempts: { limit: 1 },
		auth: { basic: true },
		dialects: { kuraTokens: { enabled: true } },
		upstreamCredentials: { robot: { cookie: { name: 'a', value: 'b' } } },
		resources: [{ path: '/refused', access: 'public', upstream: upstream.url, upstreamCredentials: 'robot' }],
	});
	try {
		await service.add('ada', password);
		const ada = createClient(service);
		await ada.login('ada', password);
		for (let at = 0; at < 20; at += 1) await ada.me();
		const issued = await ada.send('/services/token/jwt/v1/issue', { method: 'POST', basic: ['ada', password] });
		const { refreshToken, accessToken } = issued.body as { refreshToken: string; accessToken: string };
		const renew = { method: 'POST', body: refreshToken, headers: { 'Content-Type': 'text/plain' } };
		for (let at = 0; at < 2; at += 1) await createClient(service).send('/services/token/jwt/v1/refresh', renew);
		await createClient(service).get('/refused', { Authorization: `Bearer ${accessToken}` });
		await createClient(service).get(`${base}/currentIdentity`, { Authorization: `Bearer ${accessToken}` });
		for (let at = 0; at < 3; at += 1) await createClient(service).login('bob', 'wrong');
		await service.add('eve', password);
		const eve = createClient(service);
		await eve.login('eve', password);
		const app = await setUpApp(eve);
		await eve.login('eve', password);
		for (let at = 0; at < 12; at += 1) await eve.post(`${base}/login/totp`, { code: app.wrongCode() });
		appendFileSync(join(service.folder, 'latchkey.yaml'), '\nnonsense: [');
		service.service.reload();
		await scrape(service.service.metricsUrl, series);
		await service.service.core.close();
		await ada.me();
		await scrape(service.service.metricsUrl, series);
	} finally {
		await service.close();
		upstream.close();
	}
	const bound = await startSecureService({ metrics: { port: 0 }, session: { bindCertificate: true } });
	try {
		await bound.add('robot');
		const as = await bound.certificateOf('robot');
		const { setCookie } = await bound.ask('POST', `${base}/login/certificate`, { as });
		await bound.ask('GET', `${base}/xsrfToken`, { headers: { Cookie: setCookie[0]?.split(';')[0] ?? '' } });
		await scrape(bound.service.metricsUrl, series);
	} finally {
		await bound.close();
	}
	if (noSharedStores === undefined) {
		const store: Settings = await (await newSharedSettings())();
		const shared = await startService({ metrics: { port: 0 }, store });
		try {
			await until(async () => {
				await scrape(shared.service.metricsUrl, series);
				for (const store of ['sessions', 'identities'])
					if (!series.has(`latchkey_${store}_copies_age_seconds`)) throw new Error(`not heard of ${store} yet`);
			}, 60_000);
		} finally {
			await shared.close();
		}
	}
	return series;
}

let series: Series;
test.before(async () => {
	series = await scraped();
});

/** Of Prometheus itself; and what it adds to all that it scrapes. */
const ofPrometheus = new Set(['up']);
const added = new Set(['job', 'instance']);
/** With Redis and PostgreSQL alone. */
const remote = /^latchkey_(store_copies_total|(sessions|identities)_copies_age_seconds)$/;
/** What it takes a browser with a copied passkey to cause. */
const notCaused: readonly NonNullable<AuditEvent['reason']>[] = ['passkey-cloned'];

function flawsOf({ metric, matchers, groupedBy }: Selector): string[] {
	if (ofPrometheus.has(metric)) return [];
	if (remote.test(metric) && noSharedStores !== undefined) return [];
	const labels = series.get(metric);
	if (labels === undefined) return [`there is no ${metric}`];
	const unknown = [...matchers.map(({ label }) => label), ...groupedBy].filter(
		(label) => !added.has(label) && !labels.has(label),
	);
	const unseen = matchers
		.filter(({ label }) => !added.has(label))
		.flatMap(({ label, operator, value }) =>
			(operator.endsWith('~') ? value.split('|') : [value]).map((each) => [label, each]),
		)
		.filter(
			([label = '', value = '']) => !labels.get(label)?.has(value) && !notCaused.some((reason) => reason === value),
		);
	return [
		...unknown.map((label) => `${metric} has no ${label}`),
		...unseen.map(([label, value]) => `${metric} has never ${label}="${value}"`),
	];
}

/** The labels that are left for a legend or a summary. */
const leftOf = (selectors: readonly Selector[]) => new Set(selectors.flatMap(({ groupedBy }) => groupedBy));
const isGrouped = (expr: string) => /^\s*(sum|max|count|histogram_quantile|absent)\b/.test(expr);

test('each alert can be asked, of metrics and labels that there are', (t) => {
	for (const { alert, expr, annotations } of rules) {
		const selectors = selectorsOf(expr);
		t.deepEqual(selectors.flatMap(flawsOf), [], alert);
		for (const { matchers } of selectors)
			t.true(
				matchers.some(({ label, value }) => label === 'job' && value === 'latchkey'),
				alert,
			);
		const named = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
		const left = isGrouped(expr) ? leftOf(selectors) : added;
		for (const label of named) t.true(left.has(label), `${alert}: ${label}`);
	}
});

test('each panel of the dashboard can be drawn, of metrics and labels that there are', (t) => {
	for (const { title, targets } of dashboard.panels) {
		for (const { expr, legendFormat } of targets) {
			const selectors = selectorsOf(filled(expr));
			t.deepEqual(selectors.flatMap(flawsOf), [], title);
			const left = isGrouped(expr) ? leftOf(selectors) : added;
			for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
				t.true(left.has(label), `${title}: ${label}`);
		}
	}
});

test('no metric of ours is left out of the dashboard', (t) => {
	const drawn = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => selectorsOf(filled(expr))));
	const names = new Set(drawn.map(({ metric }) => metric.replace(/_bucket$/, '')));
	const ours = [...series.keys()].filter((name) => name.startsWith('latchkey_') && !/_(sum|count)$/.test(name));
	for (const name of ours) t.true(names.has(name.replace(/_bucket$/, '')), name);
});

test('panels stand beside each other, and each has a number of its own', (t) => {
	const { panels, templating } = dashboard;
	t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
	t.deepEqual(
		templating.list.map(({ name }) => name),
		['datasource', 'job'],
	);
	const taken = new Set<string>();
	for (const { title, gridPos } of panels) {
		t.true(gridPos.x + gridPos.w <= 24, title);
		for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
			for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
				t.false(taken.has(`${x} ${y}`), title);
				taken.add(`${x} ${y}`);
			}
		}
	}
});

test('the documentation explains each alert, and none that there is not', (t) => {
	const page = readFileSync(join(examples, '../../docs/metrics.md'), 'utf8');
	const explained = [...page.matchAll(/^\| `(Latchkey\w+)` \|/gm)].map(([, name]) => name);
	t.deepEqual(
		explained,
		rules.map(({ alert }) => alert),
	);
});

const broken = [
	...[
		'',
		'up{',
		'up}',
		'up[5m]',
		'rate(up)',
		'rate(up[5])',
		'rate(up[5m]) >',
		'sum(up',
		'sum by job (up)',
		'sum(up[5m])',
	],
	...[
		'foo(up)',
		'up{job=latchkey}',
		'up{job==“a”}',
		"up{job='a' instance='b'}",
		'up up',
		'1 > 2',
		'up and 1',
		'5',
		'up offset',
		'rate(rate(up[5m])[5m])',
	],
];
test('what is no expression of PromQL is told from one', (t) => {
	for (const text of broken) t.throws(() => selectorsOf(text), { instanceOf: SyntaxError }, text);
});

const promtool = 'promtool';
const noPromtool = hasProgram(promtool) ? '' : ': promtool is not installed';
(noPromtool ? test.skip : test)(
	`Prometheus itself takes the rules, fires them when it should, and takes what the dashboard asks${noPromtool}`,
	async (t) => {
		const folder = await mkdtemp(join(tmpdir(), 'latchkey-alerts-'));
		t.teardown(() => rm(folder, { recursive: true }));
		const asked = join(folder, 'dashboard.json');
		const exprs = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => filled(expr)));
		const recorded = exprs.map((expr, at) => ({ record: `asked:${at}`, expr }));
		await writeFile(asked, JSON.stringify({ groups: [{ name: 'asked', rules: recorded }] }));
		for (const words of [
			['check', 'rules', rulesFile, asked],
			['test', 'rules', join(import.meta.dirname, 'alerts-over-time.yml')],
		]) {
			const { status, stdout, stderr } = spawnSync(promtool, words, { encoding: 'utf8' });
			t.is(status, 0, stdout + stderr);
		}
	},
);
