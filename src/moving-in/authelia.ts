import { parse } from 'yaml';
import { z } from 'zod';
import { type Person, Unreadable } from './person.ts';

const shape = z.looseObject({
	users: z.record(
		z.string(),
		z.looseObject({
			disabled: z.boolean().nullish(),
			password: z.string(),
			groups: z.array(z.string()).nullish(),
		}),
	),
});

/** Authelia's users file. A group becomes the permission that `groups` says, else `group.NAME`. */
export function readAuthelia(text: string, groups: ReadonlyMap<string, string>): readonly Person[] {
	const parsed = shape.safeParse(yamlOf(text));
	if (!parsed.success) {
		const [issue] = parsed.error.issues;
		throw new Unreadable(
			`it is no users file of Authelia: ${issue?.path.length ? 'below users' : 'it'}: ${issue?.message}`,
		);
	}
	return Object.entries(parsed.data.users).map(([name, user]) => ({
		name,
		verifier: user.password.replace(/^\{CRYPT\}/, ''),
		permissions: (user.groups ?? []).map((group) => groups.get(group) ?? `group.${group}`),
		disabled: user.disabled ?? false,
	}));
}

function yamlOf(text: string): unknown {
	try {
		// Aliases can make gigabytes of a page. No users file needs them, and no key may stand twice.
		return parse(text, { maxAliasCount: 0, uniqueKeys: true, logLevel: 'error' });
	} catch {
		throw new Unreadable('it is not YAML, has a key twice, or aliases');
	}
}
