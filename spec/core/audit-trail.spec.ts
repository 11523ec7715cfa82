import test from 'ava';
import type { AuditEvent } from '../../src/core/audit.ts';
import { fairShare, type NewAuditRow } from '../../src/core/audit-table.ts';
import { createAuditTrail } from '../../src/core/audit-trail.ts';
import { toHistoryEvent } from '../../src/core/history.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import type { SessionKey } from '../../src/core/session.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { createHandClock } from '../_support/hand-clock.ts';

const named = (name: string) => name as IdentityName;
const ada = named('ada');
const login: AuditEvent = { act: 'login', outcome: 'ok', identity: ada, method: 'password', address: '192.0.2.1' };
const refused: AuditEvent = { ...login, outcome: 'refused', reason: 'bad-credentials' };
const keepMs = 90 * 86_400_000;

/** A trail over a table that remembers what it was asked. */
function create() {
	const clock = createHandClock(1000);
	const written: NewAuditRow[] = [];
	const faults: unknown[] = [];
	const lines: AuditEvent[] = [];
	const how: { fault?: Error } = {};
	const trail = createAuditTrail({
		table: {
			async write(rows) {
				if (how.fault) throw how.fault;
				written.push(...rows);
			},
			find: async () => ({ rows: [] }),
			ofIdentity: async () => [],
			span: async () => undefined,
			count: async () => undefined,
			forget: async () => undefined,
			sweep: async (before) => (before === clock.now() - keepMs ? false : Promise.reject(new Error(String(before)))),
		},
		...{ clock, keepMs, mostRows: 1000 },
		onFault: (cause) => faults.push(cause),
	});
	const audit = trail.behind({ write: (event) => void lines.push(event) });
	const ofHistory = () => written.filter(({ owner }) => owner !== undefined);
	return { clock, trail, audit, written, ofHistory, faults, lines, how };
}

const kept: [says: string, event: AuditEvent, isKept: boolean][] = [
	['a login', login, true],
	['one that was refused', refused, true],
	['one that was not tried', { ...refused, reason: 'too-many-attempts' }, false],
	['a login of nobody known', { act: 'login', outcome: 'refused', reason: 'bad-credentials' }, false],
	['a second factor', { ...login, act: 'proof', method: 'totp' }, true],
	['a session that somebody ended', { act: 'session-end', outcome: 'ok', identity: ada, actor: named('root') }, true],
	['one that ended by itself', { act: 'session-end', outcome: 'ok', identity: ada }, false],
	['one that expired', { act: 'session-expiry', outcome: 'ok', identity: ada }, false],
	['a wrong password with the request', { ...refused, act: 'access', method: 'basic' }, true],
	['a denied page', { act: 'access', outcome: 'refused', reason: 'permission-missing', identity: ada }, false],
	['a token', { act: 'token-add', outcome: 'ok', identity: ada }, true],
	['an invitation', { act: 'invitation-use', outcome: 'ok', identity: ada, purpose: 'new-factor' }, true],
	['a right', { act: 'permission-grant', outcome: 'ok', identity: ada }, false],
	['a start', { act: 'start', outcome: 'ok' }, false],
];

for (const [says, event, isKept] of kept) {
	test(`${says} is in the table, and ${isKept ? 'a part' : 'no part'} of a history`, async (t) => {
		const { trail, audit, written, ofHistory, lines } = create();
		audit.write(event);
		await trail.stop();
		t.deepEqual(
			written.map((row) => row.event),
			[event],
		);
		t.is(ofHistory().length, isKept ? 1 : 0);
		t.deepEqual(lines, [event]);
	});
}

test('the device is in the table and in no line; the history does not tell from where somebody else did it', async (t) => {
	const { trail, audit, written, lines } = create();
	audit.write({ ...login, device: 'Firefox on Linux' });
	audit.write({ act: 'password-reset', outcome: 'ok', identity: ada, actor: named('root'), address: '192.0.2.9' });
	audit.write({ act: 'session-end', outcome: 'ok', identity: ada, actor: ada, address: '192.0.2.3' });
	await trail.stop();
	t.deepEqual(lines[0], login);
	t.is(written[1]?.event.address, '192.0.2.9');
	t.like(
		written.map(({ at, event }) => toHistoryEvent({ ...event, at, id: 1 })),
		[
			{ act: 'login', device: 'Firefox on Linux', address: '192.0.2.1' },
			{ act: 'password-reset', actor: 'root', address: undefined },
			{ act: 'session-end', actor: undefined, address: '192.0.2.3' },
		],
	);
});

test('one request is one event of a history, however many sessions it ends; no two have the same moment', async (t) => {
	const { trail, audit, written, ofHistory } = create();
	const end: AuditEvent = { act: 'session-end', outcome: 'ok', identity: ada, actor: named('root'), requestId: 'r-1' };
	for (let count = 0; count < 100; count += 1) audit.write(end);
	audit.write({ ...end, requestId: 'r-2' });
	audit.write({ ...login, requestId: 'r-2' });
	await trail.flush();
	audit.write({ ...login, requestId: 'r-3' });
	await trail.stop();
	t.is(written.length, 103);
	t.deepEqual(
		ofHistory().map(({ at }) => Number(at)),
		[1000, 1001, 1002, 1003],
	);
});

test('what could not be written is written later, in its order, and not without end; it is told once', async (t) => {
	const { trail, audit, written, faults, lines, how } = create();
	how.fault = new StoreUnavailable('SQLite');
	audit.write({ ...login, requestId: '1' });
	await trail.flush();
	// Many of each: the most of one kind in a minute are no matter here.
	for (let count = 0; count < 20_000; count += 1) audit.write({ ...login, identity: named(`n${count}`) });
	await trail.flush();
	t.is(faults.length, 1);
	delete how.fault;
	await trail.stop();
	t.is(lines.length, 20_001, 'the log has all of them');
	t.is(written.length, 10_000);
	t.is(trail.lost.waiting, 10_001);
	t.is(written[0]?.event.requestId, '1');
});

test('while the store is away, refusals leave half of the room to others', async (t) => {
	const { clock, trail, audit, written, how } = create();
	how.fault = new StoreUnavailable('SQLite');
	for (let minute = 0; minute < 20; minute += 1) {
		for (let count = 0; count < 600; count += 1) audit.write({ ...refused, identity: named(`n${count}`) });
		clock.wind(60_000);
	}
	audit.write(login);
	delete how.fault;
	await trail.stop();
	t.is(written.length, 5001);
	t.is(written.at(-1)?.event, login);
});

test('what cannot be written at all stands in nobody’s way, and is counted', async (t) => {
	const { trail, audit, written, faults, how } = create();
	how.fault = new Error('a mistake of ours');
	audit.write(login);
	await trail.flush();
	delete how.fault;
	audit.write(refused);
	await trail.stop();
	t.is(faults.length, 1);
	t.deepEqual(trail.lost, { flood: 0, waiting: 0, fault: 1 });
	t.deepEqual(
		written.map(({ event }) => event.outcome),
		['refused'],
	);
});

test('what is not written yet goes with a rename; of who is removed it is in the audit, and in no history', async (t) => {
	const { trail, audit, written } = create();
	const countess = named('countess');
	audit.write(login);
	audit.write({ ...login, identity: named('bob') });
	audit.write({ act: 'identity-rename', outcome: 'ok', identity: ada, newName: countess });
	audit.write({ act: 'identity-remove', outcome: 'ok', identity: named('bob') });
	await trail.stop();
	t.deepEqual(
		written.map(({ owner, event }) => [owner, event.identity, event.act]),
		[
			[countess, ada, 'login'],
			[undefined, named('bob'), 'login'],
			[countess, ada, 'identity-rename'],
			[undefined, named('bob'), 'identity-remove'],
		],
	);
});

const theft = { act: 'session-stolen', outcome: 'refused', reason: 'bad-certificate', identity: ada } as const;
const floods: [says: string, event: (nth: number) => AuditEvent, most: number][] = [
	['a thief of a bound session', () => theft, 20],
	['somebody who makes tokens', () => ({ act: 'token-add', outcome: 'ok', identity: ada }), 200],
	['a guesser of names', () => ({ act: 'login', outcome: 'refused', address: '192.0.2.1' }), 20],
	['a guesser of names with many addresses', (nth) => ({ act: 'login', outcome: 'refused', address: `${nth}` }), 600],
	['a guesser with a list of names', (nth) => ({ ...refused, identity: named(`n${nth}`) }), 600],
];

for (const [says, event, most] of floods) {
	test(`${says} fills no disk, and takes the place of nobody else's lines`, async (t) => {
		const { clock, trail, audit, written, lines } = create();
		for (let count = 0; count < 20_000; count += 1) audit.write({ ...event(count), requestId: `${count}` });
		audit.write(login);
		audit.write({ ...theft, identity: named('bob') });
		await trail.flush();
		t.is(written.length, most + 2);
		t.is(trail.lost.flood, 20_000 - most);
		t.is(lines.length, 20_002, 'the log has all of them');
		clock.wind(60_000);
		audit.write(event(0));
		await trail.stop();
		t.is(written.length, most + 3);
	});
}

test('a thief of one session hides no thief of another', async (t) => {
	const { trail, audit, written } = create();
	for (let count = 0; count < 100; count += 1) audit.write({ ...theft, session: 'a' as SessionKey });
	audit.write({ ...theft, session: 'b' as SessionKey });
	await trail.stop();
	t.is(written.length, 21);
});

test('a fault of the log is one of the request, and the table has no line that the log has not', async (t) => {
	const { trail, written } = create();
	const audit = trail.behind({
		write() {
			throw new StoreUnavailable('audit');
		},
	});
	t.throws(() => audit.write(login), { instanceOf: StoreUnavailable });
	await trail.stop();
	t.deepEqual(written, []);
});

const shares: [counts: number[], most: number, share: number][] = [
	[[], 10, Number.POSITIVE_INFINITY],
	[[3, 4], 10, Number.POSITIVE_INFINITY],
	[[3, 100], 10, 7],
	[[100, 3, 100], 10, 3],
	[[1, 2, 50, 60], 33, 15],
	[[5, 5, 5], 9, 3],
];
for (const [counts, most, share] of shares) {
	test(`of ${counts.join(', ') || 'none'}, where ${most} may stay, each kind may have ${share}`, (t) => {
		t.is(fairShare(counts, most), share);
		t.true(counts.reduce((sum, count) => sum + Math.min(count, share), 0) <= most);
	});
}
