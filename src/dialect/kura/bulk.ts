import type { z } from 'zod';
import type { Bulk, BulkAct, BulkResult } from '../../core/bulk.ts';
import { plainAnswers } from '../../http/response/default-answers.ts';
import { HttpRefused } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { type Route, sessionRoute } from '../../http/route.ts';
import { administrationByProof, auditFieldsBy } from './administration.ts';
import { bulkChange } from './bodies.ts';
import { base } from './paths.ts';

/** Ours: the same to several identities at once. For administrators. */
export function bulkRoute(bulk: Bulk): Route {
	return sessionRoute({
		requires: administrationByProof,
		method: 'POST',
		path: `${base}/changeIdentities`,
		body: bulkChange,
		async handle(ctx, checked, asked) {
			const results = await bulk(actOf(asked), asked.names, checked, auditFieldsBy(ctx, checked));
			reply(ctx, { results: results.map(toResult) });
		},
	});
}

function actOf({ act, permissions }: z.output<typeof bulkChange>): BulkAct {
	if (act !== 'grant' && act !== 'revoke') return { act };
	if (permissions === undefined) throw new HttpRefused('malformed', 'permissions: is missing');
	return { act, permissions };
}

/** With what the single act would have answered. */
function toResult({ name, outcome }: BulkResult) {
	if (outcome.ok) return { name, done: true };
	return { name, done: false, ...(plainAnswers(outcome.refusal).body as object) };
}
