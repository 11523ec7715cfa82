import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Router from '@koa/router';
import test from 'ava';
import { z } from 'zod';
import { ensureApiDocs } from '../.ci/prestart.ts';
import type { MaybeReference, Schema } from '../src/api-docs/document.ts';
import { isReference, nameOf, resolve } from '../src/api-docs/document.ts';
import type { Identity, IdentityName } from '../src/core/identity.ts';
import type { HostName, Session } from '../src/core/session.ts';
import { newBrowserNonce, nonceDigestOf } from '../src/core/token.ts';
import * as ordinaryBodies from '../src/dialect/kura/bodies.ts';
import * as factorBodies from '../src/dialect/kura/factor-bodies.ts';
import { passkeyLogin, passkeyRegistration } from '../src/dialect/kura/passkey-bodies.ts';
import { unwrap } from '../src/http/response/refusals.ts';
import { routesOn } from '../src/http/route.ts';
import { createClient } from './_support/client.ts';
import { answersEveryMethod, assertAnswers, contract, flawOf, operations } from './_support/contract.ts';
import { startSecureService } from './_support/secure-service.ts';
import { startService } from './_support/service.ts';

/*
 * openapi.yaml and the code cannot drift apart: not in what is mounted, not in what is asked for, and (in every spec
 * that sends a request) not in what is answered.
 */

test.before((t) => ensureApiDocs().then(t.true));

const base = '/services/session/v1';
const kuraBodies = { ...ordinaryBodies, ...factorBodies };
const { schemas } = contract.components;

test('the document is of the version that the package has', (t) => {
	const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
	t.is(contract.info.version, version);
});

test('every operation has a name of its own', (t) => {
	const names = operations.map(({ operation }) => operation.operationId);
	t.deepEqual(names, [...new Set(names)]);
	// Those of Kura's Identity begin with the method and the path.
	for (const name of names)
		t.regex(name, /^[a-z]+([A-Z][a-z0-9]*)*$|^(get|post|put|delete)_identity_v[12](_[a-zA-Z]+)+$/);
});

/*
 * Paths and methods: the router of a running service, with everything on, asked for its layers.
 */

/** The class that `http/route.ts` has: that of the ES module is another. */
const RouterClass: typeof Router = createRequire(import.meta.url)('@koa/router').default;

async function mountedRouter(): Promise<Router> {
	const { routes } = RouterClass.prototype;
	let mounted: Router | undefined;
	RouterClass.prototype.routes = function (this: Router) {
		mounted = this;
		return routes.call(this);
	};
	try {
		const service = await startService({
			dialects: {
				kismet: { enabled: true },
				insights: { enabled: true },
				kuraIdentity: { enabled: true },
				kuraTokens: { enabled: true },
			},
		});
		await service.close();
	} finally {
		RouterClass.prototype.routes = routes;
	}
	if (mounted === undefined) throw new Error('the service has no router');
	return mounted;
}

/** A path that somebody may ask for: `/services/session/v1/sessions/x`. */
const asked = (template: string) => template.replace(/\{\w+\}/g, 'x');
/** A path in the document's words: `/services/session/v1/sessions/{id}`. */
const templateOf = (path: string) => path.replace(/\\(.)/g, '$1').replace(/\{?[:*](\w+)\}?/g, '{$1}');

test.serial('every operation of the document is served', async (t) => {
	const router = await mountedRouter();
	const lost = operations.filter(({ method, path }) => !router.match(asked(path), method).route);
	t.deepEqual(
		lost.map(({ method, path }) => `${method} ${path}`),
		[],
	);
});

/** `router.all`, or what refuses every method but one, where that one is mounted beside it. */
const isForAll = ({ methods }: Pick<Router['stack'][number], 'methods'>) => methods.length > 4;

/** The console: a page and its files, for browsers and not for clients. */
const files: ReadonlySet<unknown> = new Set(['/', '/console/:file', '/console/icons/:name', '/console/brand/:name']);

const isSame = (path: string | RegExp, documented: string) =>
	path instanceof RegExp ? path.test(asked(documented)) : templateOf(path) === documented;

test.serial('everything that is served stands in the document', async (t) => {
	const { stack } = await mountedRouter();
	const served = stack.flatMap((layer) => {
		const { path, methods } = layer;
		if (files.has(path)) return [];
		if (!isForAll(layer)) return methods.filter((method) => method !== 'HEAD').map((method) => ({ method, path }));
		const hasOthers = stack.some((other) => String(other.path) === String(path) && !isForAll(other));
		return hasOthers ? [] : [{ method: 'every', path }];
	});
	const said = operations.map((placed) => ({
		method: answersEveryMethod(placed) ? 'every' : placed.method,
		path: placed.path,
	}));
	const unsaid = served.filter(
		(one) => !said.some(({ method, path }) => method === one.method && isSame(one.path, path)),
	);
	t.deepEqual(
		unsaid.map(({ method, path }) => `${method} ${path}`),
		[],
	);
});

/** The document's schema of each content type that an operation takes. */
function bodiesOf({ operation }: (typeof operations)[number]): Schema[] {
	const { requestBody } = operation;
	return Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => {
		if (schema === undefined) return [];
		const body = resolve(contract, schema);
		// Kismet's: JSON in a field of a form.
		const { json } = body.properties ?? {};
		const command = json && (resolve(contract, json) as Schema & { contentSchema?: Schema }).contentSchema;
		return [command ? resolve(contract, command) : body];
	});
}

test.serial('the table of routes and the document agree on methods, paths, and what a body must be', async (t) => {
	const routes = routesOn(await mountedRouter());
	t.true(routes.length > 20);
	for (const { method, path, body } of routes) {
		const says = `${method} ${path}`;
		const placed = operations.find((one) => one.method === method && isSame(path, one.path));
		if (placed === undefined) return t.fail(`${says}: does not stand in the document`);
		const { requestBody } = placed.operation;
		t.is(requestBody !== undefined, body !== undefined, `${says}: has a body`);
		if (body === undefined) continue;
		t.is(requestBody?.required ?? false, !body.safeParse(undefined).success, `${says}: needs a body`);
		const { $schema: _, ...asked } = z.toJSONSchema(body, { io: 'input' });
		t.true(bodiesOf(placed).length > 0);
		for (const documented of bodiesOf(placed)) {
			t.deepEqual(Object.keys(documented.properties ?? {}), Object.keys(asked.properties ?? {}), says);
			t.deepEqual([...(documented.required ?? [])].sort(), [...(asked.required ?? [])].sort(), `${says}: needs`);
		}
	}
});

/*
 * Request bodies: the JSON Schema that zod makes of what a client may send (`io: 'input'`), word for word. Three kinds of
 * text are judged by code (`transform`), of which zod can tell no more than that it is a string: where the document
 * refers to one of them, only that is compared, and the code is tried with texts further down. Defaults are told in the
 * document's words: client generators take a property with a `default` for one that must be there.
 */

const judgedByCode = {
	IdentityName: kuraBodies.identityName,
	Password: kuraBodies.password,
	Permission: kuraBodies.permission,
	ApiTokenName: kuraBodies.apiTokenName,
	ApiTokenNetwork: kuraBodies.apiTokenNetwork,
	ApiTokenPath: kuraBodies.apiTokenPath,
	AuthenticatorName: kuraBodies.authenticatorName,
} as const;

const ofCode = Object.entries({ ...kuraBodies, passkeyLogin, passkeyRegistration }).flatMap(([name, schema]) =>
	schema instanceof z.ZodObject ? [{ name: name.replace(/^./, (first) => first.toUpperCase()), schema }] : [],
);

for (const { name, schema } of ofCode) {
	test(`${name}: the document asks for what the code asks for`, (t) => {
		const { $schema: _, ...asCode } = z.toJSONSchema(schema, { io: 'input' });
		const documented = schemas[name];
		t.truthy(documented, 'stands under components.schemas');
		t.deepEqual(bare(documented ?? {}), withoutDefaults(asCode));
		for (const [property, { default: ofProperty }] of Object.entries(asCode.properties ?? {}) as [string, Schema][]) {
			const { description } = documented?.properties?.[property] ?? {};
			if (ofProperty !== undefined)
				t.true(description?.includes(`Absent: \`${JSON.stringify(ofProperty)}\``), property);
		}
	});
}

/** What a schema demands, without its words and without what code judges. */
function bare(given: MaybeReference<Schema>): Record<string, unknown> {
	if (isReference(given) && nameOf(given) in judgedByCode) return { type: 'string' };
	const { description: _, examples: __, properties, items, ...demands } = resolve(contract, given);
	return {
		...demands,
		...(items && { items: bare(items) }),
		...(properties && { properties: mapValues(properties, bare) }),
	};
}

function withoutDefaults({ default: _, ...schema }: Record<string, unknown>): Record<string, unknown> {
	const { properties } = schema;
	return properties === undefined
		? schema
		: { ...schema, properties: mapValues(properties as Record<string, Record<string, unknown>>, withoutDefaults) };
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> {
	return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

test('every body that Session V1 and what stands beside it take is compared with the code', (t) => {
	const taken = operations.flatMap(({ path, operation }) => {
		const isOurs = path.startsWith(base) || path.startsWith('/services/auth/v1/');
		const schema = isOurs && operation.requestBody?.content['application/json']?.schema;
		return schema ? [isReference(schema) ? nameOf(schema) : operation.operationId] : [];
	});
	t.deepEqual([...new Set(taken)].sort(), ofCode.map(({ name }) => name).sort());
});

const texts: Readonly<Record<keyof typeof judgedByCode, { good: readonly string[]; bad: readonly string[] }>> = {
	IdentityName: { good: ['a', 'José', 'x'.repeat(256), 'a:b', '名前'], bad: ['', 'x'.repeat(257)] },
	Password: { good: [' x ', 'x'.repeat(1024), 'ñ'.repeat(512)], bad: ['', ' ', '\t\n\u00a0\u3000', 'x'.repeat(1025)] },
	Permission: {
		good: ['a', 'rest.assets', '*', 'a.*', 'x'.repeat(128)],
		bad: ['', 'a b', '.a', 'a..b', 'é', 'x'.repeat(129)],
	},
	ApiTokenName: { good: ['a', 'nightly build', 'é'.repeat(100)], bad: ['', 'x'.repeat(101), ' a', 'a '] },
	AuthenticatorName: { good: ['a', 'My phone', 'é'.repeat(64)], bad: ['', 'x'.repeat(65), ' a', 'a ', '\u00a0a'] },
	ApiTokenNetwork: {
		good: ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '::1'],
		bad: ['', 'x', '10.0.0.0/33', '10.0.0.0/8 ', '10.0.0', 'localhost'],
	},
	ApiTokenPath: {
		good: ['/a', '/services/assets', '/a.b/c', '/A_b-c~d'],
		bad: ['', '/', 'a', '/a/', '//a', '/a//b', '/..', '/a/../b', '/a/.', '/a.', '/.a', '/a%20b', '/ä', '/a?b', '/a;b'],
	},
};

for (const [name, { good, bad }] of Object.entries(texts)) {
	test(`${name}: the document lets pass what the code lets pass, and refuses nothing else`, (t) => {
		const code = judgedByCode[name as keyof typeof judgedByCode];
		const documented = schemas[name] ?? {};
		for (const text of [...good, ...((documented.examples ?? []) as string[])]) {
			t.true(code.safeParse(text).success, text);
			t.is(flawOf(documented, text), undefined, text);
		}
		for (const text of bad) {
			t.false(code.safeParse(text).success, text);
			t.truthy(flawOf(documented, text), text);
		}
	});
}

test('every example is what its schema says', (t) => {
	for (const [name, schema] of Object.entries(schemas)) {
		for (const example of schema.examples ?? []) t.is(flawOf(schema, example), undefined, name);
	}
});

/*
 * Answers. The browser of the specs, and what asks over TLS, hold each of them against the document.
 */

test('every operation that is not of another dialect says yes as the document has it', async (t) => {
	const service = await startSecureService({ banner: 'Authorised persons only' });
	t.teardown(() => service.close());
	const password = 'a long and honest password';
	const admin = createClient(service);
	const said = new Set<string>();
	async function says(operationId: string, act: Promise<{ status: number }>) {
		const { status } = await act;
		const { responses } = operations.find(({ operation }) => operation.operationId === operationId)?.operation ?? {};
		t.true(status < 400 && responses !== undefined && status in responses, `${operationId}: ${status}`);
		said.add(operationId);
	}
	await says('getSetup', admin.get(`${base}/setup`));
	await says('getPasswordPolicy', admin.get(`${base}/passwordPolicy`));
	const token = await service.service.core.identities.setupToken();
	await says('setUp', admin.post(`${base}/setup`, { password, token }));
	await says('getAuthenticationInfo', admin.get(`${base}/authenticationInfo`));
	await says('loginWithPassword', admin.login('admin', password));
	await says('getXsrfToken', admin.get(`${base}/xsrfToken`));
	await says('getCurrentIdentity', admin.me());
	await says('getCurrentSession', admin.get(`${base}/currentSession`));
	await says('proveAgain', admin.post(`${base}/proof`, { password }));
	await admin.fetchXsrfToken();
	await says('continueTo', admin.post(`${base}/continue`, { url: `${service.url}/docs` }));
	await says('listApplications', admin.get(`${base}/applications`));
	const [parent] = await service.service.core.sessions.list(undefined, 1);
	const nonce = newBrowserNonce();
	const browser = nonceDigestOf(nonce);
	const to = { host: '127.0.0.1' as HostName, browser, url: `${service.url}/docs` };
	const ticket = unwrap(await service.service.core.sessions.handover.issue(parent as Session, to));
	const Cookie = `latchkey-enter-${browser.slice(0, 8)}=${nonce}`;
	const enter = `/services/auth/v1/enter?ticket=${ticket}`;
	await says('enterHost', createClient(service).get(enter, { Cookie }));
	await says('addIdentity', admin.post(`${base}/identities`, { name: 'ada', permissions: ['rest.assets'] }));
	await says('listIdentities', admin.get(`${base}/identities`));
	await says('listPermissions', admin.get(`${base}/permissions`));
	await says('getIdentity', admin.get(`${base}/identities/ada`));
	await says('changeIdentity', admin.send(`${base}/identities/ada`, { method: 'PATCH', json: { permissions: [] } }));
	await says(
		'setIdentityPassword',
		admin.send(`${base}/identities/ada/password`, { method: 'PUT', json: { password } }),
	);
	await says('renameIdentity', admin.send(`${base}/identities/ada/name`, { method: 'PUT', json: { name: 'ada' } }));
	await says('changeIdentities', admin.post(`${base}/changeIdentities`, { act: 'enable', names: ['ada'] }));
	await says('listHistory', admin.get(`${base}/history`));
	await says('listHistoryOf', admin.get(`${base}/identities/ada/history?limit=5`));
	await says('listAudit', admin.get(`${base}/audit?limit=5`));
	await says('exportAudit', admin.get(`${base}/audit/export?format=csv`));
	await says('inviteIdentity', admin.post(`${base}/identities/ada/invitation`, {}));
	const ada = (await service.service.core.identities.findByName('ada' as IdentityName)) as Identity;
	const invited = unwrap(
		await service.service.core.invitations.make(ada, { expiresInMs: 60_000 }, { actor: 'operator' }),
	);
	const guest = createClient(service);
	await says('getInvitation', guest.post(`${base}/invitation`, { code: invited.code }));
	const chosen = { code: invited.code, password: 'seven green frogs' };
	await says('acceptInvitation', guest.post(`${base}/invitation/acceptance`, chosen));
	const as = await service.certificateOf('ada');
	await says('loginWithCertificate', service.ask('POST', `${base}/login/certificate`, { as }));
	await says('listSessions', admin.get(`${base}/sessions?all=true`));
	const { sessions } = (await admin.get(`${base}/sessions?identity=ada`)).body as { sessions: { id: string }[] };
	await says('endSession', admin.send(`${base}/sessions/${sessions[0]?.id}`, { method: 'DELETE' }));
	await says('endSessions', admin.send(`${base}/sessions`, { method: 'DELETE' }));
	await says('verifyAccess', admin.get('/services/auth/v1/verify?permission=rest.assets'));
	for (const [whose, path] of [
		['Identity', `${base}/identities/ada/tokens`],
		['Own', `${base}/tokens`],
	]) {
		const { body } = await admin.post(`${path}`, { name: 'first' });
		await says(`add${whose}Token`, admin.post(`${path}`, { name: 'CI', networks: ['10.0.0.0/8'], paths: ['/a'] }));
		await says(`list${whose}Tokens`, admin.get(`${path}`));
		await says(`end${whose}Token`, admin.send(`${path}/${(body as { id: string }).id}`, { method: 'DELETE' }));
		await says(`end${whose}Tokens`, admin.send(`${path}`, { method: 'DELETE' }));
	}
	await says('removeIdentity', admin.send(`${base}/identities/ada`, { method: 'DELETE' }));
	await says('getLiveness', admin.get('/health/live'));
	await says('getReadiness', admin.get('/health/ready'));
	await says('getOpenApi', admin.get('/openapi.yaml'));
	await says('findPasswordChange', admin.get('/.well-known/change-password'));
	await says('getOpenApiJson', admin.get('/openapi.json'));
	await says('getDocs', admin.get('/docs'));
	await says('changePassword', admin.changePassword(password, `${password}, and a longer one`));
	await admin.login('admin', `${password}, and a longer one`);
	await says('logout', admin.logout());

	const own = new Set([
		'Session V1',
		'Setup',
		'Sessions',
		'Identities',
		'Audit',
		'API tokens',
		'Forward-auth',
		'Service',
	]);
	// Answers as verifyAccess, to requests of a trusted proxy: `spec/gateway/ext-authz.spec.ts`.
	const elsewhere = 'verifyAccessForEnvoy';
	const all = operations
		.filter(({ operation }) => operation.tags.some((tag) => own.has(tag)))
		.filter(({ operation }) => operation.operationId !== elsewhere);
	t.deepEqual([...said].sort(), all.map(({ operation }) => operation.operationId).sort());
});

const json = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
const refused = { ...json, 'X-Request-Id': 'x' };
const token = `${base}/xsrfToken`;

const answers: readonly {
	readonly says: string;
	readonly to: string;
	readonly status: number;
	readonly headers: Record<string, string>;
	readonly body: unknown;
	readonly flaw?: RegExp;
}[] = [
	{ says: 'what stands there', to: `GET ${token}`, status: 200, headers: json, body: { xsrfToken: 'x' } },
	{
		says: 'a refusal',
		to: `GET ${token}`,
		status: 401,
		headers: refused,
		body: { message: 'no', code: 'session-missing' },
	},
	{
		says: 'another status',
		to: `GET ${token}`,
		status: 402,
		headers: refused,
		body: { message: 'no', code: 'session-missing' },
		flaw: /402/,
	},
	{
		says: 'a property more',
		to: `GET ${token}`,
		status: 200,
		headers: json,
		body: { xsrfToken: 'x', more: 1 },
		flaw: /additional/,
	},
	{ says: 'a property less', to: `GET ${token}`, status: 200, headers: json, body: {}, flaw: /xsrfToken/ },
	{ says: 'another type', to: `GET ${token}`, status: 200, headers: json, body: { xsrfToken: 1 }, flaw: /string/ },
	{
		says: 'another content type',
		to: `GET ${token}`,
		status: 200,
		headers: { ...json, 'Content-Type': 'text/plain' },
		body: 'x',
		flaw: /text\/plain/,
	},
	{
		says: 'no content type',
		to: `GET ${token}`,
		status: 200,
		headers: { 'Cache-Control': 'no-store' },
		body: '',
		flaw: /content type/,
	},
	{
		says: 'a header less',
		to: `GET ${token}`,
		status: 401,
		headers: json,
		body: { message: 'no', code: 'session-missing' },
		flaw: /X-Request-Id/,
	},
	{
		says: 'a header of another kind',
		to: `POST ${base}/login/password`,
		status: 429,
		headers: { ...refused, 'Retry-After': 'soon' },
		body: { message: 'no', code: 'session-missing' },
		flaw: /Retry-After/,
	},
	{
		says: 'a body where there is none',
		to: `POST ${base}/logout`,
		status: 204,
		headers: { ...json, 'Set-Cookie': 'x' },
		body: {},
		flaw: /content type/,
	},
	{
		says: 'a nested flaw',
		to: `GET ${base}/sessions`,
		status: 200,
		headers: json,
		body: { sessions: [{ id: 'x' }] },
		flaw: /sessions\/0/,
	},
	{
		says: 'a method that is refused',
		to: `GET ${base}/logout`,
		status: 405,
		headers: { ...refused, Allow: 'POST' },
		body: { message: 'no', code: 'session-missing' },
	},
	{ says: 'a method that is not', to: `GET ${base}/logout`, status: 200, headers: json, body: {}, flaw: /method/ },
	{
		says: 'any method where every one is answered',
		to: 'PUT /services/auth/v1/verify',
		status: 403,
		headers: refused,
		body: { message: 'no', code: 'session-missing' },
	},
	{
		says: 'a path that is not there',
		to: `GET ${base}/nothing`,
		status: 404,
		headers: refused,
		body: { message: 'no', code: 'session-missing' },
	},
	{
		says: 'a path that is, and should not be',
		to: `GET ${base}/nothing`,
		status: 200,
		headers: json,
		body: {},
		flaw: /path/,
	},
	{ says: 'what stands behind the service', to: 'GET /anything', status: 200, headers: {}, body: 'x' },
];

for (const { says, to, status, headers, body, flaw } of answers) {
	test(`held against the document: ${says} ${flaw ? 'is found' : 'passes'}`, (t) => {
		const [method = '', target = ''] = to.split(' ');
		const judge = () => assertAnswers(method, target, status, new Headers(headers), body);
		if (flaw) t.throws(judge, { message: flaw });
		else t.notThrows(judge);
	});
}
