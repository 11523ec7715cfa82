import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hash } from '@node-rs/argon2';
import test from 'ava';
import { createHashThreads } from '../../src/hashing/pool.ts';

const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 };
const dear = { memoryCost: 32_768, timeCost: 2, parallelism: 1 };

test('a thread makes verifiers and tries them, one after the other in the order it was given them', async (t) => {
	const took: number[] = [];
	const threads = createHashThreads(1, (ms) => took.push(ms));
	t.teardown(() => threads.close());
	const verifier = String(await threads.run({ password: 'four brown bears', make: cheap }));
	t.regex(verifier, /^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
	const ended: string[] = [];
	const paces = [String(await hash('nobody', cheap))];
	const run = async (says: string, password: string) => {
		const isRight = await threads.run({ password, verifier, paces });
		ended.push(`${says}: ${isRight}`);
	};
	await Promise.all([run('right', 'four brown bears'), run('wrong', 'not it'), run('right again', 'four brown bears')]);
	t.deepEqual(ended, ['right: true', 'wrong: false', 'right again: true']);
	t.is(took.length, 4);
	t.true(took.every((ms) => ms > 0));
});

test('a verifier that keeps the pace is tried for as long as one that sets it', async (t) => {
	const took: number[] = [];
	const threads = createHashThreads(1, (ms) => took.push(ms));
	t.teardown(() => threads.close());
	const password = 'four brown bears';
	const lesser = String(await hash(password, cheap));
	const setting = String(await hash(password, dear));
	const passing = String(await hash(password, { ...dear, timeCost: 8 }));
	const paces = [String(await hash('nobody', dear))];
	// Without a pace, as a measure: the dear one is a thousand times as dear, on whatever machine.
	for (let round = 0; round < 20; round += 1) t.true(await threads.run({ password, verifier: lesser }));
	const unpaced = Math.min(...took);
	const times = { keeps: [] as number[], passes: [] as number[] };
	const next = async (trying: Parameters<typeof threads.run>[0]) => {
		t.true(await threads.run(trying));
		return took.at(-1) ?? 0;
	};
	// The first of all, too, when nobody has set it yet: the hash that shows what it is comes on top.
	const passedSooner = () => Math.min(...times.keeps.slice(1)) >= Math.min(...times.passes);
	for (let round = 0; round < 3 || (round < 20 && passedSooner()); round += 1) {
		times.keeps.push(await next({ password, verifier: lesser, paces }));
		for (let sets = 0; sets < 3; sets += 1) await next({ password, verifier: setting, paces });
		// Sets nothing.
		times.passes.push(await next({ password, verifier: passing }));
	}
	t.true(Math.min(...times.keeps) > 50 * unpaced, `${took.join(' ')}`);
	t.false(passedSooner(), took.join(' '));
});

test('no thread is given anything while another one is idle', async (t) => {
	const threads = createHashThreads(2);
	t.teardown(() => threads.close());
	await Promise.all([1, 2].map(() => threads.run({ password: 'a', make: cheap })));
	// Behind the dear one, the cheap one never ends first. On a thread of its own it does, as soon as both threads get a core.
	let first = 'dear';
	for (let round = 0; round < 50 && first === 'dear'; round += 1) {
		const ended: string[] = [];
		const run = async (says: string, make: typeof cheap) => {
			await threads.run({ password: 'a', make });
			ended.push(says);
		};
		await Promise.all([run('dear', dear), run('cheap', cheap)]);
		first = String(ended[0]);
	}
	t.is(first, 'cheap');
});

test('what is no verifier fails alone', async (t) => {
	const threads = createHashThreads(1);
	t.teardown(() => threads.close());
	const [first, second, third] = [
		threads.run({ password: 'a', make: cheap }),
		threads.run({ password: 'a', verifier: 'not a verifier' }),
		threads.run({ password: 'a', make: cheap }),
	];
	await t.throwsAsync(second, { message: 'not a verifier that may be tried' });
	t.regex(String(await first), /^\$argon2id/);
	t.regex(String(await third), /^\$argon2id/);
});

test('told to close, the threads do what they were given first', async (t) => {
	const threads = createHashThreads(2);
	const given = [1, 2, 3, 4].map(() => threads.run({ password: 'a', make: cheap }));
	await threads.close();
	for (const verifier of await Promise.all(given)) t.regex(String(verifier), /^\$argon2id/);
});

test('an idle thread keeps no process alive, a busy one does', async (t) => {
	const module = join(import.meta.dirname, '../../src/hashing/pool.ts');
	const script = `
		const { createHashThreads } = await import(${JSON.stringify(module)});
		const threads = createHashThreads(2);
		threads.start();
		threads.run({ password: 'a', make: ${JSON.stringify(cheap)} }).then((verifier) => console.log(verifier));
		createHashThreads(1).start();
	`;
	const words = ['--input-type=module', '-e', script];
	const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 30_000 });
	t.regex(stdout, /^\$argon2id/);
});
