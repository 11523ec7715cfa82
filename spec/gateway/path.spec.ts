import test from 'ava';
import fc from 'fast-check';
import {
	type CanonicalPath,
	canonicalPath,
	flawOf,
	foldPath,
	lastSegments,
	splitTarget,
} from '../../src/gateway/path.ts';

const understood = [
	{ target: '/', path: '/', query: '' },
	{ target: '/services/assets/v1', path: '/services/assets/v1', query: '' },
	{ target: '/services/assets/v1/', path: '/services/assets/v1/', query: '' },
	{ target: '/a?b=c', path: '/a', query: '?b=c' },
	{ target: '/a?', path: '/a', query: '?' },
	{ target: '/a?b=/../c//d;e\\f%2f%00?g', path: '/a', query: '?b=/../c//d;e\\f%2f%00?g' },
	{ target: '/a?b=\xc3\xa4', path: '/a', query: '?b=\xc3\xa4' },
	{ target: '/%61dmin', path: '/admin', query: '' },
	{ target: '/%41dmin', path: '/Admin', query: '' },
	{ target: '/admin%20', path: '/admin%20', query: '' },
	{ target: '/admin.json', path: '/admin.json', query: '' },
	{ target: '/.well-known/a..b/.c', path: '/.well-known/a..b/.c', query: '' },
	{ target: '/Inc./a%20/~b/c:d', path: '/Inc./a%20/~b/c:d', query: '' },
	{ target: "/-_~!$&'()*+,=:@", path: "/-_~!$&'()*+,=:@", query: '' },
	{ target: '/%7e%2B%3a%40%3d', path: '/~+:@=', query: '' },
	{ target: '/a%3fb%23c', path: '/a%3Fb%23c', query: '' },
	{ target: '/100%25', path: '/100%25', query: '' },
	{ target: '/100%25/x', path: '/100%25/x', query: '' },
	{ target: '/gr%c3%b6%c3%9fe', path: '/gr%C3%B6%C3%9Fe', query: '' },
	{ target: '/{a}|^`<>"[]', path: '/%7Ba%7D%7C%5E%60%3C%3E%22%5B%5D', query: '' },
];
for (const { target, path, query } of understood) {
	test(`the target ${target} is the path ${path}`, (t) => {
		t.deepEqual(splitTarget(target), { path, query } as ReturnType<typeof splitTarget>);
	});
}

const misunderstood = [
	{ says: 'an encoded slash', targets: ['/a%2fb', '/a%2Fb', '/%2fadmin', '/public/..%2fadmin'] },
	{ says: 'a backslash', targets: ['/a\\b', '/a%5cb', '/a%5C..%5Cadmin', '\\admin'] },
	{ says: 'a control', targets: ['/a%00', '/a%00.png', '/a%0d%0ab', '/a%7f', '/a%1b', '/a%c2%85', '/a\n', '/a\x7f'] },
	{ says: 'what could be decoded twice', targets: ['/%2561dmin', '/%252e%252e/admin', '/a%252fb', '/%25%36%31dmin'] },
	{ says: 'parameters', targets: ['/services/..;/admin', '/admin;a=b', '/admin%3ba=b', '/;'] },
	{ says: 'dot segments', targets: ['/.', '/..', '/a/../admin', '/a/./b', '/a/..', '/./admin'] },
	{ says: 'encoded dot segments', targets: ['/public/%2e%2e/admin', '/%2E./admin', '/.%2e', '/a/%2e/b', '/%2e'] },
	{
		says: 'segments of which careless systems see dots, or nothing',
		targets: [
			...['/a/...', '/a/..%20/admin', '/a/.%20./admin', '/a/%20', '/a/..:x/admin', '/a/:x', '/a/..%E2%80%8C/admin'],
			...['/a/%E2%80%A5/admin', '/a/%EF%BC%8E%EF%BC%8E/admin', '/a%EF%BC%8F..%EF%BC%8Fadmin', '/a/.%C2%AD./admin'],
		],
	},
	{ says: 'empty segments', targets: ['//', '//admin', '/a//b', '/a//', '//evil.example/'] },
	{
		says: 'no UTF-8',
		targets: ['/%ff', '/%c0%af', '/%c0%ae%c0%ae/', '/%ed%a0%80', '/%e0%80%af', '/%c3', '/%f4%90%80%80'],
	},
	{ says: 'broken encoding', targets: ['/%', '/%4', '/%zz', '/%u002f', '/a%'] },
	{ says: 'a fragment', targets: ['/a#b', '/a?b#c', '#', '/#'] },
	{
		says: 'no origin-form',
		targets: ['', '*', 'admin', 'http://evil.example/a', 'HTTP://a/', 'evil.example:443', '?a'],
	},
	{ says: 'bytes beyond ASCII', targets: ['/gr\xc3\xb6\xc3\x9fe', '/größe', '/a\u2028', '/a／b'] },
	{ says: 'a space', targets: ['/a b', '/a ', ' /a', '/a?b c', '/a?b\tc'] },
	{ says: 'a control in the query', targets: ['/a?b\r\nX: y', '/a?\0', '/a?\x7f'] },
];
for (const { says, targets } of misunderstood) {
	test(`a target with ${says} is refused`, (t) => {
		for (const target of targets) t.is(splitTarget(target), undefined, target);
	});
}

test('a path alone has no query', (t) => {
	t.is(canonicalPath('/a?b'), undefined);
});

const anyPath = fc
	.array(
		fc.oneof(
			fc.constantFrom(
				'/',
				'.',
				'..',
				';',
				'%',
				'%2e',
				'%2f',
				'%25',
				'%5c',
				'\\',
				'%61',
				'a',
				'Z',
				'%C3%A4',
				'%c3',
				':',
			),
			fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`),
			fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
		),
		{ maxLength: 12 },
	)
	.map((parts) => `/${parts.join('')}`);

/** Of what is told to others: true for whatever a client may write. */
const promises = [
	{
		says: 'a canonical path is its own canonical path: judged again, it is judged in the same way',
		holds: (canonical: CanonicalPath) => canonicalPath(canonical) === canonical,
	},
	{
		says: 'an upstream that decodes the path once gets what the client meant, whatever it escaped',
		holds: (canonical: CanonicalPath, path: string) => decodeURIComponent(canonical) === decodeURIComponent(path),
	},
	{
		says: 'an upstream that resolves dots and slashes finds none to resolve',
		holds: (canonical: CanonicalPath) => new URL(`http://h${canonical}`).pathname === canonical,
	},
];
for (const { says, holds } of promises) {
	test(says, (t) => {
		const property = fc.property(anyPath, (path) => {
			const canonical = canonicalPath(path);
			return canonical === undefined || holds(canonical, path);
		});
		t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
	});
}

const alike = [
	{ one: '/Services/ASSETS/v1', other: '/services/assets/V1' },
	{ one: '/gr%C3%B6%C3%9Fe', other: '/GR%C3%96%C3%9FE' },
	{ one: '/caf%C3%A9', other: '/cafe%CC%81' },
];
for (const { one, other } of alike) {
	test(`${one} and ${other} differ in nothing but the way they are written`, (t) => {
		t.is(foldPath(canonicalPath(one)!), foldPath(canonicalPath(other)!));
	});
}

/** Where each of them were looked at once for each in front of it, this would take an hour, and the run would end. */
const many = 500_000;

test('a path of dots and spaces is read in one go', (t) => {
	for (const run of ['.'.repeat(many), '%20'.repeat(many), '. '.repeat(many).replaceAll(' ', '%20')]) {
		const path = canonicalPath(`/${run}x`);
		t.truthy(path);
		t.is(lastSegments(path as CanonicalPath)[1]?.length, decodeURIComponent(run).length + 1);
	}
});

test('more marks on one letter than any writing has are refused, and named', (t) => {
	const marks = (count: number) => `/a${'%CC%95'.repeat(count)}`;
	t.truthy(canonicalPath(marks(30)));
	t.is(canonicalPath(marks(31)), undefined);
	t.is(flawOf(marks(31)), 'has more than 30 marks on one letter');
});
