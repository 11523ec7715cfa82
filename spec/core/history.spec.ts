import test from 'ava';
import type { AuditEvent } from '../../src/core/audit.ts';
import { createHistory, historyMs, type NamedHistoryEvent } from '../../src/core/history.ts';
import type { IdentityName } from '../../src/core/identity.ts';
import type { SessionKey } from '../../src/core/session.ts';
import { StoreUnavailable } from '../../src/core/stores.ts';
import { createHandClock } from '../_support/hand-clock.ts';

const named = (name: string) => name as IdentityName;
const ada = named('ada');
const login: AuditEvent = { act: 'login', outcome: 'ok', identity: ada, method: 'password', address: '192.0.2.1' };
const refused: AuditEvent = { ...login, outcome: 'refused', reason: 'bad-credentials' };

/** A history over a store that remembers what it was asked. */
function create() {
	const clock = createHandClock(1000);
	const written: NamedHistoryEvent[] = [];
	const faults: unknown[] = [];
	const lines: AuditEvent[] = [];
	const trimmed: string[] = [];
	const how: { fault?: Error } = {};
	const history = createHistory({
		store: {
			async write(events) {
				if (how.fault) throw how.fault;
				written.push(...events);
			},
			list: async () => [],
			async trim(of) {
				if (how.fault) throw how.fault;
				trimmed.push(of);
			},
			sweep: async (before) => (before === clock.now() - historyMs ? false : Promise.reject(new Error(String(before)))),
		},
		clock,
		onFault: (cause) => faults.push(cause),
	});
	const audit = history.behind({ write: (event) => void lines.push(event) });
	return { clock, history, audit, written, faults, lines, trimmed, how };
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
	test(`${says} ${isKept ? 'is' : 'is not'} in the history`, async (t) => {
		const { history, audit, written, lines } = create();
		audit.write(event);
		await history.stop();
		t.is(written.length, isKept ? 1 : 0);
		t.deepEqual(lines, [event]);
	});
}

test('the device is in the history and in no line; from where somebody else did it is not told', async (t) => {
	const { history, audit, written, lines } = create();
	audit.write({ ...login, device: 'Firefox on Linux' });
	audit.write({ act: 'password-reset', outcome: 'ok', identity: ada, actor: named('root'), address: '192.0.2.9' });
	audit.write({ act: 'session-end', outcome: 'ok', identity: ada, actor: ada, address: '192.0.2.3' });
	await history.stop();
	t.deepEqual(lines[0], login);
	t.like(written, [
		{ identity: ada, act: 'login', device: 'Firefox on Linux', address: '192.0.2.1' },
		{ act: 'password-reset', actor: 'root', address: undefined },
		{ act: 'session-end', actor: undefined, address: '192.0.2.3' },
	]);
});

test('one request is one event, however many sessions it ends; no two have the same moment', async (t) => {
	const { history, audit, written } = create();
	const end: AuditEvent = { act: 'session-end', outcome: 'ok', identity: ada, actor: named('root'), requestId: 'r-1' };
	for (let count = 0; count < 100; count += 1) audit.write(end);
	audit.write({ ...end, requestId: 'r-2' });
	audit.write({ ...login, requestId: 'r-2' });
	await history.flush();
	audit.write({ ...login, requestId: 'r-3' });
	await history.stop();
	t.deepEqual(
		written.map(({ at }) => Number(at)),
		[1000, 1001, 1002, 1003],
	);
});

test('what could not be written is written later, in its order, and not without end', async (t) => {
	const { history, audit, written, faults, how } = create();
	how.fault = new StoreUnavailable('SQLite');
	audit.write({ ...login, requestId: '1' });
	await history.flush();
	t.is(faults.length, 1);
	for (let count = 0; count < 20_000; count += 1) audit.write({ ...refused, identity: named(`n${count}`) });
	delete how.fault;
	await history.stop();
	t.is(written.length, 10_000);
	t.is(written[0]?.outcome, 'ok');
});

test('what cannot be written at all stands in nobody’s way', async (t) => {
	const { history, audit, written, faults, how } = create();
	how.fault = new Error('a mistake of ours');
	audit.write(login);
	await history.flush();
	delete how.fault;
	audit.write(refused);
	await history.stop();
	t.is(faults.length, 1);
	t.deepEqual(
		written.map(({ outcome }) => outcome),
		['refused'],
	);
});

test('what is not written yet goes with a rename and with a removal', async (t) => {
	const { history, audit, written } = create();
	const countess = named('countess');
	audit.write(login);
	audit.write({ ...login, identity: named('bob') });
	audit.write({ act: 'identity-rename', outcome: 'ok', identity: ada, newName: countess });
	audit.write({ act: 'identity-remove', outcome: 'ok', identity: named('bob') });
	await history.stop();
	t.deepEqual(
		written.map(({ identity, act }) => [identity, act]),
		[
			['countess', 'login'],
			['countess', 'identity-rename'],
		],
	);
});

test('a sweep trims those that have grown, once, and forgets what is 90 days old', async (t) => {
	const { history, audit, trimmed } = create();
	audit.write(login);
	await history.flush();
	const pause = async () => undefined;
	await history.sweep(pause);
	await history.sweep(pause);
	t.deepEqual(trimmed, ['ada']);
	await history.stop();
});

const floods: [says: string, event: AuditEvent, most: number][] = [
	[
		'a thief of a bound session',
		{ act: 'session-stolen', outcome: 'refused', reason: 'bad-certificate', identity: ada },
		20,
	],
	['somebody who makes tokens', { act: 'token-add', outcome: 'ok', identity: ada }, 200],
];

for (const [says, event, most] of floods) {
	test(`${says} fills no disk, and takes the place of nobody else's events`, async (t) => {
		const { clock, history, audit, written } = create();
		for (let count = 0; count < 20_000; count += 1) audit.write({ ...event, requestId: `${count}` });
		audit.write(login);
		audit.write({ ...login, identity: named('bob') });
		await history.flush();
		const ofKind = () => written.filter(({ act }) => act === event.act).length;
		t.is(ofKind(), most);
		t.is(written.length, most + 2);
		clock.wind(60_000);
		audit.write(event);
		await history.stop();
		t.is(ofKind(), most + 1);
	});
}

test('whose events could not be trimmed is trimmed later', async (t) => {
	const { history, audit, trimmed, how } = create();
	for (const name of ['ada', 'bob']) audit.write({ ...login, identity: named(name) });
	await history.flush();
	how.fault = new Error('away');
	const pause = async () => undefined;
	await t.throwsAsync(history.sweep(pause));
	delete how.fault;
	await history.sweep(pause);
	t.deepEqual(trimmed.sort(), ['ada', 'bob']);
	await history.stop();
});

test('a thief of one session hides no thief of another', async (t) => {
	const { history, audit, written } = create();
	const theft = { act: 'session-stolen', outcome: 'refused', reason: 'bad-certificate', identity: ada } as const;
	for (let count = 0; count < 100; count += 1) audit.write({ ...theft, session: 'a' as SessionKey });
	audit.write({ ...theft, session: 'b' as SessionKey });
	await history.stop();
	t.is(written.length, 21);
});
