import test from 'ava';
import { isAllowedModel, relyingPartyOf } from '../../src/app/relying-party.ts';
import { schema } from '../../src/config/schema.ts';

const portal = { url: 'https://login.example.org/sign-in' };

const places: readonly (readonly [says: string, settings: object, asked: string, party: object | undefined])[] = [
	['nothing set, at localhost', {}, 'http://localhost:8080', { id: 'localhost', origins: ['http://localhost:8080'] }],
	['nothing set, over https', {}, 'https://localhost', { id: 'localhost', origins: ['https://localhost'] }],
	['nothing set, at an address', {}, 'http://127.0.0.1:8080', undefined],
	['nothing set, at a name that anybody can have', {}, 'https://example.org', undefined],
	['nothing set, at a name that looks like it', {}, 'http://localhost.example.org', undefined],
	['nothing set, below it', {}, 'http://a.localhost', undefined],
	[
		'a portal',
		{ portal },
		'https://login.example.org',
		{ id: 'login.example.org', origins: ['https://login.example.org'] },
	],
	[
		'a portal with a title',
		{ portal: { ...portal, title: 'Harbour' } },
		'https://login.example.org',
		{ id: 'login.example.org', name: 'Harbour', origins: ['https://login.example.org'] },
	],
	[
		'a portal, asked as something else',
		{ portal },
		'https://evil.example',
		{ id: 'login.example.org', origins: ['https://login.example.org'] },
	],
	['a portal at an address', { portal: { url: 'http://127.0.0.1:8080' } }, 'http://localhost:8080', undefined],
	[
		'a domain above the portal',
		{ portal, auth: { passkey: { rpId: 'example.org' } } },
		'https://x',
		{ id: 'example.org', origins: ['https://login.example.org'] },
	],
	[
		'a domain alone',
		{ auth: { passkey: { rpId: 'example.org' } } },
		'https://x',
		{ id: 'example.org', origins: ['https://example.org'] },
	],
	[
		'pages of it',
		{ auth: { passkey: { rpId: 'example.org', origins: ['https://a.example.org:8443'] } } },
		'https://x',
		{ id: 'example.org', origins: ['https://a.example.org:8443'] },
	],
	['switched off', { portal, auth: { passkey: { enabled: false } } }, 'https://login.example.org', undefined],
	['without sessions', { portal, auth: { sessions: false } }, 'https://login.example.org', undefined],
];
for (const [says, settings, asked, party] of places) {
	test(`where passkeys can be used: ${says}`, (t) => {
		t.deepEqual(relyingPartyOf(schema.parse(settings))(asked), (party && { name: undefined, ...party }) as never);
	});
}

const wrong: readonly (readonly [says: string, settings: object, path: string])[] = [
	['an address', { rpId: '192.0.2.1' }, 'rpId'],
	['an address of IPv6', { rpId: '[::1]' }, 'rpId'],
	['a number', { rpId: '0x7f000001' }, 'rpId'],
	['a page', { rpId: 'https://example.org' }, 'rpId'],
	['capital letters', { rpId: 'Example.org' }, 'rpId'],
	['a dot at its end', { rpId: 'example.org.' }, 'rpId'],
	['pages without a domain', { origins: ['https://example.org'] }, 'origins'],
	['a page of another domain', { rpId: 'example.org', origins: ['https://example.net'] }, 'origins.0'],
	['a page of a name that ends alike', { rpId: 'example.org', origins: ['https://badexample.org'] }, 'origins.0'],
	['a page over plain http', { rpId: 'example.org', origins: ['http://example.org'] }, 'origins.0'],
	['a page with a path', { rpId: 'example.org', origins: ['https://example.org/'] }, 'origins.0'],
	['what is no URL', { rpId: 'example.org', origins: ['example.org'] }, 'origins.0'],
	['no page', { rpId: 'example.org', origins: [] }, 'origins'],
	['no model', { allowAaguids: ['yubikey'] }, 'allowAaguids.0'],
];
for (const [says, passkey, path] of wrong) {
	test(`auth.passkey is refused: ${says}`, (t) => {
		const { error } = schema.safeParse({ auth: { passkey } });
		t.deepEqual(
			error?.issues.map((issue) => issue.path.join('.')),
			[`auth.passkey.${path}`],
		);
	});
}

test('auth.passkey is refused: a domain that is not that of the portal', (t) => {
	const { error } = schema.safeParse({ portal, auth: { passkey: { rpId: 'example.net' } } });
	t.deepEqual(
		error?.issues.map((issue) => issue.path.join('.')),
		['auth.passkey.rpId'],
	);
});

test('models: those that are named, or all but those', (t) => {
	const [one, two] = ['fbfc3007-154e-4ecc-8c0b-6e020557d7bd', '08987058-cadc-4b81-b6e1-30de50dcbe96'] as const;
	const allows = (passkey: object) => [one, two].map(isAllowedModel(schema.parse({ auth: { passkey } })));
	t.deepEqual(allows({}), [true, true]);
	t.deepEqual(allows({ allowAaguids: [two] }), [false, true]);
	t.deepEqual(allows({ denyAaguids: [one] }), [false, true]);
	t.deepEqual(allows({ allowAaguids: [one], denyAaguids: [one] }), [false, false]);
});
