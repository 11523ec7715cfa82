import { z } from 'zod';
import {
	type Identity,
	type IdentityName,
	type Permission,
	parseIdentityName,
	parsePermission,
} from '../../../core/identity.ts';
import { leastLengthAlone, type PasswordPolicy } from '../../../core/password.ts';
import type { Wanted } from '../../../core/registry.ts';
import { HttpRefused } from '../../../http/response/refusals.ts';
import { isKuraName } from '../identity-name.ts';

/*
 * Kura's words of Identity V2 and V1 on the wire, and ours behind them. A field that is `null` is one that is absent, as
 * for Kura's own reader. What is said of a missing name is said in Kura's words, so that is judged by code.
 */

const name = z.string().nullish();

export const nameRequest = z.object({ name });

const identity = nameRequest.nullish();

/** `configurationComponents` absent: all. */
export const partsRequest = z.object({ identity, configurationComponents: z.array(z.string()).max(100).nullish() });

export const configurationRequest = z.object({
	identity,
	passwordConfiguration: z
		.object({
			/** Absent: no. */
			passwordChangeNeeded: z.boolean().nullish(),
			/** Required: left out, it would take the password away. */
			passwordAuthEnabled: z.boolean(),
			password: z.string().nullish(),
		})
		.nullish(),
	permissionConfiguration: z.object({ permissions: z.array(nameRequest).max(1000) }).nullish(),
	/** Of Kura's components: here there are none. */
	additionalConfigurations: z.object({ configurations: z.array(z.unknown()).max(0) }).nullish(),
});

/** Rule: Kura, `StringUtils.validateField`. */
export function givenName(from: z.infer<typeof nameRequest> | null | undefined): string {
	const given = from?.name ?? undefined;
	if (given === undefined) throw new HttpRefused('malformed', "Missing 'name' property");
	if (given.trim() === '') throw new HttpRefused('malformed', "`name` value can't be empty");
	return given;
}

/** Of somebody who may exist; `undefined` where nobody can. */
export function soughtName(from: z.infer<typeof nameRequest> | null | undefined): IdentityName | undefined {
	return parseIdentityName(givenName(from));
}

export function newIdentityName(from: z.infer<typeof nameRequest>): IdentityName {
	const given = givenName(from);
	const parsed = isKuraName(given) ? parseIdentityName(given) : undefined;
	if (parsed !== undefined) return parsed;
	throw new HttpRefused('malformed', 'The name must have 3 to 255 letters and digits, with single . or _ between them');
}

/** As long as a permission may be elsewhere: 128. */
export function newPermission(from: z.infer<typeof nameRequest>): Permission {
	const given = givenName(from);
	const isOne = /^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$/.test(given) && given.length >= 3 && given.length <= 128;
	if (isOne) return given as Permission;
	throw new HttpRefused('malformed', 'The name must have 3 to 128 letters and digits, with single . between them');
}

/** One that may be defined; `undefined` where nobody can have defined it. */
export function soughtPermission(from: z.infer<typeof nameRequest>): Permission | undefined {
	return parsePermission(givenName(from));
}

export function wantedOf(request: z.infer<typeof configurationRequest>): Wanted {
	const { passwordConfiguration: asked, permissionConfiguration } = request;
	const permissions = permissionConfiguration?.permissions.map((each) => givenName(each) as Permission);
	const password = asked && {
		enabled: asked.passwordAuthEnabled,
		changeNeeded: asked.passwordChangeNeeded ?? false,
		...(typeof asked.password === 'string' && { password: asked.password }),
	};
	return { ...(permissions && { permissions }), ...(password && { password }) };
}

type Facts = Pick<Identity, 'permissions' | 'passwordChangeNeeded'> & { readonly passwordVerifier?: unknown };

/** By the names that Kura's components have. */
const parts = {
	AdditionalConfigurations: () => ({ additionalConfigurations: { configurations: [] } }),
	AssignedPermissions: ({ permissions }: Facts) => ({
		permissionConfiguration: { permissions: toNames(permissions) },
	}),
	PasswordConfiguration: ({ passwordChangeNeeded, passwordVerifier }: Facts) => ({
		passwordConfiguration: { passwordChangeNeeded, passwordAuthEnabled: passwordVerifier !== undefined },
	}),
};
type Part = keyof typeof parts;
const allParts = Object.keys(parts) as readonly Part[];

export function askedParts({ configurationComponents: asked }: z.infer<typeof partsRequest>): readonly Part[] {
	for (const each of asked ?? []) {
		if (!Object.hasOwn(parts, each)) throw new HttpRefused('malformed', 'A component name is not known');
	}
	return asked ? allParts.filter((each) => asked.includes(each)) : allParts;
}

/** The password is never among it. */
export function toConfiguration(named: string, facts: Facts, asked: readonly Part[] = allParts) {
	return Object.assign({ identity: { name: named } }, ...asked.map((part) => parts[part](facts)));
}

/** Of an identity that was just made, whether there is one or not. */
export const nothingYet: Facts = { permissions: new Set(), passwordChangeNeeded: false };

export function toNames(permissions: Iterable<Permission>) {
	return [...permissions].sort().map((each) => ({ name: each }));
}

/** V1's form. */
export function toUser({ name: userName, permissions, passwordChangeNeeded, passwordVerifier }: Identity) {
	const passwordAuthEnabled = passwordVerifier !== undefined;
	return { userName, passwordAuthEnabled, passwordChangeNeeded, permissions: [...permissions].sort() };
}

export function toStrength(policy: PasswordPolicy) {
	return {
		passwordMinimumLength: leastLengthAlone(policy),
		digitsRequired: policy.requireDigits,
		specialCharactersRequired: policy.requireSpecialCharacters,
		bothCasesRequired: policy.requireBothCases,
	};
}

/** V1's form. */
export function toRequirements(policy: PasswordPolicy) {
	return {
		passwordMinimumLength: leastLengthAlone(policy),
		passwordRequireDigits: policy.requireDigits,
		passwordRequireSpecialChars: policy.requireSpecialCharacters,
		passwordRequireBothCases: policy.requireBothCases,
	};
}
