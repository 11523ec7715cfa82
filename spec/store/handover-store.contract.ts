import type { ExecutionContext } from 'ava';
import type { Instant } from '../../src/core/clock.ts';
import type { ChildSession, HostName, Session, SessionKey } from '../../src/core/session.ts';
import type { SessionStore } from '../../src/core/stores.ts';
import type { Ticket } from '../../src/core/ticket.ts';
import {
	newBrowserNonce,
	newSessionToken,
	newTicketToken,
	newXsrfToken,
	nonceDigestOf,
	ticketKeyOf,
} from '../../src/core/token.ts';
import type { Test } from '../_support/patient.ts';
import { testsOf } from './opened.ts';
import { after, newSession, type OpenedSessions } from './session-store.contract.ts';
import { soon } from './soon.ts';

const host = (name: string) => name as HostName;
const grafana = host('grafana.example.org');
const forMs = 30_000;

export function newTicket(parent: Session, facts: Partial<Ticket> = {}): Ticket {
	return {
		key: ticketKeyOf(newTicketToken()),
		parent: parent.key,
		host: grafana,
		browser: nonceDigestOf(newBrowserNonce()),
		url: 'https://grafana.example.org/d/7?x=1%20#ü',
		issuedAt: after(0),
		...facts,
	};
}

export function newChild(parent: Session, facts: Partial<ChildSession> = {}): ChildSession {
	const key = newSession().key;
	return { key, parent: parent.key, host: grafana, xsrfToken: newXsrfToken(), openedAt: after(0), ...facts };
}

/** The promises of a HandoverStore, together with the sessions that its tickets and children belong to. */
export function keepsHandovers(test: Test, name: string, open: (t: ExecutionContext) => Promise<OpenedSessions>) {
	const { says, saysOfTwo } = testsOf(test, `${name}, hand-over`, 'sessions', open);

	async function inserted(store: SessionStore, facts: Partial<Session> = {}): Promise<Session> {
		const session = newSession(facts);
		await store.insert(session, 100);
		return session;
	}

	says('a ticket is taken once, as it was put', async (t, store) => {
		const ticket = newTicket(await inserted(store));
		t.true(await store.handover.putTicket(ticket, 10, forMs));
		t.deepEqual(await store.handover.takeTicket(ticket.key), ticket);
		t.is(await store.handover.takeTicket(ticket.key), undefined);
		t.is(await store.handover.takeTicket(ticketKeyOf(newTicketToken())), undefined);
	});

	says('of fifty that take a ticket at once, one gets it', async (t, store) => {
		const ticket = newTicket(await inserted(store));
		await store.handover.putTicket(ticket, 10, forMs);
		const taken = await Promise.all(Array.from({ length: 50 }, () => store.handover.takeTicket(ticket.key)));
		t.deepEqual(
			taken.filter((one) => one !== undefined),
			[ticket],
		);
	});

	says('of the tickets of a session the newest are kept, of others all', async (t, store) => {
		const [parent, other] = [await inserted(store), await inserted(store)];
		const theirs = newTicket(other);
		await store.handover.putTicket(theirs, 3, forMs);
		const tickets = Array.from({ length: 5 }, (_, at) => newTicket(parent, { issuedAt: after(at) }));
		for (const ticket of tickets) await store.handover.putTicket(ticket, 3, forMs);
		const taken = [];
		for (const { key } of tickets) taken.push(await store.handover.takeTicket(key));
		t.deepEqual(taken, [undefined, undefined, ...tickets.slice(2)]);
		t.deepEqual(await store.handover.takeTicket(theirs.key), theirs);
	});

	says('a child is found as it was inserted, and is no session itself', async (t, store) => {
		const parent = await inserted(store);
		const child = newChild(parent);
		t.true(await store.handover.insert(child, 10, forMs));
		t.deepEqual(await store.handover.find(child.key), child);
		t.deepEqual(await store.handover.find(child.key), child, 'once more');
		t.is(await store.find(child.key), undefined);
		t.is(await store.handover.find(parent.key), undefined);
		t.false(await store.delete(child.key));
		t.deepEqual(await store.list(undefined, 10), [parent]);
		t.deepEqual(await store.handover.find(child.key), child, 'and is not ended like one');
		await t.throwsAsync(store.handover.insert({ ...child, host: host('x.org') }, 10, forMs));
		t.deepEqual(await store.handover.find(child.key), child);
	});

	says('of the children of a session the newest are kept', async (t, store) => {
		const [parent, other] = [await inserted(store), await inserted(store)];
		const theirs = newChild(other);
		await store.handover.insert(theirs, 3, forMs);
		const children = Array.from({ length: 5 }, (_, at) => newChild(parent, { openedAt: after(at) }));
		for (const child of children) {
			await store.handover.insert(child, 3, forMs);
			t.deepEqual(await store.handover.find(child.key), child);
		}
		const found = [];
		for (const { key } of children) found.push(await store.handover.find(key));
		t.deepEqual(found, [undefined, undefined, ...children.slice(2)]);
		t.deepEqual(await store.handover.find(theirs.key), theirs);
	});

	says('where a session is not there, nothing is put for it', async (t, store) => {
		const gone = newSession();
		const ended = await inserted(store);
		await store.delete(ended.key);
		for (const parent of [gone, ended]) {
			const [ticket, child] = [newTicket(parent), newChild(parent)];
			t.false(await store.handover.putTicket(ticket, 10, forMs));
			t.false(await store.handover.insert(child, 10, forMs));
			t.is(await store.handover.takeTicket(ticket.key), undefined);
			t.is(await store.handover.find(child.key), undefined);
		}
	});

	says('a session that takes the place of another has its children, and none of its tickets', async (t, store) => {
		const [parent, other] = [await inserted(store), await inserted(store)];
		const children = [grafana, host('wiki.example.org')].map((name) => newChild(parent, { host: name }));
		const theirs = newChild(other);
		for (const child of [...children, theirs]) await store.handover.insert(child, 10, forMs);
		for (const child of children) t.deepEqual(await store.handover.find(child.key), child);
		const ticket = newTicket(parent);
		await store.handover.putTicket(ticket, 10, forMs);
		const next = newSession({ identityId: parent.identityId });
		t.true((await store.replace(parent.key, next, 100)).isDone);
		for (const child of children) t.deepEqual(await store.handover.find(child.key), { ...child, parent: next.key });
		t.deepEqual(await store.handover.find(theirs.key), theirs);
		t.is(await store.handover.takeTicket(ticket.key), undefined);
		t.deepEqual([...(await store.handover.hostsOf([parent.key, next.key])).keys()], [next.key]);
		t.false(await store.handover.insert(newChild(parent), 10, forMs), 'none comes to the one that is over');
		t.true(await store.handover.insert(newChild(next), 10, forMs));
	});

	saysOfTwo('children whose parent another process replaced lead to the new one', async (t, one, other) => {
		const parent = await inserted(one);
		const child = newChild(parent);
		await one.handover.insert(child, 10, forMs);
		t.deepEqual(await other.handover.find(child.key), child);
		const next = newSession({ identityId: parent.identityId });
		await one.replace(parent.key, next, 100);
		t.true(await soon(async () => (await other.handover.find(child.key))?.parent === next.key));
	});

	const ends: [string, (store: SessionStore, session: Session) => Promise<unknown>][] = [
		['a logout', (store, { key }) => store.delete(key)],
		['an end of all of an identity', (store, { identityId }) => store.deleteOf(identityId)],
		['an end of many', (store, session) => store.deleteMany([session])],
		['one that leaves no room', (store, { identityId }) => store.insert(newSession({ identityId }), 1)],
		['one that is to be alone', (store, { identityId }) => store.insert(newSession({ identityId }), 'alone')],
		['a sweep of what is silent', (store) => store.sweep({ silentSince: after(1), openedBefore: 0 as Instant }, 10)],
		['a sweep of what is old', (store) => store.sweep({ silentSince: 0 as Instant, openedBefore: after(1) }, 10)],
	];
	for (const [how, end] of ends) {
		says(`${how} takes tickets and children along`, async (t, store) => {
			const parent = await inserted(store);
			const other = await inserted(store, { openedAt: after(5), lastActivityAt: after(5) });
			const [ticket, child] = [newTicket(parent), newChild(parent)];
			const [theirTicket, theirs] = [newTicket(other), newChild(other)];
			for (const one of [ticket, theirTicket]) await store.handover.putTicket(one, 10, forMs);
			for (const one of [child, theirs]) await store.handover.insert(one, 10, forMs);
			await end(store, parent);
			t.is(await store.find(parent.key), undefined);
			t.is(await store.handover.takeTicket(ticket.key), undefined);
			t.deepEqual([...(await store.handover.hostsOf([parent.key]))], []);
			t.deepEqual(await store.handover.takeTicket(theirTicket.key), theirTicket);
			t.deepEqual(await store.handover.find(theirs.key), theirs);
		});
	}

	says('a touch of the parent leaves what belongs to it', async (t, store) => {
		const parent = await inserted(store);
		const child = newChild(parent);
		await store.handover.insert(child, 10, forMs);
		await store.touch(
			new Map([
				[parent.key, after(9)],
				[child.key, after(9)],
			]),
		);
		t.deepEqual(await store.handover.find(child.key), child);
		t.is((await store.find(parent.key))?.lastActivityAt, after(9));
	});

	says('the hosts of sessions are told, each once', async (t, store) => {
		const [one, two, none] = [await inserted(store), await inserted(store), await inserted(store)];
		const names = ['wiki.example.org', 'grafana.example.org', 'wiki.example.org'].map(host);
		for (const name of names) await store.handover.insert(newChild(one, { host: name }), 10, forMs);
		await store.handover.insert(newChild(two), 10, forMs);
		const found = await store.handover.hostsOf([one.key, two.key, none.key, newSession().key]);
		t.deepEqual(
			[...found],
			[
				[one.key, [grafana, host('wiki.example.org')]],
				[two.key, [grafana]],
			],
		);
		t.deepEqual([...(await store.handover.hostsOf([]))], []);
	});

	says('odd keys find nothing', async (t, { handover }) => {
		for (const key of ['', 'x', ' ', '*', newSessionToken()]) {
			t.is(await handover.find(key as SessionKey), undefined, key);
			t.is(await handover.takeTicket(key as Ticket['key']), undefined, key);
		}
	});

	saysOfTwo('of two processes that take a ticket, one gets it', async (t, one, other) => {
		const parent = await inserted(one);
		for (let round = 0; round < 20; round += 1) {
			const ticket = newTicket(parent, { issuedAt: after(round) });
			t.true(await (round % 2 ? one : other).handover.putTicket(ticket, 10, forMs));
			const taken = await Promise.all([one, other, one, other].map(({ handover }) => handover.takeTicket(ticket.key)));
			t.deepEqual(
				taken.filter((got) => got !== undefined),
				[ticket],
			);
		}
	});

	saysOfTwo('a child is known to every process, and its parent’s end, too', async (t, one, other) => {
		const parent = await inserted(one);
		const child = newChild(parent);
		await one.handover.insert(child, 10, forMs);
		t.deepEqual(await other.handover.find(child.key), child);
		t.deepEqual(await other.find(parent.key), parent);
		await one.delete(parent.key);
		t.true(await soon(async () => (await other.find(parent.key)) === undefined));
		t.true(await soon(async () => (await other.handover.find(child.key)) === undefined));
		t.false(await other.handover.insert(newChild(parent), 10, forMs));
		t.false(await other.handover.putTicket(newTicket(parent), 10, forMs));
	});
}
