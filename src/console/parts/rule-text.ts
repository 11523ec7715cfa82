import type { DescribedRule } from '../session-v1.ts';

/** What a rule names, in its order: hosts, paths, methods, networks, and who may pass. */
export function summaryOf(rule: DescribedRule): string {
	const { methods, from, access, permissions } = rule;
	const { any = [], all = [] } = permissions ?? {};
	const who = access ?? [...all, ...(any.length > 0 ? [any.join(' or ')] : [])].join(' and ');
	const named = [...placesOf(rule), ...(methods ? [methods] : []), ...(from ? [from] : []), [`for ${who}`]];
	return named.map((each) => each.join(', ')).join(' · ');
}

/** The same of where it holds, with the methods. */
export function placeOf(rule: DescribedRule): string {
	const { methods } = rule;
	return [...placesOf(rule), ...(methods ? [methods] : [])].map((each) => each.join(', ')).join(' · ');
}

function placesOf({ hosts, paths, suffixes }: DescribedRule): readonly (readonly string[])[] {
	return [hosts ?? ['every host'], paths ?? ['every path'], ...(suffixes ? [suffixes.map((each) => `…${each}`)] : [])];
}
