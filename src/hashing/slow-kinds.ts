import type { PasswordVerifier } from '../core/identity.ts';
import type { NoteStore } from '../core/stores.ts';
import { type Argon2Parameters, decoyOf, parseVerifier } from './verifier.ts';

/**
 * Which verifiers from elsewhere stand in the store: of each kind the slowest. Kept beside them, so that every process
 * tries all names for as long. A decoy stands for each; no verifier of anybody is kept twice.
 */
export interface SlowKinds {
	/** Verifiers that no password fits, one of each kind that is there. */
	decoys(): Promise<readonly PasswordVerifier[]>;
	/** One is there, or will be in a moment. */
	announce(verifier: PasswordVerifier): Promise<void>;
	/** Forgets those that are not there any more. `list`: all that are; read only where some are known. */
	recount(list: () => Promise<readonly (PasswordVerifier | undefined)[]>): Promise<void>;
}

const key = 'slow-verifiers';

/** `wanted`: as verifiers are made now. Those that are quicker to try are not told apart from them anyway. */
export function createSlowKinds(notes: Pick<NoteStore, 'find' | 'put'>, wanted: Argon2Parameters): SlowKinds {
	async function kept(): Promise<{ text: string | undefined; decoys: readonly PasswordVerifier[] }> {
		const text = await notes.find(key);
		return { text, decoys: text === undefined ? [] : (text.split(' ') as PasswordVerifier[]) };
	}

	return {
		decoys: async () => (await kept()).decoys,
		async announce(verifier) {
			const { text, decoys } = await kept();
			const next = textOf(slowest([...decoys, verifier], wanted, new Set(decoys)));
			if (next !== text) await notes.put(key, next);
		},
		async recount(list) {
			const { text, decoys } = await kept();
			if (text === undefined) return;
			const present = slowest(
				(await list()).filter((each) => each !== undefined),
				wanted,
			);
			const costs = new Map<string | undefined, number | undefined>(
				decoys.map((decoy) => [parseVerifier(decoy)?.kind, parseVerifier(decoy)?.cost]),
			);
			const isSame =
				present.size === decoys.length && [...present].every(([kind, { cost }]) => costs.get(kind) === cost);
			// One that was announced meanwhile may not be in the list yet.
			if (!isSame && (await notes.find(key)) === text) await notes.put(key, textOf(present));
		},
	};
}

interface Slow {
	readonly cost: number;
	readonly decoy: () => PasswordVerifier;
}

/** Of each kind that takes time of its own. `decoys`: those of `verifiers` that are nobody's. */
function slowest(
	verifiers: readonly PasswordVerifier[],
	wanted: Argon2Parameters,
	decoys: ReadonlySet<string> = new Set(),
): Map<string, Slow> {
	const found = new Map<string, Slow>();
	for (const text of verifiers) {
		const verifier = parseVerifier(text);
		if (verifier === undefined || verifier.kind === 'kura-sha256') continue;
		const { kind, cost } = verifier;
		const usual = kind === 'argon2id' ? wanted.memory * wanted.iterations : 0;
		if (cost <= (found.get(kind)?.cost ?? usual)) continue;
		found.set(kind, { cost, decoy: () => (decoys.has(text) ? text : decoyOf(verifier)) });
	}
	return found;
}

function textOf(kinds: ReadonlyMap<string, Slow>): string | undefined {
	return kinds.size === 0 ? undefined : [...kinds.values()].map(({ decoy }) => decoy()).join(' ');
}
