import type { Audit } from '../core/audit.ts';
import type { HashQueue } from '../core/password.ts';
import type { Outcome } from '../core/refusal.ts';
import type { Sessions } from '../core/sessions.ts';
import type { AttemptStore, IdentityStore, SessionStore } from '../core/stores.ts';
import type { QueueState } from '../hashing/queue.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Stores } from './store-types.ts';

/*
 * Parts that do what they did, and are counted. A session check asks two stores, and must not become dearer by it: its
 * failures are counted, each 16th is timed, and nothing is awaited.
 */

const everySo = 16;

/** The audit is the one place that hears of every login: counted there, none is counted twice. */
export function watchedAudit(audit: Audit, { logins, events }: Metrics): Audit {
	return {
		write(event) {
			audit.write(event);
			const { act, reason = '', dialect = '', method = '' } = event;
			events.of({ act, outcome: event.outcome, reason }).value += 1;
			if (act !== 'login') return;
			logins.of({ dialect, method, outcome: event.outcome === 'ok' ? 'ok' : reason }).value += 1;
		},
	};
}

export function watchedQueue(queue: HashQueue, { hashRefusals }: Metrics): HashQueue {
	return {
		async run(hash) {
			const outcome = await queue.run(hash);
			if (!outcome.ok) hashRefusals.value += 1;
			return outcome;
		},
	};
}

export function watchedSessions(sessions: Sessions, { checks }: Metrics): Sessions {
	const passed = checks.of({ outcome: 'ok' });
	function note<T extends Outcome<unknown>>(outcome: T): T {
		const count = outcome.ok ? passed : checks.of({ outcome: outcome.refusal.kind });
		count.value += 1;
		return outcome;
	}
	function noteFault(fault: unknown): never {
		checks.of({ outcome: 'fault' }).value += 1;
		throw fault;
	}
	const check: Check = (token, visit, demand) => sessions.check(token, visit, demand).then(note, noteFault);
	return { ...sessions, check: check as Sessions['check'] };
}

type Check = (...args: Parameters<Sessions['check']>) => ReturnType<Sessions['check']>;

export function watchedStores(stores: Stores, metrics: Metrics): Stores {
	return {
		...stores,
		identities: watched<IdentityStore>('identities', stores.identities, metrics),
		sessions: watched<SessionStore>('sessions', stores.sessions, metrics),
		attempts: watched<AttemptStore>('attempts', stores.attempts, metrics),
	};
}

/** For the app: whatever it answers. */
export function countAnswers({ requests }: Metrics): (status: number) => void {
	const classes = [1, 2, 3, 4, 5].map((first) => requests.of({ status: `${first}xx` }));
	return (status) => {
		const count = classes[Math.floor(status / 100) - 1];
		if (count) count.value += 1;
	};
}

/** What is not counted, but looked up. */
export function tellMetrics(metrics: Metrics, { sessions, copies }: Stores, queue: { state(): QueueState }): void {
	// All processes see the same sessions.
	const shared = { aggregator: 'max' } as const;
	metrics.gauge(
		'latchkey_sessions',
		'Sessions kept, those included that are over and not yet swept.',
		() => sessions.count(),
		shared,
	);
	metrics.gauge('latchkey_password_hashes_running', 'Passwords being hashed.', () => queue.state().running);
	metrics.gauge('latchkey_password_hashes_waiting', 'Passwords waiting to be hashed.', () => queue.state().waiting);
	if (copies.length === 0) return;
	metrics.counter('latchkey_store_copies_total', 'Use of what is kept of stores on other machines.', () =>
		copies.flatMap(({ store, counts }) =>
			Object.entries(counts).map(([event, value]) => ({ value, labels: { store, event } })),
		),
	);
	for (const { store, ageMs } of copies) {
		const help = 'Seconds since changes elsewhere were last sure to be heard of; absent while they are not.';
		metrics.gauge(`latchkey_${store}_copies_age_seconds`, help, () => ageMs() / 1000, shared);
	}
}

type Ask = (...args: never[]) => Promise<unknown>;

function watched<Store extends object>(store: string, parts: Store, metrics: Metrics): Store {
	const asks = Object.entries(parts).map(([operation, ask]) => {
		if (typeof ask !== 'function' || operation === 'close') return [operation, ask];
		const times = metrics.storeTimes.of({ store, operation });
		const failures = metrics.storeFailures.of({ store, operation });
		const fail = () => {
			failures.value += 1;
		};
		const timed: Ask = (...args) => {
			const startedAt = performance.now();
			const answer = (ask as Ask).apply(parts, args);
			answer.then(() => times.note(performance.now() - startedAt), fail);
			return answer;
		};
		if (operation !== 'find') return [operation, timed];
		let asked = 0;
		const find = (key: never) => {
			asked += 1;
			if (asked % everySo === 0) return timed(key);
			const answer = (ask as Ask).call(parts, key);
			answer.then(undefined, fail);
			return answer;
		};
		return [operation, find];
	});
	return Object.fromEntries(asks) as Store;
}
