import type { ApiToken, ApiTokenId, ApiTokenKey } from './api-token.ts';
import type { AuthenticatorStore } from './authenticator-store.ts';
import type { CeremonyStore } from './ceremony.ts';
import type { Instant } from './clock.ts';
import type { CredentialStamp, Identity, IdentityId, IdentityName, PasswordVerifier, Permission } from './identity.ts';
import type { IdentityQuery } from './identity-query.ts';
import type { PermissionStore } from './permission-store.ts';
import type { RefreshTokenStore } from './refresh-token.ts';
import type { ChildSession, ClientCertificate, DialectName, HostName, Session, SessionKey } from './session.ts';
import type { Ticket, TicketKey } from './ticket.ts';
import type { SetupToken } from './token.ts';

export type { AttemptKey, AttemptStore, Count } from './attempt-store.ts';

/*
 * What the core asks of the outside. A store keeps; it does not judge: it returns what it has, and the core says
 * whether that is expired, locked or stale.
 *
 * "Not there" is an answer (`undefined`, `false`, or nothing done), never an error. A rejected promise means that the
 * store itself is broken or away: `StoreUnavailable` where waiting may help.
 *
 * What resolves is kept: an end or a change of credentials is on the disk (or with the server) before the promise
 * resolves; a new session survives the death of this process; a touch may lose what it was last told.
 */

/** The store is away, full or too slow; the caller may try again. Its `cause` goes to the log, never to a client. */
export class StoreUnavailable extends Error {
	override readonly name = 'StoreUnavailable';
	/** The log has a line about it already: one for the outage, and none for each request. */
	readonly isLogged: boolean;
	constructor(store: string, { cause, isLogged = false }: { cause?: unknown; isLogged?: boolean } = {}) {
		super(`the ${store} store is unavailable`, { cause });
		this.isLogged = isLogged;
	}
}

/** An error of the language is a mistake in the program: no server's state, and not to be waited out. */
export function isMistake(fault: unknown): boolean {
	return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => fault instanceof kind);
}

/** Where sessions are kept. Promises: `spec/store/session-store.contract.ts`. */
export interface SessionStore {
	/**
	 * Adds a session. Rejects if the key exists: two sessions must never share one. In the same step ends what
	 * `keep` leaves no room for: `alone`, every other session of that identity and dialect; a number, the oldest of
	 * that identity (all dialects) beyond so many: those that wait for a second factor where it does, else the others
	 * (`waitsForFactor`). Returns the sessions that it ended. `certificate`: what opened it; kept beside it, since no check needs it.
	 */
	insert(session: Session, keep: 'alone' | number, certificate?: ClientCertificate): Promise<readonly Session[]>;
	find(key: SessionKey): Promise<Session | undefined>;
	/**
	 * Ends the session at `key` and puts `next` in its place, in one step: it is as old, has the certificate of the old one
	 * unless another is given, and its child sessions. Tickets are gone. In the same step ends what `keep` leaves no room for, as
	 * `insert` does. Of many at once, in many processes, one does it; where a process dies in between, neither is left at the worst.
	 */
	replace(key: SessionKey, next: Session, keep: number, certificate?: ClientCertificate): Promise<Replaced>;
	/** Sessions of one identity, or of all; newest first, `limit` at the most. */
	list(of: IdentityId | undefined, limit: number): Promise<readonly Session[]>;
	/**
	 * A page of some `limit` sessions opened by certificate, in no order. `from`: `next` of the page before; absent for
	 * the first. Each that is there all the time is found, maybe twice; one inserted or ended meanwhile may be missing.
	 */
	certified(limit: number, from?: string): Promise<CertifiedPage>;
	/** Moves `lastActivityAt` forward; never back, in whatever order calls arrive. Never adds a session. */
	touch(activity: ReadonlyMap<SessionKey, Instant>): Promise<void>;
	/** Ends a session. Returns whether this call was the one that ended it. */
	delete(key: SessionKey): Promise<boolean>;
	/** Ends the sessions of an identity, all but `except` and those of the dialects in `exceptDialects`. Returns what it ended. */
	deleteOf(
		id: IdentityId,
		but?: { except?: SessionKey; exceptDialects?: readonly DialectName[] },
	): Promise<readonly Session[]>;
	/** Ends many sessions, which costs little more than one. Returns those that this call ended. */
	deleteMany(sessions: readonly Session[]): Promise<readonly Session[]>;
	/**
	 * Drops sessions silent since before `silentSince` or opened before `openedBefore`, `limit` of them at the most, and
	 * returns them. Housekeeping: correctness never waits for it.
	 */
	sweep(over: { silentSince: Instant; openedBefore: Instant }, limit: number): Promise<readonly Session[]>;
	/** How many it holds, expired ones included, without child sessions. May be some seconds old. */
	count(): Promise<number>;
	readonly handover: HandoverStore;
	readonly ceremonies: CeremonyStore;
	readonly refreshTokens: RefreshTokenStore;
	close(): Promise<void>;
}

/**
 * Where tickets and child sessions are kept: with the sessions that they belong to, and gone with them, whatever ends
 * those. Neither is put where the parent is not there: `false`. Promises: `spec/store/handover-store.contract.ts`.
 */
export interface HandoverStore {
	/** Keeps a ticket, and of its parent's no more than `limit`, the newest. One may be forgotten `forMs` later. */
	putTicket(ticket: Ticket, limit: number, forMs: number): Promise<boolean>;
	/** Takes a ticket away. Of many calls at once, in many processes, one gets it. */
	takeTicket(key: TicketKey): Promise<Ticket | undefined>;
	/** Adds a child session, and keeps of its parent's no more than `limit`, the newest. One may be forgotten `forMs` later. */
	insert(child: ChildSession, limit: number, forMs: number): Promise<boolean>;
	/** The child, whether its parent is still there or not: that one is to be asked for, too. */
	find(key: SessionKey): Promise<ChildSession | undefined>;
	/** Of each of `parents` with child sessions, the hosts of those, each once, in alphabetical order. */
	hostsOf(parents: readonly SessionKey[]): Promise<ReadonlyMap<SessionKey, readonly HostName[]>>;
}

export interface Replaced {
	/** `false`: nothing was there, or was gone before all was made ready, and nothing came. */
	readonly isDone: boolean;
	/** What `keep` left no room for. In the second case, with the session at `key`, where this call has ended it. */
	readonly ended: readonly Session[];
}

export interface CertifiedPage {
	readonly found: readonly {
		readonly key: SessionKey;
		/** Absent: a version before did not keep it. */
		readonly certificate?: ClientCertificate;
	}[];
	/** Absent: this was the last page. */
	readonly next?: string;
}

/** What a change of credentials writes. `name` and `passwordVerifier` stay as they are where they are left out. */
export interface CredentialChange {
	readonly name?: IdentityName;
	readonly passwordVerifier?: PasswordVerifier;
	readonly passwordChangeNeeded: boolean;
	readonly credentialStamp: CredentialStamp;
}

/** `absent`: there is no such identity. */
export type Taken = 'done' | 'absent' | 'last';

/** Where identities are kept. Promises: `spec/store/identity-store.contract.ts`. */
export interface IdentityStore {
	find(id: IdentityId): Promise<Identity | undefined>;
	findByName(name: IdentityName): Promise<Identity | undefined>;
	/** All, by name. */
	list(): Promise<readonly Identity[]>;
	/** Those of a query, in its order, from behind `after`; `limit` at the most. */
	page(query: IdentityQuery): Promise<readonly Identity[]>;
	/** Moves `lastSignInAt` forward; never back. Never adds an identity. */
	touch(signIns: ReadonlyMap<IdentityId, Instant>): Promise<void>;
	/** Those whose end came after the first moment, and not after the second. */
	expired(after: Instant, until: Instant): Promise<readonly IdentityId[]>;
	/** `name-taken` where a name that folds to the same text exists (`foldName`). Ends the time of first setup. */
	insert(identity: Identity): Promise<'inserted' | 'name-taken'>;
	/** Many, in one transaction. Returns those that are in: the others' names were taken, by one of them or before. */
	insertAll(identities: readonly Identity[]): Promise<ReadonlySet<IdentityId>>;
	/** Adds the very first identity. Of many at once, exactly one is inserted. */
	insertFirst(identity: Identity): Promise<'inserted' | 'already-set-up'>;
	/**
	 * Keeps `token` where there never was an identity and no token is kept yet. Returns the one that is kept, or
	 * `undefined` where the first setup is over; it stays over when every identity is removed.
	 */
	offerSetup(token: SetupToken): Promise<SetupToken | undefined>;
	/** All or nothing, and only where the identity still carries the stamp `from`. */
	changeCredentials(
		id: IdentityId,
		from: CredentialStamp,
		change: CredentialChange,
	): Promise<'changed' | 'outdated' | 'name-taken'>;
	/** Another verifier of the same password: the stamp stays. Does nothing where the stamp is not `from` any more. */
	replaceVerifier(id: IdentityId, from: CredentialStamp, verifier: PasswordVerifier): Promise<void>;
	/** Returns whether the identity exists. */
	grant(id: IdentityId, permissions: readonly Permission[]): Promise<boolean>;
	/**
	 * With `keep`, these three do nothing to the last identity that is enabled and holds that permission: `last`. Of
	 * several at once that would leave none, one is stopped. Identities of services, and those with an end, do not count.
	 */
	revoke(id: IdentityId, permissions: readonly Permission[], keep?: Permission): Promise<Taken>;
	/** Where that changes it, it gets a fresh credential stamp in the same step: nothing opened before comes back later. */
	setDisabled(id: IdentityId, disabled: boolean, keep?: Permission): Promise<Taken>;
	remove(id: IdentityId, keep?: Permission): Promise<Taken>;
	readonly permissions: PermissionStore;
	readonly authenticators: AuthenticatorStore;
	close(): Promise<void>;
}

/** Where API tokens are kept, beside identities. Promises: `spec/store/api-token-store.contract.ts`. */
export interface ApiTokenStore {
	/** `full` where its identity has `limit` that are neither ended nor expired. Rejects if the id or the key exists. */
	insert(token: ApiToken, limit: number): Promise<'inserted' | 'full'>;
	/** Also one that has ended, as long as it is kept. */
	find(key: ApiTokenKey): Promise<ApiToken | undefined>;
	/** Of one identity, or of all; newest first. Those that have ended are left out. */
	list(of: IdentityId | undefined): Promise<readonly ApiToken[]>;
	/** Ends one for good. Returns it where this call was the one that ended it. */
	end(id: ApiTokenId, at: Instant): Promise<ApiToken | undefined>;
	/** Ends all of an identity, or of everybody. Returns what it ended. */
	endOf(id: IdentityId | undefined, at: Instant): Promise<readonly ApiToken[]>;
	/** Moves the last use forward; never back. Never adds a token. */
	touch(uses: ReadonlyMap<ApiTokenId, ApiTokenUse>): Promise<void>;
	/** Ends those whose time is over by `now` and returns them; forgets those that ended before `endedBefore`. */
	sweep(now: Instant, endedBefore: Instant): Promise<readonly ApiToken[]>;
}

export interface ApiTokenUse {
	readonly at: Instant;
	readonly address: string;
}

/**
 * Which sessions were ended, kept apart from a session store that may come back with an older state of itself (a
 * snapshot, a replica that lagged behind): what stands here is over, whatever that store says of it. Promises:
 * `spec/store/end-record.contract.ts`.
 */
export interface EndRecord {
	/** On the disk before it resolves. Returns those that were not on record: this call has ended them. */
	write(keys: readonly SessionKey[]): Promise<ReadonlySet<SessionKey>>;
	/** Those of `keys` that are on record. */
	find(keys: readonly SessionKey[]): Promise<ReadonlySet<SessionKey>>;
	/** Forgets ends from before that moment, whose sessions are over by their age. Housekeeping, in batches. */
	purge(before: Instant): Promise<void>;
	/** Tells of ends that other processes write; of `undefined` where some may have been missed. */
	follow(listener: (ended: SessionKey | undefined) => void): void;
	/** Whether every end is told within a second. Always true where nobody but the session store needs to tell. */
	isFollowed(): boolean;
}

/** Short texts that are kept beside identities: what became of a store as a whole. */
export interface NoteStore {
	find(key: Note): Promise<string | undefined>;
	/** `undefined`: no more. */
	put(key: Note, value: string | undefined): Promise<void>;
	/** Keeps `value` where nothing is kept yet. Returns what is kept: of many at once, all get the same. */
	offer(key: Note, value: string): Promise<string>;
}

/**
 * `moved`: identities and sessions were moved from here to another store, and nobody serves from here any more. `arriving`: a move
 * to here is under way. `arrived`: it has ended. `sealing-key`: 256 random bits, base64, for what is kept on other machines.
 * `slow-verifiers`: see `hashing/slow-kinds.ts`. `signing-key`: what access tokens are signed with, PKCS #8 in PEM.
 * `min-length-alone`: the default of `passwordPolicy.minLengthAlone` when the installation was begun; absent in those begun before
 * there was one. It stands in a store from its first moment, and goes with backups and moves.
 */
export type Note =
	| 'moved'
	| 'arriving'
	| 'arrived'
	| 'sealing-key'
	| 'slow-verifiers'
	| 'signing-key'
	| 'min-length-alone';
