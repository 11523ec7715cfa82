import type { IdentityId } from '../../core/identity.ts';
import { type ClientCertificate, type Session, type SessionKey, waitsForFactor } from '../../core/session.ts';
import type { SessionStore } from '../../core/stores.ts';
import { createMemoryCeremonies } from './ceremonies.ts';
import { createMemoryHandover } from './handover.ts';
import { createMemoryRefreshTokens } from './refresh-tokens.ts';

/** Sessions that last as long as this process. */
export function createMemorySessions(): SessionStore {
	/** In the order they came, as are those of each identity. */
	const sessions = new Map<SessionKey, Session>();
	/** Of sessions opened by certificate, numbered: a page ends at a number, whatever ends meanwhile. */
	const certified = new Map<SessionKey, { number: number; certificate?: ClientCertificate }>();
	let numbered = 0;
	const keysOf = new Map<IdentityId, Set<SessionKey>>();
	const { drop, move, ...handover } = createMemoryHandover((parent) => sessions.has(parent));

	function put(session: Session, certificate: ClientCertificate | undefined) {
		sessions.set(session.key, session);
		const keys = keysOf.get(session.identityId) ?? new Set();
		keysOf.set(session.identityId, keys.add(session.key));
		if (session.openedBy !== 'certificate') return;
		numbered += 1;
		certified.set(session.key, { number: numbered, ...(certificate !== undefined && { certificate }) });
	}

	function end({ key, identityId }: Session) {
		sessions.delete(key);
		certified.delete(key);
		drop(key);
		const keys = keysOf.get(identityId);
		keys?.delete(key);
		if (keys?.size === 0) keysOf.delete(identityId);
	}

	function allOf(id: IdentityId): Session[] {
		return oldestFirst([...(keysOf.get(id) ?? [])].flatMap((key) => sessions.get(key) ?? []));
	}

	/** What must end before `session` comes. */
	function surplus(session: Session, keep: 'alone' | number): Session[] {
		const others = allOf(session.identityId);
		if (keep === 'alone') return others.filter(({ dialect }) => dialect === session.dialect);
		const waits = waitsForFactor(session);
		const rivals = others.filter((other) => waitsForFactor(other) === waits);
		return rivals.slice(0, Math.max(0, rivals.length + 1 - keep));
	}

	function endAll(ending: readonly Session[]): readonly Session[] {
		for (const session of ending) end(session);
		return ending;
	}

	return {
		async insert(session, keep, certificate) {
			if (sessions.has(session.key)) throw new Error('a session with this key exists');
			const ending = surplus(session, keep);
			put(session, certificate);
			return endAll(ending);
		},
		find: async (key) => sessions.get(key),
		async replace(key, next, keep, certificate = certified.get(key)?.certificate) {
			const session = sessions.get(key);
			if (session === undefined) return { isDone: false, ended: [] };
			move(key, next.key);
			end(session);
			const ended = endAll(surplus(next, keep));
			put(next, certificate);
			return { isDone: true, ended };
		},
		async list(of, most) {
			const there = of === undefined ? oldestFirst([...sessions.values()]) : allOf(of);
			return there.reverse().slice(0, most);
		},
		async certified(most, from = '0') {
			const page = [...certified].filter(([, { number }]) => number > Number(from)).slice(0, most);
			const found = page.map(([key, { number: _, ...facts }]) => ({ key, ...facts }));
			return page.length < most ? { found } : { found, next: String(page.at(-1)?.[1].number) };
		},
		async touch(activity) {
			for (const [key, at] of activity) {
				const session = sessions.get(key);
				if (session !== undefined && session.lastActivityAt < at) {
					sessions.set(key, { ...session, lastActivityAt: at });
				}
			}
		},
		async delete(key) {
			const session = sessions.get(key);
			if (session !== undefined) end(session);
			return session !== undefined;
		},
		async deleteOf(id, { except, exceptDialects = [] } = {}) {
			return endAll(allOf(id).filter(({ key, dialect }) => key !== except && !exceptDialects.includes(dialect)));
		},
		async deleteMany(many) {
			return endAll(many.filter(({ key }) => sessions.has(key)));
		},
		async sweep({ silentSince, openedBefore }, most) {
			const over: Session[] = [];
			for (const session of sessions.values()) {
				if (over.length === most) break;
				if (session.lastActivityAt < silentSince || session.openedAt < openedBefore) over.push(session);
			}
			return endAll(over);
		},
		count: async () => sessions.size,
		handover,
		ceremonies: createMemoryCeremonies(),
		refreshTokens: createMemoryRefreshTokens(),
		async close() {},
	};
}

/** One that took another's place came later than it was opened. */
function oldestFirst(sessions: Session[]): Session[] {
	return sessions.sort((one, other) => one.openedAt - other.openedAt);
}
