import type { Context } from 'koa';
import { z } from 'zod';
import type { Instant } from '../../core/clock.ts';
import { parseIdentityName } from '../../core/identity.ts';
import type { IdentityPage } from '../../core/identity-page.ts';
import {
	type IdentityPosition,
	type IdentityQuery,
	identityOrders,
	identityStates,
} from '../../core/identity-query.ts';
import { parseQuery } from '../../http/request/body.ts';
import { permission, toIdentity } from './bodies.ts';

/*
 * Which identities are asked for. Ours: a list without any of this is the whole list, as it was before there were pages.
 */

const mostPerPage = 200;

/** Opaque to clients: where the page before ended. */
const cursor = z
	.string()
	.max(8192)
	.transform((text, found) => {
		const position = readCursor(text);
		if (position !== undefined) return position;
		found.addIssue({ code: 'custom', message: 'is not the `next` of a page' });
		return z.NEVER;
	});

const identityQuery = z.strictObject({
	search: z
		.string()
		.max(256)
		.regex(/^\P{C}*$/u, 'must be printable')
		.optional(),
	permission: permission.optional(),
	state: z.enum(identityStates).optional(),
	sort: z.enum(identityOrders).default('name'),
	order: z.enum(['ascending', 'descending']).default('ascending'),
	cursor: cursor.optional(),
	limit: z
		.string()
		.regex(/^[1-9]\d{0,2}$/, `must be a number from 1 to ${mostPerPage}`)
		.transform(Number)
		.pipe(z.int().max(mostPerPage))
		.prefault('50'),
});

/** `undefined`: the whole list. Leaves the handler with `malformed`. */
export function identityQueryOf(ctx: Context): IdentityQuery | undefined {
	if (Object.keys(ctx.query).length === 0) return undefined;
	const { sort, order, cursor, ...query } = parseQuery(ctx, identityQuery);
	return { ...query, order: sort, descending: order === 'descending', after: cursor };
}

export function toPage({ identities, next }: IdentityPage) {
	return { identities: identities.map(toIdentity), ...(next && { next: writeCursor(next) }) };
}

function writeCursor({ at, name }: IdentityPosition): string {
	return Buffer.from(JSON.stringify([at, name])).toString('base64url');
}

function readCursor(text: string): IdentityPosition | undefined {
	try {
		const [at, given] = z
			.tuple([z.int().min(0), z.string()])
			.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
		const name = parseIdentityName(given);
		return name === given ? { at: at as Instant, name } : undefined;
	} catch {
		return undefined;
	}
}
