import { z } from 'zod';
import type { AuditPosition } from '../../core/audit-table.ts';
import type { Instant } from '../../core/clock.ts';

/*
 * Which lines of the audit are asked for.
 */

const mostPerPage = 200;

/** As `at` is written. Source: RFC 3339. */
export const moment = z
	.string()
	.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/, 'must be a time as 2026-01-31T12:00:00.000Z')
	.transform((text) => Date.parse(text) as Instant)
	.refine((at) => !Number.isNaN(at), 'must be a time as 2026-01-31T12:00:00.000Z');
const text = z
	.string()
	.min(1)
	.max(256)
	.regex(/^\P{C}*$/u, 'must be printable');

const filters = {
	from: moment.optional(),
	to: moment.optional(),
	person: text.optional(),
	act: z
		.string()
		.regex(/^[a-z-]{1,64}$/, 'must be an act as login or session-end')
		.optional(),
	outcome: z.enum(['ok', 'refused']).optional(),
	address: z
		.string()
		.regex(/^[\da-fA-F.:]{1,45}\*?$/, 'must be an address, or the beginning of some with * behind it')
		.transform((address) => address.toLowerCase())
		.optional(),
};

/** Opaque to clients: where the page before ended. */
const cursor = z
	.string()
	.max(64)
	.transform((text, found) => {
		const position = readCursor(text);
		if (position !== undefined) return position;
		found.addIssue({ code: 'custom', message: 'is not the `next` of a page' });
		return z.NEVER;
	});

export const auditPageQuery = z.strictObject({
	...filters,
	cursor: cursor.optional(),
	limit: z
		.string()
		.regex(/^[1-9]\d{0,2}$/, `must be a number from 1 to ${mostPerPage}`)
		.transform(Number)
		.pipe(z.int().max(mostPerPage))
		.prefault('50'),
});

export const auditExportQuery = z.strictObject({ ...filters, format: z.enum(['csv', 'ndjson']) });

export function writeCursor({ at, id }: AuditPosition): string {
	return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

function readCursor(text: string): AuditPosition | undefined {
	try {
		const [at, id] = z.tuple([z.int(), z.int().min(0)]).parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
		return { at: at as Instant, id };
	} catch {
		return undefined;
	}
}
