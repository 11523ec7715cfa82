import type { Identity } from '../../core/identity.ts';
import { foldName } from '../../core/identity.ts';
import type { IdentityOrder, IdentityQuery, IdentityState } from '../../core/identity-query.ts';
import type { PostgresConnection } from './connection.ts';
import { columns, type Row, toIdentity } from './identity-row.ts';

const hasFactor = `EXISTS (SELECT FROM latchkey.authenticator AS factor
	WHERE factor.identity_id = identity.id AND factor.confirmed_at IS NOT NULL AND factor.disabled_at IS NULL)`;

const conditions: Readonly<Record<IdentityState, string>> = {
	disabled: 'disabled',
	'must-change-password': 'password_change_needed AND password_verifier IS NOT NULL',
	'certificate-only': 'password_verifier IS NULL AND NOT is_service',
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
export async function readPage(postgres: PostgresConnection, query: IdentityQuery): Promise<Identity[]> {
	const { search, permission, state, order, descending, after, limit } = query;
	const where: string[] = [];
	const values: unknown[] = [];
	const given = (value: unknown, type: string) => `$${values.push(value)}::${type}`;
	if (search !== undefined) where.push(`strpos(folded_name, ${given(foldName(search), 'text')}) > 0`);
	if (permission !== undefined) where.push(`${given(permission, 'text')} = ANY (permissions)`);
	if (state !== undefined) where.push(conditions[state]);
	const keys = orders[order];
	if (after !== undefined) {
		const last = [...(order === 'name' ? [] : [given(after.at, 'bigint')]), given(after.name, 'text')];
		where.push(`(${keys.join(', ')}) ${descending ? '<' : '>'} (${last.join(', ')})`);
	}
	const text = `SELECT ${columns} FROM latchkey.identity ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
		ORDER BY ${keys.map((key) => `${key} ${descending ? 'DESC' : 'ASC'}`).join(', ')} LIMIT ${given(limit, 'int')}`;
	return (await postgres.query<Row>({ text, values })).map(toIdentity);
}
