import type { Context } from 'koa';
import type { Audit } from '../../core/audit.ts';
import type { AuditPosition, AuditQuery, AuditRow } from '../../core/audit-table.ts';
import type { AuditTrail } from '../../core/audit-trail.ts';
import type { AuthenticatedSession } from '../../core/sessions.ts';
import { parseQuery } from '../../http/request/body.ts';
import { senderOf } from '../../http/request/context.ts';
import { reply } from '../../http/response/reply.ts';
import { streamFile } from '../../http/response/stream-file.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { administration } from './administration.ts';
import { csvHead, toCsv } from './audit-csv.ts';
import { auditExportQuery, auditPageQuery, writeCursor } from './audit-query.ts';
import { base } from './paths.ts';

export interface AuditRouteParts {
	readonly audit: Audit;
	readonly auditTrail: Pick<AuditTrail, 'page'>;
}

/** Rows that an export holds in memory. */
const rowsAtOnce = 500;

const formats = {
	csv: { type: 'text/csv; charset=utf-8; header=present', head: csvHead, toLine: toCsv },
	ndjson: {
		type: 'application/x-ndjson; charset=utf-8',
		head: '',
		toLine: (row: AuditRow) => `${JSON.stringify(toEvent(row))}\n`,
	},
} as const;

/** Ours: the audit of the last weeks, for administrators. Who looks at it stands in it: once, and not with each page. */
export function auditRoutes({ audit, auditTrail }: AuditRouteParts): Route[] {
	function tell(ctx: Context, act: 'audit-read' | 'audit-export', { identity, session }: AuthenticatedSession) {
		audit.write({ act, outcome: 'ok', identity: identity.name, session: session.key, ...senderOf(ctx) });
	}

	async function* linesOf(query: AuditQuery, format: (typeof formats)[keyof typeof formats]) {
		yield format.head;
		for (let after: AuditPosition | undefined; ; ) {
			const { rows, next } = await auditTrail.page(query, rowsAtOnce, after);
			yield rows.map(format.toLine).join('');
			if (next === undefined) return;
			after = next;
		}
	}

	return [
		sessionRoute({
			requires: administration,
			method: 'GET',
			path: `${base}/audit`,
			async handle(ctx, checked) {
				const { limit, cursor, ...query } = parseQuery(ctx, auditPageQuery);
				const { rows, next } = await auditTrail.page(query, limit, cursor);
				if (cursor === undefined) tell(ctx, 'audit-read', checked);
				reply(ctx, { events: rows.map(toEvent), ...(next && { next: writeCursor(next) }) });
			},
		}),
		sessionRoute({
			requires: administration,
			method: 'GET',
			path: `${base}/audit/export`,
			async handle(ctx, checked) {
				const { format, ...query } = parseQuery(ctx, auditExportQuery);
				// A store that is away is a refusal, as long as nothing is answered.
				await auditTrail.page(query, 1);
				tell(ctx, 'audit-export', checked);
				await streamFile(
					ctx,
					{ name: `latchkey-audit.${format}`, type: formats[format].type },
					linesOf(query, formats[format]),
				);
			},
		}),
	];
}

function toEvent({ at, id: _, ...event }: AuditRow) {
	return { at: new Date(at).toISOString(), ...event };
}
