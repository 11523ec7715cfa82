import type { ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { Identity, IdentityName, PasswordVerifier, Permission } from '../../src/core/identity.ts';
import type { IdentityStore } from '../../src/core/stores.ts';
import {
	newCredentialStamp,
	newIdentityId,
	newSetupToken,
	newStampOfSameRoot,
	type SetupToken,
} from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { type Opened, testsOf } from './opened.ts';
import { soon } from './soon.ts';

export type OpenedIdentities = Opened<IdentityStore>;

const read = 'rest.assets' as Permission;
const write = 'rest.write' as Permission;
const admin = 'kura.admin' as Permission;
const verifier = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$dmVyaWZpZXI' as PasswordVerifier;
const otherVerifier = '$argon2id$v=19$m=19456,t=2,p=1$b3RoZXJzYWx0$b3RoZXI' as PasswordVerifier;

let named = 0;

export function newIdentity(facts: Partial<Omit<Identity, 'name'>> & { name?: string } = {}): Identity {
	named += 1;
	return {
		id: newIdentityId(),
		permissions: new Set([read]),
		passwordVerifier: verifier,
		passwordChangeNeeded: false,
		credentialStamp: newCredentialStamp(),
		disabled: false,
		createdAt: 1_790_000_000_123 as Instant,
		...facts,
		name: (facts.name ?? `someone-${named}`) as IdentityName,
	};
}

/** Logs in by certificate only. */
function withoutPassword(): Identity {
	const { passwordVerifier, ...identity } = newIdentity();
	return identity;
}

function freshChange() {
	return { passwordVerifier: otherVerifier, passwordChangeNeeded: false, credentialStamp: newCredentialStamp() };
}

/** The promises of an IdentityStore. */
export function keepsIdentities(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedIdentities>) {
	const { says, saysOfTwo } = testsOf(test, name, 'identities', open);

	const kinds: [string, Identity][] = [
		['an identity', newIdentity()],
		['one that logs in by certificate only', withoutPassword()],
		['one that must change its password', newIdentity({ passwordChangeNeeded: true })],
		['a disabled one', newIdentity({ disabled: true })],
		['one of a service', { ...withoutPassword(), service: true }],
		['one with an end', newIdentity({ expiresAt: 1_790_000_003_600 as Instant })],
		['one without permissions', newIdentity({ permissions: new Set() })],
		['one with many', newIdentity({ permissions: new Set([admin, read, write]) })],
		['one with an odd name', newIdentity({ name: `Ünï 🦊 "'; DROP TABLE identity; --` })],
		['one with an imported verifier', newIdentity({ passwordVerifier: 'legacy:é"\\' as PasswordVerifier })],
	];
	says('adds many at once, and tells which names were taken, by one of them or before', async (t, store) => {
		const [there, one, same, other] = [
			newIdentity({ name: 'There' }),
			newIdentity({ name: 'one' }),
			newIdentity({ name: 'there' }),
			withoutPassword(),
		] as const;
		await store.insert(there);
		const all = [one, same, { ...other, disabled: true }, newIdentity({ name: 'ONE' })];
		t.deepEqual([...(await store.insertAll(all))].sort(), [one.id, other.id].sort());
		t.deepEqual(await store.find(one.id), one);
		t.deepEqual(await store.find(other.id), { ...other, disabled: true });
		t.is(await store.find(same.id), undefined);
		t.is(await store.offerSetup(newSetupToken()), undefined);
		t.is((await store.insertAll([])).size, 0);
		const many = Array.from({ length: 1000 }, () => newIdentity());
		t.is((await store.insertAll(many)).size, 1000);
	});

	for (const [kind, identity] of kinds) {
		says(`${kind} is found as it was inserted, by id and by name`, async (t, store) => {
			t.is(await store.insert(identity), 'inserted');
			t.deepEqual(await store.find(identity.id), identity);
			t.deepEqual(await store.findByName(identity.name), identity);
			t.deepEqual(await store.list(), [identity]);
		});
	}

	says('who is not there is not found', async (t, store) => {
		const identity = newIdentity({ name: 'Jo' });
		await store.insert(identity);
		const stranger = newIdentityId();
		for (const id of [stranger, '', identity.id.toUpperCase(), `${identity.id}0`]) {
			t.is(await store.find(id as Identity['id']), undefined, JSON.stringify(id));
		}
		for (const other of ['', 'jo', 'JO', 'Jo ', 'J%', 'J_', "' OR ''='"]) {
			t.is(await store.findByName(other as IdentityName), undefined, JSON.stringify(other));
		}
		const change = freshChange();
		t.is(await store.changeCredentials(stranger, identity.credentialStamp, change), 'outdated');
		await store.replaceVerifier(stranger, identity.credentialStamp, otherVerifier);
		t.false(await store.grant(stranger, [read]));
		t.is(await store.revoke(stranger, [read]), 'absent');
		t.is(await store.setDisabled(stranger, true), 'absent');
		t.is(await store.remove(stranger), 'absent');
		t.deepEqual(await store.list(), [identity]);
	});

	says('identities are listed by name', async (t, store) => {
		for (const each of ['carol', 'alice', 'dave', 'bob']) await store.insert(newIdentity({ name: each }));
		t.deepEqual(
			(await store.list()).map((identity) => String(identity.name)),
			['alice', 'bob', 'carol', 'dave'],
		);
	});

	const lookAlikes: [string, string][] = [
		['anna', 'anna'],
		['anna', 'ANNA'],
		['anna', 'ａｎｎａ'],
		['straße', 'STRASSE'],
		['José', 'JOSÉ'],
	];
	for (const [held, wanted] of lookAlikes) {
		says(`where ${held} exists, the name ${wanted} is taken`, async (t, store) => {
			const holder = newIdentity({ name: held });
			const other = newIdentity({ name: 'somebody' });
			await store.insert(holder);
			await store.insert(other);
			t.is(await store.insert(newIdentity({ name: wanted })), 'name-taken');
			const change = { ...freshChange(), name: wanted as IdentityName };
			t.is(await store.changeCredentials(other.id, other.credentialStamp, change), 'name-taken');
			for (const identity of [holder, other]) t.deepEqual(await store.find(identity.id), identity);
			t.is((await store.list()).length, 2);
		});
	}

	says('of many with the same name at once, one is inserted', async (t, store) => {
		const answers = await Promise.all(
			Array.from({ length: 20 }, (_, index) => store.insert(newIdentity({ name: index % 2 ? 'Same' : 'same' }))),
		);
		t.is(answers.filter((answer) => answer === 'inserted').length, 1);
		t.is((await store.list()).length, 1);
	});

	says('of many first identities at once, one is inserted', async (t, store) => {
		const first = Array.from({ length: 50 }, () => newIdentity());
		const answers = await Promise.all(first.map((identity) => store.insertFirst(identity)));
		t.is(answers.filter((answer) => answer === 'inserted').length, 1);
		t.deepEqual(await store.list(), [first[answers.indexOf('inserted')]!]);
	});

	says('the first setup happens once, also where everybody is removed afterwards', async (t, store) => {
		const first = newIdentity();
		t.is(await store.insertFirst(first), 'inserted');
		await store.remove(first.id);
		t.is(await store.insertFirst(newIdentity()), 'already-set-up');
		t.is(await store.offerSetup(newSetupToken()), undefined);
		t.deepEqual(await store.list(), []);
	});

	says('an identity added by other means ends the time of first setup', async (t, store) => {
		await store.offerSetup(newSetupToken());
		await store.insert(newIdentity());
		t.is(await store.insertFirst(newIdentity()), 'already-set-up');
		t.is(await store.offerSetup(newSetupToken()), undefined);
	});

	says('the first setup token that is offered is the one that is kept', async (t, store) => {
		const tokens = Array.from({ length: 10 }, () => newSetupToken());
		const kept = await Promise.all(tokens.map((token) => store.offerSetup(token)));
		t.is(new Set(kept).size, 1);
		t.true(tokens.includes(kept[0] as SetupToken));
		t.is(await store.offerSetup(newSetupToken()), kept[0]);
		t.is(await store.insertFirst(newIdentity()), 'inserted');
		t.is(await store.offerSetup(newSetupToken()), undefined);
	});

	says('a change of credentials sets all of it, and leaves the rest', async (t, store) => {
		const identity = newIdentity({ passwordChangeNeeded: true });
		const other = newIdentity();
		await store.insert(identity);
		await store.insert(other);
		const change = freshChange();
		t.is(await store.changeCredentials(identity.id, identity.credentialStamp, change), 'changed');
		t.deepEqual(await store.find(identity.id), { ...identity, ...change });
		t.deepEqual(await store.findByName(identity.name), { ...identity, ...change });
		t.deepEqual(await store.find(other.id), other);
	});

	says('a change of credentials may rename, and then the old name is free', async (t, store) => {
		const identity = newIdentity({ name: 'before' });
		await store.insert(identity);
		const change = { ...freshChange(), name: 'after' as IdentityName };
		t.is(await store.changeCredentials(identity.id, identity.credentialStamp, change), 'changed');
		t.is(await store.findByName('before' as IdentityName), undefined);
		t.deepEqual(await store.findByName(change.name), { ...identity, ...change });
		t.is(await store.insert(newIdentity({ name: 'before' })), 'inserted');
	});

	says('an identity may be renamed to another spelling of its own name', async (t, store) => {
		const identity = newIdentity({ name: 'anna' });
		await store.insert(identity);
		const change = { ...freshChange(), name: 'Anna' as IdentityName };
		t.is(await store.changeCredentials(identity.id, identity.credentialStamp, change), 'changed');
		t.is((await store.list())[0]?.name, change.name);
	});

	says('a change of credentials without a verifier keeps the one there is, or that there is none', async (t, store) => {
		for (const identity of [newIdentity(), withoutPassword()]) {
			await store.insert(identity);
			const change = { passwordChangeNeeded: true, credentialStamp: newStampOfSameRoot(identity.credentialStamp) };
			t.is(await store.changeCredentials(identity.id, identity.credentialStamp, change), 'changed');
			t.deepEqual(await store.find(identity.id), { ...identity, ...change });
		}
	});

	says('a change that starts from an outdated stamp changes nothing', async (t, store) => {
		const identity = newIdentity();
		await store.insert(identity);
		const stale = newStampOfSameRoot(identity.credentialStamp);
		const change = { ...freshChange(), name: 'renamed' as IdentityName };
		t.is(await store.changeCredentials(identity.id, stale, change), 'outdated');
		t.deepEqual(await store.list(), [identity]);
	});

	says('of many changes from the same stamp at once, one happens', async (t, store) => {
		const identity = newIdentity();
		await store.insert(identity);
		const changes = Array.from({ length: 20 }, freshChange);
		const answers = await Promise.all(
			changes.map((change) => store.changeCredentials(identity.id, identity.credentialStamp, change)),
		);
		t.is(answers.filter((answer) => answer === 'changed').length, 1);
		t.is(answers.filter((answer) => answer === 'outdated').length, 19);
		const { credentialStamp } = changes[answers.indexOf('changed')]!;
		t.is((await store.find(identity.id))?.credentialStamp, credentialStamp);
	});

	says('a verifier is replaced under the same stamp, and not under another', async (t, store) => {
		const identity = newIdentity();
		await store.insert(identity);
		await store.replaceVerifier(identity.id, newCredentialStamp(), otherVerifier);
		t.deepEqual(await store.find(identity.id), identity);
		await store.replaceVerifier(identity.id, identity.credentialStamp, otherVerifier);
		t.deepEqual(await store.find(identity.id), { ...identity, passwordVerifier: otherVerifier });
	});

	says('permissions are granted and revoked, each once', async (t, store) => {
		const identity = newIdentity({ permissions: new Set([read]) });
		await store.insert(identity);
		const held = async () => [...((await store.find(identity.id))?.permissions ?? [])].sort();
		t.true(await store.grant(identity.id, [write, read, write]));
		t.deepEqual(await held(), [read, write]);
		t.is(await store.revoke(identity.id, [read, admin]), 'done');
		t.deepEqual(await held(), [write]);
		t.is(await store.revoke(identity.id, []), 'done');
		t.is(await store.revoke(identity.id, [write]), 'done');
		t.deepEqual(await held(), []);
		t.deepEqual(await store.findByName(identity.name), { ...identity, permissions: new Set() });
	});

	says('of many grants and revocations at once, none is lost', async (t, store) => {
		const identity = newIdentity({ permissions: new Set([admin]) });
		await store.insert(identity);
		const many = Array.from({ length: 20 }, (_, index) => `right.${index}` as Permission);
		await Promise.all([
			...many.map((permission) => store.grant(identity.id, [permission])),
			store.revoke(identity.id, [admin]),
		]);
		t.deepEqual([...((await store.find(identity.id))?.permissions ?? [])].sort(), [...many].sort());
	});

	says('an identity is disabled and enabled, and keeps what it has, but for its stamp', async (t, store) => {
		const identity = newIdentity();
		await store.insert(identity);
		const stamps = new Set<string>([identity.credentialStamp]);
		const roots = () => new Set([...stamps].map((stamp) => stamp.slice(0, 16)));
		async function becomes(disabled: boolean) {
			t.is(await store.setDisabled(identity.id, disabled), 'done');
			const present = await store.find(identity.id);
			t.deepEqual(present, { ...identity, disabled, credentialStamp: present!.credentialStamp });
			t.deepEqual(await store.findByName(identity.name), present);
			stamps.add(present!.credentialStamp);
		}
		await becomes(false);
		t.is(stamps.size, 1, 'enabling what is enabled ends nothing');
		await becomes(true);
		t.is(stamps.size, 2, 'what was opened before is over');
		await becomes(true);
		t.is(stamps.size, 2);
		await becomes(false);
		t.is(stamps.size, 3);
		t.is(roots().size, 3, 'also for what outlives a change of the password');
		t.is(await store.changeCredentials(identity.id, identity.credentialStamp, freshChange()), 'outdated');
		await store.insert(newIdentity({ permissions: new Set([admin]) }));
		const last = (await store.list()).find(({ permissions }) => permissions.has(admin))!;
		t.is(await store.setDisabled(last.id, true, admin), 'last');
		t.deepEqual(await store.find(last.id), last, 'nor does what is refused');
	});

	const taking: readonly (readonly [does: string, take: (store: IdentityStore, of: Identity) => Promise<unknown>])[] = [
		['removed', (store, { id }) => store.remove(id, admin)],
		['disabled', (store, { id }) => store.setDisabled(id, true, admin)],
		['stripped', (store, { id }) => store.revoke(id, [read, admin], admin)],
	];
	for (const [does, take] of taking) {
		says(`the last enabled holder of a permission to be kept is not ${does}`, async (t, store) => {
			const holder = newIdentity({ permissions: new Set([admin, read]) });
			await store.insert(holder);
			await store.insert(newIdentity({ permissions: new Set([admin]), disabled: true }));
			await store.insert(newIdentity());
			t.is(await take(store, holder), 'last');
			t.deepEqual(await store.find(holder.id), holder);
			await store.insert(newIdentity({ permissions: new Set([admin]) }));
			t.is(await take(store, holder), 'done');
		});

		says(`of two that are ${does} at once one stays`, async (t, store) => {
			for (let round = 0; round < 10; round += 1) {
				const pair = [0, 1].map(() => newIdentity({ permissions: new Set([admin, read]) }));
				await Promise.all(pair.map((each) => store.insert(each)));
				const outcomes = await Promise.all(pair.map((each) => take(store, each)));
				t.deepEqual(outcomes.sort(), ['done', 'last']);
				for (const { id } of pair) await store.remove(id);
			}
		});
	}

	says('what is not kept is taken from the last one, too; and others may always be taken from', async (t, store) => {
		const [holder, other] = [newIdentity({ permissions: new Set([admin, read]) }), newIdentity()];
		await store.insert(holder);
		await store.insert(other);
		t.is(await store.revoke(holder.id, [read], admin), 'done');
		t.is(await store.setDisabled(holder.id, false, admin), 'done');
		t.is(await store.remove(other.id, admin), 'done');
		t.is(await store.setDisabled(holder.id, true), 'done');
		t.is(await store.remove(holder.id, admin), 'done', 'disabled: it is nobody\u2019s way in any more');
	});

	says(
		'nobody is left to administer where only a service or an identity with an end would hold it',
		async (t, store) => {
			const permissions = new Set([admin]);
			const holder = newIdentity({ permissions });
			const service: Identity = { ...withoutPassword(), permissions, service: true };
			const passing = newIdentity({ permissions, expiresAt: 1_900_000_000_000 as Instant });
			for (const identity of [holder, service, passing]) await store.insert(identity);
			t.is(await store.remove(holder.id, admin), 'last');
			t.is(await store.revoke(holder.id, [admin], admin), 'last');
			t.is(await store.setDisabled(holder.id, true, admin), 'last');
			t.is(await store.remove(service.id, admin), 'done');
			t.is(await store.remove(passing.id, admin), 'done');
		},
	);

	says('those whose end came between two moments are found', async (t, store) => {
		const ending = (ms: number) => newIdentity({ expiresAt: ms as Instant });
		const [early, first, last, late] = [ending(10), ending(11), ending(20), ending(21)];
		for (const identity of [early, first, last, late, newIdentity()]) await store.insert(identity);
		const found = await store.expired(10 as Instant, 20 as Instant);
		t.deepEqual([...found].sort(), [first.id, last.id].sort());
	});

	says('an identity that is removed is gone, and its name is free for another', async (t, store) => {
		const identity = newIdentity({ name: 'gone' });
		await store.insert(identity);
		await store.find(identity.id);
		t.is(await store.remove(identity.id), 'done');
		t.is(await store.remove(identity.id), 'absent');
		t.is(await store.find(identity.id), undefined);
		t.is(await store.findByName(identity.name), undefined);
		t.is(await store.changeCredentials(identity.id, identity.credentialStamp, freshChange()), 'outdated');
		const anew = newIdentity({ name: 'gone' });
		t.is(await store.insert(anew), 'inserted');
		t.is(await store.find(identity.id), undefined);
		t.deepEqual(await store.findByName(anew.name), anew);
	});

	saysOfTwo('what one process changes, another learns', async (t, one, other) => {
		const identity = newIdentity();
		await one.insert(identity);
		t.deepEqual(await other.find(identity.id), identity);
		const sees = (isTrue: (seen: Identity | undefined) => boolean) =>
			soon(async () => isTrue(await other.find(identity.id)));
		const change = freshChange();
		await one.changeCredentials(identity.id, identity.credentialStamp, change);
		t.true(await sees((seen) => seen?.credentialStamp === change.credentialStamp));
		await one.grant(identity.id, [admin]);
		t.true(await sees((seen) => seen?.permissions.has(admin) === true));
		await one.revoke(identity.id, [admin]);
		t.true(await sees((seen) => seen?.permissions.has(admin) === false));
		await one.setDisabled(identity.id, true);
		t.true(await sees((seen) => seen?.disabled === true));
		await one.remove(identity.id);
		t.true(await sees((seen) => seen === undefined));
	});

	saysOfTwo('of first identities from two processes at once, one is inserted', async (t, one, other) => {
		const token = newSetupToken();
		t.is(await one.offerSetup(token), token);
		t.is(await other.offerSetup(newSetupToken()), token);
		const answers = await Promise.all(
			Array.from({ length: 40 }, (_, index) => (index % 2 ? one : other).insertFirst(newIdentity())),
		);
		t.is(answers.filter((answer) => answer === 'inserted').length, 1);
		t.is((await other.list()).length, 1);
		t.is(await other.offerSetup(newSetupToken()), undefined);
	});

	saysOfTwo('of changes from the same stamp in two processes, one happens', async (t, one, other) => {
		let identity = newIdentity();
		await one.insert(identity);
		for (let round = 0; round < 20; round += 1) {
			const changes = [freshChange(), freshChange()] as const;
			const answers = await Promise.all([
				one.changeCredentials(identity.id, identity.credentialStamp, changes[0]),
				other.changeCredentials(identity.id, identity.credentialStamp, changes[1]),
			]);
			t.deepEqual([...answers].sort(), ['changed', 'outdated']);
			identity = { ...identity, ...changes[answers.indexOf('changed') as 0 | 1] };
		}
	});

	saysOfTwo('a store that closes leaves the identities where they are', async (t, one, other) => {
		const identity = newIdentity();
		await one.insertFirst(identity);
		await one.close();
		t.deepEqual(await other.list(), [identity]);
		t.is(await other.insertFirst(newIdentity()), 'already-set-up');
	});
}
