import type { ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { HistoryEvent, HistoryStore, NamedHistoryEvent } from '../../src/core/history.ts';
import type { Identity, IdentityName } from '../../src/core/identity.ts';
import type { IdentityStore } from '../../src/core/stores.ts';
import { newCredentialStamp } from '../../src/core/token.ts';
import { newIdentity } from './identity-store.contract.ts';
import type { Test } from './soon.ts';

export interface OpenedHistory {
	/** Fresh and empty, beside these identities. */
	readonly store: HistoryStore;
	/** Another connection to the same. */
	readonly other: HistoryStore;
	readonly identities: IdentityStore;
}

const from = 1_790_000_000_123;
const at = (ms: number) => (from + ms) as Instant;
const all = 1_000_000;

const login: HistoryEvent = { at: at(0), act: 'login', outcome: 'ok' };
const refused = { act: 'login', outcome: 'refused', reason: 'bad-credentials' } as const;

/** The promises of a HistoryStore. */
export function keepsHistory(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedHistory>) {
	interface Staged extends OpenedHistory {
		readonly ada: Identity;
		readonly bob: Identity;
	}

	function says(sentence: string, check: (t: ExecutionContext, stage: Staged) => Promise<void>) {
		test(`${name}: ${sentence}`, async (t) => {
			const opened = await open(t);
			const [ada, bob] = [newIdentity(), newIdentity({ name: `Ünï 🦊 "'; --` as IdentityName })];
			for (const each of [ada, bob]) await opened.identities.insert(each);
			await check(t, { ...opened, ada, bob });
		});
	}

	const of = ({ name: identity }: Identity, ...events: HistoryEvent[]): NamedHistoryEvent[] =>
		events.map((event) => ({ ...event, identity }));
	const logins = (count: number, facts: Partial<HistoryEvent> = {}) =>
		Array.from({ length: count }, (_, ms) => ({ ...login, at: at(ms), ...facts }));

	says('events are found as they were written, newest first, and no others', async (t, { store, other, ada, bob }) => {
		const full: HistoryEvent = {
			...{ at: at(5), act: 'invitation-use', outcome: 'refused', reason: 'invitation-over', purpose: 'new-factor' },
			...{ dialect: 'kura' as never, method: 'password', actor: bob.name, address: '2001:db8::1' },
			device: `Ünï 🦊 "'; --`,
		};
		await store.write([...of(ada, login), ...of(bob, { ...login, at: at(3) }), ...of(ada, full)]);
		t.deepEqual(await other.list(ada.id, all), [full, login]);
		t.deepEqual(await other.list(bob.id, all), [{ ...login, at: at(3) }]);
		t.deepEqual(await store.list(newIdentity().id, all), []);
		await store.write([]);
	});

	says('of a name that nobody has, nothing is kept, and the rest is', async (t, { store, ada }) => {
		const nobody = newIdentity();
		await store.write([...of(nobody, login), ...of(ada, login)]);
		t.deepEqual(await store.list(ada.id, all), [login]);
		t.deepEqual(await store.list(nobody.id, all), []);
	});

	says('it is read in pages, without a gap', async (t, { store, ada }) => {
		const written = logins(10);
		await store.write(of(ada, ...written));
		const pages: HistoryEvent[] = [];
		for (let before: Instant | undefined; ; ) {
			const page = await store.list(ada.id, 3, before);
			pages.push(...page);
			if (page.length < 3) break;
			before = page.at(-1)?.at;
		}
		t.deepEqual(pages, written.toReversed());
	});

	says('it stays with a rename, and goes with its identity', async (t, { store, identities, ada, bob }) => {
		await store.write([...of(ada, login), ...of(bob, login)]);
		const change = {
			name: 'countess' as IdentityName,
			passwordChangeNeeded: false,
			credentialStamp: newCredentialStamp(),
		};
		t.is(await identities.changeCredentials(ada.id, ada.credentialStamp, change), 'changed');
		t.deepEqual(await store.list(ada.id, all), [login]);
		await store.write(of({ ...ada, name: change.name }, { ...login, at: at(1) }));
		t.is((await store.list(ada.id, all)).length, 2);
		t.is(await identities.remove(ada.id), 'done');
		t.deepEqual(await store.list(ada.id, all), []);
		t.deepEqual(await store.list(bob.id, all), [login]);
	});

	says('the oldest give way, of what was refused first', async (t, { store, ada, bob }) => {
		const limits = { all: 10, refused: 4 };
		await store.write(of(ada, ...logins(8)));
		await store.write(of(bob, ...logins(20)));
		await store.trim(ada.name, limits);
		t.is((await store.list(ada.id, all)).length, 8, 'there is room');
		await store.write(of(ada, ...logins(30, refused).map((each) => ({ ...each, at: (each.at + 100) as Instant }))));
		await store.trim(ada.name, limits);
		const kept = await store.list(ada.id, all);
		t.is(kept.length, 10);
		t.deepEqual(
			kept.filter(({ outcome }) => outcome === 'refused').map((each) => each.at - from),
			[129, 128, 127, 126],
		);
		t.deepEqual(
			kept.filter(({ outcome }) => outcome === 'ok').map((each) => each.at - from),
			[7, 6, 5, 4, 3, 2],
		);
		t.is((await store.list(bob.id, all)).length, 20, 'of nobody else');
		await store.trim('nobody' as IdentityName, limits);
	});

	says('those from before a moment are swept, batch by batch', async (t, { store, other, ada, bob }) => {
		await store.write(of(ada, ...logins(600)));
		await store.write(of(bob, ...logins(3)));
		let batches = 1;
		while (await other.sweep(at(550))) batches += 1;
		t.true(batches > 2);
		t.is((await store.list(ada.id, all)).length, 50);
		t.is((await store.list(bob.id, all)).length, 0);
		t.false(await store.sweep(at(550)));
	});
}
