import type { Instant } from '../../core/clock.ts';
import type { IdentityId } from '../../core/identity.ts';
import type { ClientCertificate, Session, SessionKey } from '../../core/session.ts';
import type { EndRecord, Replaced, SessionStore } from '../../core/stores.ts';
import { type CopyCounts, createCopies } from '../remote/cache.ts';
import { createRedisCeremonies } from './ceremonies.ts';
import { keyPrefix, type RedisConnection, type Script } from './connection.ts';
import { createRedisHandover } from './handover.ts';
import { createRedisRefreshTokens } from './refresh-tokens.ts';
import { seal, timeText, unseal } from './seal.ts';
import { dropScript, insertScript, replaceScript, sweepScript, touchScript } from './session-scripts.ts';

/*
 * Redis may lose a session; it never decides that one lives. It comes back from an old snapshot, its replica takes over
 * with less than it had, somebody restores a dump while we are connected: none of that may revive a session that was
 * ended. So every end is put down in the end record (on disk, with the identities) before Redis hears of it, and a
 * session read from Redis counts only if it is not on that record. Nothing has to notice that Redis went back in time,
 * and nothing has to be replayed to it. (Old passwords are no concern here: a session carries the credential stamp of
 * its login, and the identity store has the present one.)
 *
 * What was read is kept in this process, so that a check costs no round trip, and dropped when Redis tells that the key
 * changed, when the record tells of an end, and altogether when either connection is lost or stays without an answer.
 *
 * Sessions have no expiry in Redis: it would end them without a word, by its own clock, and the audit tells of each end.
 * The sweep finds them by two indexes.
 */

/** About 600 bytes each. */
const mostCopies = 50_000;
const touchedAtOnce = 250;
const sweptAtOnce = 100;
/** How long an end stays on record beyond the longest life its session can have: clocks and settings may change. */
const recordedLongerMs = 86_400_000;

const certified = `${keyPrefix}certified`;
/** In place of a certificate that nobody kept. */
const unknown = '-' as ClientCertificate;

export interface RedisSessions extends SessionStore {
	readonly copies: Readonly<CopyCounts>;
}

/** `sealingKeyOf`: the key of this installation, the same on every node (`seal.ts`); asked for until it is there. */
export function createRedisSessions(
	redis: RedisConnection,
	ends: EndRecord,
	sealingKeyOf: () => Promise<Buffer>,
): RedisSessions {
	const copies = createCopies<SessionKey, Session>(mostCopies, () => redis.isFollowed() && ends.isFollowed());
	const release = redis.hold();
	const sessionKeys = `${keyPrefix}s:`;
	const handover = createRedisHandover(redis, ends, sealingKey);

	redis.follow((key) => {
		if (key === undefined) copies.outdateAll();
		else if (key.startsWith(sessionKeys)) copies.outdate(key.slice(sessionKeys.length) as SessionKey);
	});
	ends.follow((key) => (key === undefined ? copies.outdateAll() : copies.outdate(key)));

	let known: Buffer | undefined;
	async function sealingKey(): Promise<Buffer> {
		known ??= await sealingKeyOf();
		return known;
	}

	/** Those that we have sealed. What else stands in their place is nobody's session. */
	async function toSessions(texts: unknown): Promise<Session[]> {
		const key = await sealingKey();
		return (texts as readonly (string | null)[]).flatMap((text) => (text === null ? [] : (unseal(key, text) ?? [])));
	}

	async function withoutEnded(sessions: Session[]): Promise<Session[]> {
		if (sessions.length === 0) return sessions;
		const ended = await ends.find(sessions.map(({ key }) => key));
		return sessions.filter(({ key }) => !ended.has(key));
	}

	async function read(key: SessionKey): Promise<Session | undefined> {
		const text = await redis.get(sessionKeys + key);
		const [session] = await toSessions([text]);
		// Moved here from another key it does not count.
		return session?.key === key ? (await withoutEnded([session]))[0] : undefined;
	}

	/** What stands in Redis, on record as ended or not; newest first, all where `most` is 0. */
	async function kept(of: IdentityId | undefined, most: number): Promise<Session[]> {
		const index = keyPrefix + (of === undefined ? 'opened' : `i:${of}`);
		const { keys, texts } = await redis.run(async (client) => {
			const found = await client.zRange(index, 0, most - 1, { REV: true });
			return { keys: found, texts: found.length === 0 ? [] : await client.mGet(found.map((key) => sessionKeys + key)) };
		});
		const sessions = await toSessions(texts);
		if (sessions.length < keys.length) await dropUnreadable(keys, sessions);
		return sessions;
	}

	/** What cannot be read would stand in the way of every list. */
	async function dropUnreadable(keys: readonly string[], sessions: readonly Session[]) {
		const readable = new Set<string>(sessions.map(({ key }) => key));
		await redis.script(
			dropScript,
			keys.filter((key) => !readable.has(key)),
		);
	}

	/** Returns those that this call has ended. */
	async function end(sessions: readonly Session[]): Promise<readonly Session[]> {
		if (sessions.length === 0) return sessions;
		const keys = sessions.map(({ key }) => key);
		const fresh = await ends.write(keys);
		for (const key of keys) copies.outdate(key);
		await redis.script(dropScript, keys);
		for (const key of keys) copies.outdate(key);
		return sessions.filter(({ key }) => fresh.has(key));
	}

	/** Runs a script until what it leaves no room for is on record as ended. */
	async function makingRoom(script: Script, args: readonly string[]): Promise<Replaced> {
		const gone: string[] = [];
		const ended: Session[] = [];
		for (;;) {
			const surplus = (await redis.script(script, [...args, ...gone])) as readonly string[] | null;
			for (const key of gone) copies.outdate(key as SessionKey);
			if (surplus === null || surplus.length === 0) return { isDone: surplus !== null, ended: ended.reverse() };
			const texts = surplus.filter((_, at) => at % 2 === 1);
			const sessions = await toSessions(texts);
			const fresh = sessions.length > 0 ? await ends.write(sessions.map(({ key }) => key)) : new Set();
			ended.push(...sessions.filter(({ key }) => fresh.has(key)));
			// What cannot be read goes, too: nobody could ever come where it stays.
			gone.push(...surplus.filter((_, at) => at % 2 === 0));
		}
	}

	return {
		copies: copies.counts,
		async insert(session, keep, certificate = unknown) {
			const { key, identityId, openedAt, lastActivityAt } = session;
			const text = seal(await sealingKey(), session);
			const args = [key, text, identityId, String(openedAt), String(lastActivityAt), String(keep)];
			args.push(session.openedBy === 'certificate' ? certificate : '');
			return (await makingRoom(insertScript, args)).ended;
		},
		async find(key) {
			return copies.get(key) ?? copies.read(key, () => read(key));
		},
		async replace(key, next, keep, certificate) {
			const text = await redis.run((client) => client.get(sessionKeys + key));
			const [session] = await toSessions([text]);
			if (session?.key !== key) return { isDone: false, ended: [] };
			const { identityId, openedAt, lastActivityAt } = next;
			const children = await handover.movedTo(key, next.key);
			const args = [
				key,
				next.key,
				seal(await sealingKey(), next),
				identityId,
				String(openedAt),
				String(lastActivityAt),
				String(keep),
			];
			args.push(certificate ?? '', String(children.length), ...children.flat());
			// On record first: where this process dies now, the old session is over all the same.
			const isFirst = (await ends.write([key])).size > 0;
			copies.outdate(key);
			const { isDone, ended } = isFirst ? await makingRoom(replaceScript, args) : { isDone: false, ended: [] };
			for (const outdated of [key, next.key]) copies.outdate(outdated);
			for (const [child] of children) handover.outdate(child);
			// On record as ended by us, it was ended by nobody else.
			return { isDone, ended: isFirst && !isDone ? [session, ...ended] : ended };
		},
		list: async (of, most) => withoutEnded(await kept(of, most)),
		async certified(most, from = '0') {
			const { cursor, entries } = await redis.run((client) => client.hScan(certified, from, { COUNT: most }));
			const found = entries.map(({ field, value }) => ({
				key: field as SessionKey,
				...(value !== unknown && { certificate: value as ClientCertificate }),
			}));
			return cursor === '0' ? { found } : { found, next: cursor };
		},
		async touch(activity) {
			const waiting = [...activity];
			while (waiting.length > 0) {
				const some = waiting.splice(0, touchedAtOnce);
				await redis.script(
					touchScript,
					some.flatMap(([key, at]) => [key, timeText(at)]),
				);
				for (const [key] of some) copies.outdate(key);
			}
		},
		async delete(key) {
			const text = await redis.run((client) => client.get(sessionKeys + key));
			return (await end(await toSessions([text]))).length > 0;
		},
		async deleteOf(id, { except, exceptDialects = [] } = {}) {
			const all: Session[] = [];
			for (;;) {
				const sessions = await kept(id, 0);
				const ending = sessions.filter(({ key, dialect }) => key !== except && !exceptDialects.includes(dialect));
				const ended = await end(ending);
				all.push(...ended);
				// What somebody else has ended meanwhile may have another one in its place.
				if (ended.length === ending.length) return all;
			}
		},
		deleteMany: end,
		async sweep({ silentSince, openedBefore }, most) {
			const swept: Session[] = [];
			for (const [index, before] of [
				['active', silentSince],
				['opened', openedBefore],
			] as const) {
				for (let room = most - swept.length; room > 0; room = most - swept.length) {
					const asked = Math.min(sweptAtOnce, room);
					const texts = await redis.script(sweepScript, [index, String(before), String(asked)]);
					const some = await toSessions(texts);
					for (const { key } of some) copies.outdate(key);
					swept.push(...some);
					if ((texts as readonly unknown[]).length < asked) break;
				}
			}
			const limits = [silentSince, openedBefore].filter((before) => before > 0);
			// With the last batch: once for each sweep.
			if (swept.length < most && limits.length > 0)
				await ends.purge((Math.min(...limits) - recordedLongerMs) as Instant);
			return withoutEnded(swept);
		},
		count: () => redis.run((client) => client.zCard(`${keyPrefix}opened`)),
		handover: handover.store,
		ceremonies: createRedisCeremonies(redis, ends, sealingKey),
		refreshTokens: createRedisRefreshTokens(redis, ends, sealingKey),
		close: () => release(),
	};
}
