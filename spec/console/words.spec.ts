import test from 'ava';

/** Not known to the compiler here: with the console's sources come the types of a browser. */
const source = new URL('../../src/console/words/languages.ts', import.meta.url).href;
const { languages } = (await import(source)) as {
	readonly languages: Readonly<Record<string, { readonly name: string; load(): Promise<unknown> }>>;
};
const { en, ...others } = languages;

/* That every language says the same things, with the same parameters, the compiler sees. */

/** What holds no word of its own: marks, and lists that `Intl` makes. */
const wordless = ['common.thenClock', 'rules.all', 'rules.any'];
/** What is called the same in that language. Everything else that is the same was forgotten. */
const same: Readonly<Record<string, readonly string[]>> = {
	de: ['common.name', 'identities.sorts.name', 'renaming.name', 'security.passkey'],
	fr: ['sessions.active', 'tabs.applications'],
	it: ['common.console', 'common.password', 'identity.password', 'security.passkey', 'tabs.password'],
};

/** Every word by its way there; what takes parameters is asked with some. */
function wordsOf(part: unknown, way = ''): [string, string][] {
	if (typeof part === 'function') return [[way, said(part(...Array.from({ length: part.length }, parameter)))]];
	if (typeof part === 'object' && part !== null) {
		return Object.entries(part).flatMap(([key, each]) => wordsOf(each, way === '' ? key : `${way}.${key}`));
	}
	return typeof part === 'string' ? [[way, part]] : [];
}

/** Good for a text, a number and a list alike. */
const parameter = () => Object.assign(['7'], { toLowerCase: () => '7' });
const said = (result: unknown) => [result].flat(9).join('');

for (const [code, language] of Object.entries(others)) {
	test(`${language.name}: nothing is left in English, and nothing is empty`, async (t) => {
		const english = new Map(wordsOf(await en?.load()));
		const words = wordsOf(await language.load());
		const left = words.filter(([way, text]) => english.get(way) === text).map(([way]) => way);
		t.deepEqual(left.filter((way) => !wordless.includes(way)).sort(), [...(same[code] ?? [])].sort());
		t.deepEqual(
			words.filter(([, text]) => text.trim() === ''),
			[],
		);
		const missing = [...english.keys()].filter((way) => !words.some(([other]) => other === way));
		t.deepEqual(missing, []);
	});
}
