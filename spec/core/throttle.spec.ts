import test from 'ava';
import type { AttemptStore } from '../../src/core/stores.ts';
import { createAttempts, sourceOf } from '../../src/core/throttle.ts';
import { createHandAttempts, minuteMs, named } from '../_support/core.ts';
import { createHandClock } from '../_support/hand-clock.ts';

const here = '192.0.2.1';
const elsewhere = '198.51.100.7';
const rules = { limit: 10, windowMs: 5 * minuteMs };

function start(store?: (kept: AttemptStore) => AttemptStore) {
	const clock = createHandClock();
	const kept = createHandAttempts(clock);
	const waits: number[] = [];
	const attempts = createAttempts(store?.(kept) ?? kept, rules, async (ms) => void waits.push(ms));

	/** One attempt from begin to end: what became of it. */
	async function attempt(isRight: boolean, name = 'victim', address = here): Promise<'right' | 'wrong' | number> {
		const admitted = await attempts.admit(named(name), address);
		if (!admitted.ok) {
			return admitted.refusal.kind === 'too-many-attempts' ? admitted.refusal.retryAfterMs : Number.NaN;
		}
		await (isRight ? admitted.value.succeeded() : admitted.value.failed());
		return isRight ? 'right' : 'wrong';
	}

	async function fail(times: number, name?: string, address?: string) {
		for (let time = 0; time < times; time += 1) await attempt(false, name, address);
	}
	return { clock, attempts, attempt, fail, waits, kept };
}

test('ten wrong passwords are without consequence; then that source waits a second, two, four … a quarter of an hour', async (t) => {
	const { attempt, clock } = start();
	for (let time = 1; time <= 10; time += 1) t.is(await attempt(false), 'wrong', `${time}`);
	for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
		t.is(await attempt(true), seconds * 1000, 'even the right one');
		clock.wind(seconds * 1000 - 1);
		t.is(await attempt(true), 1);
		clock.wind(1);
		t.is(await attempt(false), 'wrong', `one more after ${seconds} s`);
	}
});

test('the right password makes all wrong ones before it forgotten', async (t) => {
	const { attempt, fail } = start();
	await fail(9);
	t.is(await attempt(true), 'right');
	for (let time = 1; time <= 10; time += 1) t.is(await attempt(false), 'wrong', `${time}`);
	t.is(await attempt(true), 1000);
});

test('wrong passwords are forgotten after the time within which they are counted', async (t) => {
	const { attempt, fail, clock } = start();
	await fail(9);
	clock.wind(rules.windowMs);
	for (let time = 1; time <= 10; time += 1) t.is(await attempt(false), 'wrong', `${time}`);
	t.is(await attempt(true), 1000);
});

test('names that nobody has are counted like all others', async (t) => {
	const { attempt, fail } = start();
	await fail(10, 'nobody at all');
	t.is(await attempt(false, 'nobody at all'), 1000);
});

test('no way to write a name or an address makes it another one', async (t) => {
	const { attempt } = start();
	const names = ['Victim', 'VICTIM', 'ｖictim', 'victim'];
	for (let time = 0; time < 10; time += 1) t.is(await attempt(false, names[time % 4]), 'wrong');
	for (const name of names) t.is(await attempt(false, name), 1000, name);
	t.is(await attempt(false, 'victim', `::ffff:${here}`), 1000);
});

const sources: readonly (readonly [address: string, source: string])[] = [
	['192.0.2.1', '192.0.2.1'],
	['::ffff:192.0.2.1', '192.0.2.1'],
	['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
	['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
	['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
	['2001:db8::1', '2001:db8:0:0::/64'],
	['::1', '0:0:0:0::/64'],
	['fe80::1%eth0', 'fe80:0:0:0::/64'],
	...['[2001:db8::7]:40001', '1:2:3:4:5:6:7:8:9::1', ':::', 'unknown', '', '203.0.113.9:1'].map(
		(odd) => [odd, odd] as const,
	),
];

for (const [address, source] of sources) {
	test(`${address} guesses as ${source}`, (t) => t.is(sourceOf(address), source));
}

test('nobody is locked out by others: the right person gets in from elsewhere, a moment later at the most', async (t) => {
	const { attempt, fail, waits, clock } = start();
	t.is(await attempt(true, 'victim', elsewhere), 'right');
	for (let time = 0; time < 1000; time += 1) {
		await attempt(false);
		clock.wind(time % 7 === 0 ? 900_000 : 1000);
	}
	t.true(waits.length > 0, 'the attacker is slowed down besides');
	waits.length = 0;
	t.is(await attempt(true, 'victim', elsewhere), 'right');
	t.deepEqual(waits, [], 'one who has signed in from there before does not even wait');

	await fail(100, 'other', here);
	for (let source = 0; source < 12; source += 1) await fail(9, 'other', `203.0.113.${source}`);
	waits.length = 0;
	t.is(await attempt(true, 'other', elsewhere), 'right');
	t.deepEqual(waits, [1500], 'a stranger to that name waits, and is let in');
});

test('a hundred wrong ones in a row from anywhere, and not before, make strangers wait', async (t) => {
	const { attempt, fail, waits } = start();
	for (let source = 0; source < 11; source += 1) await fail(9, 'victim', `203.0.113.${source}`);
	t.is(await attempt(false, 'victim', elsewhere), 'wrong');
	t.deepEqual(waits, []);
	t.is(await attempt(false, 'victim', '198.51.100.8'), 'wrong');
	t.deepEqual(waits, [1500]);
	t.is(await attempt(true, 'victim', '198.51.100.9'), 'right');
	waits.length = 0;
	await attempt(false, 'victim', '198.51.100.10');
	t.deepEqual(waits, [], 'a login in between ends the row');
});

/** So many at once; each is tried for a while. Returns what became of them and how many were tried. */
async function together(rights: readonly boolean[], attempts: ReturnType<typeof start>['attempts']) {
	let tried = 0;
	const became = await Promise.all(
		rights.map(async (isRight) => {
			const admitted = await attempts.admit(named('victim'), here);
			if (!admitted.ok) return 'refused';
			tried += 1;
			await new Promise((done) => setTimeout(done, 1));
			await (isRight ? admitted.value.succeeded() : admitted.value.failed());
			return isRight ? 'right' : 'wrong';
		}),
	);
	return { tried, of: (what: string) => became.filter((each) => each === what).length };
}

test('of 200 wrong passwords at once ten are tried', async (t) => {
	const { attempts } = start();
	const { tried, of } = await together(new Array<boolean>(200).fill(false), attempts);
	t.is(tried, 10);
	t.is(of('refused'), 190);
});

test('a right one in the midst of 200 wrong ones does not get more of them tried', async (t) => {
	const { attempts } = start();
	const { tried } = await together(
		Array.from({ length: 201 }, (_, at) => at === 150),
		attempts,
	);
	t.is(tried, 10);
});

test('of twenty right ones at once all are let in: those beyond the limit wait for the others', async (t) => {
	const { attempts } = start();
	t.is((await together(new Array<boolean>(20).fill(true), attempts)).of('right'), 20);
});

test('one beyond the limit waits for the outcome of those under way, and is judged by it', async (t) => {
	const { attempts } = start();
	const ten = await Promise.all(Array.from({ length: 10 }, () => attempts.admit(named('victim'), here)));
	let isAdmitted = false;
	const eleventh = attempts.admit(named('victim'), here).then((outcome) => {
		isAdmitted = true;
		return outcome;
	});
	const turn = () => new Promise((done) => setImmediate(done));
	await turn();
	t.false(isAdmitted);
	const [first, ...others] = ten.map((outcome) => (outcome.ok ? outcome.value : undefined));
	await first?.succeeded();
	await turn();
	t.true(isAdmitted);
	for (const other of others) await other?.abandoned();
	const outcome = await eleventh;
	t.true(outcome.ok);
	if (outcome.ok) await outcome.value.failed();
});

test('attempts that came to no judgement are no wrong passwords', async (t) => {
	const { attempts, attempt } = start();
	for (let time = 0; time < 50; time += 1) {
		const admitted = await attempts.admit(named('victim'), here);
		t.true(admitted.ok, `${time}`);
		if (admitted.ok) await admitted.value.abandoned();
	}
	t.is(await attempt(true), 'right');
});

test('a store that fails lets nobody in, and holds nobody up once it is back', async (t) => {
	let isAway = true;
	const away = () => (isAway ? Promise.reject(new Error('away')) : undefined);
	const { attempts, attempt } = start((kept) => ({
		...kept,
		find: async (key) => (await away()) ?? kept.find(key),
		add: async (key, forMs) => (await away()) ?? kept.add(key, forMs),
	}));
	const all = Array.from({ length: 30 }, () => attempts.admit(named('victim'), here));
	for (const each of all) await t.throwsAsync(each, { message: 'away' });
	isAway = false;
	t.is(await attempt(true), 'right');
});

test('attempts that came to no judgement are not counted: after any number of them, the first wrong one is the first', async (t) => {
	const { attempts, attempt, kept } = start();
	for (let time = 0; time < 20; time += 1) {
		const admitted = await attempts.admit(named('victim'), here);
		t.true(admitted.ok, `${time}`);
		if (admitted.ok) await admitted.value.abandoned();
	}
	t.is(kept.size, 0);
	for (let time = 1; time <= 10; time += 1) t.is(await attempt(false), 'wrong', `${time}`);
	t.is(await attempt(true), 1000);
});
