import type { AuditRow } from '../../core/audit-table.ts';

const columns = [
	...(['act', 'outcome', 'reason', 'identity', 'newName', 'actor', 'address', 'device', 'dialect', 'method'] as const),
	...(['needs', 'purpose', 'host', 'session', 'token', 'authenticator', 'requestId', 'traceId'] as const),
	...(['store', 'digest', 'version'] as const),
] as const satisfies readonly (keyof AuditRow)[];

/** Rule: RFC 4180. */
export const csvHead = `${['time', ...columns].join(',')}\r\n`;

export function toCsv(row: AuditRow): string {
	const cells = columns.map((column) => cellOf(row[column] ?? ''));
	return `${[new Date(row.at).toISOString(), ...cells].join(',')}\r\n`;
}

/** What a spreadsheet would take for a formula, in full width, too. Source: OWASP, CSV Injection. */
const formula = /^[\s\p{Cc}]*[=+\-@＝＋－＠]/u;

/** With an apostrophe in front of it, a formula is text. */
function cellOf(text: string): string {
	const harmless = formula.test(text) ? `'${text}` : text;
	return /[",;'\s]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
