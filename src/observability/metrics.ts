import { type Count, createTally, createTimes, type Tally, type TimesBy } from './counter.ts';

/** A metric with its values now, as prom-client writes it for other processes. */
export interface MetricNow {
	readonly name: string;
	readonly help: string;
	readonly type: 'counter' | 'gauge' | 'histogram';
	/** What becomes of the values of several processes. */
	readonly aggregator: 'sum' | 'max';
	readonly values: readonly {
		readonly value: number;
		readonly labels: Readonly<Record<string, string | number>>;
		readonly metricName?: string;
	}[];
}

/** What is counted. Labels name kinds of things, never an identity, a session or an address. */
export interface Metrics {
	readonly logins: Tally<'dialect' | 'method' | 'outcome'>;
	readonly events: Tally<'act' | 'outcome' | 'reason'>;
	readonly checks: Tally<'outcome'>;
	readonly requests: Tally<'status'>;
	readonly hashTimes: TimesBy<never>;
	readonly hashRefusals: Count;
	readonly storeTimes: TimesBy<'store' | 'operation'>;
	readonly storeFailures: Tally<'store' | 'operation'>;
	/** Adds a value that is looked up when somebody asks; `undefined`: it is not known now, and left out. */
	gauge(name: string, help: string, read: () => Promise<number | undefined> | number | undefined, how?: Merged): void;
	/** Adds counts that somebody else keeps. */
	counter(name: string, help: string, read: () => MetricNow['values']): void;
	/** All of it, as it is now. Never rejects. */
	now(): Promise<readonly MetricNow[]>;
}

/** Whether each process has a part of it, or all see the same. */
type Merged = { readonly aggregator: MetricNow['aggregator'] };

/** Seconds. Up to where a login gives up waiting for its turn, and a store is taken to be away. */
const hashBounds = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2];
const storeBounds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Milliseconds: a value that is not there by then is left out. */
const patienceMs = 1000;

export function createMetrics(): Metrics {
	const logins = createTally<'dialect' | 'method' | 'outcome'>();
	const events = createTally<'act' | 'outcome' | 'reason'>();
	const checks = createTally<'outcome'>();
	const requests = createTally<'status'>();
	const hashTimes = createTimes<never>(hashBounds);
	const hashRefusals = { value: 0 };
	const storeTimes = createTimes<'store' | 'operation'>(storeBounds);
	const storeFailures = createTally<'store' | 'operation'>();
	const more: (() => Promise<MetricNow>)[] = [];
	checks.of({ outcome: 'ok' });

	return {
		...{ logins, events, checks, requests, hashTimes, hashRefusals, storeTimes, storeFailures },
		gauge(name, help, read, { aggregator } = { aggregator: 'sum' }) {
			more.push(async () => {
				const value = await inTime(read);
				const values = value !== undefined && Number.isFinite(value) ? [{ value, labels: {} }] : [];
				return { name, help, type: 'gauge', aggregator, values };
			});
		},
		counter(name, help, read) {
			more.push(async () => ({ name, help, type: 'counter', aggregator: 'sum', values: read() }));
		},
		now: async () => [
			counted('latchkey_logins_total', 'Logins, by outcome: ok, or why not.', logins.all()),
			counted('latchkey_audit_events_total', 'Lines written to the audit.', events.all()),
			counted('latchkey_session_checks_total', 'Sessions judged for a request: ok, or why not.', checks.all()),
			counted('latchkey_http_requests_total', 'Requests answered, by class of status.', requests.all()),
			counted('latchkey_password_hash_refusals_total', 'Passwords not tried: too many were waiting.', [
				{ labels: {}, value: hashRefusals.value },
			]),
			timed('latchkey_password_hash_seconds', 'How long it took to hash a password, waiting not included.', hashTimes),
			timed('latchkey_store_seconds', 'How long a store took to answer; of every 16th find.', storeTimes),
			counted('latchkey_store_failures_total', 'Questions that a store did not answer.', storeFailures.all()),
			...(await Promise.all(more.map((read) => read()))),
		],
	};
}

function counted(name: string, help: string, values: MetricNow['values']): MetricNow {
	return { name, help, type: 'counter', aggregator: 'sum', values };
}

function timed(name: string, help: string, times: TimesBy<string>): MetricNow {
	// What never happened would take most of the place.
	const happened = times.all().filter(({ upTo }) => upTo.at(-1)?.count !== 0);
	const values = happened.flatMap(({ labels, upTo, totalSeconds }) => [
		...upTo.map(({ seconds, count }) => ({
			value: count,
			labels: { le: Number.isFinite(seconds) ? seconds : '+Inf', ...labels },
			metricName: `${name}_bucket`,
		})),
		{ value: totalSeconds, labels, metricName: `${name}_sum` },
		{ value: upTo.at(-1)?.count ?? 0, labels, metricName: `${name}_count` },
	]);
	return { name, help, type: 'histogram', aggregator: 'sum', values };
}

async function inTime(read: () => Promise<number | undefined> | number | undefined): Promise<number | undefined> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), patienceMs);
	});
	try {
		return await Promise.race([read(), late]);
	} catch {
		return undefined;
	} finally {
		clearTimeout(timer);
	}
}
