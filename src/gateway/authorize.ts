import type { Context } from 'koa';
import type { Audit } from '../core/audit.ts';
import type { Identity } from '../core/identity.ts';
import type { Outcome } from '../core/refusal.ts';
import { refuse } from '../core/refusal.ts';
import type { Access, Door } from '../http/authenticator.ts';
import { clientOf, requestIdOf } from '../http/request/context.ts';
import { type Origins, opensWebSocket } from '../http/request/origins.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import type { Answers } from '../http/response/refusals.ts';
import { lackedBy, type NeededPermissions } from './permissions.ts';
import { isSafe, needsXsrfToken, type Xsrf } from './rules.ts';

/** What is asked for: by the request itself, or by the request that a proxy asks about. */
export interface Wanted {
	readonly needed: NeededPermissions;
	readonly xsrf: Xsrf;
	/** `undefined`: not known for sure. Then it is taken for one that changes something. */
	readonly method: string | undefined;
	readonly counts: boolean;
	/** It is the script of a service worker that could control more than what the rule names. */
	readonly isWideWorker?: boolean;
}

/** Let through, or refused; in the words of the protocol that the request speaks, where it speaks one. */
type Decision = Outcome<Access> & {
	readonly answers?: Answers | undefined;
	/** Of whom a permission is missing. */
	readonly lacking?: Identity;
};

export type Decide = (ctx: Context, wanted: Wanted) => Promise<Decision>;

export interface DecideParts {
	/** One for each protocol that is on, in the order in which they are asked. */
	readonly doors: readonly Door[];
	readonly origins: Origins;
	readonly audit: Audit;
}

/** Let through, ask to log in, or forbid: one decision, for the reverse proxy and for forward-auth. */
export function createDecide({ doors, origins, audit }: DecideParts): Decide {
	/** Any living session lets in. Without one, the first credential decides; else the first session that was refused. */
	async function whose(ctx: Context, wanted: Wanted): Promise<Decision> {
		const method = wanted.method ?? 'POST';
		const mayChange = !isSafe(method) || opensWebSocket(ctx.req);
		const isForeign = wanted.xsrf === 'origin' && mayChange && !origins.isOwnPage(ctx.req, clientOf(ctx));
		const passage = { needsXsrfToken: needsXsrfToken(wanted, method), counts: wanted.counts && !isForeign };
		let refusal: Decision | undefined;
		for (const door of doors) {
			const entered = await door.enter(ctx, passage);
			if (entered?.ok && isForeign) refusal ??= { ...refuse({ kind: 'cross-site' }), answers: door.answers };
			else if (entered?.ok) return { ...entered, answers: door.answers };
			else if (entered) refusal ??= { ...entered, answers: door.answers };
		}
		for (const door of doors) {
			const proved = await door.prove?.(ctx);
			if (proved) return { ...proved, answers: door.answers };
		}
		return refusal ?? refuse({ kind: 'no-session' });
	}

	/** Asks for a credential where a 401 is the answer, and nobody spoke a protocol that has none to ask for. */
	function challenge(ctx: Context, { refusal, answers }: Decision & { readonly ok: false }): void {
		if ((answers ?? plainAnswers)(refusal).status !== 401) return;
		for (const door of doors) {
			const line = answers === undefined || answers === door.answers ? door.challenge?.(ctx) : undefined;
			if (line !== undefined) ctx.set('WWW-Authenticate', line);
		}
	}

	return async (ctx, wanted) => {
		const event = () =>
			({ act: 'access', outcome: 'refused', address: clientOf(ctx).address, requestId: requestIdOf(ctx) }) as const;
		if (origins.isCrossSiteAccess(ctx.req, clientOf(ctx), wanted.method ?? 'POST')) {
			audit.write({ ...event(), reason: 'cross-site' });
			return refuse({ kind: 'cross-site' });
		}
		if (wanted.isWideWorker) {
			audit.write({ ...event(), reason: 'worker-scope' });
			return refuse({ kind: 'worker-scope' });
		}
		const entered = await whose(ctx, wanted);
		if (!entered.ok) {
			if (entered.refusal.kind === 'cross-site') audit.write({ ...event(), reason: 'cross-site' });
			challenge(ctx, entered);
			return entered;
		}
		const permission = lackedBy(entered.value.identity, wanted.needed);
		if (permission === undefined) return entered;
		const { identity, session } = entered.value;
		audit.write({
			...event(),
			reason: 'permission-missing',
			identity: identity.name,
			...(session && { session: session.key, dialect: session.dialect }),
		});
		return { ...refuse({ kind: 'permission-missing', permission }), answers: entered.answers, lacking: identity };
	};
}

const told = new WeakMap<Identity, Readonly<Record<string, string>>>();

/** What whoever stands behind us is told of the identity. UTF-8, as headers carry it: one character a byte. */
export function identityHeaders({ identity }: Access): Readonly<Record<string, string>> {
	let headers = told.get(identity);
	if (headers === undefined) {
		const name = Buffer.from(identity.name, 'utf8').toString('latin1');
		headers = { 'Remote-User': name, 'Remote-Groups': [...identity.permissions].sort().join(',') };
		told.set(identity, headers);
	}
	return headers;
}
