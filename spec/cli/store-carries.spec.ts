import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import type { Stores } from '../../src/app/store-types.ts';
import { patiently } from '../../src/cli/patience.ts';
import { withStores } from '../../src/cli/settings.ts';
import { readConfig } from '../../src/config/read.ts';
import type { ApiToken } from '../../src/core/api-token.ts';
import type { KeptFactors, RecoveryBatch, RecoveryCodeVerifier } from '../../src/core/authenticator.ts';
import type { Instant } from '../../src/core/clock.ts';
import type { Identity, Permission } from '../../src/core/identity.ts';
import type { Invitation } from '../../src/core/invitation.ts';
import { newCredentialStamp } from '../../src/core/token.ts';
import { stepAt } from '../../src/core/totp.ts';
import { openWorkplace, type Workplace } from '../_support/command-line.ts';
import { newSharedSettings } from '../_support/servers.ts';
import { noSharedStores } from '../_support/shared-stores.ts';
import { newToken } from '../store/api-token-store.contract.ts';
import { newPasskey, newTotp } from '../store/authenticator-store.contract.ts';
import { newIdentity } from '../store/identity-store.contract.ts';
import { newInvitation } from '../store/invitation-store.contract.ts';
import { newFamily } from '../store/refresh-token-store.contract.ts';

/* What `store move`, `store backup` and `store restore` take along of everything that an identity has, and what they do not. */

interface Store {
	readonly identities: string;
	readonly sessions: string;
}

const made = 'site.north' as Permission;
const codes = ['used', 'good', 'better'] as RecoveryCodeVerifier[];
const farOff = 4_000_000_000_000 as Instant;

/** Waits until the stores are there, before `act` begins. */
async function using<T>(store: Store, act: (stores: Stores) => Promise<T>): Promise<T> {
	const config = readConfig({ settings: { store }, env: {} });
	await patiently(() => withStores(config, ({ identities }) => identities.list()));
	return withStores(config, act);
}

interface Filled {
	readonly ada: Identity;
	readonly token: ApiToken;
	readonly invitation: Invitation;
}

/** One of everything. */
function fill(store: Store): Promise<Filled> {
	return using(store, async ({ identities, apiTokens, invitations, sessions }) => {
		const ada = newIdentity({ name: 'ada' });
		await identities.insertFirst(ada);
		await identities.permissions.make(made);
		for (const factor of [newTotp(ada), newPasskey(ada)]) await identities.authenticators.insert(factor, 20);
		await identities.authenticators.putRecoveryCodes(ada.id, 'batch' as RecoveryBatch, codes, ada.credentialStamp);
		await identities.authenticators.takeRecoveryCode(ada.id, codes[0] as RecoveryCodeVerifier, 5 as Instant);
		const token = newToken({ identityId: ada.id, expiresAt: farOff });
		await apiTokens.insert(token, 10);
		const invitation = newInvitation({ identityId: ada.id, credentialStamp: ada.credentialStamp, expiresAt: farOff });
		await invitations.put(invitation);
		await sessions.refreshTokens.insert(newFamily({ identityId: ada.id, expiresAt: farOff }), 10);
		return { ada, token, invitation };
	});
}

const factorsIn = (store: Store, { id }: Identity) =>
	using(store, ({ identities }) => identities.authenticators.read(id));

/** An app's codes until that moment, and all on paper. */
function isUsedUp(t: ExecutionContext, { authenticators, recoveryCodes }: KeptFactors, from: Instant) {
	const [totp] = authenticators;
	t.true(totp?.kind === 'totp' && totp.lastStep > stepAt(from));
	t.deepEqual(
		recoveryCodes.map(({ verifier, usedAt = 0 }) => [verifier, verifier === 'used' ? usedAt : usedAt >= from]).sort(),
		codes.map((verifier) => [verifier, verifier === 'used' ? 5 : true]).sort(),
	);
}

async function workplace(t: ExecutionContext) {
	const place = await openWorkplace();
	t.teardown(() => place.remove());
	const done = async (...args: string[]) => {
		const { status, stderr } = await place.run(args);
		t.is(status, 0, `${args.join(' ')}: ${stderr}`);
		return stderr;
	};
	return { ...place, done };
}

const inFile = ({ folder }: Workplace, name: string): Store => {
	const address = `sqlite:${join(folder, name)}`;
	return { identities: address, sessions: address };
};
const fromTo = (from: Store, to: Store) =>
	[...['--from', from.identities, '--from', from.sessions], ...['--to', to.identities, '--to', to.sessions]] as const;

type OpenPlace = (place: Workplace) => Promise<Store>;
const places: [string, OpenPlace][] = [['SQLite', async (place) => inFile(place, 'here.db')]];
if (noSharedStores === undefined) {
	let newSettings: Awaited<ReturnType<typeof newSharedSettings>>;
	test.before(async () => {
		newSettings = await newSharedSettings();
	});
	places.push(['Redis and PostgreSQL', () => newSettings()]);
} else {
	test.skip(`what stores on other machines carry: ${noSharedStores}`, () => undefined);
}

for (const [name, open] of places) {
	test.serial(`${name}: a move takes everything along but refresh tokens, there and back`, async (t) => {
		const place = await workplace(t);
		const [file, there, back] = [inFile(place, 'old.db'), await open(place), inFile(place, 'back.db')];
		const { ada, token, invitation } = await fill(file);
		const factors = await factorsIn(file, ada);
		t.is(factors.authenticators.length, 2);
		for (const [from, to] of [
			[file, there],
			[there, back],
		] as const) {
			t.regex(await place.done('store', 'move', ...fromTo(from, to)), /^second factors of 1 identity moved$/m);
			t.deepEqual(await factorsIn(to, ada), factors);
			await using(to, async ({ identities, apiTokens, invitations }) => {
				t.deepEqual(await identities.list(), [ada]);
				t.deepEqual((await identities.permissions.find()).made, [made]);
				t.deepEqual(await apiTokens.find(token.key), token);
				t.deepEqual(await invitations.list(), [invitation]);
			});
		}
		const db = new DatabaseSync(join(place.folder, 'back.db'), { readOnly: true });
		t.is(db.prepare('SELECT count(*) AS n FROM token_family').get()?.n, 0);
		db.close();
	});

	test.serial(`${name}: what was used up while a move was interrupted is used up there`, async (t) => {
		const place = await workplace(t);
		const [file, there] = [inFile(place, 'old.db'), await open(place)];
		const { ada } = await fill(file);
		await place.done('store', 'move', ...fromTo(file, there));
		// As it stands when a move is killed before its end.
		for (const store of [file, there]) await using(store, ({ notes }) => notes.put('moved', undefined));
		await using(there, async ({ notes }) => {
			await notes.put('arrived', undefined);
			await notes.put('arriving', '2026-01-01');
		});
		const before = await factorsIn(there, ada);
		await using(file, async ({ identities: { authenticators } }) => {
			const [totp] = await authenticators.list(ada.id);
			t.true(await authenticators.takeStep(totp?.id as never, 99_999_999 as never, 6 as Instant));
			t.is(await authenticators.takeRecoveryCode(ada.id, codes[1] as RecoveryCodeVerifier, 6 as Instant), 1);
		});
		await place.done('store', 'move', ...fromTo(file, there));
		t.notDeepEqual(await factorsIn(there, ada), before);
		t.deepEqual(await factorsIn(there, ada), await factorsIn(file, ada));
	});

	test.serial(`${name}: a second factor that was removed there does not come back with a move`, async (t) => {
		const place = await workplace(t);
		const [file, there] = [inFile(place, 'old.db'), await open(place)];
		const { ada } = await fill(file);
		await place.done('store', 'move', ...fromTo(file, there));
		await using(file, ({ notes }) => notes.put('moved', undefined));
		const change = { from: ada.credentialStamp, to: newCredentialStamp() };
		await using(there, ({ identities }) => identities.authenticators.clear(ada.id, change));
		const again = await place.run(['store', 'move', ...fromTo(file, there), '--again']);
		t.is(again.status, 1);
		t.regex(again.stderr, /stay so: ada$/m);
		t.deepEqual(await factorsIn(there, ada), { authenticators: [], recoveryCodes: [] });
	});

	test.serial(
		`${name}: a store that was moved and is reopened opens with nothing that may have been used since`,
		async (t) => {
			const place = await workplace(t);
			const [store, there] = [await open(place), inFile(place, 'new.db')];
			await place.configure({ store });
			const { ada } = await fill(store);
			await place.done('store', 'move', ...fromTo(store, there));
			const from = Date.now() as Instant;
			const said = await place.done('store', 'reopen', '--yes');
			t.regex(said, /^void from now on: 2 recovery codes, since some may have been used elsewhere$/m);
			isUsedUp(t, await factorsIn(store, ada), from);
		},
	);

	test.serial(
		`${name}: a backup brings identities, factors and permissions back, and nothing that was used up`,
		async (t) => {
			const place = await workplace(t);
			const store = await open(place);
			await place.configure({ store });
			const { ada, token } = await fill(store);
			const before = await factorsIn(store, ada);
			await place.done('store', 'backup', 'night.backup');
			const db = new DatabaseSync(join(place.folder, 'night.backup'), { readOnly: true });
			for (const table of ['api_token', 'invitation', 'token_family', 'session']) {
				t.is(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n, 0, table);
			}
			db.close();
			await using(store, async ({ identities }) => {
				await identities.remove(ada.id);
				await identities.permissions.remove(made);
				await identities.permissions.make('site.south' as Permission);
				await identities.insert(newIdentity({ name: 'eve' }));
			});

			const from = Date.now() as Instant;
			const said = await place.done('store', 'restore', 'night.backup', '--yes');
			t.regex(said, /^void from now on: 2 recovery codes, /m);
			await using(store, async ({ identities, apiTokens, invitations }) => {
				const [restored, ...others] = await identities.list();
				t.deepEqual(others, []);
				t.deepEqual({ ...restored, credentialStamp: ada.credentialStamp }, ada);
				t.not(restored?.credentialStamp, ada.credentialStamp);
				t.deepEqual((await identities.permissions.find()).made, [made]);
				t.deepEqual(await apiTokens.find(token.key), token, 'those that are there stay');
				t.deepEqual(await invitations.list(), []);
			});
			const after = await factorsIn(store, ada);
			const [totp, passkey] = after.authenticators;
			t.deepEqual(passkey, before.authenticators[1]);
			t.deepEqual({ ...totp, lastStep: 0 }, { ...before.authenticators[0], lastStep: 0 } as never);
			isUsedUp(t, after, from);
			t.is((await place.run(['store', 'restore', 'night.backup', '--yes'])).status, 0, 'and so once more');
		},
	);
}

test.serial('a copy of the database that is put back by hand brings back nothing that was used up', async (t) => {
	const place = await workplace(t);
	const store = inFile(place, 'here.db');
	const { ada } = await fill(store);
	const [database, copy] = ['here.db', 'copy.db'].map((name) => join(place.folder, name)) as [string, string];
	const db = new DatabaseSync(database, { readOnly: true });
	db.prepare('VACUUM INTO ?').run(copy);
	db.close();
	await using(store, ({ identities }) =>
		identities.authenticators.takeRecoveryCode(ada.id, codes[1] as RecoveryCodeVerifier, 6 as Instant),
	);
	for (const companion of ['-wal', '-shm']) rmSync(`${database}${companion}`, { force: true });
	renameSync(copy, database);
	const from = Date.now() as Instant;
	isUsedUp(t, await factorsIn(store, ada), from);
});
