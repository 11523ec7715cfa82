import type { AuditTable } from '../core/audit-table.ts';
import type { AuditTrail } from '../core/audit-trail.ts';
import type { Metrics } from '../observability/metrics.ts';
import { instrumentsOf } from './instruments.ts';

export function instrumentedAuditTable(table: AuditTable, metrics: Metrics): AuditTable {
	const { timed } = instrumentsOf('audit', metrics);
	return {
		write: timed('write', table.write),
		find: timed('find', table.find),
		ofIdentity: timed('ofIdentity', table.ofIdentity),
		span: timed('span', table.span),
		count: timed('count', table.count),
		forget: timed('forget', table.forget),
		sweep: timed('sweep', table.sweep),
	};
}

export function countLostRows({ lost }: AuditTrail, metrics: Metrics): void {
	metrics.counter(
		'latchkey_audit_rows_lost_total',
		'Lines of the audit that are not in its table: too many of a kind, a store that was away, or a fault.',
		['why'],
		() => Object.entries(lost).map(([why, value]) => ({ labels: { why }, value })),
	);
}
