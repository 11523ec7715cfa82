import type { Stores } from '../app/store-types.ts';
import { openStores } from '../app/stores.ts';
import type { Config } from '../config/schema.ts';
import { createClock } from '../core/clock.ts';
import type { Identity } from '../core/identity.ts';
import { type ClientCertificate, isExpired, type Session, type SessionKey } from '../core/session.ts';
import type { CertifiedPage } from '../core/stores.ts';
import { newCredentialStamp } from '../core/token.ts';
import type { Common } from './identity.ts';
import { dropFactors, moveFactors, useUpFactors } from './move-factors.ts';
import { moveHistory } from './move-history.ts';
import { movePermissions } from './move-permissions.ts';
import { counted, Failed, say } from './output.ts';
import { patiently } from './patience.ts';
import { openProgress } from './progress.ts';
import { confirm } from './prompt.ts';
import { readSettings, withStores } from './settings.ts';
import { addressOf, judgePlaces, placesOf } from './store-places.ts';

/** How many are on their way at once. */
const atOnce = 32;
/** More sessions than any store holds. */
const all = 2 ** 31;

export interface MoveOptions extends Common {
	readonly from: readonly string[];
	readonly to?: readonly string[];
	/** Also where a move to there has ended. */
	readonly again?: boolean;
}

/**
 * Copies identities and living sessions from one place to another, to which the configuration may then point. What is
 * there already stays as it is, so that a move that was interrupted is finished by running it again. What was there and
 * differs is told, and left for a person to decide.
 */
export async function moveStore({ from, to = [], config: file, again = false }: MoveOptions): Promise<void> {
	const { config } = readSettings(file);
	const source = { ...config, store: placesOf(from.map(addressOf)) };
	const target = to.length === 0 ? config : { ...config, store: placesOf(to.map(addressOf)) };
	judgePlaces(source.store, target.store);
	const [old, anew] = await Promise.all([open(source), open(target)]);
	try {
		await begin(old, anew, again);
		const differing = await moveIdentities(old, anew);
		await movePermissions(old, anew);
		await moveFactors(old, anew);
		await moveTokens(old, anew);
		await moveInvitations(old, anew);
		await moveHistory(old, anew);
		if (source.store.sessions !== 'memory:' && target.store.sessions !== 'memory:')
			await moveSessions(old, anew, config);
		else say('no sessions moved: say where they are, and where they are to be');
		if (differing.length > 0) {
			throw new Failed(
				`${differing.length} of them stand there with other credentials or permissions, and stay so: ${differing.join(', ')}`,
			);
		}
		await finish(old, anew, source.store.identities !== target.store.identities);
	} finally {
		for (const { sessions, identities } of [old, anew]) {
			await sessions.close();
			await identities.close();
		}
	}
}

/**
 * What has ended at the target since a move has finished would come back with another one. A move to an empty target that
 * was interrupted goes on: nobody was served from there, so what the source no longer has goes first.
 */
async function begin(from: Stores, to: Stores, again: boolean): Promise<void> {
	if ((await patiently(() => to.notes.find('moved'))) !== undefined)
		throw new Failed('that store was moved itself, and is of the past: move to an empty one');
	const arrivedOn = await patiently(() => to.notes.find('arrived'));
	if (arrivedOn !== undefined && !again)
		throw new Failed(
			`a move to there has ended on ${arrivedOn}, and what was ended or removed since would come back: --again moves all the same`,
		);
	if ((await to.notes.find('arriving')) === undefined) {
		if (arrivedOn === undefined && (await to.identities.list()).length === 0) {
			await to.notes.put('min-length-alone', await patiently(() => from.notes.find('min-length-alone')));
			await to.notes.put('arriving', today());
		}
		return;
	}
	const present = new Map((await from.identities.list()).map((identity) => [identity.id, identity]));
	for (const there of await to.identities.list()) {
		const here = present.get(there.id);
		if (here === undefined || !isSame(here, there)) await to.identities.remove(there.id);
	}
	await dropFactors(to);
	const defined = new Set((await from.identities.permissions.find()).made);
	for (const permission of (await to.identities.permissions.find()).made) {
		if (!defined.has(permission)) await to.identities.permissions.remove(permission);
	}
	const open = new Set((await from.apiTokens.list(undefined)).map(({ id }) => id));
	for (const { id } of await to.apiTokens.list(undefined)) {
		if (!open.has(id)) await to.apiTokens.end(id, createClock().now());
	}
	for (const { key } of await to.invitations.list()) await to.invitations.take(key);
	const living = new Set((await from.sessions.list(undefined, all)).map(({ key }) => key));
	for (const { key } of await to.sessions.list(undefined, all)) if (!living.has(key)) await to.sessions.delete(key);
}

/** The source first: until the target is marked, too, nobody serves from either, and the move can be run again. */
async function finish(from: Stores, to: Stores, isElsewhere: boolean): Promise<void> {
	if (isElsewhere) await patiently(() => from.notes.put('moved', today()));
	await patiently(() => to.notes.put('arrived', today()));
	await patiently(() => to.notes.put('arriving', undefined));
}

function today(): string {
	return new Date(createClock().now()).toISOString().slice(0, 10);
}

/** Serves again from a store that was moved. Its sessions are those of the past, and end. */
export async function reopenStore({ config: file, yes }: Common & { yes?: boolean }): Promise<void> {
	const { config } = readSettings(file);
	if (!yes) await confirm('Everybody has to log in again, with the passwords of that time. Go on?');
	await withStores(config, async (stores) => {
		const { identities, apiTokens, notes } = stores;
		for (const { id, credentialStamp: from, passwordChangeNeeded } of await identities.list()) {
			await identities.changeCredentials(id, from, { passwordChangeNeeded, credentialStamp: newCredentialStamp() });
		}
		await apiTokens.endOf(undefined, createClock().now());
		await useUpFactors(stores);
		await notes.put('arriving', undefined);
		await notes.put('moved', undefined);
	});
	say('this store can be served from again; its sessions and API tokens have ended');
}

function open(config: Config): Promise<Stores> {
	const nobody = () => undefined;
	return openStores(config, createClock(), { onTransition: nobody, onFault: nobody, onNotice: say });
}

/** Returns the names of those that were there and differ. */
async function moveIdentities(from: Stores, to: Stores): Promise<string[]> {
	const differing: string[] = [];
	const identities = await from.identities.list();
	const slow = [await from.notes.find('slow-verifiers'), await to.notes.find('slow-verifiers')].filter(Boolean);
	if (slow.length > 0) await to.notes.put('slow-verifiers', slow.join(' '));
	await move('identity', identities, async (identity) => {
		const there = await to.identities.find(identity.id);
		if (there === undefined && (await to.identities.insert(identity)) === 'inserted') return true;
		if (there === undefined || !isSame(identity, there)) differing.push(identity.name);
		return false;
	});
	return differing;
}

/** Those that live. One that is there stays as it is, ended or not: what has ended there does not come back. */
async function moveTokens(from: Stores, to: Stores): Promise<void> {
	const tokens = await patiently(() => from.apiTokens.list(undefined));
	await move('API token', tokens, async (token) => {
		if ((await to.apiTokens.find(token.key)) !== undefined) return false;
		await to.apiTokens.insert(token, Number.MAX_SAFE_INTEGER);
		return true;
	});
}

/** Where the target has none of that identity. What was used up there since opens nothing: the credentials are others. */
async function moveInvitations(from: Stores, to: Stores): Promise<void> {
	const invited = new Set((await patiently(() => to.invitations.list())).map(({ identityId }) => identityId));
	const invitations = await patiently(() => from.invitations.list());
	if (invitations.length === 0) return;
	await move('invitation', invitations, async (invitation) => {
		if (invited.has(invitation.identityId)) return false;
		await to.invitations.put(invitation);
		return true;
	});
}

async function moveSessions(from: Stores, to: Stores, { session }: Config): Promise<void> {
	const limits = { inactivityMs: session.inactivityInterval * 1000, lifetimeMs: session.absoluteLifetime * 1000 };
	const clock = createClock();
	const alive = (each: Session) => !isExpired(each, clock.now(), limits);
	const sessions = (await from.sessions.list(undefined, all)).filter(alive);
	const certificates = await certificatesOf(from);
	// Oldest first: an identity with too many loses the oldest.
	await move('session', sessions.toReversed(), async (each) => {
		if ((await to.sessions.find(each.key)) !== undefined) return false;
		await to.sessions.insert(each, Number.MAX_SAFE_INTEGER, certificates.get(each.key));
		return true;
	});
}

/** What opened the sessions that were opened by certificate. */
async function certificatesOf({ sessions }: Stores): Promise<ReadonlyMap<SessionKey, ClientCertificate>> {
	const certificates = new Map<SessionKey, ClientCertificate>();
	let from: string | undefined;
	do {
		const page: CertifiedPage = await patiently(() => sessions.certified(1000, from));
		for (const { key, certificate } of page.found) if (certificate !== undefined) certificates.set(key, certificate);
		from = page.next;
	} while (from !== undefined);
	return certificates;
}

async function move<T>(noun: string, each: readonly T[], carry: (one: T) => Promise<boolean>): Promise<void> {
	const progress = openProgress(noun, each.length);
	let moved = 0;
	for (let at = 0; at < each.length; at += atOnce) {
		const carried = await Promise.all(each.slice(at, at + atOnce).map((one) => patiently(() => carry(one))));
		moved += carried.filter(Boolean).length;
		progress.show(Math.min(at + atOnce, each.length));
	}
	progress.clear();
	say(`${counted(moved, noun)} moved, ${each.length - moved} were there`);
}

function isSame(one: Identity, other: Identity): boolean {
	const facts = ({ permissions, lastSignInAt: _, ...others }: Identity) =>
		JSON.stringify(Object.entries({ ...others, permissions: [...permissions].sort() }).sort());
	return facts(one) === facts(other);
}
