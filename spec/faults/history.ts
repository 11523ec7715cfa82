import { byOperator, type End, type HeldSession, type History, type Operator, pick } from './held.ts';
import { HeldFactors } from './history-factors.ts';
import { ask, cookieOf, type Reply } from './wire.ts';

/*
 * People who sign in, look, sign out, change their passwords, are invited and show second factors (`history-factors.ts`) on any
 * node, while things break, and what they hold against the service: everything that was acknowledged must be so from then on, as
 * others see it as well.
 */

/** A server that was stopped, or is started again, may do so late what it was asked before: nobody knows for so long whether. */
const doubtMs = 10_000;

interface HeldToken {
	readonly id: string;
	readonly text: string;
	readonly endsWithPassword: boolean;
	/** By `performance.now()`, the earliest and the latest that it may be. */
	readonly expires?: { readonly after: number; readonly before: number };
	over?: End;
	unsure?: true;
}

export class Person {
	readonly #name: string;
	readonly #nodes: readonly string[];
	readonly #history: History;
	readonly #operator: Operator;
	readonly #boundMs: number;
	#passwords: string[];
	#retired: string[] = [];
	#changes = 0;
	#sessions: HeldSession[] = [];
	#tokens: HeldToken[] = [];
	/** Codes of invitations that were accepted, replaced, or ended with the credentials. */
	#invitations: string[] = [];
	readonly #factors: HeldFactors;
	#credentialsSince: End = { at: Number.NEGATIVE_INFINITY, node: '' };
	/** `unsure`: it was to be changed, and nobody knows whether it was. */
	#disabled: boolean | 'unsure' = false;
	/** Until then a change of the credentials whose answer was lost may still happen: what it would end, may end. */
	#doubtUntil = Number.NEGATIVE_INFINITY;
	/** Other nodes may not know yet that it is enabled. */
	#restUntil = 0;
	#allowed: { is: boolean | 'unsure'; since: number } = { is: true, since: Number.NEGATIVE_INFINITY };

	constructor(name: string, password: string, nodes: readonly string[], history: History, operator: Operator) {
		this.#name = name;
		this.#passwords = [password];
		this.#nodes = nodes;
		this.#history = history;
		this.#operator = operator;
		this.#boundMs = history.boundMs;
		this.#factors = new HeldFactors({
			...{ name, nodes, history, operator },
			password: () => (this.#passwords.length === 1 ? this.#passwords[0] : undefined),
			noted: (what, reply): reply is Reply => this.#noted(what, reply),
			accuse: (what) => this.#accuse(what),
			count: (what) => this.#count(what),
			mayBeLost: (session) => this.#mayBeLost(session),
			isKnown: (end, from, node) => this.#isKnown(end, from, node),
			opened: (reply, node, waits) => this.#opened(reply, node, waits),
			credentialsChanged: (end) => this.#credentialsChanged(end),
		});
	}

	#isKnown(end: End, from: number, node: string): boolean {
		return from > end.at + (node === end.node ? 0 : this.#boundMs);
	}

	/** Redis was put back to `goesBackTo`. */
	redisWentBack() {
		for (const session of this.#sessions) if (this.#mayBeLost(session)) session.unsure = true;
	}

	/**
	 * What PostgreSQL acknowledged of late may be undone. What was over or used up is so still. To be called while nobody acts, and
	 * when nodes know.
	 */
	postgresWentBack() {
		for (const each of [...this.#sessions, ...this.#tokens]) each.unsure = true;
		this.#passwords = [...this.#retired, ...this.#passwords];
		this.#retired = [];
		this.#disabled = 'unsure';
		this.#allowed = { is: 'unsure', since: performance.now() };
		this.#factors.doubt();
	}

	#mayBeLost({ openedAt, unsure }: HeldSession): boolean {
		if (unsure || openedAt < this.#doubtUntil) return true;
		return openedAt >= (this.#history.goesBackTo ?? Number.POSITIVE_INFINITY) - this.#boundMs;
	}

	async act() {
		const node = pick(this.#nodes);
		if (performance.now() < this.#doubtUntil) return Math.random() < 0.1 ? this.#lookAtEnded(node) : undefined;
		if (this.#disabled !== false || performance.now() < this.#restUntil) return this.#whileDisabled(node);
		if (await this.#factors.settle()) return;
		if (Math.random() < 0.4) return this.#actAsMachine(node);
		const known = this.#sessions.filter((session) => !session.over && !this.#mayBeLost(session));
		const [alive, waiting] = [known.filter(({ waits }) => !waits), known.filter(({ waits }) => waits)];
		const ended = this.#sessions.filter(({ over }) => over);
		if (waiting.length > 0 && Math.random() < 0.5) return this.#factors.actWaiting(node, pick(waiting));
		const dice = Math.random();
		if (alive.length === 0) {
			if (waiting.length < 3) await this.#login(node);
			else if (ended.length > 0) await this.#look(node, pick(ended));
		} else if (dice < 0.08 && known.length < 8) await this.#login(node);
		else if (dice < 0.2) await this.#factors.act(node, pick(alive));
		else if (dice < 0.23) await this.#acceptInvitation(node);
		else if (dice < 0.26 && this.#invitations.length > 0) await this.#tryInvitation(node, pick(this.#invitations));
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
		const from = performance.now();
		const reply = await ask(node, 'POST', '/login/password', { body: { username: this.#name, password } });
		if (!this.#noted('login', reply)) return;
		if (reply.status === 200) {
			this.#passwords = [password];
			const waits = asksForFactor(reply);
			this.#factors.judgeLogin(waits, from, node);
			await this.#opened(reply, node, waits);
		} else if (this.#passwords.length > 1) this.#passwords.pop();
		else this.#accuse(`the password is refused with ${reply.status}`);
	}

	async #opened(reply: Reply, node: string, waits: boolean): Promise<HeldSession | undefined> {
		const cookie = cookieOf(reply);
		const openedAt = performance.now();
		const token = await ask(node, 'GET', '/xsrfToken', { cookie });
		if (!this.#noted('xsrfToken', token)) return undefined;
		if (token.status === 200) {
			const session = { cookie, xsrf: JSON.parse(token.body).xsrfToken, openedAt, waits };
			this.#sessions.push(session);
			return session;
		}
		const { goesBackTo, wentBackAt = Number.NEGATIVE_INFINITY } = this.#history;
		if (goesBackTo !== undefined || openedAt < wentBackAt) return undefined;
		const since = (openedAt - this.#credentialsSince.at).toFixed(0);
		this.#accuse(`a session just opened is ${token.status}, ${since} ms after a change: ${token.body}`);
		return undefined;
	}

	async #look(node: string, session: HeldSession) {
		const { over } = session;
		const unsure = this.#mayBeLost(session);
		const from = performance.now();
		// One that waited would open nothing else, were it alive.
		const reply = await ask(node, 'GET', session.waits ? '/secondFactor' : '/currentIdentity', session);
		if (!this.#noted(over ? 'look at what is over' : 'look', reply)) return;
		if (over && reply.status === 200 && this.#isKnown(over, from, node)) {
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
			this.#credentialsChanged(undefined);
		} else if (reply.status < 300) {
			this.#passwords = [newPassword];
			this.#retired = [...this.#retired.slice(-5), currentPassword];
			this.#credentialsChanged({ at: performance.now(), node });
		} else if (reply.status === 401 && (this.#mayBeLost(session) || this.#passwords.length > 1)) session.unsure = true;
		else this.#accuse(`a password change is answered ${reply.status} ${reply.body}`);
	}

	/** `undefined`: nobody knows whether they did. */
	#credentialsChanged(end: End | undefined) {
		for (const each of [...this.#sessions, ...this.#tokens.filter(({ endsWithPassword }) => endsWithPassword)]) {
			if (end) each.over ??= end;
			else each.unsure = true;
		}
		if (end) this.#credentialsSince = end;
		else this.#doubtUntil = performance.now() + doubtMs;
	}

	/** Sets a password with the code that an operator has made; sometimes one that is over by then. */
	async #acceptInvitation(node: string) {
		const [currentPassword = ''] = this.#passwords.slice(-1);
		const invitedAt = performance.now();
		const code = await this.#operator.invite(this.#name);
		if (code === undefined) return;
		this.#count('invitation made');
		// A newer one takes its place.
		if (Math.random() < 0.3) {
			if (!(await this.#operator.invite(this.#name))) return;
			this.#keepInvitation(code);
			return this.#tryInvitation(node, code);
		}
		this.#changes += 1;
		const password = `grey herons wait ${this.#changes} ${Math.random()}`;
		const from = performance.now();
		const reply = await ask(node, 'POST', '/invitation/acceptance', { body: { code, password } });
		if (!this.#noted('invitation accepted', reply)) {
			this.#passwords = [currentPassword, password];
			this.#credentialsChanged(undefined);
		} else if (reply.status === 200) {
			this.#passwords = [password];
			this.#retired = [...this.#retired.slice(-5), currentPassword];
			this.#keepInvitation(code);
			this.#credentialsChanged({ at: performance.now(), node });
			const waits = asksForFactor(reply);
			this.#factors.judgeLogin(waits, from, node);
			await this.#opened(reply, node, waits);
		} else if (reply.status === 404) {
			// The operator, who may have waited long for a store, or the node may not have known the present credentials.
			const isKnown = this.#isKnown(this.#credentialsSince, invitedAt, byOperator) && this.#passwords.length === 1;
			const since = (invitedAt - this.#credentialsSince.at).toFixed(0);
			if (isKnown) this.#accuse(`an invitation that was made ${since} ms after a change, and now, is over`);
		} else this.#accuse(`an invitation is answered ${reply.status} ${reply.body}`);
	}

	#keepInvitation(code: string) {
		this.#invitations = [...this.#invitations.slice(-4), code];
	}

	/** With one that was used, or replaced. */
	async #tryInvitation(node: string, code: string) {
		const body = { code, password: `grey herons come back ${Math.random()}` };
		const path = Math.random() < 0.5 ? '/invitation/acceptance' : '/invitation';
		const reply = await ask(node, 'POST', path, { body: path === '/invitation' ? { code } : body });
		if (!this.#noted('invitation that is over', reply)) return;
		if (reply.status !== 404) this.#accuse(`an invitation that is over is answered ${reply.status}`);
	}

	/** What a program does with its tokens, and an operator with programs. */
	async #actAsMachine(node: string) {
		const alive = this.#tokens.filter(({ over, unsure, expires }) => !over && !unsure && !expires);
		const gone = this.#tokens.filter(({ over, expires }) => over || expires);
		const session = this.#sessions.find((each) => !each.over && !each.waits && !this.#mayBeLost(each));
		const dice = Math.random();
		if (alive.length < 2 || dice < 0.06) {
			if (session && dice < 0.7) await this.#makeToken(node, session);
			else await this.#issueToken();
		} else if (dice < 0.4) await this.#lookByToken(node, pick(alive));
		else if (dice < 0.7 && gone.length > 0) await this.#lookByToken(node, pick(gone));
		else if (dice < 0.84) await this.#verifyByToken(node, pick(alive));
		else if (dice < 0.9) await this.#endToken(node, session, pick(alive));
		else if (dice < 0.96) await this.#allow();
		else if (dice < 0.98) await this.#disable();
		if (this.#tokens.length > 30) this.#tokens = this.#tokens.slice(-20);
	}

	async #makeToken(node: string, session: HeldSession) {
		const endsWithPassword = Math.random() < 0.5;
		const permissions = this.#allowed.is === true ? ['treasure'] : [];
		const body = { name: 'a job', permissions, expiresInDays: 1, endsWithPassword };
		const reply = await ask(node, 'POST', '/tokens', { ...session, body });
		if (!this.#noted('token made', reply)) return;
		if (reply.status === 201) {
			const { id, token: text } = JSON.parse(reply.body) as { id: string; token: string };
			this.#tokens.push({ id, text, endsWithPassword });
		} else if (reply.status === 401 && !this.#mayBeLost(session)) this.#accuse('a session that lives makes no token');
		// 403: the proof is old, or the grant is not known there yet; 409: as many as there may be.
		else if (![401, 403, 409].includes(reply.status)) this.#accuse(`a token is answered ${reply.status}`);
	}

	async #issueToken() {
		const lifetimeMs = Math.random() < 0.5 ? this.#boundMs / 2 + 20 : 86_400_000;
		const after = performance.now() + lifetimeMs;
		const made = await this.#operator.addToken(this.#name, lifetimeMs);
		if (made === undefined) return;
		this.#count('token issued');
		const expires = lifetimeMs < 86_400_000 ? { after, before: performance.now() + lifetimeMs } : undefined;
		this.#tokens.push({ ...made, endsWithPassword: false, ...(expires && { expires }) });
	}

	#isOver({ over, expires }: HeldToken, from: number, node: string): boolean {
		if (expires && from > expires.before) return true;
		return over !== undefined && this.#isKnown(over, from, node);
	}

	async #lookByToken(node: string, token: HeldToken) {
		const from = performance.now();
		const reply = await ask(node, 'GET', '/currentIdentity', { token: token.text });
		const { over, unsure, expires } = token;
		if (!this.#noted(over || expires ? 'look by a token that ends' : 'look by token', reply)) return;
		if (reply.status === 200 && this.#isOver(token, from, node)) {
			const what = over ? `${(from - over.at).toFixed(0)} ms after its end was acknowledged` : 'after its time';
			this.#accuse(`a token opens ${what}`);
		}
		const lives = !over && !unsure && !(expires && performance.now() >= expires.after);
		if (reply.status === 401 && lives) this.#accuse(`a token is lost: ${reply.body}`);
		if (reply.status !== 200 && reply.status !== 401) this.#accuse(`a look by token is answered ${reply.status}`);
	}

	/** What its identity loses, it loses. A token may open less than its identity holds, and never more. */
	async #verifyByToken(node: string, token: HeldToken) {
		const { is, since } = this.#allowed;
		const from = performance.now();
		const reply = await ask(node, 'GET', '/services/auth/v1/verify?permission=treasure', { token: token.text });
		if (!this.#noted('treasure by token', reply)) return;
		if (reply.status === 200 && is === false && from > since + this.#boundMs) {
			this.#accuse(`a token opens what was taken ${(from - since).toFixed(0)} ms ago`);
		}
		if (![200, 401, 403].includes(reply.status)) this.#accuse(`the treasure is answered ${reply.status}`);
	}

	/** By its owner, or by an operator. */
	async #endToken(node: string, session: HeldSession | undefined, token: HeldToken) {
		if (session === undefined || Math.random() < 0.3) {
			if (await this.#operator.endToken(token.id)) token.over = { at: performance.now(), node: byOperator };
			else token.unsure = true;
			return this.#count('token end');
		}
		const reply = await ask(node, 'DELETE', `/tokens/${token.id}`, session);
		if (!this.#noted('token ended', reply)) token.unsure = true;
		else if (reply.status === 204) token.over = { at: performance.now(), node };
		else if (reply.status === 404) this.#accuse('a token that lives is not there');
		else if (reply.status !== 401 || !this.#mayBeLost(session)) this.#accuse(`an end is answered ${reply.status}`);
	}

	async #allow() {
		const { is, since } = this.#allowed;
		if (is === 'unsure' && performance.now() < since + doubtMs) return;
		const next = is !== true;
		const isDone = await this.#operator.setAllowed(this.#name, next);
		this.#allowed = { is: isDone ? next : 'unsure', since: performance.now() };
		this.#count('permission changed');
	}

	async #disable() {
		const isDone = await this.#operator.setDisabled(this.#name, true);
		this.#disabled = isDone ?? 'unsure';
		if (!isDone) this.#doubtUntil = performance.now() + doubtMs;
		const all: (HeldSession | HeldToken)[] = [...this.#sessions, ...this.#tokens];
		for (const each of all) {
			if (isDone) each.over ??= { at: performance.now(), node: byOperator };
			else each.unsure = true;
		}
		this.#count('disabled');
	}

	async #lookAtEnded(node: string) {
		const tokens = this.#tokens.filter(({ over }) => over);
		const sessions = this.#sessions.filter(({ over }) => over);
		if (tokens.length > 0 && (sessions.length === 0 || Math.random() < 0.6))
			await this.#lookByToken(node, pick(tokens));
		else if (sessions.length > 0) await this.#look(node, pick(sessions));
	}

	/** Nothing opens; then it is enabled, and what has ended does not come back. */
	async #whileDisabled(node: string) {
		if (Math.random() < 0.64) return this.#lookAtEnded(node);
		if (this.#disabled === false) return;
		if (await this.#operator.setDisabled(this.#name, false)) {
			this.#disabled = false;
			this.#restUntil = performance.now() + this.#boundMs;
			// What was open when nobody knew whether it was disabled: `unsure`, for good.
			this.#count('enabled');
		}
	}

	#count(what: string) {
		this.#history.counts[what] = (this.#history.counts[what] ?? 0) + 1;
	}

	async #tryRetired(node: string) {
		const password = pick(this.#retired);
		const reply = await ask(node, 'POST', '/login/password', { body: { username: this.#name, password } });
		if (this.#noted('old password', reply) && reply.status !== 401) this.#accuse(`an old password is ${reply.status}`);
	}
}

function asksForFactor({ body }: Reply): boolean {
	return (JSON.parse(body || '{}') as { secondFactorNeeded?: boolean }).secondFactorNeeded === true;
}
