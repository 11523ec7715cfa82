import type { ExecutionContext } from 'ava';
import type { Identity, PasswordVerifier, Permission } from '../../src/core/identity.ts';
import type { Keep } from '../../src/core/permission-store.ts';
import type { IdentityStore } from '../../src/core/stores.ts';
import { newCredentialStamp } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { newIdentity } from './identity-store.contract.ts';

const admin = 'kura.admin' as Permission;
const read = 'rest.assets' as Permission;
const made = 'site.north' as Permission;
const verifier = '$argon2id$v=19$m=19456,t=2,p=1$b3RoZXJzYWx0$b3RoZXI' as PasswordVerifier;
const known = new Set([admin, read]);
const keep: Keep = { permission: admin, byPassword: true };

const holding = (...permissions: Permission[]) => newIdentity({ permissions: new Set(permissions) });
const withPermissions = (identity: Identity, ...permissions: Permission[]): Identity => ({
	...identity,
	permissions: new Set(permissions),
});
function withoutPassword({ passwordVerifier: _, ...identity }: Identity): Identity {
	return { ...identity, credentialStamp: newCredentialStamp() };
}

/** The promises of a PermissionStore. `open`: two connections to the same identities, fresh and empty. */
export function keepsPermissions(
	test: Test,
	name: string,
	open: (t: ExecutionContext) => Promise<readonly [IdentityStore, IdentityStore]>,
) {
	function says(
		sentence: string,
		check: (t: ExecutionContext, one: IdentityStore, other: IdentityStore) => Promise<void>,
	) {
		test(`${name}: ${sentence}`, async (t) => {
			const [one, other] = await open(t);
			t.teardown(() => one.close());
			if (other !== one) t.teardown(() => other.close());
			await check(t, one, other);
		});
	}

	says('what is made and what is held is found, by name, each once', async (t, one, other) => {
		t.deepEqual(await one.permissions.find(), { made: [], held: [] });
		for (const permission of ['b.x', 'a.x', 'B.y']) {
			t.is(await one.permissions.make(permission as Permission), 'made');
		}
		await one.insert(holding(read, made));
		await one.insert(holding(read));
		const found = { made: ['B.y', 'a.x', 'b.x'], held: [read, made] };
		t.deepEqual(await other.permissions.find(), found as never);
	});

	says('of permissions that fold alike one is made, of many at once too', async (t, one, other) => {
		const names = ['Site.North', 'site.north', 'SITE.NORTH', 'site.North'] as Permission[];
		const answers = await Promise.all(names.map((each, at) => (at % 2 === 0 ? one : other).permissions.make(each)));
		t.is(answers.filter((answer) => answer === 'made').length, 1);
		t.is((await other.permissions.find()).made.length, 1);
	});

	says('one that is removed goes from everybody, and from what is kept in memory', async (t, one, other) => {
		const [ada, eve] = [holding(read, made), holding(made)];
		await one.insert(ada);
		await one.insert(eve);
		await one.permissions.make(made);
		await one.find(ada.id);
		t.is(await one.permissions.remove(made), 'done');
		t.deepEqual([...((await one.find(ada.id))?.permissions ?? [])], [read]);
		t.deepEqual([...((await one.find(eve.id))?.permissions ?? [])], []);
		t.deepEqual(await other.permissions.find(), { made: [], held: [read] });
		t.is(await one.permissions.remove(made), 'absent');
	});

	says('one that somebody protected holds stays with all', async (t, one) => {
		const [boss, eve] = [holding(admin, made), holding(made)];
		await one.insert(boss);
		await one.insert(eve);
		t.is(await one.permissions.remove(made, admin), 'protected');
		t.deepEqual((await one.permissions.find()).held, [admin, made]);
	});

	says('an identity is replaced as a whole, where it is still what it was', async (t, one, other) => {
		const ada = holding(read);
		await one.insert(ada);
		await one.insert(holding(admin));
		await one.find(ada.id);
		const to: Identity = {
			...withPermissions(ada, admin, read),
			passwordVerifier: verifier,
			passwordChangeNeeded: true,
			credentialStamp: newCredentialStamp(),
		};
		t.is(await one.permissions.replace(ada, to, known, keep), 'done');
		t.deepEqual(await one.find(ada.id), to);
		t.is(await other.permissions.replace(ada, withPermissions(ada), known, keep), 'outdated');
		t.is(await other.permissions.replace(ada, undefined, known, keep), 'outdated');
		t.deepEqual(await other.find(ada.id), to);
		const without = withoutPassword(to);
		t.is(await other.permissions.replace(to, without, known, keep), 'done');
		t.deepEqual(await other.find(ada.id), without);
		t.is(await other.permissions.replace(without, undefined, known, keep), 'done');
		t.is(await other.findByName(ada.name), undefined);
		t.is(await other.permissions.replace(without, undefined, known, keep), 'outdated');
	});

	says('nobody gains a permission that is not defined any more', async (t, one, other) => {
		const [ada, eve] = [holding(), holding(made)];
		await one.insert(ada);
		await one.insert(eve);
		const to = withPermissions(ada, read, made);
		await other.permissions.remove(made);
		t.is(await one.permissions.replace(ada, to, known, keep), 'unknown');
		t.deepEqual(await other.find(ada.id), ada);
		await other.permissions.make(made);
		t.is(await one.permissions.replace(ada, to, known, keep), 'done');
	});

	says('removed and given at once: in the end it is with nobody, or was given afterwards', async (t, one, other) => {
		for (let round = 0; round < 5; round += 1) {
			const ada = holding();
			await one.insert(ada);
			await one.permissions.make(made);
			const [given, removed] = await Promise.all([
				one.permissions.replace(ada, withPermissions(ada, made), known, keep),
				other.permissions.remove(made),
			]);
			t.is(removed, 'done');
			t.true(given === 'done' || given === 'unknown', given);
			t.deepEqual(await one.permissions.find(), { made: [], held: [] });
		}
	});

	says('the last who stays and can sign in keeps its permission, its password and itself', async (t, one) => {
		const boss = holding(admin, read);
		await one.insert(boss);
		await one.insert({ ...holding(admin), disabled: true });
		await one.insert(withoutPassword(holding(admin)));
		for (const to of [undefined, withPermissions(boss, read), withoutPassword(boss)]) {
			t.is(await one.permissions.replace(boss, to, known, keep), 'last');
		}
		t.deepEqual(await one.find(boss.id), boss);
		const byCertificate = { ...keep, byPassword: false };
		t.is(await one.permissions.replace(boss, withPermissions(boss, read), known, byCertificate), 'done');
	});

	says('two who would take each other’s away at once leave one', async (t, one, other) => {
		for (let round = 0; round < 5; round += 1) {
			const [ada, eve] = [holding(admin), holding(admin)];
			await one.insert(ada);
			await one.insert(eve);
			const answers = await Promise.all([
				one.permissions.replace(ada, round % 2 === 0 ? undefined : withPermissions(ada), known, keep),
				other.permissions.replace(eve, undefined, known, keep),
			]);
			t.deepEqual([...answers].sort(), ['done', 'last']);
			for (const { id } of [ada, eve]) await one.remove(id);
		}
	});

	says('a removal by other means at once leaves one, too', async (t, one, other) => {
		const [ada, eve] = [holding(admin), holding(admin)];
		await one.insert(ada);
		await one.insert(eve);
		const answers = await Promise.all([
			one.permissions.replace(ada, withPermissions(ada), known, keep),
			other.remove(eve.id, admin),
		]);
		t.is(answers.filter((answer) => answer === 'done').length, 1, answers.join());
		t.is((await one.list()).filter(({ permissions }) => permissions.has(admin)).length, 1);
	});

	says('two who change the same at once: one is outdated', async (t, one, other) => {
		const ada = holding();
		await one.insert(ada);
		const answers = await Promise.all([
			one.permissions.replace(ada, withPermissions(ada, read), known, keep),
			other.permissions.replace(ada, withPermissions(ada, admin), known, keep),
		]);
		t.deepEqual([...answers].sort(), ['done', 'outdated']);
	});
}
