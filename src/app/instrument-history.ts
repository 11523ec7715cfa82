import type { HistoryStore } from '../core/history.ts';
import type { Metrics } from '../observability/metrics.ts';
import { instrumentsOf } from './instruments.ts';

export function instrumentedHistory(store: HistoryStore, metrics: Metrics): HistoryStore {
	const { timed } = instrumentsOf('history', metrics);
	return {
		write: timed('write', store.write),
		list: timed('list', store.list),
		trim: timed('trim', store.trim),
		sweep: timed('sweep', store.sweep),
	};
}
