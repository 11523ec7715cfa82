import type { AuditEvent } from '../core/audit.ts';
import type { AuditRow } from '../core/audit-table.ts';
import type { Instant } from '../core/clock.ts';
import type { Common } from './identity.ts';
import { print, printJson, say, table } from './output.ts';
import { withCore } from './settings.ts';

export interface ListOptions extends Common {
	readonly limit: number;
	readonly from?: Instant;
	readonly to?: Instant;
	readonly identity?: string;
	readonly act?: string;
	readonly outcome?: AuditEvent['outcome'];
	readonly address?: string;
}

/** The newest lines of the audit's table that meet the filters. */
export async function listAudit({ config, json, limit, identity, ...filters }: ListOptions): Promise<void> {
	await withCore(config, async ({ auditTrail }) => {
		const { rows } = await auditTrail.page({ ...filters, person: identity }, limit);
		if (json) return printJson({ events: rows.map(({ at, id: _, ...event }) => ({ at: timeOf(at), ...event })) });
		if (rows.length === 0) return say('no line of the audit is like that');
		print(table(['TIME', 'WHAT', 'OUTCOME', 'WHO', 'BY', 'HOW', 'FROM'], rows.map(toCells)));
	});
}

function toCells({ at, act, outcome, reason, identity, newName, actor, method, address, device }: AuditRow): string[] {
	const who = [identity, newName].filter((each) => each !== undefined).join(' → ');
	const from = [address, device].filter((each) => each !== undefined).join(' ');
	return [
		timeOf(at),
		act,
		outcome === 'ok' ? outcome : (reason ?? outcome),
		who || '-',
		actor ?? '-',
		method ?? '-',
		from || '-',
	];
}

function timeOf(at: Instant): string {
	return new Date(at).toISOString();
}
