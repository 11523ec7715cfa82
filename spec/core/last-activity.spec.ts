import test from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import { createActivity, flushIntervalFor } from '../../src/core/last-activity.ts';
import type { Session, SessionKey } from '../../src/core/session.ts';
import { createHandClock } from '../_support/hand-clock.ts';

const flushIntervalMs = 60_000;

/** An activity whose store writes down what it is told, and whose timer does not matter: it flushes when told. */
function start(touch: (told: ReadonlyMap<SessionKey, Instant>) => Promise<void> = async () => {}) {
	const clock = createHandClock();
	const writes: (readonly [SessionKey, Instant])[] = [];
	const faults: unknown[] = [];
	const activity = createActivity({
		store: {
			async touch(told) {
				await touch(told);
				writes.push(...told);
			},
		},
		clock,
		flushIntervalMs,
		onFault: (cause) => faults.push(cause),
	});
	const session = (name: string): Session =>
		({ key: name as SessionKey, lastActivityAt: clock.now(), openedAt: clock.now() }) as Session;
	return { clock, activity, writes, faults, session };
}

const holds: readonly (readonly [inactivityMs: number, flushIntervalMs: number])[] = [
	[0, 60_000],
	[900_000, 60_000],
	[600_000, 60_000],
	[60_000, 6000],
	[1000, 100],
];

for (const [inactivityMs, expected] of holds) {
	test(`with an inactivity interval of ${inactivityMs} ms, activity is held back ${expected} ms at the most`, (t) => {
		t.is(flushIntervalFor(inactivityMs), expected);
	});
}

test('ten thousand requests in ten minutes cost one write a minute, and every one of them counts', async (t) => {
	const { clock, activity, writes, session } = start();
	const used = session('a');
	for (let request = 0; request < 10_000; request += 1) {
		clock.wind(60);
		activity.record(used, clock.now());
		t.is(activity.lastOf(used), clock.now());
		if (request % 16 === 0) await activity.flush();
	}
	t.true(writes.length >= 9 && writes.length <= 10, `${writes.length} writes`);
	await activity.stop();
	t.deepEqual(writes.at(-1), [used.key, clock.now()], 'and the last one is told at the end');
});

test('the first use after a pause is told at once', async (t) => {
	const { clock, activity, writes, session } = start();
	const used = session('a');
	clock.wind(5 * 60_000);
	activity.record(used, clock.now());
	await activity.flush();
	t.deepEqual(writes, [[used.key, clock.now()]]);
	await activity.stop();
});

test('a clock that goes back takes no activity back', async (t) => {
	const { clock, activity, session } = start();
	const used = session('a');
	clock.wind(1000);
	activity.record(used, clock.now());
	activity.record(used, (clock.now() - 500) as Instant);
	t.is(activity.lastOf(used), clock.now());
	t.is(activity.lastOf({ ...used, lastActivityAt: (clock.now() + 5) as Instant }), (clock.now() + 5) as Instant);
	await activity.stop();
});

test('what could not be written is told again later, and fails no request', async (t) => {
	let isAway = true;
	const { clock, activity, writes, faults, session } = start(async () => {
		if (isAway) throw new Error('disk full');
	});
	const used = session('a');
	clock.wind(flushIntervalMs);
	activity.record(used, clock.now());
	await activity.flush();
	t.is(faults.length, 1);
	t.is(activity.lastOf(used), clock.now(), 'here it counts all the same');
	isAway = false;
	await activity.flush();
	t.deepEqual(writes, [[used.key, clock.now()]]);
	await activity.stop();
});

test('asked to write everything while it writes some, it writes everything', async (t) => {
	const gate = Promise.withResolvers<void>();
	const { clock, activity, writes, session } = start(() => gate.promise);
	const rested = session('rested');
	clock.wind(flushIntervalMs);
	const fresh = session('fresh');
	clock.wind(1);
	activity.record(rested, clock.now());
	activity.record(fresh, clock.now());
	const some = activity.flush();
	const all = activity.flush('everything');
	gate.resolve();
	await Promise.all([some, all]);
	t.deepEqual(writes.map(([key]) => key).sort(), ['fresh', 'rested'] as SessionKey[]);
	await activity.stop();
});

test('sessions that are not used any more are forgotten', async (t) => {
	const { clock, activity, writes, session } = start();
	const used = session('a');
	clock.wind(flushIntervalMs);
	activity.record(used, clock.now());
	await activity.flush();
	t.is(writes.length, 1);
	clock.wind(flushIntervalMs);
	await activity.flush();
	t.is(activity.lastOf(used), used.lastActivityAt, 'the store knows as much');
	await activity.stop();
});
