import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { commands, compareAll, passwords } from './commands.ts';
import { Machine } from './machine.ts';
import { names, openReal } from './real.ts';

const limits = { inactivity: 900_000, lifetime: 7_200_000, most: 4 };

/** So many sequences of commands, each on people of its own; fails with the shortest one where the two differ. */
export async function compare(t: ExecutionContext, sequences: number, sessions: 'memory:' | 'sqlite:data/latchkey.db') {
	const real = await openReal(limits, sessions);
	t.teardown(real.close);
	let [begun, steps, opened] = [0, 0, 0];
	const sequence = fc.commands(commands(limits), { maxCommands: 60, size: 'max' });
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
		}),
		{ numRuns: sequences, endOnFailure: false },
	);
	t.log(`${begun} sequences, about ${steps} steps, ${opened} sessions`);
	t.true(opened > sequences);

	async function removeIfThere(name: string) {
		const there = (await real.identities.list()).find((identity) => identity.name === name);
		if (there) await real.identities.remove(there.id, { actor: 'operator' });
	}
}
