import { readFile } from 'node:fs/promises';
import test from 'ava';
import { parse } from 'yaml';
import { forwardAuthPath } from '../../src/gateway/forward-auth.ts';
import { createClient } from '../_support/client.ts';
import { startService, type TestService } from '../_support/service.ts';
import { blocksOf } from '../_support/walk.ts';

/*
 * The configuration of docs/traefik.md, which is not run (Debian has no Traefik): read, and played as Traefik's middlewares do it. An
 * empty value removes a header, by exactly that name. Source: Traefik, Headers and ForwardAuth.
 */

interface Middleware {
	readonly forwardAuth?: {
		readonly address: string;
		readonly trustForwardHeader?: boolean;
		readonly authResponseHeaders: readonly string[];
	};
	readonly headers?: {
		readonly customRequestHeaders?: Readonly<Record<string, string>>;
		readonly customResponseHeaders?: Readonly<Record<string, string>>;
	};
}

interface Traefik {
	readonly http: {
		readonly routers: Readonly<Record<string, { readonly rule: string; readonly middlewares: readonly string[] }>>;
		readonly middlewares: Readonly<Record<string, Middleware>>;
	};
}

const password = 'a long enough secret';
const page = await readFile(new URL('../../docs/traefik.md', import.meta.url), 'utf8');
const [traefik, latchkey] = blocksOf(page)
	.filter(({ language }) => language === 'yaml')
	.map(({ lines }) => parse(lines.join('\n'))) as [Traefik, { readonly resources: readonly object[] }];
const { routers, middlewares } = traefik.http;

let service: TestService;
test.before(async () => {
	const resources = [...latchkey.resources, { path: '/public', access: 'public' }];
	service = await startService({ ...latchkey, auth: { basic: true }, resources, http: {} });
	await service.add('ada', password, { permissions: ['rest.assets'] });
});
test.after.always(() => service?.close());

/** What arrives at the application of headers that a client sent with GET, by the middlewares of its router in their order. */
async function arriving(
	path: string,
	sent: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
	const headers = new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]));
	for (const name of routers.application?.middlewares ?? []) {
		const { forwardAuth, headers: changed } = middlewares[name] ?? {};
		for (const [header, value] of Object.entries(changed?.customRequestHeaders ?? {})) {
			if (value === '') headers.delete(header.toLowerCase());
			else headers.set(header.toLowerCase(), value);
		}
		if (forwardAuth === undefined) continue;
		const { pathname, search } = new URL(forwardAuth.address);
		const about = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': path, 'X-Forwarded-Host': 'example.org' };
		const asked = { ...Object.fromEntries(headers), ...about };
		const answer = await createClient(service).get(pathname + search, asked);
		if (answer.status !== 200) throw new Error(`refused: ${answer.status}`);
		for (const header of forwardAuth.authResponseHeaders) {
			const value = answer.headers[header.toLowerCase()];
			headers.delete(header.toLowerCase());
			if (value !== undefined) headers.set(header.toLowerCase(), String(value));
		}
	}
	return Object.fromEntries(headers);
}

/** Headers that say who somebody is, in the spellings with one sign; Latchkey names them for Envoy, which takes them off by itself. */
async function believed(): Promise<string[]> {
	const { headers } = await createClient(service).get('/services/auth/v1/ext-authz/public');
	const names = String(headers['x-envoy-auth-headers-to-remove']).split(', ');
	return names.filter((name) => /^(remote|client)/.test(name) && new Set(name.match(/[-_.]/g)).size === 1);
}

const basic = { Authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}` };

test('the configuration asks Latchkey, and lets nobody else say whom it asks for', (t) => {
	const { address, trustForwardHeader = false } = middlewares.latchkey?.forwardAuth ?? { address: '' };
	t.is(new URL(address).pathname + new URL(address).search, `${forwardAuthPath}?answer=302`);
	t.false(trustForwardHeader);
	for (const {
		middlewares: [first],
	} of Object.values(routers))
		t.is(first, 'not-from-outside');
	t.true(routers.application?.middlewares.includes('latchkey'));
});

test('nobody says who it is but Latchkey, in no spelling, also where nobody is asked', async (t) => {
	const names = await believed();
	for (const name of ['remote-user', 'remote_user', 'remote.user', 'remote_proved_at', 'client_cert'])
		t.true(names.includes(name), name);
	const sent = { ...Object.fromEntries(names.map((name) => [name, 'admin'])), 'X-Other': 'y' };
	for (const [path, who] of [
		['/assets/1', 'ada'],
		['/public', ''],
	] as const) {
		const got = await arriving(path, { ...sent, ...basic });
		t.is(got['remote-user'], who, path);
		t.is(got['x-other'], 'y');
		t.deepEqual(
			Object.entries(got).filter(([, value]) => value === 'admin' || value === basic.Authorization),
			[],
			path,
		);
	}
});
