import type { ExecutionContext } from 'ava';
import type { AuditEvent } from '../../src/core/audit.ts';
import type { AuditPosition, AuditQuery, AuditRow, AuditTable, NewAuditRow } from '../../src/core/audit-table.ts';
import { createAuditTrail } from '../../src/core/audit-trail.ts';
import type { Clock, Instant } from '../../src/core/clock.ts';
import type { Identity, IdentityName } from '../../src/core/identity.ts';
import type { IdentityStore } from '../../src/core/stores.ts';
import { newCredentialStamp } from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { newIdentity } from './identity-store.contract.ts';

export interface OpenedAudit {
	/** Fresh and empty, beside these identities. */
	readonly store: AuditTable;
	/** Another connection to the same. */
	readonly other: AuditTable;
	readonly identities: IdentityStore;
}

const from = 1_790_000_000_123;
const at = (ms: number) => (from + ms) as Instant;
const all = 1_000_000;
const strange = `Ünï 🦊 "'; --%_` as IdentityName;

const login: AuditEvent = { act: 'login', outcome: 'ok' };
const refused: AuditEvent = { act: 'login', outcome: 'refused', reason: 'bad-credentials' };
const row = (ms: number, event: AuditEvent, owner?: IdentityName): NewAuditRow => ({
	...{ at: at(ms), event },
	...(owner !== undefined && { owner }),
});
const rows = (count: number, event: AuditEvent, firstMs = 0) =>
	Array.from({ length: count }, (_, number) => row(firstMs + number, event));
const withoutId = ({ id: _, ...rest }: AuditRow) => rest;
const msOf = (found: readonly AuditRow[]) => found.map((each) => each.at - from);

/** The promises of an AuditTable. */
export function keepsAudit(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedAudit>) {
	interface Staged extends OpenedAudit {
		readonly ada: Identity;
		readonly bob: Identity;
	}

	function says(sentence: string, check: (t: ExecutionContext, stage: Staged) => Promise<void>) {
		test(`${name}: ${sentence}`, async (t) => {
			const opened = await open(t);
			const [ada, bob] = [newIdentity(), newIdentity({ name: strange })];
			for (const each of [ada, bob]) await opened.identities.insert(each);
			await check(t, { ...opened, ada, bob });
		});
	}

	/** All that is asked for, as the service reads it. */
	async function found(store: AuditTable, query: AuditQuery = {}): Promise<AuditRow[]> {
		const found: AuditRow[] = [];
		for (let after: AuditPosition | undefined; ; ) {
			const slice = await store.find(query, 500, after);
			found.push(...slice.rows);
			if (slice.next === undefined) return found;
			after = slice.next;
		}
	}

	says('lines are found as they were written, newest first', async (t, { store, other, ada }) => {
		const full: AuditEvent = {
			...{ act: 'invitation-use', outcome: 'refused', reason: 'invitation-over', purpose: 'new-factor' },
			...{ dialect: 'kura' as never, method: 'password', identity: ada.name, actor: strange, address: '2001:db8::1' },
			...{ device: strange, session: 'f00' as never, requestId: 'r-1', newName: strange },
		};
		t.deepEqual(await store.find({}, all), { rows: [] });
		t.is(await store.span(), undefined);
		await store.write([row(5, full), row(0, login), row(5, refused)]);
		await store.write([]);
		t.deepEqual((await found(other)).map(withoutId), [
			{ at: at(5), ...refused },
			{ at: at(5), ...full },
			{ at: at(0), ...login },
		]);
		t.is((await found(store, { person: strange })).length, 1, 'by whom');
	});

	says('each filter finds what it says, and text is nothing but text', async (t, { store }) => {
		const about = (identity: string, address: string) => ({ identity: identity as IdentityName, address });
		await store.write([
			row(0, { ...login, ...about('ada', '192.0.2.1') }),
			row(1, { ...refused, ...about('ada', '192.0.2.11') }),
			row(2, { ...login, ...about('bob', '2001:db8::1'), actor: 'operator' }),
			row(3, {
				act: 'identity-rename',
				outcome: 'ok',
				identity: 'bob' as IdentityName,
				newName: 'ada' as IdentityName,
			}),
			row(4, { act: 'start', outcome: 'ok' }),
		]);
		const cases: [AuditQuery, number[]][] = [
			[{}, [4, 3, 2, 1, 0]],
			[{ person: 'ada' }, [3, 1, 0]],
			[{ person: 'operator' }, [2]],
			[{ person: "ada' OR '1'='1" }, []],
			[{ person: '%' }, []],
			[{ act: 'login' }, [2, 1, 0]],
			[{ outcome: 'refused' }, [1]],
			[{ outcome: 'ok', act: 'login' }, [2, 0]],
			[{ address: '192.0.2.1' }, [0]],
			[{ address: '192.0.2.*' }, [1, 0]],
			[{ address: '192.0.2.1*' }, [1, 0]],
			[{ address: '*' }, [2, 1, 0]],
			[{ address: '192_0%' }, []],
			[{ from: at(1), to: at(3) }, [2, 1]],
			[{ from: at(5) }, []],
			[{ to: at(0) }, []],
			[{ from: at(3), to: at(1) }, []],
			[{ person: 'ada', outcome: 'ok', to: at(1), address: '192.0.2.1' }, [0]],
		];
		for (const [query, expected] of cases)
			t.deepEqual(msOf(await found(store, query)), expected, JSON.stringify(query));
	});

	says('it is read in pages without a gap, while new lines come', async (t, { store, other }) => {
		// Many of one moment, and not in the order of time.
		await store.write([...rows(700, login, 5000), ...rows(40, refused), ...Array(300).fill(row(4000, login))]);
		const pages: AuditRow[] = [];
		for (let after: AuditPosition | undefined; ; ) {
			const slice = await store.find({ outcome: 'ok' }, 70, after);
			pages.push(...slice.rows);
			await other.write([row(9000, login)]);
			if (slice.next === undefined) break;
			after = slice.next;
		}
		t.is(pages.length, 1000);
		t.is(new Set(pages.map(({ id }) => id)).size, 1000);
		t.deepEqual(msOf(pages), [...Array.from({ length: 700 }, (_, ms) => 5699 - ms), ...Array(300).fill(4000)]);
	});

	says('what is rare is found far back, in several looks', async (t, { store }) => {
		await store.write([row(0, refused)]);
		for (let batch = 0; batch < 5; batch += 1) await store.write(rows(5000, login, 1 + batch * 5000));
		t.deepEqual(msOf(await found(store, { outcome: 'refused' })), [0]);
		t.is((await store.find({ outcome: 'refused' }, 10)).rows.length, 0, 'not in the first');
		t.deepEqual(msOf(await found(store, { outcome: 'refused', to: at(2) })), [0]);
	});

	says('the history of an identity stays with a rename, and goes with it, but not from the audit', async (t, stage) => {
		const { store, identities, ada, bob } = stage;
		const of = (ms: number, { name: identity }: Identity) => row(ms, { ...login, identity }, identity);
		await store.write([of(0, ada), of(1, bob), row(2, { ...refused, identity: ada.name })]);
		const change = {
			name: 'countess' as IdentityName,
			passwordChangeNeeded: false,
			credentialStamp: newCredentialStamp(),
		};
		t.is(await identities.changeCredentials(ada.id, ada.credentialStamp, change), 'changed');
		await store.write([row(3, { ...login, identity: change.name }, change.name)]);
		t.deepEqual(msOf(await store.ofIdentity(ada.id, all)), [3, 0]);
		t.deepEqual(msOf(await store.ofIdentity(ada.id, 1)), [3]);
		t.deepEqual(msOf(await store.ofIdentity(ada.id, all, at(3))), [0]);
		t.deepEqual(msOf(await store.ofIdentity(bob.id, all)), [1]);
		t.is(await identities.remove(ada.id), 'done');
		const anew = newIdentity({ name: change.name });
		await identities.insert(anew);
		t.deepEqual(await store.ofIdentity(anew.id, all), [], 'of nobody who has the name by now');
		await store.write([of(4, newIdentity())]);
		t.deepEqual(msOf(await found(store)), [4, 3, 2, 1, 0]);
	});

	says('those from before a moment are swept, batch by batch', async (t, { store, other }) => {
		await store.write([...rows(600, login), ...rows(3, refused)]);
		let batches = 1;
		while (await other.sweep(at(550))) batches += 1;
		t.true(batches > 2);
		t.is((await found(store)).length, 50);
		t.false(await store.sweep(at(550)));
	});

	says('where there are too many, the most frequent kinds give way, the oldest first', async (t, { store, other }) => {
		const known = { ...refused, identity: 'ada' as IdentityName };
		for (let batch = 0; batch < 3; batch += 1) {
			await store.write([...rows(1000, refused, batch * 1000), ...rows(100, login, batch * 1000)]);
			await store.write([...rows(5, known, batch * 1000), row(batch * 1000, { act: 'start', outcome: 'ok' })]);
		}
		t.is((await store.span())?.last, (await other.span())?.last);
		const clock: Clock = { now: () => at(5000) };
		const open = (table: AuditTable) =>
			createAuditTrail({ table, clock, keepMs: 90_000, mostRows: 1000, onFault: (cause) => t.fail(String(cause)) });
		const trails = [open(store), open(other)];
		const pause = async () => undefined;
		// At once, as the nodes of a cluster do it.
		await Promise.all(trails.map((trail) => trail.sweep(pause)));
		for (const trail of trails) await trail.stop();
		const left = await found(store);
		const ofKind = (event: AuditEvent) =>
			left.filter(
				(each) => each.act === event.act && each.outcome === event.outcome && each.identity === event.identity,
			);
		t.true(left.length <= 1000 && left.length >= 900, `${left.length}`);
		t.deepEqual(
			[ofKind(login).length, ofKind(known).length, ofKind({ act: 'start', outcome: 'ok' }).length],
			[300, 15, 3],
		);
		t.is(ofKind(refused)[0]?.at, at(2999));
	});
}
