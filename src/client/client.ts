import { type AskForProof, type Awaited, type CurrentSession, createConnection, isOfTheSession } from './connection.ts';
import { CookieNotKept, SessionOver, Unreachable } from './refused.ts';
import { sessionV1 } from './session-v1.ts';
import type { ClientState, LatchkeyClient, Standing } from './state.ts';
import { openTabs, type Tabs } from './tabs.ts';
import { type Liveness, type Watch, waitMsAfter, watchSession } from './watch.ts';

export type { AskForProof, CurrentSession } from './connection.ts';
export { CookieNotKept, NotProved, type ProofNeeded, Refused, SessionOver, Unreachable } from './refused.ts';
export type { CurrentIdentity, FactorLogin, FactorShown, NewTotp, ProofShown } from './session-v1.ts';
export type { ClientState, LatchkeyClient, Standing } from './state.ts';
export type { Ending } from './watch.ts';

export interface ClientOptions {
	/**
	 * Where Latchkey is, if that is another origin than the page's: `https://login.example.org`. It must be of the same site, and
	 * name the page's origin in `allowedOrigins`.
	 */
	readonly baseUrl?: string | undefined;
	/**
	 * Asks the person for a proof, where a request is refused without one (`proof-needed`): show a form, call `prove`, and resolve
	 * with whether that was done. The request is then sent again. Absent: it is refused.
	 */
	readonly onProofNeeded?: AskForProof | undefined;
}

const waiting: Readonly<Record<Awaited, Standing>> = {
	'second-factor': { kind: 'second-factor' },
	'password-change': { kind: 'must-change' },
	enrolment: { kind: 'enrolment' },
};

/** A session of Latchkey in a page: where it stands, what leads from there, and requests that carry it. */
export function createLatchkeyClient({ baseUrl: given, onProofNeeded }: ClientOptions = {}): LatchkeyClient {
	// Of a build that names none, an empty one.
	const baseUrl = given || undefined;
	const connection = createConnection(baseUrl);
	const session = sessionV1(connection);
	const listeners = new Set<() => void>();
	let state: ClientState = { kind: 'away' };
	let tabs: Tabs | undefined;
	let watch: Watch | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let looks = 0;
	let latest: Promise<ClientState> | undefined;
	let closed = false;
	if (onProofNeeded !== undefined) connection.provesBy(onProofNeeded);

	function become(next: ClientState): void {
		state = next;
		for (const listener of [...listeners]) listener();
	}

	/** What was known last, also while the service does not answer. */
	const standing = () => (state.kind === 'away' ? state.before : state);

	function away(fault: unknown): void {
		const before = standing();
		become({ kind: 'away', fault, ...(before && { before }) });
	}

	/** Not before the first look: a page may be drawn on a server, where nothing must stay open. */
	function openTab(): Tabs {
		if (tabs === undefined) {
			tabs = openTabs(baseUrl);
			tabs.whenTold(() => void look());
		}
		return tabs;
	}

	function look(): Promise<ClientState> {
		if (closed) return Promise.resolve(state);
		openTab();
		looks += 1;
		latest = lookOnce(looks);
		return latest;
	}

	async function lookOnce(nth: number): Promise<ClientState> {
		const found = await connection.findSession().then(
			(session) => ({ session }),
			(fault: unknown) => ({ fault }),
		);
		if (closed) return state;
		// Another look began meanwhile: it knows more.
		if (nth !== looks && latest !== undefined) return latest;
		clearTimeout(timer);
		if ('fault' in found) {
			away(found.fault);
			if (watch !== undefined) watch.look();
			else timer = setTimeout(() => void look(), waitMsAfter(found.fault));
		} else {
			settle(found.session);
		}
		return state;
	}

	function settle(found: CurrentSession | Awaited | undefined): void {
		watch?.stop();
		const awaited = typeof found === 'string' ? found : undefined;
		watch = found === undefined ? undefined : watchSession(connection, awaited, follow, () => void changed());
		become(standingOf(found));
	}

	/** The session is another one now, or none. */
	function changed(): Promise<ClientState> {
		if (!closed) openTab().tell();
		return look();
	}

	function follow(liveness: Liveness): void {
		const known = standing();
		if (known === undefined) return;
		if (liveness.kind === 'unknown') {
			if (isOfTheSession(liveness.fault)) void look();
			else away(liveness.fault);
		} else if (known.kind === 'signed-in' && (liveness.kind === 'ending' || known.ending !== undefined)) {
			const { kind, session } = known;
			become({ kind, session, ...(liveness.kind === 'ending' && { ending: { by: liveness.by, at: liveness.at } }) });
		} else if (state !== known) {
			become(known);
		}
	}

	/** Where the session turns out to be another one, the state says so before the caller learns it. */
	async function inSession<T>(act: () => Promise<T>): Promise<T> {
		if (standing() === undefined) await look();
		if (state.kind === 'away' && state.before === undefined) throw state.fault;
		try {
			const result = await act();
			if (state.kind === 'signed-in' && state.ending !== undefined) watch?.look();
			return result;
		} catch (fault) {
			if (isOfTheSession(fault)) await look();
			else if (fault instanceof Unreachable) watch?.look();
			throw fault;
		}
	}

	/** For what changes the session. */
	async function changing(act: () => Promise<unknown>): Promise<ClientState> {
		await inSession(act);
		return changed();
	}

	return {
		get state() {
			return state;
		},
		subscribe(listener) {
			listeners.add(listener);
			if (looks === 0) void look();
			return () => void listeners.delete(listener);
		},
		look,
		async login(username, password) {
			try {
				await session.login(username, password);
			} catch (fault) {
				if (standing()?.kind !== 'signed-out') await changed();
				throw fault;
			}
			const now = await changed();
			if (now.kind === 'signed-out') throw new CookieNotKept('the browser has not kept the session cookie');
			return now;
		},
		async secondFactor(shown) {
			const { recoveryCodesLeft } = await inSession(() => session.secondFactor(shown));
			return { ...(await changed()), ...(recoveryCodesLeft !== undefined && { recoveryCodesLeft }) };
		},
		changePassword: (current, next) => changing(() => session.changePassword(current, next)),
		addTotp: (name) => inSession(() => session.addTotp(name)),
		confirmTotp: (id, code) => changing(() => session.confirmTotp(id, code)),
		makeRecoveryCodes: async () => (await inSession(session.makeRecoveryCodes)).codes,
		prove: (shown) => changing(() => session.prove(shown)),
		stay: () => changing(session.currentIdentity),
		async logout() {
			try {
				return await changing(session.logout);
			} catch (fault) {
				if (fault instanceof SessionOver) return state;
				throw fault;
			}
		},
		send: (path, init) => inSession(() => connection.send(path, init)),
		close() {
			closed = true;
			clearTimeout(timer);
			watch?.stop();
			tabs?.close();
		},
	};
}

function standingOf(found: CurrentSession | Awaited | undefined): Standing {
	if (found === undefined) return { kind: 'signed-out' };
	return typeof found === 'string' ? waiting[found] : { kind: 'signed-in', session: found };
}
