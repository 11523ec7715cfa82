import createClient from 'openapi-fetch';
import type { paths } from './api.ts';
import { type Given, meter, nightly, ownPassword, type Tell, username } from './given.ts';

const v2 = '/services/identity/v2';
const tokens = '/services/session/v1/tokens';

/** openapi-typescript with openapi-fetch: API tokens by a client of their own, and Kura's identities. */
export async function machines({ baseUrl, fetch, resource }: Given, tell: Tell): Promise<void> {
	const latchkey = createClient<paths>({ baseUrl, fetch });
	const login = await latchkey.POST('/services/session/v1/login/password', {
		body: { username, password: ownPassword },
	});
	tell('login', login.response.status);
	const xsrfToken = (await latchkey.GET('/services/session/v1/xsrfToken')).data?.xsrfToken ?? '';
	latchkey.use({ onRequest: ({ request }) => request.headers.set('X-XSRF-Token', xsrfToken) });

	const made = await latchkey.POST(tokens, { body: nightly });
	const token = made.data?.token ?? '';
	tell('make a token', made.response.status, token.startsWith('lk_'));
	const tooMuch = await latchkey.POST(tokens, { body: { ...nightly, permissions: ['kura.admin'] } });
	tell('make one that opens more', tooMuch.response.status, tooMuch.error?.code);

	/** No cookie and no XSRF token. */
	const machine = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
	async function whoAmI(): Promise<void> {
		const { data, error, response } = await machine.GET('/services/session/v1/currentIdentity');
		tell('identity by token', response.status, data ? `${data.name}: ${data.permissions.join()}` : error.code);
	}
	await whoAmI();
	const treasure = await globalThis.fetch(baseUrl + resource, { headers: { Authorization: `Bearer ${token}` } });
	tell('resource by token', treasure.status, await treasure.text());
	tell('make a token by token', (await machine.POST(tokens, { body: nightly })).response.status);
	const own = await latchkey.GET(tokens);
	const [first] = own.data?.tokens ?? [];
	tell('list', own.response.status, `${own.data?.tokens.length} ${first?.name}: ${first?.permissions.join()}`);
	const params = { path: { id: first?.id ?? '' } };
	tell('end', (await latchkey.DELETE(`${tokens}/{id}`, { params })).response.status);
	const again = await latchkey.DELETE(`${tokens}/{id}`, { params });
	tell('end it again', again.response.status, again.error?.code);
	await whoAmI();

	tell('make an identity', (await latchkey.POST(`${v2}/identities`, { body: meter.identity })).response.status);
	const taken = await latchkey.POST(`${v2}/identities`, { body: meter.identity });
	tell('make it again', taken.response.status, taken.error?.code);
	tell('change', (await latchkey.PUT(`${v2}/identities`, { body: meter })).response.status);
	const weak = { ...meter, passwordConfiguration: { passwordAuthEnabled: true, password: 'short' } };
	const judged = await latchkey.POST(`${v2}/identities/validate`, { body: weak });
	tell('would a weak password do', judged.response.status, judged.error?.code);
	async function find(): Promise<void> {
		const found = await latchkey.POST(`${v2}/identities/byName`, { body: { identity: meter.identity } });
		const { passwordConfiguration, permissionConfiguration } = found.data ?? {};
		const said = permissionConfiguration?.permissions.map(({ name }) => name).join();
		tell(
			'find',
			found.response.status,
			found.data ? `${passwordConfiguration?.passwordAuthEnabled} ${said}` : found.error.code,
		);
	}
	await find();
	const all = await latchkey.GET(`${v2}/identities`);
	tell('list identities', all.response.status, all.data?.map(({ identity }) => identity?.name).join());
	const defined = await latchkey.GET(`${v2}/definedPermissions`);
	tell(
		'defined',
		defined.response.status,
		defined.data?.some(({ name }) => name === 'rest.assets'),
	);
	tell('remove', (await latchkey.DELETE(`${v2}/identities`, { body: meter.identity })).response.status);
	await find();
}

/** What the types must refuse. */
export function wrong(latchkey: ReturnType<typeof createClient<paths>>): void {
	// @ts-expect-error: a token has a name.
	void latchkey.POST(tokens, { body: { permissions: [] } });
	// @ts-expect-error: whether it has a password is yes or no.
	void latchkey.PUT(`${v2}/identities`, { body: { ...meter, passwordConfiguration: { passwordAuthEnabled: 'no' } } });
}
