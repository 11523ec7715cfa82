import { createClient } from './api/client/index.ts';
import { client } from './api/client.gen.ts';
import {
	addOwnToken,
	deleteIdentityV2Identities,
	endOwnToken,
	getCurrentIdentity,
	getIdentityV2DefinedPermissions,
	getIdentityV2Identities,
	getXsrfToken,
	listOwnTokens,
	loginWithPassword,
	postIdentityV2Identities,
	postIdentityV2IdentitiesByName,
	postIdentityV2IdentitiesValidate,
	putIdentityV2Identities,
} from './api/index.ts';
import { type Given, meter, nightly, ownPassword, type Tell, username } from './given.ts';

/** @hey-api/openapi-ts: API tokens, which `auth` is asked for by their scheme, and Kura's identities. */
export async function machines({ baseUrl, fetch, resource }: Given, tell: Tell): Promise<void> {
	let xsrfToken = '';
	client.setConfig({ baseUrl, fetch, auth: ({ name }) => (name === 'X-XSRF-Token' ? xsrfToken : undefined) });
	const login = await loginWithPassword({ body: { username, password: ownPassword } });
	tell('login', login.response?.status);
	xsrfToken = (await getXsrfToken()).data?.xsrfToken ?? '';

	const made = await addOwnToken({ body: nightly });
	const token = made.data?.token ?? '';
	tell('make a token', made.response?.status, token.startsWith('lk_'));
	const tooMuch = await addOwnToken({ body: { ...nightly, permissions: ['kura.admin'] } });
	tell('make one that opens more', tooMuch.response?.status, tooMuch.error?.code);

	/** No cookie and no XSRF token. */
	const machine = createClient({ baseUrl, auth: ({ scheme }) => (scheme === 'bearer' ? token : undefined) });
	async function whoAmI(): Promise<void> {
		const { data, error, response } = await getCurrentIdentity({ client: machine });
		tell('identity by token', response?.status, data ? `${data.name}: ${data.permissions.join()}` : error?.code);
	}
	await whoAmI();
	const treasure = await globalThis.fetch(baseUrl + resource, { headers: { Authorization: `Bearer ${token}` } });
	tell('resource by token', treasure.status, await treasure.text());
	const headers = { Authorization: `Bearer ${token}` };
	tell('make a token by token', (await addOwnToken({ client: machine, headers, body: nightly })).response?.status);
	const own = await listOwnTokens();
	const [first] = own.data?.tokens ?? [];
	tell('list', own.response?.status, `${own.data?.tokens.length} ${first?.name}: ${first?.permissions.join()}`);
	const path = { id: first?.id ?? '' };
	tell('end', (await endOwnToken({ path })).response?.status);
	const again = await endOwnToken({ path });
	tell('end it again', again.response?.status, again.error?.code);
	await whoAmI();

	tell('make an identity', (await postIdentityV2Identities({ body: meter.identity })).response?.status);
	const taken = await postIdentityV2Identities({ body: meter.identity });
	tell('make it again', taken.response?.status, taken.error?.code);
	tell('change', (await putIdentityV2Identities({ body: meter })).response?.status);
	const weak = { ...meter, passwordConfiguration: { passwordAuthEnabled: true, password: 'short' } };
	const judged = await postIdentityV2IdentitiesValidate({ body: weak });
	tell('would a weak password do', judged.response?.status, judged.error?.code);
	async function find(): Promise<void> {
		const { data, error, response } = await postIdentityV2IdentitiesByName({ body: { identity: meter.identity } });
		const said = data?.permissionConfiguration?.permissions.map(({ name }) => name).join();
		tell('find', response?.status, data ? `${data.passwordConfiguration?.passwordAuthEnabled} ${said}` : error?.code);
	}
	await find();
	const all = await getIdentityV2Identities();
	tell('list identities', all.response?.status, all.data?.map(({ identity }) => identity?.name).join());
	const defined = await getIdentityV2DefinedPermissions();
	tell(
		'defined',
		defined.response?.status,
		defined.data?.some(({ name }) => name === 'rest.assets'),
	);
	tell('remove', (await deleteIdentityV2Identities({ body: meter.identity })).response?.status);
	await find();
}

/** What the types must refuse. */
export function wrong(): void {
	// @ts-expect-error: a token has a name.
	void addOwnToken({ body: { permissions: [] } });
	// @ts-expect-error: whether it has a password is yes or no.
	void putIdentityV2Identities({ body: { ...meter, passwordConfiguration: { passwordAuthEnabled: 'no' } } });
}
