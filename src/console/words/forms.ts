/** A form for each number that the language tells apart. `#` stands for the number. */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** How a language writes numbers and what belongs to them. */
export function formsOf(language: string) {
	const rules = new Intl.PluralRules(language);
	const { format: number } = new Intl.NumberFormat(language);
	const seconds = new Intl.NumberFormat(language, { style: 'unit', unit: 'second', unitDisplay: 'long' });
	const minutes = new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long' });
	const ors = new Intl.ListFormat(language, { type: 'disjunction' });
	const ands = new Intl.ListFormat(language, { type: 'conjunction' });
	return {
		number,
		counted: (count: number, forms: Forms) =>
			(forms[rules.select(count)] ?? forms.other).replaceAll('#', number(count)),
		/** Whole seconds: in minutes, where there are many. */
		duration: (count: number) => (count < 120 ? seconds.format(count) : minutes.format(Math.ceil(count / 60))),
		either: (items: readonly string[]) => ors.format(items),
		all: (items: readonly string[]) => ands.format(items),
	};
}
