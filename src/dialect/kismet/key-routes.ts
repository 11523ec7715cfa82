import type { Context } from 'koa';
import type { ApiToken } from '../../core/api-token.ts';
import type { ApiTokens, MakingSession } from '../../core/api-tokens.ts';
import type { Clock } from '../../core/clock.ts';
import type { Identity, Permission } from '../../core/identity.ts';
import { parseApiTokenName } from '../../core/new-api-token.ts';
import { auditFieldsOf } from '../../core/request.ts';
import type { Requirements } from '../../core/requirements.ts';
import type { AuthenticatedSession } from '../../core/sessions.ts';
import { aroundBody } from '../../http/request/around-body.ts';
import { throwRefusal, unwrap } from '../../http/response/refusals.ts';
import { reply } from '../../http/response/reply.ts';
import { openRoute, type Route, sessionRoute } from '../../http/route.ts';
import type { KismetAuthenticator } from './authenticator.ts';
import { kismet } from './authenticator.ts';
import { newKey, readCommand, readNewKey, revocation } from './bodies.ts';
import type { KeyFormat } from './key-list.ts';
import { keyFormats, writeKeys } from './key-list.ts';
import { type Roles, roleOf } from './roles.ts';

export interface KeyRouteParts {
	readonly apiTokens: Pick<ApiTokens, 'add' | 'list' | 'end' | 'checkKey'>;
	readonly clock: Clock;
	/** Config: `dialects.kismet.roles`. */
	readonly roles: Roles;
	/** Milliseconds that a key lives at the most. Config: `dialects.kismet.keyLifetimeDays`. */
	readonly longestKeyMs: number;
}

/** Kismet's administrator. No key and no `lk_` token is one here: none makes, sees or revokes a key. */
const administrator = {
	session: 'open',
	xsrf: 'exempt',
	countsAsActivity: true,
	permissions: { any: ['kismet.admin' as Permission] },
} as const satisfies Requirements;

/** Of the login itself. Rule: Kismet, "cannot remove autoprovisioned web logon". */
const reservedName = 'web logon';

/**
 * Kismet's API keys, of oneself: names are each administrator's own, so nobody learns of, or revokes, those of others.
 * Source: Kismet, `kis_net_beast_httpd`, `/auth/apikey/`.
 */
export function keyRoutes(authenticator: KismetAuthenticator, parts: KeyRouteParts): Route[] {
	const { apiTokens, clock, roles, longestKeyMs } = parts;

	async function keysOf({ id }: Identity): Promise<readonly ApiToken[]> {
		const now = clock.now();
		const tokens = await apiTokens.list(id);
		return tokens.filter(({ dialect, expiresAt }) => dialect === kismet && expiresAt > now);
	}

	const auditFieldsBy = (ctx: Context, { identity }: AuthenticatedSession) => ({
		actor: identity.name,
		...auditFieldsOf(authenticator.requestContextOf(ctx)),
	});

	async function generate(ctx: Context) {
		// A key lives on when the session that made it is over: a session alone makes one for five minutes after its login.
		const proved = async () => unwrap(await authenticator.checkProved(ctx, administrator));
		const [checked, { name, permission, durationMs }] = await aroundBody(ctx, proved, () => readNewKey(ctx, roles));
		const isTaken = (await keysOf(checked.identity)).some((key) => key.name === name);
		if (isTaken || name === reservedName) throwRefusal({ kind: 'name-taken' });
		const wanted = {
			name,
			permissions: [permission],
			expiresInMs: durationMs === 0 ? longestKeyMs : Math.min(durationMs, longestKeyMs),
			endsWithPassword: false,
			dialect: kismet,
		};
		// Since the look at the session the password may have become another.
		const isAlive = async () => (await authenticator.checkProved(ctx, administrator)).ok;
		const by: MakingSession = { key: checked.session.key, isAlive };
		const { text } = unwrap(await apiTokens.add(checked.identity, wanted, auditFieldsBy(ctx, checked), by));
		// Rule: Kismet, without a line break.
		reply(ctx, text);
	}

	async function revoke(ctx: Context, checked: AuthenticatedSession, name: string) {
		const found = (await keysOf(checked.identity)).filter((key) => key.name === name);
		// Two that were made at once may have one name.
		const ended = await Promise.all(
			found.map(({ id }) => apiTokens.end(id, checked.identity.id, auditFieldsBy(ctx, checked))),
		);
		if (!ended.includes(true)) throwRefusal({ kind: 'not-found' });
		reply(ctx, 'revoked\n');
	}

	async function list(ctx: Context, { identity }: AuthenticatedSession, format: KeyFormat) {
		const keys = (await keysOf(identity)).map(({ name, permissions, expiresAt }) => ({
			'kismet.httpd.auth.name': name,
			'kismet.httpd.auth.role': roleOf(permissions, roles),
			'kismet.httpd.auth.expiration': Math.floor(expiresAt / 1000),
		}));
		writeKeys(ctx, format, keys);
	}

	const at = (name: string) => `/auth/apikey/${name}`;
	return [
		// The login that may come along is looked at before the body.
		openRoute({ method: 'POST', path: at('generate.cmd'), body: newKey, readBody: 'in-handler', handle: generate }),
		sessionRoute({
			requires: administrator,
			method: 'POST',
			path: at('revoke.cmd'),
			body: revocation,
			readBody: (ctx) => readCommand(ctx, revocation),
			handle: (ctx, checked, { name }) => revoke(ctx, checked, parseApiTokenName(name) ?? name),
		}),
		...keyFormats.map((format) =>
			sessionRoute({
				requires: administrator,
				method: 'GET',
				path: at(`list.${format}`),
				handle: (ctx, checked) => list(ctx, checked, format),
			}),
		),
	];
}
