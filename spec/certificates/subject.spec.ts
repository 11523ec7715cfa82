import test from 'ava';
import { NotDer, readDer } from '../../src/certificates/der.ts';
import { certificateName } from '../../src/certificates/subject.ts';

/** A tag, a length below 128, and what is in it. All of it hex. */
const der = (tag: string, ...content: string[]) =>
	tag + (content.join('').length / 2).toString(16).padStart(2, '0') + content.join('');
const hex = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('hex');
const commonName = (value: string) => der('30', '0603550403', value);
const subject = (...parts: string[]) => der('30', ...parts.map((part) => der('31', part)));
const nameIn = (text: string) => certificateName(readDer(Buffer.from(text, 'hex')));

test('a name is read from each kind of string that is for names', (t) => {
	t.is(nameIn(subject(commonName(der('0c', hex('José'))))), 'José' as never);
	t.is(nameIn(subject(commonName(der('13', hex('user'))))), 'user' as never);
	t.is(nameIn(subject(commonName(der('1e', '00750073')))), 'us' as never);
});

const nobody = [
	{ says: 'a byte that is no UTF-8', value: der('0c', 'ff') },
	{ says: 'the long way to write a slash in UTF-8', value: der('0c', 'c0af') },
	{ says: 'half of a pair in UTF-8', value: der('0c', 'eda080') },
	{ says: 'half of a pair in UCS-2', value: der('1e', 'd800') },
	{ says: 'half a character in UCS-2', value: der('1e', '007500') },
	{ says: 'an umlaut in a string of ASCII', value: der('13', 'fc') },
	{ says: 'Teletex', value: der('14', hex('user')) },
	{ says: 'UCS-4', value: der('1c', '00000075') },
	{ says: 'an octet string', value: der('04', hex('user')) },
	{ says: 'a string in pieces', value: der('2c', der('0c', hex('user'))) },
];
for (const { says, value } of nobody) {
	test(`a common name of ${says} names nobody`, (t) => {
		t.is(nameIn(subject(commonName(value))), undefined);
		t.is(nameIn(subject(commonName(der('0c', hex('user'))), commonName(value))), undefined);
	});
}

test('a subject that is not built as a subject is not read', (t) => {
	const user = commonName(der('0c', hex('user')));
	t.throws(() => nameIn(der('30', user)), { instanceOf: NotDer });
	t.throws(() => nameIn(der('31', der('31', user))), { instanceOf: NotDer });
	t.is(nameIn(der('30', der('31'))), undefined);
	t.is(nameIn(subject(der('30', '0603550403', der('0c', hex('user')), der('0c', hex('x'))))), undefined);
});

for (const { says, bytes } of [
	{ says: 'a length in more bytes than it needs', bytes: '308100' },
	{ says: 'a length that comes later', bytes: '30800000' },
	{ says: 'less than it says', bytes: '3005' },
	{ says: 'more than it says', bytes: '300000' },
	{ says: 'a tag of several bytes', bytes: '3f8100' },
	{ says: 'nothing', bytes: '' },
]) {
	test(`DER has one way to write each thing: ${says} is refused`, (t) => {
		t.throws(() => readDer(Buffer.from(bytes, 'hex')), { instanceOf: NotDer });
	});
}
