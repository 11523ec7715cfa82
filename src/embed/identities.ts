import type { Core } from '../app/service.ts';
import type { Identity, IdentityName, Permission } from '../core/identity.ts';
import { parseIdentityName, parsePermission } from '../core/identity.ts';
import { type Password, parsePassword } from '../core/password.ts';
import type { Outcome, Refusal } from '../core/refusal.ts';
import { plainAnswers } from '../http/response/default-answers.ts';
import type { IdentityVerbs } from './latchkey.ts';
import { toPerson } from './person.ts';
import { LatchkeyRefusal } from './refusal.ts';

const fields = { actor: 'operator' } as const;

export function createIdentityVerbs({ identities, sessions }: Pick<Core, 'identities' | 'sessions'>): IdentityVerbs {
	const find = async (given: string): Promise<Identity | undefined> => {
		const name = parseIdentityName(given);
		return name && identities.findByName(name);
	};

	/** Runs a verb on an identity that exists. */
	async function onto<T>(given: string, verb: (identity: Identity) => Promise<T>): Promise<T> {
		const identity = await find(given);
		if (identity === undefined) return throwRefusal({ kind: 'not-found' });
		return verb(identity);
	}

	return {
		async add({ name, password, permissions = [], passwordChangeNeeded = false, policy = true }) {
			const added = await identities.add(
				{
					name: nameOf(name),
					...(password !== undefined && { password: passwordOf(password) }),
					permissions: permissionsOf(permissions),
					passwordChangeNeeded,
					policy,
				},
				fields,
			);
			return toPerson(unwrap(added));
		},
		async find(name) {
			const found = await find(name);
			return found && toPerson(found);
		},
		list: async () => (await identities.list()).map(toPerson),
		setPassword: (name, password, { passwordChangeNeeded = false, policy = true } = {}) =>
			onto(name, async ({ id }) => {
				unwrap(await identities.setPassword(id, passwordOf(password), { passwordChangeNeeded, policy }, fields));
			}),
		grant: (name, permissions) =>
			onto(name, async ({ id }) => unwrap(await identities.grant(id, permissionsOf(permissions), fields))),
		revoke: (name, permissions) =>
			onto(name, async ({ id }) =>
				unwrap(await identities.revoke(id, permissionsOf(permissions), fields, 'may-be-last')),
			),
		setDisabled: (name, disabled) =>
			onto(name, async ({ id }) => unwrap(await identities.setDisabled(id, disabled, fields, 'may-be-last'))),
		endSessions: (given) => onto(given, ({ id, name }) => sessions.endOf(id, {}, { ...fields, identity: name })),
		remove: (name) => onto(name, async ({ id }) => unwrap(await identities.remove(id, fields, 'may-be-last'))),
	};
}

function unwrap<T>(outcome: Outcome<T>): T {
	if (outcome.ok) return outcome.value;
	return throwRefusal(outcome.refusal);
}

function throwRefusal(refusal: Refusal): never {
	throw new LatchkeyRefusal(refusal.kind, String((plainAnswers(refusal).body as { message?: unknown }).message));
}

function nameOf(text: string): IdentityName {
	return parseIdentityName(text) ?? throwRefusal({ kind: 'bad-name' });
}

function passwordOf(text: string): Password {
	const password = parsePassword(text);
	if (password !== undefined) return password;
	throw new TypeError('a password is 1 to 1024 bytes of UTF-8, without NUL');
}

function permissionsOf(texts: readonly string[]): Permission[] {
	return texts.map((text) => {
		const permission = parsePermission(text);
		if (permission === undefined) throw new TypeError(`${text}: is not a permission`);
		return permission;
	});
}
