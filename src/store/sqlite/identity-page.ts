import type { SQLInputValue } from 'node:sqlite';
import type { Identity } from '../../core/identity.ts';
import { foldName } from '../../core/identity.ts';
import type { IdentityOrder, IdentityQuery, IdentityState } from '../../core/identity-query.ts';
import type { SqliteFile } from './connection.ts';
import { columns, type Row, toIdentity } from './identity-row.ts';

const hasFactor = `EXISTS (SELECT 1 FROM authenticator AS factor
	WHERE factor.identity = identity.id AND factor.confirmed_at IS NOT NULL AND factor.disabled_at IS NULL)`;

const conditions: Readonly<Record<IdentityState, string>> = {
	disabled: 'disabled = 1',
	'must-change-password': 'password_change_needed = 1 AND password_verifier IS NOT NULL',
	'certificate-only': 'password_verifier IS NULL AND is_service = 0',
	'second-factor': hasFactor,
	'no-second-factor': `password_verifier IS NOT NULL AND NOT ${hasFactor}`,
};

/** With the name behind, so that no two stand at the same place; each with an index. */
const orders: Readonly<Record<IdentityOrder, readonly string[]>> = {
	name: ['name'],
	created: ['created_at', 'name'],
	'last-sign-in': ['last_sign_in_at', 'name'],
};

/** See `IdentityStore.page`. */
export function readPage(file: SqliteFile, query: IdentityQuery): Identity[] {
	const { search, permission, state, order, descending, after, limit } = query;
	const where: string[] = [];
	const values: SQLInputValue[] = [];
	function demand(condition: string, ...more: readonly SQLInputValue[]) {
		where.push(condition);
		values.push(...more);
	}
	if (search !== undefined) demand('instr(folded_name, ?) > 0', foldName(search));
	if (permission !== undefined) demand('EXISTS (SELECT 1 FROM json_each(permissions) WHERE value = ?)', permission);
	if (state !== undefined) demand(conditions[state]);
	const keys = orders[order];
	if (after !== undefined) {
		const last = order === 'name' ? [after.name] : [after.at, after.name];
		demand(`(${keys.join(', ')}) ${descending ? '<' : '>'} (${last.map(() => '?').join(', ')})`, ...last);
	}
	const sql = `SELECT ${columns} FROM identity ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
		ORDER BY ${keys.map((key) => `${key} ${descending ? 'DESC' : 'ASC'}`).join(', ')} LIMIT ?`;
	return file.read(() => file.prepare<Row>(sql).all(...values, limit)).map(toIdentity);
}
