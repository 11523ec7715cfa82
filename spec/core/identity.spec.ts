import test from 'ava';
import {
	foldName,
	type Identity,
	type IdentityName,
	mayUse,
	type Permission,
	parseIdentityName,
	parsePermission,
	reasonAgainst,
} from '../../src/core/identity.ts';

const names: readonly (readonly [says: string, text: string, name: string | undefined])[] = [
	['a plain name', 'admin', 'admin'],
	['one letter', 'a', 'a'],
	['capitals stay', 'Admin', 'Admin'],
	['a space inside', 'Ada Lovelace', 'Ada Lovelace'],
	['signs', 'o\'brien+test@example.org|1;2,3"', 'o\'brien+test@example.org|1;2,3"'],
	['SQL', "' OR 1=1--", "' OR 1=1--"],
	['composed', 'Jos\u00e9', 'Jos\u00e9'],
	['decomposed becomes composed', 'Jose\u0301', 'Jos\u00e9'],
	['fullwidth stays what it is', 'ａｄｍｉｎ', 'ａｄｍｉｎ'],
	['Turkish', 'İ', 'İ'],
	['an emoji', '🦊', '🦊'],
	['256 code points', '🦊'.repeat(256), '🦊'.repeat(256)],
	['257 code points', 'a'.repeat(257), undefined],
	['more than 1024 bytes', '🦊'.repeat(257), undefined],
	['60 KiB', 'a'.repeat(61_440), undefined],
	['nothing', '', undefined],
	['a space', ' ', undefined],
	['a space before', ' admin', undefined],
	['a space behind', 'admin ', undefined],
	['a no-break space behind', 'admin\u00a0', undefined],
	['an ideographic space before', '\u3000admin', undefined],
	['NUL', 'admin\u0000x', undefined],
	['a line break', 'a\n{"event":"login"}', undefined],
	['a carriage return', 'a\r\nFLUSHALL', undefined],
	['a tab', 'a\tb', undefined],
	['delete', 'a\u007f', undefined],
	['a C1 control', 'a\u0085b', undefined],
	['an escape sequence', '\u001b[31mred', undefined],
	['half a surrogate pair', '\ud800', undefined],
	['the other half', 'a\udc00', undefined],
	['a direction override', 'a\u202egnp', undefined],
	['a direction isolate', 'a\u2066b', undefined],
	['a zero width joiner', 'ad\u200dmin', undefined],
	['a zero width space', 'ad\u200bmin', undefined],
	['a soft hyphen', 'ad\u00admin', undefined],
	['a byte order mark', '\ufeffadmin', undefined],
	['a Hangul filler, which shows as nothing', 'admin\u3164', undefined],
	['a blank Braille pattern, which shows as nothing', 'boss\u2800', undefined],
	['a combining grapheme joiner, which shows as nothing', 'ad\u034fmin', undefined],
	['a variation selector, which shows as nothing', 'admin\ufe0f', undefined],
	['a line separator', 'a\u2028b', undefined],
	['private use', 'a\ue000b', undefined],
	['no character at all', 'a\uffff', undefined],
];

for (const [says, text, name] of names) {
	test(`as a name, ${says} is ${name === undefined ? 'refused' : 'taken'}`, (t) => {
		t.is(parseIdentityName(text), name as IdentityName | undefined);
	});
}

const alike: readonly (readonly [a: string, b: string, same: boolean])[] = [
	['admin', 'ADMIN', true],
	['admin', 'ａｄｍｉｎ', true],
	['admin', 'Ⓐdmin', true],
	['straße', 'STRASSE', true],
	['straße', 'STRAẞE', true],
	['ﬁna', 'FINA', true],
	['ΟΔΟΣ', 'οδος', true],
	['οδος', 'οδοσ', true],
	['K', '\u212a', true],
	['ı', 'I', true],
	['a b', 'a\u00a0b', true],
	['admin', 'admin1', false],
	['José', 'Jose', false],
	// Letters of other alphabets that look the same, small or capital.
	['admin', 'аdmin', true],
	['boss', 'bοss', true],
	['boss', 'bosѕ', true],
	['COPA', 'СОРА', true],
	['AKTHP', 'ΑΚΤΗΡ', true],
	['Иван', 'Ivan', false],
	['Ελένη', 'Elene', false],
];

for (const [a, b, same] of alike) {
	test(`${a} and ${b} are ${same ? 'one name too many' : 'two names'}`, (t) => {
		t.is(foldName(a as IdentityName) === foldName(b as IdentityName), same);
	});
}

const newNames: readonly (readonly [name: string, because: string | undefined])[] = [
	['ada', undefined],
	['José', undefined],
	['Иван Петров', undefined],
	['Ελένη', undefined],
	['田中 Taro', undefined],
	['sensor-5µm', undefined],
	['bοss', 'mixes letters of alphabets that look alike'],
	['bosѕ', 'mixes letters of alphabets that look alike'],
	['.', 'cannot stand in a URL'],
	['..', 'cannot stand in a URL'],
	['...', undefined],
	['operator', 'is reserved'],
	['Operator', 'is reserved'],
	['operators', undefined],
];

for (const [name, because] of newNames) {
	test(`a new identity ${because === undefined ? 'may' : 'may not'} be called ${name}`, (t) =>
		t.is(reasonAgainst(name as IdentityName), because));
}

test('whatever is folded is folded for good, in whatever case it came', (t) => {
	const fold = (text: string) => foldName(text as IdentityName);
	const lost: string[] = [];
	for (let code = 0x20; code < 0x20000; code += 1) {
		const text = String.fromCodePoint(code);
		if (parseIdentityName(`a${text}a`) === undefined) continue;
		const folded = fold(text);
		if (fold(folded) !== folded || fold(text.toUpperCase()) !== folded || fold(text.normalize('NFKC')) !== folded) {
			lost.push(`U+${code.toString(16)}`);
		}
	}
	t.deepEqual(lost, []);
});

const permissions: readonly (readonly [text: string, isOne: boolean])[] = [
	['rest.assets', true],
	['kura.admin', true],
	['a', true],
	['rest.*', true],
	['A-b_c.d9', true],
	['a'.repeat(128), true],
	['a'.repeat(129), false],
	['', false],
	['.', false],
	['rest.', false],
	['.rest', false],
	['rest..assets', false],
	['rest assets', false],
	['rest,assets', false],
	['rest\n', false],
	['réseau', false],
];

for (const [text, isOne] of permissions) {
	test(`${JSON.stringify(text)} is ${isOne ? 'a' : 'no'} permission`, (t) =>
		t.is(parsePermission(text) !== undefined, isOne));
}

const held: readonly (readonly [held: readonly string[], asked: string, may: boolean])[] = [
	[['rest.assets'], 'rest.assets', true],
	[['rest.assets'], 'REST.assets', false],
	[['rest.assets'], 'rest', false],
	[['rest'], 'rest.assets', false],
	// Compared letter for letter: a star is a letter.
	[['rest.*'], 'rest.assets', false],
	[['kura.admin'], 'rest.assets', true],
	[['kura.admin.x'], 'rest.assets', false],
	[[], 'rest.assets', false],
];

for (const [own, asked, may] of held) {
	test(`who holds ${own.join(', ') || 'nothing'} may ${may ? '' : 'not '}use ${asked}`, (t) => {
		t.is(mayUse({ permissions: new Set(own) } as unknown as Identity, asked as Permission), may);
	});
}
