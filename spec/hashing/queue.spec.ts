import test, { type ExecutionContext } from 'ava';
import type { HashQueue } from '../../src/core/password.ts';
import { createHashQueue } from '../../src/hashing/queue.ts';

/** Work that ends when it is told to, and what of it is under way. */
function createWork() {
	const under: (() => void)[] = [];
	let most = 0;
	return {
		under,
		get most() {
			return most;
		},
		begin: () =>
			new Promise<void>((end) => {
				under.push(end);
				most = Math.max(most, under.length);
			}),
		endOne() {
			under.shift()?.();
		},
	};
}

/** Six of them, and in which order they were begun. */
function beginSix(queue: HashQueue, work: ReturnType<typeof createWork>) {
	const begun: number[] = [];
	const all = Array.from({ length: 6 }, (_, number) =>
		queue.run(() => {
			begun.push(number);
			return work.begin();
		}),
	);
	return { begun, all };
}

const turn = () => new Promise<void>((done) => setImmediate(done));

test('no more than its width run at once, first come, first served', async (t) => {
	const queue = createHashQueue({ width: 2, ahead: 0, maxWaitMs: 60_000 });
	const work = createWork();
	const { begun, all } = beginSix(queue, work);
	for (let ended = 0; ended < 6; ended += 1) {
		await turn();
		t.true(work.under.length <= 2);
		t.deepEqual(queue.state(), { running: Math.min(2, 6 - ended), waiting: Math.max(0, 4 - ended) });
		work.endOne();
	}
	await Promise.all(all);
	t.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
	t.deepEqual(queue.state(), { running: 0, waiting: 0 });
});

test('who comes at the moment that a turn is handed on does not slip in beside it', async (t) => {
	const queue = createHashQueue({ width: 1, ahead: 0, maxWaitMs: 60_000 });
	const work = createWork();
	const first = queue.run(work.begin);
	const second = queue.run(work.begin);
	const late: Promise<unknown>[] = [];
	const comeSoon = (microtasks: number): void => {
		late.push(queue.run(work.begin));
		if (microtasks > 0) queueMicrotask(() => comeSoon(microtasks - 1));
	};
	work.endOne();
	comeSoon(10);
	await turn();
	for (let ended = 0; ended < 20; ended += 1) {
		work.endOne();
		await turn();
	}
	await Promise.all([first, second, ...late]);
	t.is(work.most, 1);
});

test('who is ahead is handed over before its turn, counts as waiting, and nobody overtakes it', async (t) => {
	const queue = createHashQueue({ width: 2, ahead: 1, maxWaitMs: 60_000 });
	const work = createWork();
	const { begun, all } = beginSix(queue, work);
	for (let ended = 0; ended < 6; ended += 1) {
		await turn();
		t.is(work.under.length, Math.min(3, 6 - ended));
		t.deepEqual(queue.state(), { running: Math.min(2, 6 - ended), waiting: Math.max(0, 4 - ended) });
		// One of two threads may take long: then the third that was handed over ends before the first.
		if (ended === 1) work.under.reverse();
		work.endOne();
	}
	await Promise.all(all);
	t.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
	t.deepEqual(queue.state(), { running: 0, waiting: 0 });
});

test('work that fails hands its turn on', async (t) => {
	const queue = createHashQueue({ width: 1, ahead: 0, maxWaitMs: 60_000 });
	const failing = queue.run(async () => {
		throw new Error('no memory');
	});
	const next = queue.run(async () => 'done');
	await t.throwsAsync(failing, { message: 'no memory' });
	t.deepEqual(await next, { ok: true, value: 'done' });
});

test('who would wait longer than allowed is told so at once, and when to come back', async (t) => {
	// As long as nothing else is known, one is taken to last 20 ms: five wait, at the most.
	const queue = createHashQueue({ width: 1, ahead: 0, maxWaitMs: 100 });
	const work = createWork();
	const all = Array.from({ length: 200 }, () => queue.run(work.begin));
	await turn();
	t.deepEqual(queue.state(), { running: 1, waiting: 5 });
	const outcomes = await Promise.all(all.slice(6));
	for (const outcome of outcomes) {
		t.false(outcome.ok);
		if (!outcome.ok) t.deepEqual(outcome.refusal, { kind: 'too-busy', retryAfterMs: 1000 });
	}
	for (let ended = 0; ended < 6; ended += 1) {
		work.endOne();
		await turn();
	}
	for (const outcome of await Promise.all(all.slice(0, 6))) t.true(outcome.ok);
});

/** How many find a place behind one that is under way, in a queue that knows hashes which took so long. */
async function placesAfter(t: ExecutionContext, tookMs: readonly number[], ahead = 0): Promise<number> {
	const real = performance.now;
	let now = 0;
	performance.now = () => now;
	t.teardown(() => {
		performance.now = real;
	});
	const queue = createHashQueue({ width: 1, ahead, maxWaitMs: 1000 });
	// By a thread that does one after the other. So many are always under way that one is ahead, where one may be.
	let thread: Promise<unknown> = Promise.resolve();
	const hash = (ms: number) =>
		queue.run(async () => {
			thread = thread.then(turn).then(() => {
				now += ms;
			});
			await thread;
		});
	let previous: Promise<unknown> = Promise.resolve();
	for (const ms of tookMs) {
		const hashed = hash(ms);
		await previous;
		previous = hashed;
	}
	await previous;
	const work = createWork();
	const all = Array.from({ length: 200 }, () => queue.run(work.begin));
	await turn();
	const { waiting } = queue.state();
	for (let ended = 0; ended <= waiting; ended += 1) {
		work.endOne();
		await turn();
	}
	await Promise.all(all);
	return waiting;
}

test.serial('who may wait is told by how long hashes usually take, and one odd one does not change that', async (t) => {
	const usual = new Array<number>(60).fill(25);
	t.is(await placesAfter(t, usual), 40);
	t.is(await placesAfter(t, [...usual, 60_000]), 30);
	t.is(await placesAfter(t, new Array<number>(60).fill(100)), 10);
	t.is(await placesAfter(t, usual, 1), 40);
	t.is(await placesAfter(t, new Array<number>(60).fill(100), 1), 10);
});
