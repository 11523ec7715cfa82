import type { Context } from 'koa';
import type { Identity, Permission } from '../core/identity.ts';
import { clientOf, originOf } from '../http/request/context.ts';
import { splitTarget } from './path.ts';
import { lackedBy } from './permissions.ts';
import type { ReturnAddresses } from './return-address.ts';
import type { RuleOf } from './rules.ts';

export interface OnwardParts {
	readonly returns: ReturnAddresses;
	readonly ruleOf: RuleOf;
}

/** Judges an address that a person wants to be led back to: ours, and may they open it. Whoever stands there judges again. */
export function createOnward({ returns, ruleOf }: OnwardParts) {
	function missingAt(ctx: Context, { host, pathname, search }: URL, identity: Identity): Permission | undefined {
		const path = splitTarget(pathname + search)?.path;
		const { address } = clientOf(ctx);
		const rule = path && ruleOf({ host, path, method: 'GET', websocket: false, address });
		return typeof rule === 'object' && typeof rule.access === 'object' ? lackedBy(identity, rule.access) : undefined;
	}

	return (ctx: Context, text: string, identity: Identity) => {
		const url = returns.parse(text);
		if (url === undefined || !returns.isOurs(url, originOf(ctx))) return { kind: 'not-ours' } as const;
		const permission = missingAt(ctx, url, identity);
		return permission === undefined ? ({ kind: 'leads', url } as const) : ({ kind: 'missing', permission } as const);
	};
}
