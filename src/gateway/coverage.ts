import { addressWitnesses, holdsForAddress } from '../core/networks.ts';
import { holdsForHost, hostWitnesses } from './host.ts';
import { createPathMatcher, pathWitnesses } from './path-pattern.ts';
import { holdsForKind, type Rule } from './rules.ts';

/*
 * Which rules can never match, since others come first for all that they hold for. Nothing is tried out: what rules can
 * tell apart of hosts, paths, methods and addresses are finitely many classes, and one member of each is looked at.
 */

/** A rule that can never match. `by`: those before it that cover it together; none where it holds for nothing at all. */
export interface DeadRule {
	readonly at: number;
	readonly by: readonly number[];
}

/** The classes that a rule holds for, a bit each: of hosts, paths, kinds of request, addresses. It holds for their product. */
type Region = readonly bigint[];

export function deadRules(rules: readonly Rule[]): DeadRule[] {
	const regions = regionsOf(rules);
	return regions.flatMap((region, at) => {
		if (region.includes(0n)) return [{ at, by: [] }];
		const before = regions.flatMap((other, index) => (index < at && meets(other, region) ? [index] : []));
		const covers = (by: readonly number[]) =>
			isCovered(
				region,
				by.map((index) => regions[index] as Region),
			);
		if (!covers(before)) return [];
		// Of those that cover it, no more than it takes.
		let by = before;
		for (const index of before.toReversed()) {
			const fewer = by.filter((each) => each !== index);
			if (covers(fewer)) by = fewer;
		}
		return [{ at, by }];
	});
}

function regionsOf(rules: readonly Rule[]): Region[] {
	const hosts = hostWitnesses(rules.flatMap((rule) => rule.hosts ?? []));
	const paths = pathWitnesses(rules);
	const methods = new Set(['GET', ...rules.flatMap((rule) => [...(rule.methods ?? [])]), 'a method that nobody knows']);
	const kinds = [...[...methods].map((method) => ({ method, websocket: false })), { method: 'GET', websocket: true }];
	const addresses = addressWitnesses(rules.flatMap((rule) => rule.from ?? []));
	return rules.map((rule) => {
		const path = createPathMatcher(rule);
		return [
			bits(hosts, (host) => holdsForHost(rule.hosts, host)),
			bits(paths, (readings) => path.holdsFor(readings)),
			bits(kinds, ({ method, websocket }) => holdsForKind(rule, method, websocket)),
			bits(addresses, (address) => holdsForAddress(rule.from, address)),
		];
	});
}

function bits<T>(of: readonly T[], holds: (one: T) => boolean): bigint {
	return BigInt(`0b0${of.map((one) => (holds(one) ? '1' : '0')).join('')}`);
}

function meets(one: Region, other: Region): boolean {
	return one.every((part, at) => (part & (other[at] as bigint)) !== 0n);
}

/** Whether these cover a region together: it is cut along the sides of one of them, until a single one holds a whole piece. */
function isCovered(region: Region, by: readonly Region[]): boolean {
	const near = by.filter((other) => meets(region, other));
	const [first] = near;
	if (first === undefined) return false;
	if (near.some((other) => region.every((part, at) => (part & ~(other[at] as bigint)) === 0n))) return true;
	const side = region.findIndex((part, at) => (part & ~(first[at] as bigint)) !== 0n);
	const piece = (cut: (part: bigint, other: bigint) => bigint) =>
		region.map((part, at) => (at === side ? cut(part, first[at] as bigint) : part));
	const [outside, inside] = [piece((part, other) => part & ~other), piece((part, other) => part & other)];
	return isCovered(outside, near) && isCovered(inside, near);
}
