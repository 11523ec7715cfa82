import test from 'ava';
import type { Permission } from '../../src/core/identity.ts';
import { canonicalPath } from '../../src/gateway/path.ts';
import { createRules, needsXsrfToken, type Rule } from '../../src/gateway/rules.ts';

const rule = (path: string): Rule => ({ path: canonicalPath(path)!, permission: path as Permission, xsrf: 'always' });

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
	{ path: '/services/assets/v1/admin%20', rule: '/services/assets/v1' },
	{ path: '/services/assets/v1/administration', rule: '/services/assets/v1' },
	{ path: '/docs', rule: '/docs/' },
	{ path: '/docs/x', rule: '/docs/' },
	{ path: '/gr%C3%96%C3%9FE/x', rule: '/gr%c3%b6%c3%9fe' },
	{ path: '/services/assets/v10', rule: undefined },
	{ path: '/services/assets/v1.json', rule: undefined },
	{ path: '/services/assets/v1%20', rule: undefined },
	{ path: '/services/assets', rule: undefined },
	{ path: '/x/services/assets/v1', rule: undefined },
	{ path: '/document', rule: undefined },
	{ path: '/', rule: undefined },
];
const paths = ['/services/assets/v1', '/docs/', '/services/assets/v1/admin', '/gr%c3%b6%c3%9fe'];
for (const order of [paths, paths.toReversed()]) {
	const ruleOf = createRules(order.map(rule));
	for (const { path, rule } of cases) {
		test(`${path} is ruled by ${rule ?? 'nothing'} of ${order.join(' ')}`, (t) => {
			t.is(ruleOf(canonicalPath(path)!)?.permission, rule as Permission | undefined);
		});
	}
}

test('a rule for / holds for every path that has no rule of its own', (t) => {
	const ruleOf = createRules([rule('/'), rule('/a')]);
	const permissions = ['/', '/b', '/a', '/a/b', '/ab'].map((path) => ruleOf(canonicalPath(path)!)?.permission);
	t.deepEqual(permissions, ['/', '/', '/a', '/a', '/'] as Permission[]);
});

test('without rules nothing is let through', (t) => {
	t.is(createRules([])(canonicalPath('/')!), undefined);
});

test('two rules for the same path are refused at the start, in whatever way they are written', (t) => {
	t.throws(() => createRules([rule('/a'), rule('/b'), rule('/A/')]), { message: /two rules .* \/A\// });
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
