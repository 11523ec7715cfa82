import test from 'ava';
import type { Permission } from '../../src/core/identity.ts';
import { parseHostPattern } from '../../src/gateway/host.ts';
import { canonicalPath } from '../../src/gateway/path.ts';
import { createRules, needsXsrfToken, type Rule, type RuleOf } from '../../src/gateway/rules.ts';

const permissionOf = ({ access }: Rule) => (typeof access === 'object' ? access.all?.[0] : undefined);
const rule = (path: string): Rule => ({
	paths: [canonicalPath(path)!],
	access: { all: [path as Permission] },
	xsrf: 'always',
});
const request = { host: 'h', method: 'GET', websocket: false, address: '192.0.2.1' } as const;

/** The permission of the rule for a path, or `ambiguous`. */
const permissionBy = (ruleOf: RuleOf) => (path: string) => {
	const found = ruleOf({ ...request, path: canonicalPath(path)! });
	return typeof found === 'object' ? String(permissionOf(found)) : found;
};

const cases = [
	{ path: '/services/assets/v1', rule: '/services/assets/v1' },
	{ path: '/services/assets/v1/', rule: '/services/assets/v1' },
	{ path: '/services/assets/v1/x', rule: '/services/assets/v1' },
	{ path: '/services/assets/v1/x/y/', rule: '/services/assets/v1' },
	{ path: '/SERVICES/assets/V1/x', rule: '/services/assets/v1' },
	{ path: '/%73ervices/assets/v1', rule: '/services/assets/v1' },
	{ path: '/services/assets/v1/Admin', rule: '/services/assets/v1/admin' },
	{ path: '/services/assets/v1/admin/x', rule: '/services/assets/v1/admin' },
	{ path: '/services/assets/v1/%61DMIN', rule: '/services/assets/v1/admin' },
	{ path: '/services/assets/v1/admin%20', rule: 'ambiguous' },
	{ path: '/services/assets/v1/administration', rule: '/services/assets/v1' },
	{ path: '/docs', rule: '/docs/' },
	{ path: '/docs/x', rule: '/docs/' },
	{ path: '/gr%C3%96%C3%9FE/x', rule: '/gr%c3%b6%c3%9fe' },
	{ path: '/services/assets/v10', rule: undefined },
	{ path: '/services/assets/v1.json', rule: undefined },
	{ path: '/services/assets/v1%20', rule: 'ambiguous' },
	{ path: '/services/assets', rule: undefined },
	{ path: '/x/services/assets/v1', rule: undefined },
	{ path: '/document', rule: undefined },
	{ path: '/', rule: undefined },
];
const paths = ['/services/assets/v1/admin', '/services/assets/v1', '/docs/', '/gr%c3%b6%c3%9fe'];
for (const order of [paths, [...paths.slice(2), ...paths.slice(0, 2)]]) {
	const ruleOf = permissionBy(createRules(order.map(rule)));
	for (const { path, rule } of cases) {
		test(`${path} is ruled by ${rule ?? 'nothing'} of ${order.join(' ')}`, (t) => {
			t.is(ruleOf(path), rule);
		});
	}
}

test('a rule for / holds for every path that has no rule of its own', (t) => {
	const ruleOf = permissionBy(createRules([rule('/a'), rule('/')]));
	t.deepEqual(['/', '/b', '/a', '/a/b', '/ab'].map(ruleOf), ['/', '/', '/a', '/a', '/']);
});

/* With rules for all, and narrower ones for `/admin` and `/administration/x`. */
const folded = [
	{ says: 'a dot at the end (Windows)', paths: ['/admin.', '/admin../x', '/ADMIN./', '/administration./x.'] },
	{ says: 'a space at the end (Windows)', paths: ['/admin%20', '/admin%20%20/x', '/admin.%20.', '/admin%C2%A0'] },
	{
		says: 'a stream (Windows)',
		paths: ['/admin::$DATA', '/admin:x/y', '/admin:$i30:$INDEX_ALLOCATION/x', '/admin.:x'],
	},
	{
		says: 'a short name (Windows)',
		paths: ['/ADMIN~1', '/admin~12', '/ADMINI~1/x', '/administration/x~1', '/AD3F2A~1'],
	},
	{
		says: 'characters that show nothing (HFS+)',
		paths: ['/ad%E2%80%8Cmin', '/%EF%BB%BFadmin', '/admin%C2%AD', '/ad%F3%A0%84%80min'],
	},
	{
		says: 'other forms of letters',
		paths: ['/%EF%BD%81dmin', '/%F0%9D%92%B6dmin', '/adm%E2%85%B0n', '/admin%EF%BC%8Fx'],
	},
];
const narrower = createRules([rule('/admin'), rule('/administration/x'), rule('/')]);
for (const { says, paths } of folded) {
	test(`what some system takes for a path of a narrower rule is nobody's: ${says}`, (t) => {
		for (const path of paths) {
			t.is(permissionBy(narrower)(path), 'ambiguous', path);
			t.is(permissionBy(createRules([rule('/admin'), rule('/administration/x')]))(path), 'ambiguous', path);
		}
	});
}

test('where no narrower rule is meant by any reading, names may be what they are', (t) => {
	const names = [
		'/wiki/Acme%20Inc.',
		'/v1/users:batchGet',
		'/~ada',
		'/file~1.txt',
		'/ADMX~1',
		'/a~b',
		'/%E5%85%A8%EF%BC%9F',
	];
	for (const path of [...names, '/administration.', '/10:30/x', '/backup%20/x'])
		t.is(permissionBy(narrower)(path), '/', path);
	for (const path of ['/admin/x.', '/admin/a:b', '/admin./x'.replace('./', '/')])
		t.is(permissionBy(narrower)(path), '/admin');
	const custom = createRules([rule('/v1/users:batchGet'), rule('/v1/users'), rule('/v1/old.')]);
	t.is(permissionBy(custom)('/v1/users:batchGet'), '/v1/users:batchGet');
	t.is(permissionBy(custom)('/v1/old./x'), '/v1/old.');
	t.is(permissionBy(custom)('/v1/users:other'), 'ambiguous');
});

test('without rules nothing is let through', (t) => {
	t.is(createRules([])({ ...request, path: canonicalPath('/')! }), undefined);
});

const tokens = [
	{ xsrf: 'always', methods: ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE', 'BREW'], needed: true },
	{ xsrf: 'unsafe', methods: ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'get', ''], needed: true },
	{ xsrf: 'unsafe', methods: ['GET', 'HEAD', 'OPTIONS', 'TRACE'], needed: false },
] as const;
for (const { xsrf, methods, needed } of tokens) {
	test(`with xsrf: ${xsrf}, ${methods.join(' ')} ${needed ? 'need' : 'do without'} the XSRF token`, (t) => {
		for (const method of methods) t.is(needsXsrfToken({ xsrf }, method), needed, method);
	});
}

/** Rules for hosts, then one that holds for all of them; what a host of `path` comes to. */
const onHost = (host: string, path = '/x') => {
	const of = (...hosts: string[]) => ({ hosts: hosts.map((each) => parseHostPattern(each)!) });
	const found = createRules([
		{ ...rule('/x'), ...of('admin.test', '*.lab.test', 'wiki.test:8443', '[::1]') },
		{ ...rule('/'), ...of('open.test'), access: 'public' },
		rule('/'),
	])({ ...request, host, path: canonicalPath(path)! });
	return typeof found === 'object' ? String(permissionOf(found) ?? found.access) : found;
};
const onHosts: readonly (readonly [host: string, rule: string])[] = [
	...['admin.test', 'ADMIN.test.:443', 'a.lab.test', 'a.b.lab.test:80', 'wiki.test:8443', '[::1]'].map(
		(host) => [host, '/x'] as const,
	),
	...[
		'admin.test:81',
		'admin.test:081',
		'a.lab.test:1',
		'a.b.lab.test:8443',
		'wiki.test',
		'wiki.test:1',
		'[::1]:81',
	].map((host) => [host, 'unclear'] as const),
	...['lab.test', 'lab.test:81', 'other.test', 'other.test:81', 'x.admin.test:81'].map((host) => [host, '/'] as const),
	['open.test', 'public'],
	['open.test:81', 'unclear'],
];
for (const [host, expected] of onHosts) {
	test(`a rule that names a host is led past by no port: ${host} is ${expected}`, (t) => {
		t.is(onHost(host), expected);
	});
}

test('however many rules name a host, a made-up port has each judged twice at the most', (t) => {
	let looked = 0;
	const hosts = [parseHostPattern('admin.test')!];
	const counting = (path: string): Rule => ({
		...rule(path),
		hosts,
		get methods() {
			looked += 1;
			return new Set(['GET']);
		},
	});
	const ruleOf = createRules([...Array.from({ length: 100 }, () => counting('/x/y')), rule('/x')]);
	for (const [host, most] of [
		['admin.test', 100],
		['admin.test:81', 200],
	] as const) {
		looked = 0;
		ruleOf({ ...request, method: 'POST', host, path: canonicalPath('/x/y')! });
		t.true(looked >= 100 && looked <= most * 2, `${host}: ${looked}`);
	}
});

test('where the rule is the same on every port, a port that none names is in nobody’s way', (t) => {
	for (const host of ['admin.test', 'admin.test:81', 'a.lab.test:1', 'wiki.test']) t.is(onHost(host, '/y'), '/');
});
