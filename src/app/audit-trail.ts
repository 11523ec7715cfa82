import type { Config } from '../config/schema.ts';
import type { AuditTable } from '../core/audit-table.ts';
import { type AuditTrail, createAuditTrail } from '../core/audit-trail.ts';
import type { Clock } from '../core/clock.ts';
import { dayMs } from '../core/new-api-token.ts';
import type { Log } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { countLostRows } from './instrument-audit.ts';

interface Around {
	readonly clock: Clock;
	readonly log: Log;
	readonly metrics: Metrics | undefined;
}

export function openAuditTrail({ audit }: Config, table: AuditTable, { clock, log, metrics }: Around): AuditTrail {
	const trail = createAuditTrail({
		...{ table, clock },
		keepMs: audit.keepDays * dayMs,
		mostRows: audit.mostRows,
		onFault: (cause) =>
			log.warn(
				{ cause },
				"lines cannot be written to the audit's table; they are in the log, and may be missing there",
			),
	});
	if (metrics) countLostRows(trail, metrics);
	return trail;
}
