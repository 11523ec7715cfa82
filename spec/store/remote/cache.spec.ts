import test from 'ava';
import { createCopies } from '../../../src/store/remote/cache.ts';

function open(most = 10) {
	const told = { isFollowed: true };
	return { told, copies: createCopies<string, string>(most, () => told.isFollowed) };
}

const says = (value: string | undefined) => async () => value;

test('what was read is kept until it is outdated', async (t) => {
	const { copies } = open();
	t.is(copies.get('a'), undefined);
	t.is(await copies.read('a', says('one')), 'one');
	t.is(copies.get('a'), 'one');
	copies.outdate('a');
	t.is(copies.get('a'), undefined);
	t.deepEqual({ ...copies.counts }, { hits: 1, misses: 1, outdated: 1, dropped: 0 });
});

test('that something is not there is not kept', async (t) => {
	const { copies } = open();
	t.is(await copies.read('a', says(undefined)), undefined);
	t.is(await copies.read('a', says('one')), 'one');
});

const overtaken: [string, (copies: ReturnType<typeof open>['copies']) => void][] = [
	['that it changed', (copies) => copies.outdate('a')],
	['that everything may have changed', (copies) => copies.outdateAll()],
];
for (const [what, tell] of overtaken) {
	test(`an answer that is overtaken by the news ${what} is given, and not kept`, async (t) => {
		const { copies } = open();
		const answer = Promise.withResolvers<string>();
		const reading = copies.read('a', () => answer.promise);
		tell(copies);
		answer.resolve('old');
		t.is(await reading, 'old');
		t.is(copies.get('a'), undefined);
	});

	test(`an answer that came in the same breath as the news ${what} is not kept either`, async (t) => {
		const { copies } = open();
		const answer = Promise.withResolvers<string>();
		const reading = copies.read('a', () => answer.promise);
		answer.resolve('old');
		tell(copies);
		await reading;
		t.is(copies.get('a'), undefined);
	});
}

test('of a crowd that asks at once, one asks', async (t) => {
	const { copies } = open();
	const answer = Promise.withResolvers<string>();
	let questions = 0;
	const ask = () => {
		questions += 1;
		return answer.promise;
	};
	const reading = Array.from({ length: 50 }, () => copies.read('a', ask));
	answer.resolve('one');
	t.deepEqual(new Set(await Promise.all(reading)), new Set(['one']));
	t.is(questions, 1);
});

for (const [what, tell] of overtaken) {
	test(`a question that waits for the answer to another is asked where that is overtaken by the news ${what}`, async (t) => {
		const { copies } = open();
		const answer = Promise.withResolvers<string>();
		const first = copies.read('a', () => answer.promise);
		const second = copies.read('a', says('new'));
		tell(copies);
		answer.resolve('old');
		t.deepEqual([await first, await second], ['old', 'new']);
		t.is(copies.get('a'), 'new');
	});

	test(`a question after the news ${what} does not wait for an answer to one of before`, async (t) => {
		const { copies } = open();
		void copies.read('a', () => new Promise<string>(() => undefined));
		tell(copies);
		t.is(await copies.read('a', says('new')), 'new');
	});
}

test('while nobody tells of changes, each asks', async (t) => {
	const { copies, told } = open();
	told.isFollowed = false;
	const first = Promise.withResolvers<string>();
	const reading = copies.read('a', () => first.promise);
	t.is(await copies.read('a', says('new')), 'new');
	first.resolve('old');
	t.is(await reading, 'old');
});

test('of two questions the one that was asked last is kept, in whatever order the answers come', async (t) => {
	const { copies } = open();
	const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
	const reading = [copies.read('a', () => first.promise)];
	copies.outdate('a');
	reading.push(copies.read('a', () => second.promise));
	second.resolve('new');
	await reading[1];
	first.resolve('old');
	await reading[0];
	t.is(copies.get('a'), 'new');
});

test('while nobody tells of changes, no copy is used and none is kept', async (t) => {
	const { copies, told } = open();
	await copies.read('a', says('one'));
	told.isFollowed = false;
	t.is(copies.get('a'), undefined);
	await copies.read('b', says('two'));
	told.isFollowed = true;
	t.is(copies.get('b'), undefined);
});

test('a question that fails is not in the way of the next one', async (t) => {
	const { copies } = open();
	await t.throwsAsync(copies.read('a', () => Promise.reject(new Error('away'))));
	t.is(await copies.read('a', says('one')), 'one');
	t.is(copies.get('a'), 'one');
});

test('no more are kept than asked for, and what is used stays longest', async (t) => {
	const { copies } = open(10);
	for (let number = 0; number < 100; number += 1) {
		await copies.read(String(number), says('kept'));
		t.is(copies.get('0'), 'kept');
	}
	const kept = Array.from({ length: 100 }, (_, number) => copies.get(String(number))).filter(Boolean);
	t.true(kept.length <= 10);
});
