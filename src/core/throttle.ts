import { createHash } from 'node:crypto';
import type { IdentityName } from './identity.ts';
import { foldName } from './identity.ts';
import type { Outcome } from './refusal.ts';
import { ok, refuse } from './refusal.ts';
import type { AttemptKey, AttemptStore } from './stores.ts';

/*
 * Guessing. Every attempt is counted before its password is tried, by (name, source), whether the name exists or not.
 * Ten wrong ones within five minutes, and that source waits a second before the next, then two, four … a quarter of
 * an hour. Nobody else waits: the right person from another address still gets in. Only after a hundred wrong ones in
 * a row from anywhere do sources that never logged in to that name wait a moment, too. Sources: OWASP ASVS 6.3.1,
 * NIST SP 800-63B-4 section 3.2.2.
 */

export interface AttemptRules {
	/** Wrong passwords for one name from one source that stay without consequence. Config: `attempts.limit`. */
	readonly limit: number;
	/** Milliseconds within which they are counted. Config: `attempts.window`. */
	readonly windowMs: number;
}

/** An attempt that was let through and must be told how it ended. */
export interface Attempt {
	succeeded(): Promise<void>;
	failed(): Promise<void>;
	/** It came to no judgement (too busy, a fault): it is not counted. */
	abandoned(): Promise<void>;
}

export interface Attempts {
	/** `too-many-attempts`, or leave to try one password. Waits where the outcome of others decides. */
	admit(name: IdentityName, address: string): Promise<Outcome<Attempt>>;
}

const firstBlockMs = 1000;
const longestBlockMs = 900_000;
const accountLimit = 100;
const accountMemoryMs = 86_400_000;
const knownSourceMemoryMs = 90 * 86_400_000;
/** What an unknown source waits at a name under attack. With a hash after it, still within two seconds. */
const strangerDelayMs = 1500;

interface Gate {
	/** Attempts under way in this process. */
	inFlight: number;
	/** Admissions that use this gate: the last one takes it away. */
	users: number;
	/** Admissions happen one after the other. */
	turn: Promise<unknown>;
	settled: PromiseWithResolvers<void>;
}

export function createAttempts(
	store: AttemptStore,
	{ limit, windowMs }: AttemptRules,
	wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
): Attempts {
	const gates = new Map<AttemptKey, Gate>();

	function enter(key: AttemptKey): Gate {
		const gate = gates.get(key) ?? {
			inFlight: 0,
			users: 0,
			turn: Promise.resolve(),
			settled: Promise.withResolvers<void>(),
		};
		gate.users += 1;
		gates.set(key, gate);
		return gate;
	}

	function leave(key: AttemptKey, gate: Gate) {
		gate.users -= 1;
		if (gate.users === 0) gates.delete(key);
	}

	/** Resolves to the count with this attempt in it, or to the milliseconds to wait. */
	async function takeTurn(keys: Keys, gate: Gate): Promise<{ count: number } | { waitMs: number }> {
		for (;;) {
			const block = await store.find(keys.block);
			if (block !== undefined) return { waitMs: block.forgottenInMs };
			const { settled } = gate;
			const known = (await store.find(keys.pair))?.count ?? 0;
			// Beyond the limit one at a time: its outcome decides about the others.
			if (known < limit || gate.inFlight === 0) {
				const { count } = await store.add(keys.pair, windowMs);
				gate.inFlight += 1;
				return { count };
			}
			await settled.promise;
		}
	}

	async function slowDownStrangers(keys: Keys) {
		const failures = (await store.find(keys.account))?.count ?? 0;
		if (failures >= accountLimit && (await store.find(keys.known)) === undefined) await wait(strangerDelayMs);
	}

	return {
		async admit(name, address) {
			const keys = keysOf(name, address);
			const gate = enter(keys.pair);
			const turn = gate.turn.then(() => takeTurn(keys, gate));
			gate.turn = turn.catch(() => undefined);
			let taken: Awaited<typeof turn>;
			try {
				taken = await turn;
			} catch (fault) {
				leave(keys.pair, gate);
				throw fault;
			}
			if ('waitMs' in taken) {
				leave(keys.pair, gate);
				return refuse({ kind: 'too-many-attempts', retryAfterMs: taken.waitMs });
			}
			const { count } = taken;
			const settle = async (write: () => Promise<void>) => {
				try {
					await write();
				} finally {
					gate.inFlight -= 1;
					gate.settled.resolve();
					gate.settled = Promise.withResolvers<void>();
					leave(keys.pair, gate);
				}
			};
			const attempt: Attempt = {
				succeeded: () =>
					settle(async () => {
						await store.forget(keys.pair);
						if ((await store.find(keys.account)) !== undefined) await store.forget(keys.account);
						const known = await store.find(keys.known);
						if (known === undefined || known.forgottenInMs < knownSourceMemoryMs / 2) {
							await store.set(keys.known, 1, knownSourceMemoryMs);
						}
					}),
				failed: () =>
					settle(async () => {
						await store.add(keys.account, accountMemoryMs);
						if (count < limit) return;
						const blockMs = Math.min(firstBlockMs * 2 ** (count - limit), longestBlockMs);
						await store.set(keys.block, 1, blockMs);
						await store.set(keys.pair, count, blockMs + windowMs);
					}),
				abandoned: () => settle(() => store.takeBack(keys.pair)),
			};
			try {
				await slowDownStrangers(keys);
			} catch (fault) {
				await attempt.abandoned();
				throw fault;
			}
			return ok(attempt);
		},
	};
}

interface Keys {
	readonly pair: AttemptKey;
	readonly block: AttemptKey;
	readonly known: AttemptKey;
	readonly account: AttemptKey;
}

function keysOf(name: IdentityName, address: string): Keys {
	const folded = foldName(name);
	const source = sourceOf(address);
	return {
		pair: attemptKeyOf('pair', folded, source),
		block: attemptKeyOf('block', folded, source),
		known: attemptKeyOf('known', folded, source),
		account: attemptKeyOf('account', folded),
	};
}

export function attemptKeyOf(kind: string, ...parts: string[]): AttemptKey {
	const digest = createHash('sha256').update(JSON.stringify([kind, ...parts]));
	return digest.digest('base64url').slice(0, 24) as AttemptKey;
}

/** What one guesser commands: an IPv4 address, or an IPv6 /64 network. What is neither is taken as it is. */
export function sourceOf(address: string): string {
	const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
	if (!plain.includes(':')) return plain;
	const [head = '', tail] = plain.split('::');
	const left = head === '' ? [] : head.split(':');
	const right = tail === undefined || tail === '' ? [] : tail.split(':');
	const missing = tail === undefined ? 0 : 8 - left.length - right.length;
	const groups = [...left, ...Array<string>(Math.max(0, missing)).fill('0'), ...right];
	if (groups.length !== 8 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return plain;
	return `${groups
		.slice(0, 4)
		.map((group) => Number.parseInt(group, 16).toString(16))
		.join(':')}::/64`;
}
