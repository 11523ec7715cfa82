import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import type { MetricNow } from './metrics.ts';

/*
 * The one file that knows prom-client, loaded when somebody asks for the first time: only then the delays of the event
 * loop are watched, and the pauses for garbage.
 */

const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });

/** CPU time, memory, files, event loop, garbage: under the names that every Node service has. */
export async function processMetrics(): Promise<readonly MetricNow[]> {
	const metrics = (await ofProcess.getMetricsAsJSON()) as unknown as MetricNow[];
	// The shortest delay says nothing, and before there was one, 292 years.
	const telling = metrics.filter(({ name }) => name !== 'nodejs_eventloop_lag_min_seconds');
	return telling.map((metric) => ({
		...metric,
		// Of several processes the latest start; prom-client would leave it out.
		aggregator: metric.name === 'process_start_time_seconds' ? 'max' : metric.aggregator,
		values: metric.values.filter(({ value }) => Number.isFinite(value)),
	}));
}

/** The metrics of one process or several, in Prometheus' words. */
export async function written(
	processes: readonly (readonly MetricNow[])[],
): Promise<{ readonly type: string; readonly text: string }> {
	const registry = AggregatorRegistry.aggregate(processes as unknown as object[]);
	return { type: registry.contentType, text: await registry.metrics() };
}
