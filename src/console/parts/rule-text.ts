import type { DescribedRule } from '../session-v1.ts';
import type { Words } from '../words/words.ts';

/** What a rule names, in its order: hosts, paths, methods, networks, and who may pass. */
export function summaryOf(words: Words['rules'], rule: DescribedRule): string {
	const { methods, from, access, permissions } = rule;
	const { any = [], all = [] } = permissions ?? {};
	const who = access ?? words.all([...all, ...(any.length > 0 ? [words.any(any)] : [])]);
	const named = [...placesOf(words, rule), ...(methods ? [methods] : []), ...(from ? [from] : []), [words.for(who)]];
	return named.map((each) => each.join(', ')).join(' · ');
}

/** The same of where it holds, with the methods. */
export function placeOf(words: Words['rules'], rule: DescribedRule): string {
	const { methods } = rule;
	return [...placesOf(words, rule), ...(methods ? [methods] : [])].map((each) => each.join(', ')).join(' · ');
}

function placesOf(
	{ everyHost, everyPath }: Words['rules'],
	{ hosts, paths, suffixes }: DescribedRule,
): readonly (readonly string[])[] {
	return [hosts ?? [everyHost], paths ?? [everyPath], ...(suffixes ? [suffixes.map((each) => `…${each}`)] : [])];
}
