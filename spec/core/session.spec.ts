import test from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import { createClock } from '../../src/core/clock.ts';
import { isExpired } from '../../src/core/session.ts';

const now = 1_800_000_000_000;
const limits = { inactivityMs: 900_000, lifetimeMs: 43_200_000 };

const cases = [
	{ says: 'a session just used is alive', silentMs: 0, oldMs: 0, over: false },
	{ says: 'a session silent for exactly the interval is alive', silentMs: 900_000, oldMs: 900_000, over: false },
	{ says: 'one millisecond more and it is over', silentMs: 900_001, oldMs: 900_001, over: true },
	{ says: 'a session as old as it may grow is alive', silentMs: 0, oldMs: 43_200_000, over: false },
	{ says: 'one millisecond older and it is over, however busy', silentMs: 0, oldMs: 43_200_001, over: true },
	{ says: 'a session opened after now (a clock was set back) is alive', silentMs: -1000, oldMs: -1000, over: false },
	{
		says: 'without an inactivity interval, silence does not matter',
		silentMs: 43_200_000,
		oldMs: 43_200_000,
		limits: { ...limits, inactivityMs: 0 },
		over: false,
	},
	{
		says: 'without an absolute lifetime, age does not matter',
		silentMs: 900_000,
		oldMs: 1e12,
		limits: { ...limits, lifetimeMs: 0 },
		over: false,
	},
	{
		says: 'without any limit nothing expires',
		silentMs: 1e12,
		oldMs: 1e12,
		limits: { inactivityMs: 0, lifetimeMs: 0 },
		over: false,
	},
];

for (const { says, silentMs, oldMs, over, limits: own = limits } of cases) {
	test(says, (t) => {
		const session = { lastActivityAt: (now - silentMs) as Instant, openedAt: (now - oldMs) as Instant };
		t.is(isExpired(session, now as Instant, own), over);
	});
}

test('the clock never goes back, goes on at its own pace meanwhile, and follows when set forward', (t) => {
	let wall = 1_000_000;
	let elapsed = 0;
	const pass = (ms: number) => {
		wall += ms;
		elapsed += ms;
	};
	const clock = createClock(
		() => wall,
		() => elapsed,
	);
	t.is(clock.now(), 1_000_000 as Instant);
	pass(500);
	t.is(clock.now(), 1_000_500 as Instant);
	wall -= 3_600_000;
	t.is(clock.now(), 1_000_500 as Instant, 'set back an hour: it stands where it was');
	pass(250);
	t.is(clock.now(), 1_000_750 as Instant, 'and time passes');
	wall += 7_200_000;
	t.is(clock.now(), 4_600_750 as Instant, 'set forward: it follows');
});
