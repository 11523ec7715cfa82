import type { Permission } from '../core/identity.ts';
import { adminPermission } from '../core/identity.ts';
import type { KnownPermission } from '../dialect/kura/permissions.ts';
import { type DescribedRule, describeRule } from '../gateway/explain/describe.ts';
import type { Rule } from '../gateway/rules.ts';
import type { Core } from './core.ts';
import type { LivePolicy } from './policy.ts';

/** What a rule asks for. */
export function namedBy({ access }: Rule): readonly Permission[] {
	return typeof access === 'string' ? [] : [...(access.any ?? []), ...(access.all ?? [])];
}

/** Every permission that the rules in force name, that is defined or held; by name. */
export async function knownPermissions(policy: LivePolicy, core: Core): Promise<readonly KnownPermission[]> {
	const { gate } = policy.present;
	const opened = new Map<Permission, DescribedRule[]>();
	for (const rule of gate.rules) {
		for (const permission of new Set(namedBy(rule))) {
			opened.set(permission, [...(opened.get(permission) ?? []), describeRule(gate, rule)]);
		}
	}
	const { made, held } = await core.definedPermissions();
	const [isMade, isHeld] = [new Set(made), new Set(held)];
	return [...new Set([adminPermission, ...opened.keys(), ...made, ...held])].sort().map((permission) => ({
		permission,
		defined: isMade.has(permission),
		held: isHeld.has(permission),
		opens: opened.get(permission) ?? [],
	}));
}
