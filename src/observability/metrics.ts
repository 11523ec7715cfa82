import { Counter, collectDefaultMetrics, Gauge, Histogram, type MetricObjectWithValues, Registry } from 'prom-client';

/*
 * Loaded only where metrics are on (config: `metrics.port`): without them nothing is counted, and prom-client is not read.
 */

/** All metrics of one process with their values now, as prom-client hands them to other processes. */
export type Snapshot = readonly MetricObjectWithValues<Value>[];

interface Value {
	readonly value: number;
	readonly labels: Partial<Record<string, string | number>>;
	readonly metricName?: string;
}

/** What becomes of the values of several processes: `max` where all of them see the same. */
type Aggregator = 'sum' | 'max';

type Reading = number | undefined;

/** The metrics of one process. Labels name kinds of things, never an identity, a session or an address. */
export interface Metrics {
	readonly logins: Counter<'dialect' | 'method' | 'outcome'>;
	readonly secondFactors: Counter<'method' | 'outcome'>;
	readonly auditEvents: Counter<'act' | 'outcome' | 'reason'>;
	readonly sessionChecks: Counter<'outcome'>;
	readonly tokenChecks: Counter<'outcome'>;
	readonly requests: Counter<'status'>;
	/** In seconds. */
	readonly hashTimes: Histogram<never>;
	readonly hashRefusals: Counter<never>;
	/** In seconds. */
	readonly storeTimes: Histogram<'store' | 'operation'>;
	readonly storeFailures: Counter<'store' | 'operation'>;
	readonly upstreamRefusals: Counter<'credentials'>;
	readonly reloadFailures: Counter<never>;
	/** Adds a gauge that is read at each scrape; `undefined`: the value is not known now, and left out. */
	gauge(name: string, help: string, read: () => Promise<Reading> | Reading, aggregator?: Aggregator): void;
	/** Adds a counter whose values are kept elsewhere, and read at each scrape. */
	counter<Label extends string>(name: string, help: string, labelNames: readonly Label[], read: Read<Label>): void;
	/** Never rejects. */
	snapshot(): Promise<Snapshot>;
}

type Read<Label extends string> = () => readonly {
	readonly labels: Readonly<Record<Label, string>>;
	readonly value: number;
}[];

/** Seconds. Up to where a login gives up waiting for its turn, and a store is taken to be away. */
const hashBuckets = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2];
const storeBuckets = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Milliseconds: a value that is not there by then is left out. */
const patienceMs = 1000;

export function createMetrics(): Metrics {
	const registry = new Registry();
	const registers = [registry];
	collectProcessMetrics(registry);

	function counter<Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
		return new Counter({ name, help, labelNames, registers });
	}
	const sessionChecks = counter(
		'latchkey_session_checks_total',
		'Sessions judged for a request: ok, or why not.',
		'outcome',
	);
	sessionChecks.inc({ outcome: 'ok' }, 0);

	return {
		logins: counter('latchkey_logins_total', 'Logins, by outcome: ok, or why not.', 'dialect', 'method', 'outcome'),
		secondFactors: counter(
			'latchkey_second_factors_total',
			'Second factors shown at a login or as a proof: ok, or why not.',
			'method',
			'outcome',
		),
		auditEvents: counter('latchkey_audit_events_total', 'Lines written to the audit.', 'act', 'outcome', 'reason'),
		sessionChecks,
		tokenChecks: counter(
			'latchkey_token_checks_total',
			'API and access tokens judged for a request: ok, or why not.',
			'outcome',
		),
		requests: counter('latchkey_http_requests_total', 'Requests answered, by class of status.', 'status'),
		hashTimes: new Histogram({
			name: 'latchkey_password_hash_seconds',
			help: 'How long it took to hash a password or a recovery code, waiting not included.',
			buckets: hashBuckets,
			registers,
		}),
		hashRefusals: counter(
			'latchkey_password_hash_refusals_total',
			'Passwords and recovery codes not hashed: too many were waiting.',
		),
		storeTimes: new Histogram({
			name: 'latchkey_store_seconds',
			help: 'How long a store took to answer; of every 16th find.',
			labelNames: ['store', 'operation'],
			buckets: storeBuckets,
			registers,
		}),
		storeFailures: counter(
			'latchkey_store_failures_total',
			'Requests that a store did not answer.',
			'store',
			'operation',
		),
		upstreamRefusals: counter(
			'latchkey_upstream_credentials_refused_total',
			'Answers of upstreams that refuse the credentials they are shown.',
			'credentials',
		),
		reloadFailures: counter(
			'latchkey_config_reload_failures_total',
			'Changed configuration files that could not be used.',
		),
		gauge(name, help, read, aggregator = 'sum') {
			new Gauge({
				...{ name, help, aggregator, registers },
				async collect() {
					const value = await withinPatience(read);
					if (value === undefined) this.remove();
					else this.set(value);
				},
			});
		},
		counter(name, help, labelNames, read) {
			new Counter({
				...{ name, help, labelNames, registers },
				collect() {
					this.reset();
					for (const { labels, value } of read()) this.inc(labels, value);
				},
			});
		},
		async snapshot() {
			const metrics = await registry.getMetricsAsJSON();
			// A mean of nothing, as of the event loop's delay at first, is no number.
			return metrics.map((metric) => ({
				...metric,
				values: metric.values.filter(({ value }) => Number.isFinite(value)),
			}));
		},
	};
}

/** CPU time, memory, files, event loop, garbage: under the names that every Node service has. */
function collectProcessMetrics(registry: Registry): void {
	collectDefaultMetrics({ register: registry });
	// The shortest delay says nothing, and before there was one, 292 years.
	registry.removeSingleMetric('nodejs_eventloop_lag_min_seconds');
	// Of several processes the latest start; prom-client would leave it out.
	Object.assign(registry.getSingleMetric('process_start_time_seconds') ?? {}, { aggregator: 'max' });
}

async function withinPatience(read: () => Promise<Reading> | Reading): Promise<Reading> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), patienceMs);
	});
	try {
		const value = await Promise.race([read(), late]);
		return Number.isFinite(value) ? value : undefined;
	} catch {
		return undefined;
	} finally {
		clearTimeout(timer);
	}
}
