import { ask, cookieOf, type Reply } from './wire.ts';

/*
 * People who sign in, look, sign out and change their passwords on any node, while things break, and what they hold
 * against the service: everything that was acknowledged must be so from then on, as others see it as well.
 */

/** Across nodes an end may take that long to be known: the bound that is promised. */
const boundMs = 1000;

interface HeldSession {
	readonly cookie: string;
	readonly xsrf: string;
	readonly openedAt: number;
	/** When its end was acknowledged, and by which node. */
	over?: { at: number; node: string };
	/** Its end was asked for, and the answer was lost; or Redis may have lost it. */
	unsure?: true;
}

export interface History {
	/** Acknowledged, by what was done. */
	readonly counts: Record<string, number>;
	readonly violations: string[];
	/** 503s, and connections that broke. */
	unavailable: number;
	broken: number;
	/** Redis is being put back to what it was then: what was opened since may be lost, nothing more. */
	goesBackTo?: number;
}

export function newHistory(): History {
	return { counts: {}, violations: [], unavailable: 0, broken: 0 };
}

export class Person {
	readonly #name: string;
	readonly #nodes: readonly string[];
	readonly #history: History;
	#passwords: string[];
	#retired: string[] = [];
	#changes = 0;
	#sessions: HeldSession[] = [];

	constructor(name: string, password: string, nodes: readonly string[], history: History) {
		this.#name = name;
		this.#passwords = [password];
		this.#nodes = nodes;
		this.#history = history;
	}

	/** Redis was put back to `goesBackTo`. */
	redisWentBack() {
		for (const session of this.#sessions) if (this.#mayBeLost(session)) session.unsure = true;
	}

	#mayBeLost({ openedAt, unsure }: HeldSession): boolean {
		return unsure === true || openedAt >= (this.#history.goesBackTo ?? Number.POSITIVE_INFINITY) - boundMs;
	}

	async act() {
		const node = pick(this.#nodes);
		const alive = this.#sessions.filter((session) => !session.over && !this.#mayBeLost(session));
		const ended = this.#sessions.filter(({ over }) => over);
		const dice = Math.random();
		if (alive.length === 0 || (dice < 0.08 && alive.length < 8)) await this.#login(node);
		else if (dice < 0.5) await this.#look(node, pick(alive));
		else if (dice < 0.86 && ended.length > 0) await this.#look(node, pick(ended));
		else if (dice < 0.94) await this.#logout(node, pick(alive));
		else if (dice < 0.96) await this.#changePassword(node, pick(alive));
		else if (this.#retired.length > 0) await this.#tryRetired(node);
		if (this.#sessions.length > 60) this.#sessions = this.#sessions.slice(-40);
	}

	#noted(what: string, reply: Reply | undefined): reply is Reply {
		if (reply === undefined) this.#history.broken += 1;
		else if (reply.status === 503) {
			this.#history.unavailable += 1;
			if (reply.headers['set-cookie']) this.#accuse(`${what}: 503 with a cookie`);
			if (!reply.headers['retry-after']) this.#accuse(`${what}: 503 without Retry-After`);
		} else {
			this.#history.counts[what] = (this.#history.counts[what] ?? 0) + 1;
			if (reply.status >= 500) this.#accuse(`${what}: ${reply.status} ${reply.body}`);
			return true;
		}
		return false;
	}

	#accuse(what: string) {
		this.#history.violations.push(`${this.#name}: ${what}`);
	}

	async #login(node: string) {
		const password = this.#passwords.at(-1) ?? '';
		const reply = await ask(node, 'POST', '/login/password', { body: { username: this.#name, password } });
		if (!this.#noted('login', reply)) return;
		if (reply.status === 200) {
			this.#passwords = [password];
			const cookie = cookieOf(reply);
			const openedAt = performance.now();
			const token = await ask(node, 'GET', '/xsrfToken', { cookie });
			if (!this.#noted('xsrfToken', token)) return;
			if (token.status === 200) this.#sessions.push({ cookie, xsrf: JSON.parse(token.body).xsrfToken, openedAt });
			else if (this.#history.goesBackTo === undefined) this.#accuse(`a session just opened is ${token.status}`);
		} else if (this.#passwords.length > 1) this.#passwords.pop();
		else this.#accuse(`the password is refused with ${reply.status}`);
	}

	async #look(node: string, session: HeldSession) {
		const { over } = session;
		const unsure = this.#mayBeLost(session);
		const from = performance.now();
		const reply = await ask(node, 'GET', '/currentIdentity', session);
		if (!this.#noted(over ? 'look at what is over' : 'look', reply)) return;
		if (over && reply.status === 200 && from > over.at + (node === over.node ? 0 : boundMs)) {
			this.#accuse(`a session is alive ${(from - over.at).toFixed(0)} ms after its end was acknowledged`);
		}
		if (!over && !unsure && !this.#mayBeLost(session) && reply.status === 401) this.#accuse('a session is lost');
		if (reply.status !== 200 && reply.status !== 401) this.#accuse(`a look is answered ${reply.status}`);
	}

	async #logout(node: string, session: HeldSession) {
		const reply = await ask(node, 'POST', '/logout', session);
		if (!this.#noted('logout', reply)) session.unsure = true;
		else if (reply.status < 300) session.over = { at: performance.now(), node };
		else if (!this.#mayBeLost(session)) this.#accuse(`a logout is answered ${reply.status}`);
	}

	async #changePassword(node: string, session: HeldSession) {
		const [currentPassword = ''] = this.#passwords.slice(-1);
		this.#changes += 1;
		const newPassword = `blue whales sing ${this.#changes} ${Math.random()}`;
		const reply = await ask(node, 'POST', '/changePassword', { ...session, body: { currentPassword, newPassword } });
		if (!this.#noted('password change', reply)) {
			this.#passwords = [currentPassword, newPassword];
			for (const each of this.#sessions) each.unsure = true;
		} else if (reply.status < 300) {
			this.#passwords = [newPassword];
			this.#retired = [...this.#retired.slice(-5), currentPassword];
			for (const each of this.#sessions) each.over ??= { at: performance.now(), node };
		} else if (reply.status === 401 && (this.#mayBeLost(session) || this.#passwords.length > 1)) session.unsure = true;
		else this.#accuse(`a password change is answered ${reply.status} ${reply.body}`);
	}

	async #tryRetired(node: string) {
		const password = pick(this.#retired);
		const reply = await ask(node, 'POST', '/login/password', { body: { username: this.#name, password } });
		if (this.#noted('old password', reply) && reply.status !== 401) this.#accuse(`an old password is ${reply.status}`);
	}
}

export function pick<T>(from: readonly T[]): T {
	return from[Math.floor(Math.random() * from.length)] as T;
}
