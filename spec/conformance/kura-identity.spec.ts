import test from 'ava';
import { warningsOf } from '../../src/app/warnings.ts';
import { schema } from '../../src/config/schema.ts';
import type { Instant } from '../../src/core/clock.ts';
import { adminPermission, type IdentityId, type IdentityName } from '../../src/core/identity.ts';
import { endOfPassword } from '../../src/core/temporary-password.ts';
import { wellKnownPermissions } from '../../src/dialect/kura/identity/well-known.ts';
import { type Answer, createClient } from '../_support/client.ts';
import { operations } from '../_support/contract.ts';
import { createHandClock, minuteMs } from '../_support/hand-clock.ts';
import { startSecureService } from '../_support/secure-service.ts';
import { startService } from '../_support/service.ts';

/*
 * Kura's Identity V2, and of V1 what consoles read, taken through the running service. Every answer is held against
 * openapi.yaml besides.
 */

const v1 = '/services/identity/v1';
const v2 = '/services/identity/v2';
const password = 'a-long-and-honest-password';
const another = 'another-honest-password';
const clock = createHandClock(Date.now());
const service = await startSecureService(
	{
		auth: { basic: true, statelessCertificate: true },
		passwordPolicy: { minLength: 12 },
		dialects: { kuraIdentity: { enabled: true } },
		resources: [{ path: '/wiki', permission: 'wiki.read', upstream: 'http://127.0.0.1:9' }],
	},
	{ clock },
);
const { identities, invitations, apiTokens, sessions } = service.service.core;
test.after.always(() => service.close());

const caller = createClient(service);
type Who = readonly [name: string, password: string];
const boss: Who = ['boss', password];
const keeper: Who = ['keeper', password];
const ada: Who = ['ada', password];

const call = (method: string, path: string, json?: unknown, basic: Who | null = keeper): Promise<Answer> =>
	caller.send(path, { method, ...(basic && { basic }), ...(json !== undefined && { json }) });
const find = (name: string) => identities.findByName(name as IdentityName);
const held = async (name: string) => [...((await find(name))?.permissions ?? [])].sort();
const named = (...names: string[]) => names.map((name) => ({ name }));
const shown = async (name: string) => (await call('POST', `${v2}/identities/byName`, { identity: { name } })).body;

test.beforeEach(async () => {
	for (const { id } of await identities.list()) await identities.remove(id, {}, 'may-be-last');
	await service.add('boss', password, { permissions: ['kura.admin'] });
	await service.add('keeper', password, { permissions: ['rest.identity'] });
	await service.add('ada', password, { permissions: ['rest.assets'] });
	for (const name of await madeByHand()) await call('DELETE', `${v2}/permissions`, { name });
});

/** What was defined by hand: neither well known, nor a rule's, nor held. */
async function madeByHand(): Promise<string[]> {
	const { body } = await call('GET', `${v2}/definedPermissions`, undefined, null);
	const known = new Set<string>([...wellKnownPermissions, 'wiki.read']);
	return (body as { name: string }[]).map(({ name }) => name).filter((name) => !known.has(name));
}

const parts = (permissions: string[], passwordAuthEnabled = true, passwordChangeNeeded = false) => ({
	additionalConfigurations: { configurations: [] },
	permissionConfiguration: { permissions: named(...permissions) },
	passwordConfiguration: { passwordChangeNeeded, passwordAuthEnabled },
});
const known = [...wellKnownPermissions, 'wiki.read'].sort();
const to = (name: string, more: object = {}) => ({ identity: { name }, ...more });
const withPermissions = (...permissions: string[]) => ({
	permissionConfiguration: { permissions: named(...permissions) },
});
const withPassword = (passwordAuthEnabled: boolean, given?: string) => ({
	passwordConfiguration: {
		passwordChangeNeeded: false,
		passwordAuthEnabled,
		...(given !== undefined && { password: given }),
	},
});

interface Row {
	readonly says: string;
	readonly method: string;
	readonly path: string;
	readonly json?: unknown;
	readonly as?: Who | null;
	readonly status: number;
	/** All of it where it is no refusal; of one, its code and message. */
	readonly body?: unknown;
	readonly code?: string;
	readonly message?: string;
}

const missing = { status: 400, code: 'malformed', message: "Missing 'name' property" };
const blank = { status: 400, code: 'malformed', message: "`name` value can't be empty" };
const nobody = { identity: { name: 'nobody' } };
const unknownPart = { identity: { name: 'ada' }, configurationComponents: ['Passwords'] };
const adminNeeded = { status: 403, code: 'permission-missing', message: 'The permission kura.admin is needed' };
const last = { status: 400, code: 'last-administrator', message: 'This is the last administrator who can sign in' };

const rows: readonly Row[] = [
	{
		says: 'lists all, by name',
		method: 'GET',
		path: `${v2}/identities`,
		status: 200,
		body: [
			{ identity: { name: 'ada' }, ...parts(['rest.assets']) },
			{ identity: { name: 'boss' }, ...parts(['kura.admin']) },
			{ identity: { name: 'keeper' }, ...parts(['rest.identity']) },
		],
	},
	{ says: 'makes one', method: 'POST', path: `${v2}/identities`, json: { name: 'new.one_2' }, status: 200, body: '' },
	{ says: 'does not make one without a name', method: 'POST', path: `${v2}/identities`, json: {}, ...missing },
	{ says: 'takes null for absent', method: 'POST', path: `${v2}/identities`, json: { name: null }, ...missing },
	{
		says: 'does not make one with a blank name',
		method: 'POST',
		path: `${v2}/identities`,
		json: { name: ' ' },
		...blank,
	},
	...['ab', 'a__b', '.ab', 'ab.', 'a-b', 'josé', 'a b', 'x'.repeat(256)].map(
		(name): Row => ({
			says: `does not make ${name.slice(0, 8)}`,
			method: 'POST',
			path: `${v2}/identities`,
			json: { name },
			status: 400,
			code: 'malformed',
		}),
	),
	{
		says: 'does not make one that is there',
		method: 'POST',
		path: `${v2}/identities`,
		json: { name: 'ada' },
		status: 409,
		code: 'name-taken',
		message: 'Identity already exists',
	},
	{
		says: 'does not make one that looks like another',
		method: 'POST',
		path: `${v2}/identities`,
		json: { name: 'ADA' },
		status: 409,
		code: 'name-taken',
	},
	{
		says: 'does not make one that is reserved',
		method: 'POST',
		path: `${v2}/identities`,
		json: { name: 'Operator' },
		status: 400,
		code: 'bad-name',
	},
	{
		says: 'changes one',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPermissions('wiki.read')),
		status: 200,
		body: '',
	},
	{
		says: 'changes nothing where no part is there',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada'),
		status: 200,
		body: '',
	},
	{
		says: 'changes nobody without a name',
		method: 'PUT',
		path: `${v2}/identities`,
		json: { identity: {} },
		...missing,
	},
	{ says: 'changes nobody without an identity', method: 'PUT', path: `${v2}/identities`, json: {}, ...missing },
	{
		says: 'changes nobody who is not there',
		method: 'PUT',
		path: `${v2}/identities`,
		json: nobody,
		status: 400,
		code: 'not-found',
		message: 'Identity does not exist',
	},
	{
		says: 'gives no permission that is not defined',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPermissions('not.defined')),
		status: 400,
		code: 'permission-unknown',
	},
	{
		says: 'gives no permission without a name',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', { permissionConfiguration: { permissions: [{}] } }),
		...missing,
	},
	{
		says: 'takes no weak password',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPassword(true, 'short')),
		status: 400,
		code: 'weak-password',
	},
	{
		says: 'takes no common password',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPassword(true, 'password12345678')),
		status: 400,
		code: 'weak-password',
	},
	{
		says: 'takes no password with white space',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPassword(true, 'nobody guesses this')),
		status: 400,
		code: 'weak-password',
	},
	{
		says: 'takes no empty password',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPassword(true, '')),
		status: 400,
		code: 'weak-password',
	},
	{
		says: 'takes no password of 256',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPassword(true, 'x1'.repeat(128))),
		status: 400,
		code: 'weak-password',
	},
	{
		says: 'asks whether there is to be a password',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', { passwordConfiguration: { password } }),
		status: 400,
		code: 'malformed',
	},
	{
		says: 'knows no configurations of other components',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', { additionalConfigurations: { configurations: [{}] } }),
		status: 400,
		code: 'malformed',
	},
	{
		says: 'makes no administrator for somebody who is none',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('ada', withPermissions('kura.admin')),
		...adminNeeded,
	},
	{
		says: 'makes nobody an administrator of themselves',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('keeper', withPermissions('kura.admin')),
		...adminNeeded,
	},
	{
		says: 'changes no administrator',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('boss', withPassword(true, another)),
		...adminNeeded,
	},
	{
		says: 'changes nothing of an administrator, not even nothing',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('boss'),
		...adminNeeded,
	},
	{
		says: 'does not strip the last administrator',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('boss', withPermissions()),
		as: boss,
		...last,
	},
	{
		says: 'does not take the password of the last administrator',
		method: 'PUT',
		path: `${v2}/identities`,
		json: to('boss', withPassword(false)),
		as: boss,
		...last,
	},
	{ says: 'removes one', method: 'DELETE', path: `${v2}/identities`, json: { name: 'ada' }, status: 200, body: '' },
	{ says: 'removes nobody without a name', method: 'DELETE', path: `${v2}/identities`, json: {}, ...missing },
	{
		says: 'removes nobody without a body',
		method: 'DELETE',
		path: `${v2}/identities`,
		status: 415,
		code: 'unsupported-type',
	},
	{
		says: 'removes nobody who is not there',
		method: 'DELETE',
		path: `${v2}/identities`,
		json: { name: 'nobody' },
		status: 404,
		code: 'not-found',
		message: 'Identity not found',
	},
	{
		says: 'removes nobody whose name cannot be one',
		method: 'DELETE',
		path: `${v2}/identities`,
		json: { name: 'a\u0000' },
		status: 404,
		code: 'not-found',
	},
	{
		says: 'removes no administrator',
		method: 'DELETE',
		path: `${v2}/identities`,
		json: { name: 'boss' },
		...adminNeeded,
	},
	{
		says: 'does not remove the last administrator',
		method: 'DELETE',
		path: `${v2}/identities`,
		json: { name: 'boss' },
		as: boss,
		...last,
	},
	{
		says: 'finds one with all parts',
		method: 'POST',
		path: `${v2}/identities/byName`,
		json: to('ada'),
		status: 200,
		body: to('ada', parts(['rest.assets'])),
	},
	{
		says: 'finds one with the parts that are asked for',
		method: 'POST',
		path: `${v2}/identities/byName`,
		json: to('ada', { configurationComponents: ['AssignedPermissions'] }),
		status: 200,
		body: to('ada', withPermissions('rest.assets')),
	},
	{
		says: 'finds one with no part',
		method: 'POST',
		path: `${v2}/identities/byName`,
		json: to('ada', { configurationComponents: [] }),
		status: 200,
		body: to('ada'),
	},
	{ says: 'finds nobody without a name', method: 'POST', path: `${v2}/identities/byName`, json: {}, ...missing },
	{ says: 'finds nobody with a blank name', method: 'POST', path: `${v2}/identities/byName`, json: to('\t'), ...blank },
	{
		says: 'finds nobody who is not there',
		method: 'POST',
		path: `${v2}/identities/byName`,
		json: nobody,
		status: 404,
		code: 'not-found',
		message: 'Identity does not exist',
	},
	{
		says: 'finds no part that is not known',
		method: 'POST',
		path: `${v2}/identities/byName`,
		json: unknownPart,
		status: 400,
		code: 'malformed',
	},
	{
		says: 'knows the defaults of anybody',
		method: 'POST',
		path: `${v2}/identities/default/byName`,
		json: nobody,
		status: 200,
		body: to('nobody', parts([], false)),
	},
	{
		says: 'knows no defaults without a name',
		method: 'POST',
		path: `${v2}/identities/default/byName`,
		json: {},
		...missing,
	},
	{
		says: 'knows no defaults of a part that is not known',
		method: 'POST',
		path: `${v2}/identities/default/byName`,
		json: unknownPart,
		status: 400,
		code: 'malformed',
	},
	{
		says: 'says that a change would be made',
		method: 'POST',
		path: `${v2}/identities/validate`,
		json: to('ada', withPassword(true, another)),
		status: 200,
		body: '',
	},
	{
		says: 'says that a password would be refused',
		method: 'POST',
		path: `${v2}/identities/validate`,
		json: to('ada', withPassword(true, 'short')),
		status: 400,
		code: 'weak-password',
	},
	{
		says: 'says that a permission would be refused',
		method: 'POST',
		path: `${v2}/identities/validate`,
		json: to('ada', withPermissions('not.defined')),
		status: 400,
		code: 'permission-unknown',
	},
	{
		says: 'says that nobody is there',
		method: 'POST',
		path: `${v2}/identities/validate`,
		json: nobody,
		status: 400,
		code: 'not-found',
	},
	{
		says: 'says who may not',
		method: 'POST',
		path: `${v2}/identities/validate`,
		json: to('ada', withPermissions('kura.admin')),
		...adminNeeded,
	},
	{
		says: 'defines a permission',
		method: 'POST',
		path: `${v2}/permissions`,
		json: { name: 'site.north' },
		status: 200,
		body: '',
	},
	{ says: 'defines none without a name', method: 'POST', path: `${v2}/permissions`, json: {}, ...missing },
	{ says: 'defines none with a blank name', method: 'POST', path: `${v2}/permissions`, json: { name: '' }, ...blank },
	...['ab', 'a..b', 'a_b', 'a-b', '*.*', 'k\u0443ra.admin', 'x'.repeat(129)].map(
		(name): Row => ({
			says: `does not define ${name.slice(0, 10)}`,
			method: 'POST',
			path: `${v2}/permissions`,
			json: { name },
			status: 400,
			code: 'malformed',
		}),
	),
	...['rest.assets', 'wiki.read', 'Kura.Admin', 'KURA.ADMIN', 'WIKI.read'].map(
		(name): Row => ({
			says: `does not define ${name}, or what looks like it, anew`,
			method: 'POST',
			path: `${v2}/permissions`,
			json: { name },
			status: 409,
			code: 'permission-taken',
			message: 'Permission already exists',
		}),
	),
	{ says: 'removes no permission without a name', method: 'DELETE', path: `${v2}/permissions`, json: {}, ...missing },
	{
		says: 'removes no permission that is not there',
		method: 'DELETE',
		path: `${v2}/permissions`,
		json: { name: 'not.there' },
		status: 404,
		code: 'not-found',
		message: 'Permission not found',
	},
	{
		says: 'removes no permission that cannot be one',
		method: 'DELETE',
		path: `${v2}/permissions`,
		json: { name: 'a\u0000b' },
		status: 404,
		code: 'not-found',
	},
	...['kura.admin', 'rest.identity', 'wiki.read'].map(
		(name): Row => ({
			says: `removes ${name} for nobody`,
			method: 'DELETE',
			path: `${v2}/permissions`,
			json: { name },
			as: boss,
			status: 400,
			code: 'permission-built-in',
		}),
	),
	{
		says: 'lists permissions for everybody',
		method: 'GET',
		path: `${v2}/definedPermissions`,
		as: null,
		status: 200,
		body: named(...known),
	},
	{
		says: 'says for everybody what a password must be like',
		method: 'GET',
		path: `${v2}/passwordStrenghtRequirements`,
		as: null,
		status: 200,
		body: {
			passwordMinimumLength: 12,
			digitsRequired: false,
			specialCharactersRequired: false,
			bothCasesRequired: false,
		},
	},
	{
		says: 'lists identities in V1',
		method: 'GET',
		path: `${v1}/identities`,
		status: 200,
		body: {
			userConfig: [
				{ userName: 'ada', passwordAuthEnabled: true, passwordChangeNeeded: false, permissions: ['rest.assets'] },
				{ userName: 'boss', passwordAuthEnabled: true, passwordChangeNeeded: false, permissions: ['kura.admin'] },
				{ userName: 'keeper', passwordAuthEnabled: true, passwordChangeNeeded: false, permissions: ['rest.identity'] },
			],
		},
	},
	{
		says: 'lists permissions in V1 for everybody',
		method: 'GET',
		path: `${v1}/definedPermissions`,
		as: null,
		status: 200,
		body: { permissions: known },
	},
	{
		says: 'says in V1 for everybody what a password must be like',
		method: 'GET',
		path: `${v1}/passwordRequirements`,
		as: null,
		status: 200,
		body: {
			passwordMinimumLength: 12,
			passwordRequireDigits: false,
			passwordRequireSpecialChars: false,
			passwordRequireBothCases: false,
		},
	},
];

for (const { says, method, path, json, as, status, body, code, message } of rows) {
	test.serial(`${method} ${path} ${says}`, async (t) => {
		const before = await identities.list();
		const answer = await call(method, path, json, as === undefined ? keeper : as);
		t.is(answer.status, status, JSON.stringify(answer.body));
		if (body !== undefined) t.deepEqual(answer.body, body);
		if (body === '') t.is(answer.headers['content-type'], undefined);
		if (code === undefined) return;
		t.like(answer.body, { code, ...(message !== undefined && { message }) });
		t.deepEqual(await identities.list(), before, 'a refusal changes nothing');
	});
}

const ofKura = operations.filter(({ path }) => path.startsWith('/services/identity/'));
const isPublic = (path: string) => /definedPermissions|Requirements/.test(path);

test.serial('every operation of the document stands in the table, and the other way round', (t) => {
	const answered = new Set(rows.map(({ method, path }) => `${method} ${path}`));
	t.deepEqual([...answered].sort(), ofKura.map(({ method, path }) => `${method} ${path}`).sort());
	for (const { method, path, operation } of ofKura) {
		const words = path.replace('/services/', '').split('/');
		t.is(operation.operationId, [method.toLowerCase(), ...words].join('_'));
		const stated = new Set(Object.keys(operation.responses));
		for (const { status } of rows.filter((row) => row.path === path && row.method === method))
			t.true(stated.has(`${status}`));
	}
});

for (const { method, path } of ofKura.filter((placed) => !isPublic(placed.path))) {
	test.serial(`${method} ${path} is for nobody without the permission, nor for an API token`, async (t) => {
		const json = method === 'GET' ? undefined : {};
		const anonymous = await call(method, path, json, null);
		t.is(anonymous.status, 401);
		t.like(anonymous.body, { code: 'session-missing' });
		const lacking = await call(method, path, json, ada);
		t.like(lacking.body, { code: 'permission-missing', message: 'The permission rest.identity is needed' });
		const admin = await find('boss');
		if (admin === undefined) throw new Error('boss');
		const key = await keyOfSession();
		const by = { key, isAlive: async () => true };
		const wanted = { name: 'CI', permissions: [...admin.permissions], expiresInMs: minuteMs, endsWithPassword: false };
		const made = await apiTokens.add(admin, wanted, {}, by);
		if (!made.ok) throw new Error(made.refusal.kind);
		const headers = { Authorization: `Bearer ${made.value.text}` };
		const byToken = await createClient(service).send(path, { method, headers, ...(json && { json }) });
		t.is(byToken.status, 403);
		t.like(byToken.body, { code: 'credential-not-accepted' });
	});
}

async function keyOfSession() {
	await createClient(service).login('boss', password);
	const [session] = await sessions.list((await find('boss'))?.id, 1);
	if (session === undefined) throw new Error('no session');
	return session.key;
}

test.serial('a session needs its XSRF token, and for a change a proof of the last five minutes', async (t) => {
	const browser = createClient(service);
	await browser.login('keeper', password);
	t.is((await browser.get(`${v2}/identities`)).status, 200);
	t.is(
		(
			await browser.send(`${v2}/identities`, {
				method: 'DELETE',
				json: { name: 'ada' },
				headers: { 'X-XSRF-Token': 'x' },
			})
		).status,
		401,
	);
	clock.wind(6 * minuteMs);
	t.is((await browser.get(`${v2}/identities`)).status, 200);
	for (const [method, path] of [
		['POST', 'identities'],
		['PUT', 'identities'],
		['DELETE', 'identities'],
		['POST', 'permissions'],
		['DELETE', 'permissions'],
	] as const) {
		t.like((await browser.send(`${v2}/${path}`, { method, json: { name: 'ada' } })).body, { code: 'proof-needed' });
	}
	t.is((await browser.post('/services/session/v1/proof', { password })).status, 204);
	await browser.fetchXsrfToken();
	t.is((await browser.send(`${v2}/identities`, { method: 'DELETE', json: { name: 'ada' } })).status, 200);
});

test.serial(
	'by a session nobody sets their own password; by Basic, which shows the present one, they do',
	async (t) => {
		const browser = createClient(service);
		await browser.login('keeper', password);
		for (const change of [withPassword(true, another), withPassword(false)]) {
			t.like((await browser.send(`${v2}/identities`, { method: 'PUT', json: to('keeper', change) })).body, {
				code: 'own-password',
			});
		}
		t.is((await call('PUT', `${v2}/identities`, to('keeper', withPassword(true, another)))).status, 200);
		t.is((await browser.get(`${v2}/identities`)).status, 401);
		t.is((await call('GET', `${v2}/identities`, undefined, ['keeper', another])).status, 200);
	},
);

test.serial('a wrong password is told nothing, and is counted', async (t) => {
	const answer = await call('PUT', `${v2}/identities`, {}, ['keeper', 'a wrong password']);
	t.is(answer.status, 401);
	t.like(answer.body, { code: 'bad-credentials' });
});

test.serial('a certificate that comes along is enough', async (t) => {
	const as = await service.certificateOf('keeper');
	t.is((await service.ask('GET', `${v2}/identities`, { as })).status, 200);
	const eve = await service.certificateOf('ada');
	t.is((await service.ask('GET', `${v2}/identities`, { as: eve })).status, 403);
});

test.serial('parts that are there replace, parts that are absent stay; the password is never answered', async (t) => {
	const sent = to('ada', { ...withPermissions('rest.system', 'rest.assets'), ...withPassword(true, another) });
	t.is((await call('PUT', `${v2}/identities`, sent)).status, 200);
	t.deepEqual(await shown('ada'), to('ada', parts(['rest.assets', 'rest.system'])));
	t.is((await createClient(service).login('ada', another)).status, 200);
	await call('PUT', `${v2}/identities`, to('ada', withPermissions()));
	t.is((await createClient(service).login('ada', another)).status, 200);
	const mustChange = { passwordConfiguration: { passwordChangeNeeded: true, passwordAuthEnabled: true } };
	await call('PUT', `${v2}/identities`, to('ada', mustChange));
	t.deepEqual(await shown('ada'), to('ada', parts([], true, true)));
	await call('PUT', `${v2}/identities`, to('ada', withPassword(false)));
	t.deepEqual(await shown('ada'), to('ada', parts([], false)));
	t.is((await createClient(service).login('ada', another)).status, 401);
	const without = await call('PUT', `${v2}/identities`, to('ada', withPassword(true)));
	t.is(without.status, 400);
	t.like(without.body, { code: 'password-missing' });
});

const temporary = {
	passwordConfiguration: { passwordChangeNeeded: true, passwordAuthEnabled: true, password: another },
};
const endOf = async (name: string) => endOfPassword((await find(name))?.passwordVerifier);
const hourMs = 60 * minuteMs;

for (const [says, passwordConfiguration] of [
	['no', { passwordChangeNeeded: false, passwordAuthEnabled: true }],
	['nothing, which is no', { passwordAuthEnabled: true }],
] as const) {
	test.serial(`where passwordChangeNeeded says ${says}, a temporary password stays good, as it is`, async (t) => {
		await call('PUT', `${v2}/identities`, to('ada', temporary));
		t.is(await endOf('ada'), (clock.now() + 72 * hourMs) as Instant);
		await call('PUT', `${v2}/identities`, to('ada', withPermissions('rest.system')));
		const mustChange = { passwordChangeNeeded: true, passwordAuthEnabled: true };
		await call('PUT', `${v2}/identities`, to('ada', { passwordConfiguration: mustChange }));
		t.is(await endOf('ada'), (clock.now() + 72 * hourMs) as Instant, 'what says nothing of it leaves its end');
		const before = await find('ada');
		const from = service.audit().length;
		t.is((await call('PUT', `${v2}/identities`, to('ada', { passwordConfiguration }))).status, 200);
		t.deepEqual(await shown('ada'), to('ada', parts(['rest.system'])));
		t.is(await endOf('ada'), undefined);
		t.is((await find('ada'))?.credentialStamp, before?.credentialStamp, 'it is the same password');
		t.like(
			service
				.audit()
				.slice(from)
				.find(({ act }) => act === 'password-reset'),
			{ outcome: 'ok', identity: 'ada', actor: 'keeper' },
		);
		clock.wind(73 * hourMs);
		t.like(await createClient(service).login('ada', another), { status: 200, body: { passwordChangeNeeded: false } });
	});
}

test.serial(
	'a temporary password whose time is over does not come back: only another one takes its place',
	async (t) => {
		await call('PUT', `${v2}/identities`, to('ada', temporary));
		clock.wind(72 * hourMs);
		const before = await find('ada');
		for (const path of [`${v2}/identities`, `${v2}/identities/validate`]) {
			const method = path.endsWith('validate') ? 'POST' : 'PUT';
			const refused = await call(method, path, to('ada', { ...withPermissions(), ...withPassword(true) }));
			t.like(refused, { status: 400, body: { code: 'password-missing' } });
		}
		t.deepEqual(await find('ada'), before);
		t.is((await call('PUT', `${v2}/identities`, to('ada', withPassword(true, password)))).status, 200);
		t.is((await createClient(service).login('ada', password)).status, 200);
	},
);

test.serial('one refused part leaves all as it was', async (t) => {
	const before = await find('ada');
	for (const sent of [
		{ ...withPermissions('not.defined'), ...withPassword(true, another) },
		{ ...withPermissions('rest.system'), ...withPassword(true, 'short') },
		{ ...withPermissions('kura.admin'), ...withPassword(false) },
	]) {
		t.true((await call('PUT', `${v2}/identities`, to('ada', sent))).status >= 400);
		t.deepEqual(await find('ada'), before);
	}
});

test.serial(
	'a password that is changed or taken away ends sessions; permissions act at the next request',
	async (t) => {
		for (const change of [withPassword(true, another), withPassword(false)]) {
			const browser = createClient(service);
			const given = change.passwordConfiguration.password === undefined ? another : password;
			await browser.login('ada', given);
			t.is((await browser.me()).status, 200);
			await call('PUT', `${v2}/identities`, to('ada', withPermissions('rest.system')));
			t.like((await browser.me()).body, { permissions: ['rest.system'] });
			await call('PUT', `${v2}/identities`, to('ada', change));
			t.is((await browser.me()).status, 401);
		}
	},
);

test.serial('a permission that is removed goes from everybody, and is not given again by a PUT', async (t) => {
	await call('POST', `${v2}/permissions`, { name: 'site.north' });
	for (const name of ['ada', 'keeper']) {
		const now = await held(name);
		t.is((await call('PUT', `${v2}/identities`, to(name, withPermissions(...now, 'site.north')))).status, 200);
	}
	t.is((await call('DELETE', `${v2}/permissions`, { name: 'site.north' })).status, 200);
	t.deepEqual([await held('ada'), await held('keeper')], [['rest.assets'], ['rest.identity']]);
	const again = await call('PUT', `${v2}/identities`, to('ada', withPermissions('site.north')));
	t.like(again.body, { code: 'permission-unknown' });
	t.is((await call('DELETE', `${v2}/permissions`, { name: 'site.north' })).status, 404);
});

test.serial('one that somebody holds is defined; one that an administrator holds, nobody else removes', async (t) => {
	await service.add('chief', password, { permissions: ['kura.admin', 'app.special'] });
	clock.wind(1000);
	t.true(JSON.stringify((await call('GET', `${v1}/definedPermissions`)).body).includes('app.special'));
	t.like((await call('DELETE', `${v2}/permissions`, { name: 'app.special' })).body, adminNeededBody);
	t.is((await call('DELETE', `${v2}/permissions`, { name: 'app.special' }, boss)).status, 200);
	t.deepEqual(await held('chief'), ['kura.admin']);
});
const adminNeededBody = { code: 'permission-missing', message: 'The permission kura.admin is needed' };

test.serial('an administrator makes others, and takes from them what is left to the last', async (t) => {
	await call('POST', `${v2}/identities`, { name: 'second' });
	const made = to('second', { ...withPermissions('kura.admin'), ...withPassword(true, another) });
	t.is((await call('PUT', `${v2}/identities`, made, boss)).status, 200);
	t.is((await call('DELETE', `${v2}/identities`, { name: 'boss' }, ['second', another])).status, 200);
	t.is((await call('DELETE', `${v2}/identities`, { name: 'second' }, ['second', another])).status, 400);
});

test.serial('one without a password is no administrator who could sign in', async (t) => {
	await call('POST', `${v2}/identities`, { name: 'second' });
	t.is((await call('PUT', `${v2}/identities`, to('second', withPermissions('kura.admin')), boss)).status, 200);
	for (const sent of [withPermissions(), withPassword(false)]) {
		t.like((await call('PUT', `${v2}/identities`, to('boss', sent), boss)).body, { code: 'last-administrator' });
	}
	t.is((await call('DELETE', `${v2}/identities`, { name: 'boss' }, boss)).status, 400);
});

test.serial('an invitation of one who is removed goes, too', async (t) => {
	const identity = await find('ada');
	if (identity === undefined) throw new Error('ada');
	t.true((await invitations.make(identity, { expiresInMs: 60_000 }, {})).ok);
	t.is((await call('DELETE', `${v2}/identities`, { name: 'ada' })).status, 200);
	t.false(await invitations.endOf(identity.id), 'there is none any more');
});

test.serial('of two changes at once each is made as a whole, one after the other', async (t) => {
	const changes = [
		{ ...withPermissions('rest.system', 'rest.command'), ...withPassword(true, another) },
		{ ...withPermissions('rest.position'), ...withPassword(false) },
	];
	for (let round = 0; round < 4; round += 1) {
		const answers = await Promise.all(changes.map((change) => call('PUT', `${v2}/identities`, to('ada', change))));
		t.deepEqual(
			answers.map(({ status }) => status),
			[200, 200],
		);
		const whole = [to('ada', parts(['rest.command', 'rest.system'])), to('ada', parts(['rest.position'], false))];
		const now = JSON.stringify(await shown('ada'));
		t.true(
			whole.some((each) => JSON.stringify(each) === now),
			now,
		);
	}
});

test.serial('of two administrators who remove or strip each other at once, one stays', async (t) => {
	for (const other of ['DELETE', 'PUT']) {
		if ((await find('boss')) === undefined) await service.add('boss', password, { permissions: ['kura.admin'] });
		if ((await find('chief')) === undefined) await service.add('chief', password, { permissions: ['kura.admin'] });
		const chief: Who = ['chief', password];
		const stripped = other === 'PUT' ? to('boss', withPermissions()) : { name: 'boss' };
		const answers = await Promise.all([
			call('DELETE', `${v2}/identities`, { name: 'chief' }, boss),
			call(other, `${v2}/identities`, stripped, chief),
		]);
		t.is(answers.filter(({ status }) => status === 200).length, 1, JSON.stringify(answers.map(({ body }) => body)));
		t.is((await identities.list()).filter(({ permissions }) => permissions.has(adminPermission)).length, 1);
		await identities.grant((await find('boss'))?.id ?? ('' as IdentityId), [adminPermission], {});
	}
});

test.serial('a disabled identity is shown as it is stored, and no PUT enables it', async (t) => {
	const { id } = (await find('ada')) ?? {};
	if (id === undefined) throw new Error('ada');
	await identities.setDisabled(id, true, {});
	t.deepEqual(await shown('ada'), to('ada', parts(['rest.assets'])));
	t.is((await call('PUT', `${v2}/identities`, to('ada', withPassword(true, another)))).status, 200);
	t.true((await find('ada'))?.disabled);
});

test.serial('the identity of a service gets no password', async (t) => {
	const wanted = { name: 'ci' as IdentityName, permissions: [], passwordChangeNeeded: false, policy: true };
	await identities.add({ ...wanted, service: true }, {});
	const answer = await call('PUT', `${v2}/identities`, to('ci', withPassword(true, another)));
	t.is(answer.status, 400);
	t.like(answer.body, { code: 'service-identity' });
	t.is(
		(await call('PUT', `${v2}/identities`, to('ci', { ...withPermissions('rest.assets'), ...withPassword(false) })))
			.status,
		200,
	);
});

test.serial('what was done, and what was refused, stands in the audit', async (t) => {
	const from = service.audit().length;
	await call(
		'PUT',
		`${v2}/identities`,
		to('ada', { ...withPermissions('rest.system'), ...withPassword(true, another) }),
	);
	await call('PUT', `${v2}/identities`, to('ada', withPermissions('kura.admin')));
	await call('POST', `${v2}/permissions`, { name: 'site.north' });
	await call('DELETE', `${v2}/permissions`, { name: 'site.north' });
	await call('DELETE', `${v2}/identities`, { name: 'ada' });
	const told = service
		.audit()
		.slice(from)
		.filter(({ actor }) => actor === 'keeper');
	t.deepEqual(
		told.map(({ act, outcome, reason, identity }) => [act, outcome, reason, identity].filter(Boolean).join(' ')),
		[
			'password-reset ok ada',
			'permission-grant ok ada',
			'permission-revoke ok ada',
			'permission-grant refused permission-missing ada',
			'permission-add ok',
			'permission-remove ok',
			'identity-remove ok ada',
		],
	);
});

test.serial('where nobody switched it on, nothing is there', async (t) => {
	const plain = await startService();
	t.teardown(() => plain.close());
	for (const { method, path } of ofKura) {
		const answer = await createClient(plain).send(path, { method, ...(method === 'GET' ? {} : { json: {} }) });
		t.is(answer.status, 404, path);
	}
});

test.serial(
	'in front of a Kura, config check says that Latchkey answers in its place; on the host of the portal alone, it need not',
	(t) => {
		const preset = { preset: 'kura', upstream: 'http://127.0.0.1:8181' };
		const warned = (settings: object) =>
			warningsOf(schema.parse({ dialects: { kuraIdentity: { enabled: true } }, ...settings })).join('\n');
		t.regex(
			warned({ resources: [preset] }),
			/not for [^:]*identity\/v2\/permissions[^:]*: Latchkey's own \(dialects.kuraIdentity.enabled\)/,
		);
		const elsewhere = {
			portal: { url: 'https://login.example.org/' },
			resources: [{ ...preset, hosts: ['a.example.org'] }],
		};
		t.is(warned(elsewhere), '');
		t.is(warned({ dialects: {}, resources: [preset] }), '');
	},
);

test.serial('with mayGrantAdmin, who holds rest.identity makes administrators, as with Kura', async (t) => {
	const open = await startService({
		auth: { basic: true },
		dialects: { kuraIdentity: { enabled: true, mayGrantAdmin: true } },
	});
	t.teardown(() => open.close());
	await open.add('boss', password, { permissions: ['kura.admin'] });
	await open.add('keeper', password, { permissions: ['rest.identity'] });
	const ask = (method: string, json: unknown) =>
		createClient(open).send(`${v2}/identities`, { method, basic: keeper, json });
	t.is((await ask('PUT', to('keeper', withPermissions('kura.admin', 'rest.identity')))).status, 200);
	t.is((await ask('DELETE', { name: 'boss' })).status, 200);
	t.is((await ask('DELETE', { name: 'keeper' })).status, 400);
});
