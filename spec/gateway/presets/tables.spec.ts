import test from 'ava';
import { gateOf } from '../../../src/app/gate.ts';
import { expandPresets } from '../../../src/app/presets.ts';
import { rulesOf } from '../../../src/app/rules-of.ts';
import { openUpstreams } from '../../../src/app/upstreams.ts';
import { readConfig } from '../../../src/config/read.ts';
import { deadRules } from '../../../src/gateway/coverage.ts';
import { canonicalPath } from '../../../src/gateway/path.ts';
import { judgedMethod, needsXsrfToken, type Rule, type RuleOf } from '../../../src/gateway/rules.ts';
import { kismetRoutes } from '../../_support/kismet-routes.ts';

/* The tables of presets, against what the systems themselves say of their routes. */

const gateFor = (...resources: object[]) => gateOf(readConfig({ settings: { resources }, env: {} }));
const behind = { upstream: 'http://127.0.0.1:1' };

function ruleAt(ruleOf: RuleOf, path: string, method: string): Rule {
	const websocket = method === 'WS';
	const asked = { host: 'k.example', address: '192.0.2.1', websocket, method: websocket ? 'GET' : method };
	const rule = ruleOf({ ...asked, path: canonicalPath(path)! });
	if (typeof rule !== 'object') throw new Error(`${method} ${path}: ${rule}`);
	return rule;
}

/** Whether somebody with these permissions may pass; `undefined`: a stranger. */
function mayPass({ access }: Rule, held: readonly string[] | undefined): boolean {
	if (access === 'public') return true;
	if (access === 'denied' || held === undefined) return false;
	const { any = [], all = [] } = access;
	const has = (permission: string) => held.includes(permission) || held.includes('kura.admin');
	return all.every(has) && (any.length === 0 || any.some(has));
}

const roles: Record<string, readonly string[] | undefined> = {
	anonymous: undefined,
	nothing: [],
	readonly: ['kismet.readonly'],
	admin: ['kismet.admin'],
	scanreport: ['kismet.scanreport'],
	WEBGPS: ['kismet.webgps'],
	datasource: ['kismet.datasource'],
	ADSB: ['kismet.adsb'],
	'kura.admin': ['kura.admin'],
};

/** What Kismet says. */
function opens(route: readonly string[], role: string): boolean {
	if (route.includes('public')) return true;
	if (role === 'anonymous') return false;
	return role === 'admin' || role === 'kura.admin' || route.includes('any') || route.includes(role);
}

const endings = ['json', 'ekjson', 'itjson', 'prettyjson'];
const samples = (path: string) => {
	const filled = path.replaceAll(/:[a-z]+/g, 'A7-b_9');
	return filled.endsWith('.*') ? endings.map((end) => filled.replace(/\*$/, end)) : [filled];
};

for (const prefix of ['', '/kismet']) {
	const { ruleOf } = gateFor({ preset: 'kismet', ...behind, ...(prefix && { path: prefix }) });
	for (const { roles: named, methods, path } of kismetRoutes) {
		test(`preset kismet: ${methods} ${prefix}${path} is for ${named}`, (t) => {
			for (const sample of samples(path)) {
				for (const method of methods) {
					const rule = ruleAt(ruleOf, prefix + sample, method);
					for (const [role, held] of Object.entries(roles))
						t.is(mayPass(rule, held), opens(named, role), `${method} ${sample} as ${role}`);
				}
			}
		});
	}
}

test('preset kismet: 117 routes are held against it', (t) => {
	t.is(kismetRoutes.length, 117);
});

test('preset kismet: in other spellings a route is the same, or nobody’s', (t) => {
	const { ruleOf } = gateFor({ preset: 'kismet', ...behind });
	const asked = { host: 'k.example', address: '192.0.2.1', websocket: false, method: 'POST' };
	for (const { roles: named, path } of kismetRoutes.filter(({ methods }) => methods.includes('POST'))) {
		const [sample = ''] = samples(path);
		const spellings = [
			...[sample.toUpperCase(), `${sample}/`, sample.replace(/[a-z]/, (c) => `%${c.charCodeAt(0).toString(16)}`)],
			...[`${sample}.`, `${sample}%20`, `${sample};x=.json`, `${sample}%3Bx.json`, `/${sample}`, `${sample}%2f..`],
			...[`/x/..${sample}`, `${sample}%00.json`, `${sample}:x.json`, `${sample}%3F.json`, `${sample}%23.json`],
		];
		for (const spelling of spellings) {
			const canonical = canonicalPath(spelling);
			const rule = canonical && ruleOf({ ...asked, path: canonical });
			if (typeof rule !== 'object') continue;
			for (const [role, held] of Object.entries(roles))
				if (!opens(named, role)) t.false(mayPass(rule, held), `${spelling} as ${role}`);
		}
	}
});

test('preset kismet: what changes something needs a token, or a page of the host, by GET too; what reads does not, by POST too', (t) => {
	const { ruleOf } = gateFor({ preset: 'kismet', ...behind, xsrf: 'unsafe' });
	const needs = (path: string, method: string) => {
		const rule = ruleAt(ruleOf, path, method);
		return needsXsrfToken(rule, judgedMethod(rule, method === 'WS' ? 'GET' : method));
	};
	for (const { path, methods, roles: named } of kismetRoutes) {
		if (named.includes('public')) continue;
		for (const method of methods) {
			const isCommand = path.endsWith('.cmd') || named.includes('WEBGPS');
			if (isCommand) for (const sample of samples(path)) t.true(needs(sample, method), `${method} ${sample}`);
			if (named.join() === 'readonly') for (const sample of samples(path)) t.false(needs(sample, method), sample);
		}
	}
	t.true(needs('/devices/views/all/devices.json', 'DELETE'));
	t.is(ruleAt(gateFor({ preset: 'kismet', ...behind }).ruleOf, '/x.json', 'GET').xsrf, 'origin');
	t.is(ruleAt(gateFor({ preset: 'kura', ...behind }).ruleOf, '/services/assets', 'GET').xsrf, 'always');
});

test('preset kismet: pages, scripts and pictures are public, and show no credentials', (t) => {
	const config = {
		upstreamCredentials: { k: { cookie: { name: 'KISMET', value: 'A7' } } },
		resources: [{ preset: 'kismet', ...behind, upstreamCredentials: 'k' }],
	};
	const { ruleOf, rules } = gateOf(readConfig({ settings: config, env: {} }));
	for (const path of [
		'/',
		'/index.html',
		'/js/a/b.js',
		'/css/x.css',
		'/images/x.png',
		'/plugin/p/x.html',
		'/favicon.ico',
	])
		t.is(ruleAt(ruleOf, path, 'GET').access, 'public', path);
	for (const path of ['/session/set_password', '/system/user_status.json'])
		t.is(ruleAt(ruleOf, path, 'POST').access, 'public', path);
	for (const { access, credentials } of rules) {
		t.deepEqual(credentials?.shown(), access === 'public' ? {} : { cookie: 'KISMET=A7' });
		t.deepEqual(credentials?.cookies, ['KISMET']);
	}
});

const kuraRows: readonly (readonly [string, string | undefined])[] = [
	['/services/assets', 'rest.assets'],
	['/services/assets/read', 'rest.assets'],
	['/services/cloudconnection/v1/x', 'rest.cloudconnection'],
	['/services/command/v1/command', 'rest.command'],
	['/services/configuration/v2/snapshots', 'rest.configuration'],
	['/services/identity/v1/identities', 'rest.identity'],
	['/services/identity/v2/identities', 'rest.identity'],
	['/services/inventory/v1/inventory', 'rest.inventory'],
	['/services/keystores/v1/x', 'rest.keystores'],
	['/services/keystores/v2/x', 'rest.keystores'],
	['/services/networkConfiguration/v1/x', 'rest.network.configuration'],
	['/services/networkStatus/v1/x', 'rest.network.status'],
	['/services/deploy/v2', 'rest.deploy'],
	['/services/position/v1/x', 'rest.position'],
	['/services/security/v1/x', 'rest.security'],
	['/services/security/v2/x', 'rest.security'],
	['/services/security/v2/debug-enabled/x', 'rest.security'],
	['/services/system/v1/x', 'rest.system'],
	['/services/tamper/v1/list', 'rest.tamper.detection'],
	['/services/wire/v1/graph', 'rest.wires.admin'],
	['/services/security/v1/debug-enabled', 'authenticated'],
	['/services/security/v2/debug-enabled', 'authenticated'],
	['/services/serviceListing/v1/list', 'authenticated'],
	...['v1', 'v2'].flatMap((version) =>
		['definedPermissions', 'passwordRequirements', 'passwordStrenghtRequirements'].map((name): [string, string] => [
			`/services/identity/${version}/${name}`,
			'public',
		]),
	),
	['/services/identity/v1/definedPermissions/x', 'rest.identity'],
	['/services/configuration/v1', undefined],
	['/services/session/v1/login/password', undefined],
	['/services/other/v1', undefined],
	['/admin/console', undefined],
	['/', undefined],
];
const { ruleOf: kuraRuleOf } = gateFor({ preset: 'kura', ...behind });
for (const [path, expected] of kuraRows) {
	test(`preset kura: ${path} is for ${expected ?? 'nobody'}`, (t) => {
		if (expected === undefined) {
			t.throws(() => ruleAt(kuraRuleOf, path, 'GET'), { message: /undefined/ });
			return;
		}
		const rule = ruleAt(kuraRuleOf, path, 'GET');
		const by = (held?: readonly string[]) => mayPass(rule, held);
		t.is(by(), expected === 'public');
		t.is(by([]), expected === 'public' || expected === 'authenticated');
		t.is(by(['rest.another']), expected === 'public' || expected === 'authenticated');
		t.true(by([expected]) && by(['kura.admin']));
	});
}

test('no rule of a preset is hidden by another of it; each knows its entry', (t) => {
	for (const preset of ['kismet', 'kura']) {
		const settings = {
			resources: [
				{ path: '/x', hosts: ['x.example'], permission: 'x' },
				{ preset, ...behind },
			],
		};
		const config = readConfig({ settings, env: {} });
		const rules = rulesOf(
			config,
			() => '',
			openUpstreams(config, () => ''),
		);
		t.deepEqual(deadRules(rules), []);
		t.true(rules.length > 10);
		t.deepEqual([...new Set(rules.map(({ entry }) => entry))], [0, 1]);
		t.deepEqual(
			expandPresets(config.resources).map(({ at }) => at),
			rules.map(({ entry }) => entry),
		);
	}
});

test('rules in front of a preset replace its own; behind it they can never match', (t) => {
	const mine = { path: '/session/check_session', permission: 'mine', ...behind };
	const { ruleOf } = gateFor(mine, { preset: 'kismet', ...behind });
	t.deepEqual(ruleAt(ruleOf, '/session/check_session', 'GET').access, { all: ['mine'] });
	t.throws(() => gateFor({ preset: 'kismet', ...behind }, mine), {
		message:
			'resources.1: can never match: resources.0 comes first and holds for all of it; put this rule before it, or leave it out',
	});
	t.throws(() => gateFor({ permission: 'all' }, { preset: 'kismet', ...behind }), {
		message:
			'resources.1: can never match: resources.0 comes first and holds for all of it; put this rule before it, or leave it out',
	});
});
