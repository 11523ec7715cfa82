import { AggregatorRegistry } from 'prom-client';
import type { Snapshot } from './metrics.ts';

/** The metrics of one process or several, in Prometheus' text format. */
export async function prometheusText(
	processes: readonly Snapshot[],
): Promise<{ readonly type: string; readonly text: string }> {
	const registry = AggregatorRegistry.aggregate(processes as unknown as object[]);
	return { type: registry.contentType, text: await registry.metrics() };
}
