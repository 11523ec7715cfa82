import type { Context } from 'koa';
import type { Refusal } from '../core/refusal.ts';
import type { AuthenticatedSession, Sessions } from '../core/sessions.ts';
import { clientOf, originOf } from '../http/request/context.ts';
import { splitTarget } from './path.ts';
import type { ReturnAddresses } from './return-address.ts';
import { type RuleOf, requirementsOf } from './rules.ts';

export interface OnwardParts {
	readonly sessions: Pick<Sessions, 'firstUnmet' | 'withMethods'>;
	readonly returns: ReturnAddresses;
	readonly ruleOf: RuleOf;
}

/** Judges an address that a person wants to be led back to: ours, and may they open it. Whoever stands there judges again. */
export function createOnward({ sessions, returns, ruleOf }: OnwardParts) {
	function refusalAt(
		ctx: Context,
		{ host, pathname, search }: URL,
		checked: AuthenticatedSession,
	): Refusal | undefined {
		const path = splitTarget(pathname + search)?.path;
		const { address } = clientOf(ctx);
		const rule = path && ruleOf({ host, path, method: 'GET', websocket: false, address });
		return typeof rule === 'object' ? sessions.firstUnmet(checked, requirementsOf(rule)) : undefined;
	}

	return async (ctx: Context, text: string, checked: AuthenticatedSession) => {
		const url = returns.parse(text);
		if (url === undefined || !returns.isOurs(url, originOf(ctx))) return { kind: 'not-ours' } as const;
		const refusal = refusalAt(ctx, url, checked);
		if (refusal === undefined) return { kind: 'leads', url } as const;
		return { kind: 'refused', refusal: await sessions.withMethods(refusal, checked) } as const;
	};
}
