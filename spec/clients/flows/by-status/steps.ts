import {
	addOwnToken,
	deleteIdentityV2Identities,
	endOwnToken,
	type getCurrentIdentity,
	getIdentityV2DefinedPermissions,
	getIdentityV2Identities,
	getXsrfToken,
	listOwnTokens,
	loginWithPassword,
	postIdentityV2Identities,
	postIdentityV2IdentitiesByName,
	postIdentityV2IdentitiesValidate,
	putIdentityV2Identities,
} from './api.ts';
import { type Given, meter, nightly, ownPassword, type Tell, username } from './given.ts';

/** Calls by a token, with no cookie and no XSRF token. */
interface Machine {
	whoAmI(): ReturnType<typeof getCurrentIdentity>;
	addToken(): ReturnType<typeof addOwnToken>;
}

/** In what orval and oazapfts differ. */
export interface Ways {
	/** Goes with every request from now on. */
	useXsrfToken(token: string): void;
	machineWith(headers: { readonly Authorization: string }): Machine;
}

/** API tokens and Kura's identities, by the clients whose answers tell their type by `status`: those of orval and of oazapfts. */
export async function steps({ baseUrl, resource }: Given, tell: Tell, ways: Ways): Promise<void> {
	tell('login', (await loginWithPassword({ username, password: ownPassword })).status);
	const session = await getXsrfToken();
	ways.useXsrfToken(session.status === 200 ? session.data.xsrfToken : '');

	const made = await addOwnToken(nightly);
	const token = made.status === 201 ? made.data.token : '';
	tell('make a token', made.status, token.startsWith('lk_'));
	const tooMuch = await addOwnToken({ ...nightly, permissions: ['kura.admin'] });
	tell('make one that opens more', tooMuch.status, tooMuch.status === 201 ? undefined : tooMuch.data.code);

	const headers = { Authorization: `Bearer ${token}` };
	const machine = ways.machineWith(headers);
	async function whoAmI(): Promise<void> {
		const answer = await machine.whoAmI();
		const said = answer.status === 200 ? `${answer.data.name}: ${answer.data.permissions.join()}` : answer.data.code;
		tell('identity by token', answer.status, said);
	}
	await whoAmI();
	const treasure = await globalThis.fetch(baseUrl + resource, { headers });
	tell('resource by token', treasure.status, await treasure.text());
	tell('make a token by token', (await machine.addToken()).status);
	const own = await listOwnTokens();
	const tokens = own.status === 200 ? own.data.tokens : [];
	const [first] = tokens;
	tell('list', own.status, `${tokens.length} ${first?.name}: ${first?.permissions.join()}`);
	const id = first?.id ?? '';
	tell('end', (await endOwnToken(id)).status);
	const again = await endOwnToken(id);
	tell('end it again', again.status, again.status === 204 ? undefined : again.data.code);
	await whoAmI();

	tell('make an identity', (await postIdentityV2Identities(meter.identity)).status);
	const taken = await postIdentityV2Identities(meter.identity);
	tell('make it again', taken.status, taken.status === 200 ? undefined : taken.data.code);
	tell('change', (await putIdentityV2Identities(meter)).status);
	const weak = { ...meter, passwordConfiguration: { passwordAuthEnabled: true, password: 'short' } };
	const judged = await postIdentityV2IdentitiesValidate(weak);
	tell('would a weak password do', judged.status, judged.status === 200 ? undefined : judged.data.code);
	async function find(): Promise<void> {
		const found = await postIdentityV2IdentitiesByName({ identity: meter.identity });
		if (found.status !== 200) return tell('find', found.status, found.data.code);
		const { passwordConfiguration, permissionConfiguration } = found.data;
		const said = permissionConfiguration?.permissions.map(({ name }) => name).join();
		tell('find', found.status, `${passwordConfiguration?.passwordAuthEnabled} ${said}`);
	}
	await find();
	const all = await getIdentityV2Identities();
	const names = all.status === 200 ? all.data.map(({ identity }) => identity?.name).join() : undefined;
	tell('list identities', all.status, names);
	const defined = await getIdentityV2DefinedPermissions();
	const isDefined = defined.status === 200 && defined.data.some(({ name }) => name === 'rest.assets');
	tell('defined', defined.status, isDefined);
	tell('remove', (await deleteIdentityV2Identities(meter.identity)).status);
	await find();
}

/** What the types must refuse. */
export function wrong(): void {
	// @ts-expect-error: a token has a name.
	void addOwnToken({ permissions: [] });
	// @ts-expect-error: whether it has a password is yes or no.
	void putIdentityV2Identities({ ...meter, passwordConfiguration: { passwordAuthEnabled: 'no' } });
}
