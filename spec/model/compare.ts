import { AssertionError } from 'node:assert';
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { commands, compareAll, passwords } from './commands.ts';
import { Machine } from './machine.ts';
import { names, openReal, type Real } from './real.ts';

const limits = { inactivity: 900_000, lifetime: 7_200_000, most: 4 };

/** So many sequences of commands, each on people of its own; fails with the shortest one where the two differ. */
export async function compare(t: ExecutionContext, sequences: number, sessions: 'memory:' | 'sqlite:data/latchkey.db') {
	const real = await openReal(limits, sessions);
	t.teardown(real.close);
	const { begun, steps, opened, tokens, children } = await run(real, sequences, false);
	t.log(`${begun} sequences, about ${steps} steps, ${opened} sessions, ${tokens} tokens, ${children} handed over`);
	t.true(opened > sequences && tokens > sequences / 2 && children > sequences / 5);
}

/** Whether so many sequences find a fault that is planted in the service. */
export async function finds(t: ExecutionContext, plant: (real: Real) => Real, sequences: number): Promise<boolean> {
	const real = await openReal(limits, 'memory:');
	t.teardown(real.close);
	return run(plant(real), sequences, true).then(
		() => false,
		(found: Error) => {
			// Not a fault of the plant's own.
			if (!(found.cause instanceof AssertionError)) throw found;
			t.log(/Counterexample: \[.*?\]/s.exec(found.message)?.[0].slice(0, 300));
			return true;
		},
	);
}

/** `first`: ends with the first difference, and looks for no shorter one. */
async function run(real: Real, sequences: number, first: boolean) {
	let [begun, steps, opened, tokens, children] = [0, 0, 0, 0, 0];
	const sequence = fc.commands(commands(limits), { maxCommands: 80, size: 'max' });
	await fc.assert(
		fc.asyncProperty(sequence, async (all) => {
			const machine = new Machine(limits);
			for (const name of names) {
				if (begun > 0) await removeIfThere(name);
				await real.add(name, passwords[0], false);
				machine.add(name, passwords[0], false);
			}
			begun += 1;
			await fc.asyncModelRun(() => ({ model: machine, real }), all);
			await compareAll(machine, real);
			steps += [...String(all).matchAll(/\),|\)$/g)].length;
			opened += machine.sessions.length;
			tokens += machine.tokens.length;
			children += machine.children.length;
		}),
		{ numRuns: sequences, endOnFailure: first },
	);
	return { begun, steps, opened, tokens, children };

	async function removeIfThere(name: string) {
		const there = (await real.identities.list()).find((identity) => identity.name === name);
		if (there) await real.identities.remove(there.id, { actor: 'operator' });
	}
}
