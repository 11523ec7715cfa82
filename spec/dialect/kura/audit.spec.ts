import { connect } from 'node:net';
import test from 'ava';
import type { AuditEvent } from '../../../src/core/audit.ts';
import type { IdentityName } from '../../../src/core/identity.ts';
import { type Client, createClient } from '../../_support/client.ts';
import { createHandClock, minuteMs } from '../../_support/hand-clock.ts';
import { startService } from '../../_support/service.ts';

/* The audit, as administrators search it and take it along. */

const base = '/services/session/v1';
const password = 'a long and honest password';
const clock = createHandClock(Date.now());
const service = await startService({ attempts: { limit: 100 } }, clock);
await service.add('root', password, { permissions: ['kura.admin'] });
test.after.always(() => service.close());

async function signedIn(name: string) {
	const browser = createClient(service);
	await browser.login(name, password);
	return browser;
}

type Event = Readonly<Record<string, string>>;
interface Page {
	readonly events: Event[];
	readonly next?: string;
}
const pageOf = async (browser: Client, query = '') => (await browser.get(`${base}/audit${query}`)).body as Page;
const inWords = ({ events }: Page) =>
	events.map(({ act, outcome, identity }) => `${act} ${outcome} ${identity ?? '-'}`);
const write = (event: Partial<AuditEvent>) =>
	service.service.core.audit.write({ act: 'login', outcome: 'ok', ...event } as AuditEvent);

test.serial('an administrator finds who did what, newest first, with all that the log has', async (t) => {
	clock.wind(1000);
	await service.add('ada', password);
	clock.wind(1000);
	// One after the other: what happens in one millisecond has no order.
	const act = async <T>(what: Promise<T>) => {
		const done = await what;
		clock.wind(1000);
		return done;
	};
	await act(createClient(service).login('ada', 'not the password'));
	await act(createClient(service).login('nobody: a password in the wrong field', 'x'));
	const ada = await act(signedIn('ada'));
	t.is((await act(ada.get(`${base}/audit`))).status, 403);
	const root = await signedIn('root');
	const page = await pageOf(root);
	t.deepEqual(inWords(page), [
		'login ok root',
		'access refused ada',
		'login ok ada',
		'login refused -',
		'login refused ada',
		'identity-add ok ada',
		'identity-add ok root',
	]);
	t.is(page.next, undefined);
	const [, denied, signIn] = page.events;
	t.like(denied, { reason: 'permission-missing' });
	t.like(signIn, { address: '127.0.0.1', method: 'password', dialect: 'kura' });
	t.like(page.events.at(-1), { actor: 'operator' });
	const { requestId, session } = signIn ?? {};
	t.truthy(service.audit().find((line) => line.requestId === requestId && line.session === session));
	t.false(JSON.stringify(page).includes('wrong field'), 'what is no name of anybody is nowhere');
});

test.serial('who looks at it stands in it: once, and not for each page', async (t) => {
	const root = await signedIn('root');
	const reads = () => service.audit().filter(({ act }) => act === 'audit-read').length;
	const before = reads();
	const { next } = await pageOf(root, '?limit=2');
	await pageOf(root, `?limit=2&cursor=${next}`);
	t.is(reads(), before + 1);
	t.like((await pageOf(root, '?act=audit-read&limit=1')).events[0], { identity: 'root', address: '127.0.0.1' });
	await root.get(`${base}/audit/export?format=csv&act=start`);
	t.like(service.audit().at(-1), { act: 'audit-export', identity: 'root' });
});

test.serial('filters are by time, person, act, outcome and address, and by all of them at once', async (t) => {
	clock.wind(minuteMs);
	const from = new Date(clock.now()).toISOString();
	const bob = 'bob' as IdentityName;
	write({ identity: bob, address: '203.0.113.7' });
	write({ identity: bob, address: '203.0.113.77', outcome: 'refused', reason: 'bad-credentials' });
	write({ act: 'password-reset', identity: 'cem' as IdentityName, actor: bob, address: '2001:db8::7' });
	clock.wind(minuteMs);
	const to = new Date(clock.now()).toISOString();
	write({ identity: bob, address: '203.0.113.7' });
	const root = await signedIn('root');
	const cases: [query: string, count: number][] = [
		[`person=bob`, 4],
		[`person=bob&from=${from}&to=${to}`, 3],
		[`person=cem`, 1],
		[`person=bob&act=login`, 3],
		[`person=bob&outcome=refused`, 1],
		['address=203.0.113.7', 2],
		['address=203.0.113.7*', 3],
		['address=2001:DB8::7', 1],
		[`person=bob&act=login&outcome=ok&address=203.0.113.7&from=${to}`, 1],
		['person=bo', 0],
		[`person=${encodeURIComponent("' OR 1=1 --")}`, 0],
		['person=%25', 0],
		['act=no-such-act', 0],
	];
	for (const [query, count] of cases) t.is((await pageOf(root, `?${query}`)).events.length, count, query);
	const wrong = [
		...['limit=0', 'limit=201', 'limit=1&limit=2', 'cursor=x', 'cursor=WzEsIngiXQ', 'from=yesterday', 'outcome=maybe'],
		...[
			'to=2026-99-01T00:00:00Z',
			'act=%27',
			'address=%25',
			'address=*.1',
			'person=',
			'person=a%00',
			'person=a&person=b',
		],
		...['sort=act', 'format=csv'],
	];
	for (const query of wrong) {
		t.like(await root.get(`${base}/audit?${query}`), { status: 400, body: { code: 'malformed' } }, query);
	}
	for (const query of ['', 'format=xlsx', 'format=csv&limit=1']) {
		t.is((await root.get(`${base}/audit/export?${query}`)).status, 400, query);
	}
});

test.serial('it is read in pages without a gap, while others come', async (t) => {
	const root = await signedIn('root');
	for (let count = 0; count < 150; count += 1) write({ act: 'token-refresh', identity: `n${count}` as IdentityName });
	const seen: string[] = [];
	for (let query = '?act=token-refresh&limit=40'; ; ) {
		const { events, next } = await pageOf(root, query);
		seen.push(...events.map(({ identity }) => identity ?? ''));
		write({ act: 'token-refresh', identity: 'late' as IdentityName });
		if (next === undefined) break;
		query = `?act=token-refresh&limit=40&cursor=${next}`;
	}
	t.deepEqual(
		seen,
		Array.from({ length: 150 }, (_, count) => `n${149 - count}`),
	);
});

test.serial('as CSV it is a table that no spreadsheet runs, as NDJSON what the pages have', async (t) => {
	const root = await signedIn('root');
	const names = ['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '＝1', '\u00a0=1', 'plain', 'with "quotes", and commas;=1'];
	for (const name of names) write({ act: 'token-issue', identity: name as IdentityName, address: '192.0.2.1' });
	const csv = await root.get(`${base}/audit/export?format=csv&act=token-issue`);
	t.is(csv.status, 200);
	t.regex(csv.headers['content-disposition'] ?? '', /^attachment; filename="latchkey-audit\.csv"$/);
	t.is(csv.headers['x-content-type-options'], 'nosniff');
	const [head, ...lines] = csv.text.trimEnd().split('\r\n');
	t.true(head?.startsWith('time,act,outcome,reason,identity,newName,actor,address,device,'));
	const cells = lines.map((line) => /^[^,]+,token-issue,ok,,("(?:[^"]|"")*"|[^,]*),/.exec(line)?.[1]).reverse();
	t.deepEqual(cells, [
		...['"\'=1+1"', '"\'+1"', '"\'-1"', '"\'@SUM(A1)"', '"\' =1"', '"\'＝1"', '"\'\u00a0=1"', 'plain'],
		'"with ""quotes"", and commas;=1"',
	]);
	const ndjson = await root.get(`${base}/audit/export?format=ndjson&act=token-issue`);
	const parsed = ndjson.text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));
	t.deepEqual(parsed, (await pageOf(root, '?act=token-issue')).events);
	t.is((await root.send(`${base}/audit/export?format=csv`, { method: 'HEAD' })).text, '');
	t.is((await root.withoutToken(`${base}/audit/export?format=csv`)).status, 401);
	t.is((await createClient(service).get(`${base}/audit`)).status, 401);
});

test.serial('an export holds a few rows in memory, and ends when the client hangs up', async (t) => {
	const root = await signedIn('root');
	const rows = Array.from({ length: 500 }, (_, count) => ({
		at: clock.now(),
		event: {
			act: 'login',
			outcome: 'ok',
			identity: `n${count}` as IdentityName,
			requestId: 'r'.repeat(36),
		} as AuditEvent,
	}));
	let asked = 0;
	const { core } = service.service;
	const { page } = core.auditTrail;
	Object.assign(core.auditTrail, {
		async page(...query: Parameters<typeof page>) {
			asked += 1;
			return { rows: rows.map((row, id) => ({ ...row.event, at: row.at, id })), next: { at: row0At(), id: 0 }, query };
		},
	});
	t.teardown(() => Object.assign(core.auditTrail, { page }));
	const row0At = () => rows[0]?.at;
	const { port } = new URL(service.url);
	const socket = connect(Number(port), '127.0.0.1');
	t.teardown(() => socket.destroy());
	socket.pause();
	const lines = ['GET /services/session/v1/audit/export?format=ndjson HTTP/1.1', `Host: 127.0.0.1:${port}`];
	socket.write(`${lines.join('\r\n')}\r\nCookie: ${root.cookies()}\r\nX-XSRF-Token: ${root.xsrfToken()}\r\n\r\n`);
	const settled = async () => {
		// It goes on only as long as somebody reads: what fits into the buffers on the way.
		for (let before = -1; before !== asked || asked < 2; await new Promise((done) => setTimeout(done, 500)))
			before = asked;
		return asked;
	};
	const unread = await settled();
	t.true(unread < 500, `${unread}`);
	socket.destroy();
	const after = await settled();
	t.true(after < 500, `${after}`);
	t.is((await root.get(`${base}/xsrfToken`)).status, 200);
});
