import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import test from 'ava';
import type { Clock } from '../../src/core/clock.ts';
import { setUpApp } from '../_support/authenticator-app.ts';
import { createClient } from '../_support/client.ts';
import { openWorkplace, serve } from '../_support/command-line.ts';
import { createHandClock } from '../_support/hand-clock.ts';
import { startService, type TestService } from '../_support/service.ts';
import { echo, listen } from '../gateway/proxy/servers.ts';

const password = 'a long enough secret';

/** A line of Prometheus' text: a comment, nothing, or a name, labels and a number. */
const line =
	/^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)+\})? (-?[\d.e+-]+|[+-]Inf|NaN)|)$/;

/** The values of a scrape, by what stands before them. */
async function scrape(of: TestService | { readonly metricsUrl: string }): Promise<Map<string, number>> {
	const answer = await fetch('service' in of ? (of.service.metricsUrl ?? '') : of.metricsUrl);
	const text = await answer.text();
	if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
	const wrong = text.split('\n').filter((each) => !line.test(each));
	if (wrong.length > 0) throw new Error(`not Prometheus' text: ${wrong}`);
	const values = text.split('\n').filter((each) => each !== '' && !each.startsWith('#'));
	return new Map(values.map((each) => [each.slice(0, each.lastIndexOf(' ')), Number(each.split(' ').at(-1))]));
}

/** What grew between two scrapes, those with that beginning. */
function grown(before: Map<string, number>, after: Map<string, number>, start: string): Record<string, number> {
	const changes = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
	return Object.fromEntries(changes.filter(([name, by]) => name.startsWith(start) && by !== 0));
}

async function started(t: { teardown(close: () => unknown): void }, settings = {}, clock?: Clock) {
	const service = await startService({ metrics: { port: 0 }, ...settings }, clock);
	t.teardown(service.close);
	await service.add('foo', password, { permissions: ['rest.assets'] });
	return service;
}

test('logins are counted by protocol, credential and outcome, each once', async (t) => {
	const service = await started(
		t,
		{ attempts: { limit: 3 }, dialects: { insights: { enabled: true } } },
		// No wait is over before its time.
		createHandClock(),
	);
	const before = await scrape(service);
	const browser = createClient(service);
	await browser.login('foo', password);
	await browser.login('foo', 'wrong');
	await browser.login('nobody', password);
	await browser.post('/services/session/v1/login/certificate');
	for (let at = 0; at < 4; at += 1) await browser.login('foo', 'wrong');
	const body = new URLSearchParams({ uid: 'nobody', pw: 'wrong' });
	const insights = await fetch(`${service.url}/prime-latest/api/!login`, { method: 'POST', body });
	await insights.text();
	const logins = grown(before, await scrape(service), 'latchkey_logins_total');
	const audited = service.audit().filter(({ act }) => act === 'login');
	t.is(
		Object.values(logins).reduce((all, by) => all + by, 0),
		audited.length,
	);
	const of = (dialect: string, method: string, outcome: string) =>
		logins[`latchkey_logins_total{dialect="${dialect}",method="${method}",outcome="${outcome}"}`];
	t.is(of('kura', 'password', 'ok'), 1);
	t.is(of('kura', 'password', 'bad-credentials'), 4);
	t.is(of('kura', 'password', 'too-many-attempts'), 2);
	t.is(of('kura', 'certificate', 'bad-certificate'), 1);
	t.true(Object.keys(logins).some((name) => name.includes('dialect="insights"') && !name.includes('outcome="ok"')));
});

test('second factors are counted by method and outcome, each once; one that is set up is none', async (t) => {
	const clock = createHandClock(Date.now());
	const service = await started(t, {}, clock);
	const base = '/services/session/v1';
	const browser = createClient(service);
	await browser.login('foo', password);
	const before = await scrape(service);
	const app = await setUpApp(browser, clock.now);
	const { codes } = (await browser.post(`${base}/recoveryCodes`)).body as { codes: string[] };
	clock.wind(60_000);
	await browser.login('foo', password);
	await browser.post(`${base}/login/totp`, { code: app.wrongCode() });
	await browser.post(`${base}/login/recoveryCode`, { code: codes[0] });
	await browser.fetchXsrfToken();
	await browser.post(`${base}/proof`, { code: app.code() });
	t.deepEqual(grown(before, await scrape(service), 'latchkey_second_factors_total'), {
		'latchkey_second_factors_total{method="totp",outcome="bad-credentials"}': 1,
		'latchkey_second_factors_total{method="recovery-code",outcome="ok"}': 1,
		'latchkey_second_factors_total{method="totp",outcome="ok"}': 1,
	});
});

test('docs/metrics.md names every metric of ours', async (t) => {
	const service = await started(t);
	const docs = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
	const text = await (await fetch(service.service.metricsUrl ?? '')).text();
	const names = [...text.matchAll(/^# TYPE (latchkey_\w+) /gm)].map(([, name = '']) => name);
	t.true(names.includes('latchkey_second_factors_total'));
	const missing = names.filter(
		(name) => !docs.includes(`\`${name}\``) && !docs.includes(`\`…${name.replace(/^.*_/, '_')}\``),
	);
	t.deepEqual(missing, []);
});

test('session checks are counted by outcome', async (t) => {
	const service = await started(t);
	const visitor = createClient({ port: Number(new URL(service.url).port) });
	await visitor.login('foo', password);
	const me = '/services/session/v1/currentIdentity';
	const before = await scrape(service);
	for (let at = 0; at < 5; at += 1) await visitor.send(me);
	await visitor.withoutToken(me);
	await visitor.send(me, { headers: { Cookie: `JSESSIONID=${'A'.repeat(43)}` } });
	await createClient({ port: Number(new URL(service.url).port) }).send(me);
	const after = await scrape(service);
	t.deepEqual(grown(before, after, 'latchkey_session_checks_total'), {
		'latchkey_session_checks_total{outcome="ok"}': 5,
		'latchkey_session_checks_total{outcome="xsrf-token-mismatch"}': 1,
		'latchkey_session_checks_total{outcome="no-session"}': 1,
	});
	t.is(after.get('latchkey_audit_events_total{act="access",outcome="refused",reason="xsrf-token-mismatch"}'), 1);
});

test('live sessions are those that the store keeps', async (t) => {
	const service = await started(t);
	t.is((await scrape(service)).get('latchkey_sessions'), 0);
	const browsers = [1, 2, 3].map(() => createClient(service));
	for (const browser of browsers) await browser.login('foo', password);
	t.is((await scrape(service)).get('latchkey_sessions'), 3);
	await browsers[0]?.logout();
	t.is((await scrape(service)).get('latchkey_sessions'), 2);
});

test('hashes are counted and timed, those running and waiting shown', async (t) => {
	const slow = { passwordHash: { memory: 65_536, iterations: 3, parallelism: 1, concurrency: 1 } };
	const service = await started(t, slow);
	const before = await scrape(service);
	const logins = Promise.all(Array.from({ length: 8 }, () => createClient(service).login('foo', password)));
	let done = false;
	void logins.finally(() => {
		done = true;
	});
	let seen = before;
	while (!done && (seen.get('latchkey_password_hashes_waiting') ?? 0) < 2) seen = await scrape(service);
	t.true((seen.get('latchkey_password_hashes_waiting') ?? 0) >= 2);
	t.is(seen.get('latchkey_password_hashes_running'), 1);
	// On a machine that is busy with something else, the last ones may have been told to come again.
	const hashed = (await logins).filter(({ status }) => status === 200).length;
	const after = await scrape(service);
	t.is(after.get('latchkey_password_hashes_running'), 0);
	const times = grown(before, after, 'latchkey_password_hash_seconds');
	t.is(times.latchkey_password_hash_seconds_count, hashed);
	t.is(times['latchkey_password_hash_seconds_bucket{le="+Inf"}'], hashed);
	t.true((times.latchkey_password_hash_seconds_sum ?? 0) > 0.003);
});

test('who has to be turned away since too many wait is counted', async (t) => {
	const slow = { passwordHash: { memory: 19_456, iterations: 1, parallelism: 1, concurrency: 1 } };
	const service = await startService({ metrics: { port: 0 }, ...slow });
	t.teardown(service.close);
	// The last ones would have to wait for longer than two seconds.
	const logins = Array.from({ length: 300 }, (_, at) => createClient(service).login(`nobody ${at}`, password));
	const statuses = (await Promise.all(logins)).map(({ status }) => status);
	const refused = statuses.filter((status) => status === 503).length;
	t.true(refused > 0);
	t.is((await scrape(service)).get('latchkey_password_hash_refusals_total'), refused);
});

test('the stores’ answers are timed by what they were asked', async (t) => {
	const service = await started(t);
	const before = await scrape(service);
	const browser = createClient(service);
	await browser.login('foo', password);
	for (let at = 0; at < 64; at += 1) await browser.me();
	await browser.logout();
	const times = grown(before, await scrape(service), 'latchkey_store_seconds_count');
	const of = (store: string, operation: string) =>
		times[`latchkey_store_seconds_count{store="${store}",operation="${operation}"}`];
	t.is(of('sessions', 'insert'), 1);
	t.is(of('sessions', 'delete'), 1);
	t.is(of('identities', 'findByName'), 1);
	t.true((of('attempts', 'add') ?? 0) >= 1);
	const finds = of('sessions', 'find') ?? 0;
	t.true(finds >= 4 && finds <= 5, `${finds} of some 67 finds were timed`);
});

test('what a store does not answer is counted, and the rest still told', async (t) => {
	const service = await started(t);
	const browser = createClient(service);
	await browser.login('foo', password);
	const before = await scrape(service);
	await service.service.core.close();
	t.true((await browser.me()).status >= 500);
	const after = await scrape(service);
	t.deepEqual(grown(before, after, 'latchkey_store_failures_total{store="sessions",operation="find"}'), {
		'latchkey_store_failures_total{store="sessions",operation="find"}': 1,
	});
	t.deepEqual(grown(before, after, 'latchkey_session_checks_total'), {
		'latchkey_session_checks_total{outcome="fault"}': 1,
	});
	t.false(after.has('latchkey_sessions'), 'how many there are is not known now');
});

test('answers are counted by class, those from behind us among them', async (t) => {
	const upstream = createServer((req, res) => {
		if (req.url === '/assets/gone') res.statusCode = 404;
		return echo(req, res);
	});
	const service = await started(t, {
		resources: [
			{
				path: '/assets',
				permission: 'rest.assets',
				upstream: `http://127.0.0.1:${await listen(t as never, upstream)}`,
				xsrf: 'unsafe',
			},
		],
	});
	const browser = createClient(service);
	await browser.login('foo', password);
	const before = await scrape(service);
	for (const path of ['/assets', '/assets', '/assets/gone', '/other', '/services/session/v1/currentIdentity']) {
		await browser.get(path);
	}
	t.deepEqual(grown(before, await scrape(service), 'latchkey_http_requests_total'), {
		'latchkey_http_requests_total{status="2xx"}': 3,
		'latchkey_http_requests_total{status="4xx"}': 2,
	});
});

test('the process and its event loop are told of under the usual names', async (t) => {
	const service = await started(t);
	await scrape(service);
	await new Promise((resolve) => setTimeout(resolve, 50));
	const values = await scrape(service);
	for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds']) {
		t.true((values.get(name) ?? 0) > 0, name);
	}
	t.true((values.get('nodejs_eventloop_lag_p99_seconds') ?? 0) > 0);
});

test('no label names anybody, and nothing secret is told', async (t) => {
	const service = await started(t);
	const browser = createClient(service);
	await browser.login('foo', password);
	await browser.login('Somebody <b>', 'Another secret');
	await browser.login('foo', password);
	const text = await (await fetch(service.service.metricsUrl ?? '')).text();
	const session = String(service.audit().at(-1)?.session);
	const secrets = ['foo', 'Somebody', 'secret', '127.0.0.1', session, ...browser.jar.values()];
	for (const secret of secrets) t.false(text.includes(secret), secret);
});

const readers: { says: string; path?: string; method?: string; headers?: Record<string, string>; status: number }[] = [
	{ says: 'by address', status: 200 },
	{ says: 'by name', headers: { Host: 'localhost:9464' }, status: 200 },
	{ says: 'with a query', path: '/metrics?a=b', status: 200 },
	{ says: 'for their head', method: 'HEAD', status: 200 },
	{ says: 'by a page of another name that points here', headers: { Host: 'evil.example' }, status: 404 },
	{ says: 'at another path', path: '/', status: 404 },
	{ says: 'by another method', method: 'POST', status: 405 },
];

test('metrics are told on their own port, to clients that ask this machine by a name of its own', async (t) => {
	const service = await started(t);
	const visitor = createClient({ port: Number(new URL(service.service.metricsUrl ?? '').port) });
	for (const { says, path = '/metrics', method = 'GET', headers = {}, status } of readers) {
		const answer = await visitor.send(path, { method, headers });
		t.is(answer.status, status, says);
		t.regex(String(answer.headers['content-type']), status === 200 ? /^text\/plain; version=/ : /^application\/json/);
		t.is(answer.headers['cache-control'], 'no-store');
	}
});

test('nothing is at /metrics of the service’s own port, and without metrics.port there are none at all', async (t) => {
	const service = await startService();
	t.teardown(service.close);
	t.is((await fetch(`${service.url}/metrics`)).status, 404);
	t.is(service.service.metricsUrl, undefined);
	const other = await started(t);
	t.is((await fetch(`${other.url}/metrics`)).status, 404);
});

test('where the port for metrics is taken, nothing starts, and nothing is left open', async (t) => {
	const service = await started(t);
	const port = Number(new URL(service.service.metricsUrl ?? '').port);
	await t.throwsAsync(() => startService({ metrics: { port } }), { message: /EADDRINUSE/ });
});

test('several workers have one listener, which answers with the sum of all', async (t) => {
	const place = await openWorkplace({ metrics: { port: 0 } });
	const added = await place.run(['identity', 'add', 'jo', '--password-stdin', '--no-policy'], { stdin: password });
	t.is(added.status, 0, added.stderr);
	const server = await serve(place.folder, { args: ['--workers', '3'] });
	t.teardown(async () => {
		await server.stop();
		await place.remove();
	});
	for (let at = 0; at < 12; at += 1) await createClient(server).login('jo', password);
	const [metricsUrl = ''] = /http:\S+\/metrics/.exec(server.said.stderr) ?? [];
	t.is((await fetch(`${server.url}/metrics`)).status, 404);
	const scrapes = [await scrape({ metricsUrl }), await scrape({ metricsUrl }), await scrape({ metricsUrl })];
	for (const values of scrapes) {
		t.is(values.get('latchkey_logins_total{dialect="kura",method="password",outcome="ok"}'), 12);
		t.is(values.get('latchkey_sessions'), 12);
		t.true((values.get('process_start_time_seconds') ?? 0) < Date.now() / 1000 + 1);
	}
});
