import type { Context } from 'koa';
import type { ZodType } from 'zod';
import type { Identities } from '../../../core/identities.ts';
import type { PasswordPolicy } from '../../../core/password.ts';
import type { Outcome } from '../../../core/refusal.ts';
import { refuse } from '../../../core/refusal.ts';
import type { Actor, Registry } from '../../../core/registry.ts';
import type { Requirements } from '../../../core/requirements.ts';
import { aroundBody } from '../../../http/request/around-body.ts';
import { parse } from '../../../http/request/body.ts';
import { senderOf } from '../../../http/request/context.ts';
import { answersIn, type Overrides, plainForm } from '../../../http/response/default-answers.ts';
import { type Answers, unwrap } from '../../../http/response/refusals.ts';
import { reply } from '../../../http/response/reply.ts';
import { openRoute, type Route } from '../../../http/route.ts';
import { freshProof, ownSession } from '../administration.ts';
import type { KuraAuthenticator } from '../authenticator.ts';
import {
	askedParts,
	configurationRequest,
	givenName,
	nameRequest,
	newIdentityName,
	newPermission,
	nothingYet,
	partsRequest,
	soughtName,
	soughtPermission,
	toConfiguration,
	toNames,
	toRequirements,
	toStrength,
	toUser,
	wantedOf,
} from './bodies.ts';
import { identityPermission } from './well-known.ts';

export interface KuraIdentityParts {
	readonly authenticator: Pick<KuraAuthenticator, 'checkAccess'>;
	readonly identities: Pick<Identities, 'list' | 'findByName'>;
	readonly registry: Registry;
	/** Config: `passwordPolicy`. */
	policy(): Promise<PasswordPolicy>;
}

interface Call<Body> {
	readonly method: Route['method'];
	readonly path: string;
	/** Absent: none is read. */
	readonly body?: ZodType<Body>;
	/** Absent: `reading`. */
	readonly needs?: Requirements;
}

/** No API token manages identities. */
const reading: Requirements = {
	...ownSession,
	permissions: { all: [identityPermission] },
	credentials: ['password', 'passkey', 'certificate', 'basic'],
};
const changing: Requirements = { ...reading, ...freshProof };

/** Kura's words, where they are others than ours. */
const inKura: Overrides = {
	'name-taken': () => ({ words: 'Identity already exists' }),
	'last-administrator': () => ({ status: 400 }),
	'service-identity': () => ({ status: 400 }),
};
const answersOf = (overrides: Overrides) => answersIn(plainForm, { ...inKura, ...overrides });
const ofByName = answersOf({ 'not-found': () => ({ words: 'Identity does not exist' }) });
const ofPut = answersOf({ 'not-found': () => ({ status: 400, words: 'Identity does not exist' }) });
const ofDelete = answersOf({ 'not-found': () => ({ words: 'Identity not found' }) });
const ofPermission = answersOf({ 'not-found': () => ({ words: 'Permission not found' }) });

const absent = refuse({ kind: 'not-found' });
const v1 = '/services/identity/v1';
const v2 = '/services/identity/v2';

/** Kura's Identity V2, and of V1 what consoles read. Source: Kura's REST documentation, "Identity V1", "Identity V2". */
export function kuraIdentityRoutes({ authenticator, identities, registry, policy }: KuraIdentityParts): Route[] {
	async function actorOf(ctx: Context, requirements: Requirements): Promise<Actor> {
		const { identity, session } = unwrap(await authenticator.checkAccess(ctx, requirements));
		const fields = { actor: identity.name, ...senderOf(ctx) };
		return { identity, isSession: session !== undefined, fields };
	}

	/** Somebody is to be known first: what is wrong with the body is nobody else's business. */
	function guarded<Body>(
		{ method, path, body, needs = reading }: Call<Body>,
		act: (ctx: Context, asked: Body, by: Actor) => Promise<void>,
	): Route {
		return openRoute({
			...{ method, path },
			...(body && { body, readBody: 'in-handler' }),
			async handle(ctx) {
				const [by, asked] = await aroundBody(
					ctx,
					() => actorOf(ctx, needs),
					async () => (body ? parse(ctx, body, 'json') : (undefined as Body)),
				);
				await act(ctx, asked, by);
			},
		});
	}

	const read = <Body>(call: Call<Body>, answer: (asked: Body) => Promise<object>) =>
		guarded(call, async (ctx, asked) => reply(ctx, await answer(asked)));

	/** Answers with nothing, as Kura does. */
	const change = <Body>(
		call: Call<Body>,
		answers: Answers,
		act: (asked: Body, by: Actor) => Outcome<void> | Promise<Outcome<void>>,
	) =>
		guarded({ needs: changing, ...call }, async (ctx, asked, by) => {
			unwrap(await act(asked, by), answers);
			ctx.status = 200;
		});

	/** For everybody. */
	const open = (path: string, answer: () => object | Promise<object>) =>
		openRoute({ method: 'GET', path, handle: async (ctx) => reply(ctx, await answer()) });

	const list = async () => (await identities.list()).toSorted((a, b) => (a.name < b.name ? -1 : 1));

	return [
		open(`${v2}/definedPermissions`, async () => toNames(await registry.permissions())),
		open(`${v2}/passwordStrenghtRequirements`, async () => toStrength(await policy())),
		read({ method: 'GET', path: `${v2}/identities` }, async () =>
			(await list()).map((each) => toConfiguration(each.name, each)),
		),
		change({ method: 'POST', path: `${v2}/identities`, body: nameRequest }, ofByName, (asked, by) =>
			registry.add(newIdentityName(asked), by),
		),
		change({ method: 'PUT', path: `${v2}/identities`, body: configurationRequest }, ofPut, (asked, by) => {
			const name = soughtName(asked.identity);
			const wanted = wantedOf(asked);
			return name === undefined ? absent : registry.configure(name, wanted, by);
		}),
		change({ method: 'DELETE', path: `${v2}/identities`, body: nameRequest }, ofDelete, (asked, by) => {
			const name = soughtName(asked);
			return name === undefined ? absent : registry.remove(name, by);
		}),
		read({ method: 'POST', path: `${v2}/identities/byName`, body: partsRequest }, async (asked) => {
			const name = soughtName(asked.identity);
			const parts = askedParts(asked);
			const found = name && (await identities.findByName(name));
			return found ? toConfiguration(found.name, found, parts) : unwrap(absent, ofByName);
		}),
		read({ method: 'POST', path: `${v2}/identities/default/byName`, body: partsRequest }, async (asked) =>
			toConfiguration(givenName(asked.identity), nothingYet, askedParts(asked)),
		),
		change(
			{ method: 'POST', path: `${v2}/identities/validate`, body: configurationRequest, needs: reading },
			ofPut,
			(asked, by) => {
				const name = soughtName(asked.identity);
				const wanted = wantedOf(asked);
				return name === undefined ? absent : registry.judge(name, wanted, by);
			},
		),
		change({ method: 'POST', path: `${v2}/permissions`, body: nameRequest }, ofPermission, (asked, by) =>
			registry.makePermission(newPermission(asked), by),
		),
		change({ method: 'DELETE', path: `${v2}/permissions`, body: nameRequest }, ofPermission, (asked, by) => {
			const permission = soughtPermission(asked);
			return permission === undefined ? absent : registry.removePermission(permission, by);
		}),
		open(`${v1}/definedPermissions`, async () => ({ permissions: await registry.permissions() })),
		open(`${v1}/passwordRequirements`, async () => toRequirements(await policy())),
		read({ method: 'GET', path: `${v1}/identities` }, async () => ({ userConfig: (await list()).map(toUser) })),
	];
}

/** Where they stand. */
export const identityPaths: readonly string[] = [
	...['identities', 'definedPermissions', 'passwordRequirements'].map((name) => `${v1}/${name}`),
	...['identities', 'identities/byName', 'identities/default/byName', 'identities/validate'].map(
		(name) => `${v2}/${name}`,
	),
	...['permissions', 'definedPermissions', 'passwordStrenghtRequirements'].map((name) => `${v2}/${name}`),
];
