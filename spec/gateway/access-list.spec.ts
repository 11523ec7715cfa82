import test from 'ava';
import type { Permission } from '../../src/core/identity.ts';
import { numberOf, parseNetwork } from '../../src/core/networks.ts';
import { deadRules } from '../../src/gateway/coverage.ts';
import { canonicalHost, parseHostPattern } from '../../src/gateway/host.ts';
import { canonicalPath } from '../../src/gateway/path.ts';
import { createRules, namedHosts, type Rule, type RuledRequest } from '../../src/gateway/rules.ts';

/* The first rule that matches decides, by all that a rule can look at; and a rule that can never match is found. */

interface Written {
	hosts?: string[];
	paths?: string[];
	exact?: true;
	shapes?: true;
	suffixes?: string[];
	methods?: string[];
	websocket?: boolean;
	from?: string[];
}

const permissionOf = ({ access }: Rule) => (typeof access === 'object' ? access.all?.[0] : undefined);
const rule = ({ hosts, paths, from, methods, ...others }: Written, at = 0): Rule => ({
	...(hosts && { hosts: hosts.map((each) => parseHostPattern(each)!) }),
	...(paths && { paths: paths.map((each) => canonicalPath(each)!) }),
	...(from && { from: from.map((each) => parseNetwork(each)!) }),
	...(methods && { methods: new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods) }),
	...others,
	access: { all: [String(at) as Permission] },
	xsrf: 'always',
});

type Asked = Partial<Omit<RuledRequest, 'path'>> & { path?: string };
const usual = { host: 'a.example', method: 'GET', websocket: false, address: '192.0.2.1' } as const;

/** The number of the rule that decides, or why none does. */
function decides(written: readonly Written[], { path = '/', ...asked }: Asked) {
	const found = createRules(written.map(rule))({ ...usual, ...asked, path: canonicalPath(path)! });
	return typeof found === 'object' ? Number(permissionOf(found)) : found;
}

const matching: { says: string; rules: Written[]; asked: [Asked, number | 'ambiguous' | 'unclear' | undefined][] }[] = [
	{
		says: 'the first one, not the longest one',
		rules: [{ paths: ['/a'], methods: ['GET'] }, { paths: ['/a/b'] }, {}],
		asked: [
			[{ path: '/a/b' }, 0],
			[{ path: '/a/b', method: 'POST' }, 1],
			[{ path: '/a', method: 'POST' }, 2],
		],
	},
	{
		says: 'hosts',
		rules: [
			{ hosts: ['a.example', 'b.example:8443'] },
			{ hosts: ['*.lab.example', '*.lab.example:81'] },
			{ hosts: ['bücher.example', '[2001:DB8::1]:8080', '127.0.0.1'] },
		],
		asked: [
			...[
				'a.example',
				'A.EXAMPLE',
				'a.example.',
				'a.example:80',
				'a.example:443',
				'a.Example.:443',
				'b.example:8443',
			].map((host): [Asked, number] => [{ host }, 0]),
			...['x.lab.example', 'x.y.LAB.example', 'x.lab.example:81', 'x.lab.example.'].map((host): [Asked, number] => [
				{ host },
				1,
			]),
			...['xn--bcher-kva.example', 'XN--BCHER-KVA.example.', '[2001:db8:0::1]:8080', '127.1', '0x7f.0.0.1'].map(
				(host): [Asked, number] => [{ host }, 2],
			),
			...['lab.example', 'xlab.example', 'b.example', 'a.example:8080', 'a.example.evil', 'x.lab.example:82'].map(
				(host): [Asked, undefined] => [{ host }, undefined],
			),
			...[
				'',
				'a.example, b.example',
				'a.example b',
				' a.example',
				'a..example',
				'.a.example',
				'a.example..',
				'a.example:',
			].map((host): [Asked, 'unclear'] => [{ host }, 'unclear']),
			...[
				'a.example:0x50',
				'a.example:99999',
				'a.example/',
				'ada@a.example',
				'b\xfccher.example',
				'a.example\\',
				'[::1',
			].map((host): [Asked, 'unclear'] => [{ host }, 'unclear']),
			[{ host: undefined }, 'unclear'],
		],
	},
	{
		says: 'hosts, where one is below another and names come before what is below them',
		rules: [
			{ hosts: ['x.a.example'] },
			{ hosts: ['*.a.example'], paths: ['/p'] },
			{ hosts: ['*.example'] },
			{ hosts: ['*'] },
		],
		asked: [
			[{ host: 'x.a.example', path: '/p' }, 0],
			[{ host: 'y.a.example', path: '/p' }, 1],
			[{ host: 'y.x.a.example', path: '/p' }, 1],
			[{ host: 'y.a.example', path: '/q' }, 2],
			[{ host: 'a.example', path: '/p' }, 2],
			[{ host: 'example', path: '/p' }, 3],
		],
	},
	{
		says: 'the host nowhere, where no rule names one',
		rules: [{ paths: ['/a'] }],
		asked: [[{ host: 'what, ever', path: '/a' }, 0]],
	},
	{
		says: 'exact paths',
		rules: [{ paths: ['/', '/a/b'], exact: true }, { paths: ['/a'] }],
		asked: [
			...['/', '/a/b', '/A/B', '/a/b/', '/a/%62'].map((path): [Asked, number] => [{ path }, 0]),
			...['/a', '/a/b/c', '/a/bc'].map((path): [Asked, number] => [{ path }, 1]),
			...['/b', '/ab'].map((path): [Asked, undefined] => [{ path }, undefined]),
			...['/a/b.', '/a/b%20', '/a/b::$DATA', '/a/%EF%BD%82'].map((path): [Asked, 'ambiguous'] => [
				{ path },
				'ambiguous',
			]),
		],
	},
	{
		says: 'suffixes, in every spelling',
		rules: [{ suffixes: ['.cmd', '.html'] }, { suffixes: ['.css'], paths: ['/static'] }, {}],
		asked: [
			...['/x.cmd', '/x.CMD', '/x%2ecmd', '/x.c%6Dd', '/x.cmd/', '/a/b/x.Html', '/.cmd'].map(
				(path): [Asked, number] => [{ path }, 0],
			),
			...['/static/x.css', '/static/a/X.CSS'].map((path): [Asked, number] => [{ path }, 1]),
			...['/x.css', '/x.cmd/y', '/xcmd', '/x.cmdx', '/x.cmd%C3%A9', '/a:b'].map((path): [Asked, number] => [
				{ path },
				2,
			]),
			...['/x.cmd.', '/x.cmd%20', '/x.cmd::$DATA', '/x.cmd:y', '/x.%EF%BD%83md', '/x.c%E2%80%8Cmd', '/X~1.HTM'].map(
				(path): [Asked, 'ambiguous'] => [{ path }, 'ambiguous'],
			),
			// One system folds the letters, and does not cut at the colon.
			[{ path: '/x:.%EF%BD%83md' }, 'ambiguous'],
			// What is a style sheet here, and `secret` elsewhere.
			[{ path: '/static/secret:.css' }, 'ambiguous'],
		],
	},
	{
		says: 'paths with gaps',
		rules: [
			{ paths: ['/gps/meta/*/update.cmd', '/by-id/*/close.*'], shapes: true },
			{ paths: ['/status.*'], shapes: true },
			{ suffixes: ['.cmd'] },
		],
		asked: [
			...['/gps/meta/phone/update.cmd', '/GPS/meta/%41/UPDATE.cmd', '/by-id/7/close.json', '/by-id/7/close.x.y/'].map(
				(path): [Asked, number] => [{ path }, 0],
			),
			...['/status.json', '/Status.cmd', '/status.%61'].map((path): [Asked, number] => [{ path }, 1]),
			...['/gps/meta/update.cmd', '/gps/meta/a/b/update.cmd', '/gps/meta/a/xupdate.cmd', '/status.json/x.cmd'].map(
				(path): [Asked, number] => [{ path }, 2],
			),
			...['/by-id/7/close', '/by-id/7/closed', '/status', '/status.json/x', '/x/status.json'].map(
				(path): [Asked, undefined] => [{ path }, undefined],
			),
			[{ path: '/status.json%20' }, 1],
			...['/status.:x', '/gps/meta/a/update.cmd.', '/STATUS~1.jso'].map((path): [Asked, 'ambiguous'] => [
				{ path },
				'ambiguous',
			]),
		],
	},
	{
		says: 'methods',
		rules: [
			{ methods: ['GET'] },
			{ methods: ['POST', 'DELETE'] },
			{ methods: ['OPTIONS'], paths: ['/a'] },
			{ paths: ['/a'] },
		],
		asked: [
			...['GET', 'HEAD'].map((method): [Asked, number] => [{ method, path: '/a' }, 0]),
			...['POST', 'DELETE'].map((method): [Asked, number] => [{ method, path: '/a' }, 1]),
			[{ method: 'OPTIONS', path: '/a' }, 2],
			...['PUT', 'BREW', 'get', 'Post', ''].map((method): [Asked, number] => [{ method, path: '/a' }, 3]),
			[{ method: 'BREW', path: '/b' }, undefined],
		],
	},
	{
		says: 'WebSockets',
		rules: [
			{ websocket: true, paths: ['/ws'] },
			{ websocket: false, paths: ['/ws', '/a'] },
		],
		asked: [
			[{ websocket: true, path: '/ws' }, 0],
			[{ websocket: false, path: '/ws' }, 1],
			[{ websocket: true, path: '/ws', method: 'POST' }, 1],
			[{ websocket: true, path: '/a' }, undefined],
			[{ websocket: 'unclear', path: '/ws' }, 'unclear'],
			// A server behind another proxy may open one by another method.
			[{ websocket: 'unclear', path: '/ws', method: 'POST' }, 'unclear'],
			[{ websocket: 'unclear', path: '/a', method: 'POST' }, 'unclear'],
			[{ websocket: 'unclear', path: '/b' }, undefined],
		],
	},
	{
		says: 'WebSockets that only GET should open',
		rules: [
			{ websocket: true, methods: ['GET'], paths: ['/ws'] },
			{ methods: ['POST'], paths: ['/ws'] },
			{ paths: ['/a'] },
		],
		asked: [
			[{ websocket: true, path: '/ws' }, 0],
			[{ websocket: true, path: '/ws', method: 'POST' }, 1],
			[{ websocket: 'unclear', path: '/ws', method: 'POST' }, 'unclear'],
			[{ websocket: 'unclear', path: '/a', method: 'POST' }, 2],
		],
	},
	{
		says: 'networks',
		rules: [
			{ from: ['10.0.0.0/8', '2001:db8::/32'] },
			{ from: ['192.0.2.1', '::ffff:198.51.100.0/120'] },
			{ from: ['::/0'] },
		],
		asked: [
			...['10.0.0.0', '10.255.255.255', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '::ffff:10.1.2.3'].map(
				(address): [Asked, number] => [{ address }, 0],
			),
			...['192.0.2.1', '198.51.100.7', '::ffff:c633:6407'].map((address): [Asked, number] => [{ address }, 1]),
			...['2001:db9::', '::1', 'fe80::1%eth0'].map((address): [Asked, number] => [{ address }, 2]),
			...['9.255.255.255', '11.0.0.0', '192.0.2.2'].map((address): [Asked, undefined] => [{ address }, undefined]),
			...['', 'nobody', '10.0.0', '10.0.0.1, 10.0.0.2'].map((address): [Asked, 'unclear'] => [{ address }, 'unclear']),
		],
	},
];
for (const { says, rules, asked } of matching) {
	test(`rules look at ${says}`, (t) => {
		for (const [request, expected] of asked) t.is(decides(rules, request), expected, JSON.stringify(request));
	});
}

test('the hosts that rules name are known, in the one spelling that they have', (t) => {
	const written = [{ hosts: ['A.example.', '*.B.example', 'bücher.example:8443'] }, { hosts: ['*', 'a.example'] }, {}];
	t.deepEqual(namedHosts(written.map(rule)), ['a.example', '*.b.example', 'xn--bcher-kva.example:8443']);
});

test('patterns that are no hosts are none', (t) => {
	for (const text of [
		'',
		'*.',
		'*.*',
		'a*',
		'*a.example',
		'a.*',
		'*.10.0.0.1',
		'http://a',
		'a/b',
		'a:b',
		'*.[::1]',
		'*:80',
	])
		t.is(parseHostPattern(text), undefined, text);
	t.is(canonicalHost(`${'a'.repeat(300)}`), undefined);
});

test('addresses in every spelling have one place, and networks begin where they should', (t) => {
	for (const [one, other] of [
		['::ffff:192.0.2.1', '192.0.2.1'],
		['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
		['::1', '0:0:0:0:0:0:0:1'],
		['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
	] as const)
		t.is(numberOf(one), numberOf(other), one);
	t.deepEqual(parseNetwork('10.1.2.3/8'), parseNetwork('10.0.0.0/8'));
	for (const text of [
		'10.0.0.0/33',
		'::/129',
		'10.0.0.0/',
		'10.0.0.0/8/8',
		'a',
		'',
		'::ffff:10.0.0.0/95',
		'10.0.0.0/-1',
	])
		t.is(parseNetwork(text), undefined, text);
});

const dead: { says: string; rules: Written[]; found: { at: number; by: number[] }[] }[] = [
	{
		says: 'the same path',
		rules: [{ paths: ['/a'] }, { paths: ['/b'] }, { paths: ['/A/'] }],
		found: [{ at: 2, by: [0] }],
	},
	{ says: 'a longer path', rules: [{ paths: ['/'] }, { paths: ['/a'] }], found: [{ at: 1, by: [0] }] },
	{ says: 'everything', rules: [{}, { hosts: ['a.example'], paths: ['/a'] }], found: [{ at: 1, by: [0] }] },
	{ says: 'a longer path first', rules: [{ paths: ['/a'] }, { paths: ['/'] }], found: [] },
	{ says: 'several paths, one of them free', rules: [{ paths: ['/a'] }, { paths: ['/a/b', '/c'] }], found: [] },
	{
		says: 'several paths, each by another',
		rules: [{ paths: ['/a'] }, { paths: ['/x'] }, { paths: ['/c'] }, { paths: ['/a/b', '/c'] }],
		found: [{ at: 3, by: [0, 2] }],
	},
	{
		says: 'a name below',
		rules: [{ hosts: ['*.a.example'] }, { hosts: ['x.y.a.example'] }],
		found: [{ at: 1, by: [0] }],
	},
	{ says: 'the name itself', rules: [{ hosts: ['*.a.example'] }, { hosts: ['a.example'] }], found: [] },
	{ says: 'hosts with a port', rules: [{ hosts: ['a.example'] }, { hosts: ['a.example:81'] }], found: [] },
	{
		says: 'two words for all methods',
		rules: [{ methods: ['GET'] }, { methods: ['HEAD'] }],
		found: [{ at: 1, by: [0] }],
	},
	{ says: 'methods, and one that nobody knows', rules: [{ methods: ['GET', 'POST'] }, {}], found: [] },
	{
		says: 'WebSockets and all else',
		rules: [{ websocket: true }, { websocket: false }, {}],
		found: [{ at: 2, by: [0, 1] }],
	},
	{
		says: 'WebSockets, which are GET',
		rules: [{ methods: ['GET'] }, { websocket: true }],
		found: [{ at: 1, by: [0] }],
	},
	{ says: 'nothing at all', rules: [{ websocket: true, methods: ['POST'] }], found: [{ at: 0, by: [] }] },
	{
		says: 'no path that ends so',
		rules: [{ paths: ['/a'], exact: true, suffixes: ['.x'] }],
		found: [{ at: 0, by: [] }],
	},
	{
		says: 'two halves of a network',
		rules: [{ from: ['10.0.0.0/9'] }, { from: ['10.128.0.0/9'] }, { from: ['10.0.0.0/8'] }],
		found: [{ at: 2, by: [0, 1] }],
	},
	{
		says: 'all addresses, in two families',
		rules: [{ from: ['0.0.0.0/0'] }, { from: ['::/0'] }, {}],
		found: [{ at: 2, by: [0, 1] }],
	},
	{ says: 'a network but for one address', rules: [{ from: ['10.0.0.0/9'] }, { from: ['10.0.0.0/8'] }], found: [] },
	{
		says: 'an ending of an ending',
		rules: [{ suffixes: ['.gz'] }, { suffixes: ['.tar.GZ'] }],
		found: [{ at: 1, by: [0] }],
	},
	{
		says: 'an exact path with its ending',
		rules: [{ suffixes: ['.cmd'] }, { paths: ['/a.cmd'], exact: true }],
		found: [{ at: 1, by: [0] }],
	},
	{ says: 'what is below a path that ends so', rules: [{ suffixes: ['.cmd'] }, { paths: ['/a.cmd'] }], found: [] },
	{
		says: 'a product by pieces of it',
		rules: [
			{ hosts: ['a.example'], methods: ['GET'] },
			{ paths: ['/x'], methods: ['GET', 'POST'] },
			{ hosts: ['a.example', 'b.example'], paths: ['/x/y'], methods: ['POST', 'GET'] },
		],
		found: [{ at: 2, by: [1] }],
	},
];
for (const { says, rules, found } of dead) {
	test(`a rule can never match, or can: ${says}`, (t) => {
		t.deepEqual(deadRules(rules.map(rule)), found);
	});
}

/** Numbers that look random, and are the same each time. */
function createDice(seed: number) {
	let state = seed;
	return (below: number) => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
		return (state >>> 8) % below;
	};
}

test('of 400 lists of rules, those that can never match are just those that no request finds', (t) => {
	const dice = createDice(15);
	const some = <T>(all: readonly T[]) => all.filter(() => dice(3) === 0);
	const maybe = <K extends string, T>(key: K, all: readonly T[]) => {
		const chosen = some(all);
		return chosen.length === 0 ? {} : { [key]: chosen };
	};
	const hosts = ['a.example', '*.a.example', '*.b.a.example'];
	const paths = ['/a', '/a/b', '/c.x'];
	const shapes = ['/a/b/*', '/a/*/d.*', '/c.*', '/*/b', '/*/*/d.x'];
	const networks = ['10.0.0.0/9', '10.128.0.0/9', '::/0', '0.0.0.0/0'];
	const below = (above: string[], names: string[]) => above.flatMap((path) => names.map((name) => `${path}/${name}`));
	const asked = [
		...['', '/a', '/c.x', '/c.e', '/d', '/d.x'],
		...below(['/a', '/c.x', '/e'], ['b', 'd', 'd.x', 'e.x']),
		...below(['/a/b', '/a/e', '/e/b', '/e/e', '/c.x/b', '/c.x/e'], ['d', 'd.x', 'd.e', 'e', 'e.x']),
		...below(['/a/b/e', '/a/e/e', '/c.x/e/e', '/e/e/e'], ['e', 'e.x']),
	];
	const requests = ['a.example', 'y.a.example', 'y.b.a.example', 'z.example'].flatMap((host) =>
		asked.flatMap((path) =>
			['10.1.1.1', '10.200.1.1', '11.1.1.1', '::1'].flatMap((address) =>
				[
					...['GET', 'HEAD', 'POST', 'BREW'].map((method) => ({ method, websocket: false })),
					{ method: 'GET', websocket: true },
				].map((kind): Asked => ({ host, path: path || '/', address, ...kind })),
			),
		),
	);
	const shapesOrPaths = (there: { paths?: string[] }): Written => {
		if (dice(5) === 0) return { paths: [...some(shapes), '/a/*'], shapes: true };
		const exact = there.paths && dice(3) === 0 && { exact: true as const };
		return { ...there, ...exact, ...(dice(3) === 0 && { suffixes: ['.x'] }) };
	};
	let count = 0;
	for (let round = 0; round < 400; round += 1) {
		const written = Array.from({ length: 5 }, (): Written => {
			const there = maybe('paths', paths);
			return {
				...maybe('hosts', hosts),
				...shapesOrPaths(there),
				...(dice(2) === 0 && maybe('methods', ['GET', 'HEAD', 'POST'])),
				...(dice(4) === 0 && { websocket: dice(2) === 0 }),
				...(dice(2) === 0 && maybe('from', networks)),
			};
		});
		const ruleOf = createRules(written.map(rule));
		const found = new Set<unknown>();
		for (const { path = '/', ...asked } of requests)
			found.add(ruleOf({ ...usual, ...asked, path: canonicalPath(path)! }));
		const used = [...found].map((each) => (typeof each === 'object' ? Number(permissionOf(each as Rule)) : -1));
		const never = written.map((_, at) => at).filter((at) => !used.includes(at));
		t.deepEqual(
			deadRules(written.map(rule)).map(({ at }) => at),
			never,
			JSON.stringify(written),
		);
		count += never.length;
	}
	t.true(count > 100, `${count} of them`);
});

test('a thousand rules of fifty hosts are looked through at once, and each finds its own', (t) => {
	const written = Array.from(
		{ length: 1000 },
		(_, at): Written => ({ hosts: [`h${at % 50}.example`], paths: [`/p${at}`] }),
	);
	t.deepEqual(deadRules(written.map(rule)), []);
	const ruleOf = createRules(written.map(rule));
	for (const at of [0, 1, 49, 50, 999]) {
		const found = ruleOf({ ...usual, host: `h${at % 50}.example`, path: canonicalPath(`/p${at}/x`)! });
		t.is(typeof found === 'object' && String(permissionOf(found)), String(at));
	}
});
