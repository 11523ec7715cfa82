import type { TotpStep } from '../../src/core/authenticator.ts';
import type { Instant } from '../../src/core/clock.ts';
import { codeAt, stepAt } from '../../src/core/totp.ts';
import { fromBase32 } from '../_support/authenticator-app.ts';
import { byOperator, type End, type HeldSession, type History, type Operator, pick } from './held.ts';
import { ask, type Reply } from './wire.ts';

/*
 * What a person of a history has besides the password, and holds against the service: a code that was acknowledged as used
 * opens nothing again, what waits for a second factor opens nothing, and what was removed counts no more.
 */

/** What the person lends. */
export interface Self {
	readonly name: string;
	readonly nodes: readonly string[];
	readonly history: History;
	readonly operator: Operator;
	/** `undefined`: it was to be changed, and nobody knows whether it was. */
	password(): string | undefined;
	noted(what: string, reply: Reply | undefined): reply is Reply;
	accuse(what: string): void;
	count(what: string): void;
	mayBeLost(session: HeldSession): boolean;
	/** Whether what was acknowledged is to be known on that node. */
	isKnown(end: End, from: number, node: string): boolean;
	/** Goes on with the session whose cookie was handed out. */
	opened(reply: Reply, node: string, waits: boolean): Promise<HeldSession | undefined>;
	/** Everything has ended that ends with the credentials. `undefined`: nobody knows whether it has. */
	credentialsChanged(end: End | undefined): void;
}

interface App {
	readonly id: string;
	readonly secret: Buffer;
	/** The codes of this step and those before are used up, or may be. */
	lastStep: number;
	/** Whose use was acknowledged. */
	readonly taken: number[];
}

interface Shown {
	readonly field: 'code' | 'recoveryCode';
	readonly text: string;
	readonly is: 'right' | 'used' | 'removed';
	/** From now on it may be used up, whatever is answered. */
	sent(): void;
	taken(): void;
}

/** So many wrong ones in a row make nobody wait. */
const mostWrong = 4;

export class HeldFactors {
	readonly #self: Self;
	#app: App | undefined;
	#removed: App[] = [];
	/** Since when there is an app, or none. */
	#since: End = { at: Number.NEGATIVE_INFINITY, node: '' };
	/** Nobody knows whether there is one. */
	#isUnsure = false;
	#goodPaper: string[] = [];
	#usedPaper: string[] = [];
	readonly #wrong = { code: 0, recoveryCode: 0 };

	constructor(self: Self) {
		this.#self = self;
	}

	/** Nobody knows any more what there is. */
	doubt() {
		this.#isUnsure = true;
	}

	/** Where nobody knows what there is, an operator takes it away. Returns whether that was to be done. */
	async settle(): Promise<boolean> {
		const wasUnsure = this.#isUnsure;
		if (wasUnsure) await this.#reset();
		return wasUnsure;
	}

	/** Whether a login asks for a second factor is known. */
	judgeLogin(asks: boolean, from: number, node: string) {
		if (this.#isUnsure || !this.#self.isKnown(this.#since, from, node)) return;
		if (this.#app && !asks) this.#self.accuse('a password alone opens a session');
		if (!this.#app && asks) this.#self.accuse('a second factor that was removed is asked for');
	}

	/** In a session that waits. */
	async actWaiting(node: string, session: HeldSession) {
		// A phone that is lost.
		if (Math.random() < 0.02) return this.#reset();
		const shown = Math.random() < 0.6 ? this.#something() : undefined;
		if (shown === undefined) return this.#lookWaiting(node, session);
		const path = shown.field === 'code' ? '/login/totp' : '/login/recoveryCode';
		await this.#show(node, session, shown, path, { code: shown.text });
	}

	/** In one that is open. */
	async act(node: string, session: HeldSession) {
		const dice = Math.random();
		if (!this.#app) return dice < 0.7 ? this.#enrol(node, session) : this.#proveByPassword(node, session);
		if (dice < 0.15) await this.#remove(node, session, this.#app);
		else if (dice < 0.2) await this.#reset();
		else if (dice < 0.35 && this.#goodPaper.length < 3) await this.#makePaper(node, session);
		else {
			const shown = this.#something();
			if (shown) await this.#show(node, session, shown, '/proof', { [shown.field]: shown.text });
		}
	}

	/** It opens nothing, and is there. */
	async #lookWaiting(node: string, session: HeldSession) {
		const { reply, isShut } = await pick([
			async () => ({ reply: await ask(node, 'GET', '/currentIdentity', session), isShut: true }),
			async () => ({
				reply: await ask(node, 'GET', '/services/auth/v1/verify?permission=treasure', session),
				isShut: true,
			}),
			async () => ({ reply: await ask(node, 'GET', '/tokens', session), isShut: true }),
			async () => ({ reply: await ask(node, 'GET', '/secondFactor', session), isShut: false }),
		])();
		if (!this.#self.noted('look at what waits', reply)) return;
		if (isShut && reply.status < 400) this.#self.accuse('a session that waits for a second factor opens something');
		if (!isShut && reply.status !== 200 && !this.#self.mayBeLost(session))
			this.#self.accuse(`a session that waits is lost: ${reply.status} ${reply.body}`);
	}

	/** What is right, where there is something; and time and again what must not count. */
	#something(): Shown | undefined {
		const right = Math.random() < 0.7 ? (this.#rightCode() ?? this.#rightPaper()) : undefined;
		return right ?? (Math.random() < 0.5 ? this.#wrongCode() : undefined) ?? this.#wrongPaper();
	}

	#present(): number {
		return stepAt((this.#self.history.now?.() ?? Date.now()) as Instant);
	}

	/** One that a request may take half a minute with. */
	#rightCode(): Shown | undefined {
		const app = this.#app;
		const step = [this.#present(), this.#present() + 1].find((each) => app && each > app.lastStep);
		return app && step !== undefined ? this.#codeOf(app, step, 'right') : undefined;
	}

	#codeOf(app: App, step: number, is: Shown['is']): Shown {
		return {
			field: 'code',
			is,
			text: codeAt(app.secret, step as TotpStep),
			sent() {
				app.lastStep = Math.max(app.lastStep, step);
			},
			taken: () => void app.taken.push(step),
		};
	}

	/** One that were right, had it not been used, or its app removed. */
	#wrongCode(): Shown | undefined {
		if (this.#wrong.code >= mostWrong) return undefined;
		const near = [-1, 0, 1].map((steps) => this.#present() + steps);
		const removed = this.#removed.map((app) => this.#codeOf(app, pick(near), 'removed'));
		const app = this.#app;
		const used = app ? app.taken.filter((step) => near.includes(step)) : [];
		const all = [...removed, ...used.map((step) => this.#codeOf(app as App, step, 'used'))];
		// What a removed app shows may be what this one shows at some time near.
		const right = app ? [...near, this.#present() + 2].map((step) => codeAt(app.secret, step as TotpStep)) : [];
		const wrong = all.filter(({ is, text }) => is === 'used' || !right.includes(text));
		return wrong.length > 0 ? pick(wrong) : undefined;
	}

	#rightPaper(): Shown | undefined {
		const [text] = this.#goodPaper;
		return text === undefined ? undefined : this.#paper(text, 'right');
	}

	/** Used, or of those that were replaced. */
	#wrongPaper(): Shown | undefined {
		const isEnough = this.#usedPaper.length === 0 || this.#wrong.recoveryCode >= mostWrong;
		return isEnough ? undefined : this.#paper(pick(this.#usedPaper.slice(pick([0, -3]))), 'used');
	}

	#paper(text: string, is: Shown['is']): Shown {
		const sent = () => {
			this.#goodPaper = this.#goodPaper.filter((each) => each !== text);
		};
		return { field: 'recoveryCode', text, is, sent, taken: () => this.#usePaper([text]) };
	}

	#usePaper(texts: readonly string[]) {
		this.#usedPaper = [...this.#usedPaper, ...texts].slice(-10);
	}

	/** Raises a session that waits, or proves once more in an open one. */
	async #show(node: string, session: HeldSession, shown: Shown, path: string, body: object) {
		const { field, is } = shown;
		const what = is === 'right' ? field : `${is} ${field}`;
		if (is === 'right') shown.sent();
		const reply = await ask(node, 'POST', path, { ...session, body });
		if (!this.#self.noted(what, reply)) {
			session.unsure = true;
		} else if (reply.status < 300) {
			if (is === 'right') shown.taken();
			else this.#self.accuse(`a ${what} opens a session`);
			this.#wrong[field] = 0;
			const raised = await this.#raised(node, session, reply);
			// Right behind the answer, and on any node.
			if (is === 'right' && raised && Math.random() < 0.5) {
				const again = { ...shown, is: 'used' } as const;
				await this.#show(pick(this.#self.nodes), raised, again, '/proof', { [field]: shown.text });
			}
		} else if (reply.body.includes('"wrong-code"')) {
			this.#wrong[field] += 1;
			if (is === 'right') this.#self.accuse(`a ${what} that is right is refused`);
		} else if (reply.status !== 429) this.#refused(what, session, reply);
		// 429: a Redis that went back may have counted more in a row than there are.
	}

	/** Only a session that may be lost is answered so. */
	#refused(what: string, session: HeldSession, { status, body }: Reply) {
		if (status === 401 && this.#self.mayBeLost(session)) session.unsure = true;
		else this.#self.accuse(`${what} is answered ${status} ${body}`);
	}

	/** It goes on under another cookie, and is over under the old one. */
	async #raised(node: string, session: HeldSession, reply: Reply) {
		session.over ??= { at: performance.now(), node };
		return this.#self.opened(reply, node, false);
	}

	async #proveByPassword(node: string, session: HeldSession) {
		const password = this.#self.password();
		if (password === undefined) return;
		const reply = await ask(node, 'POST', '/proof', { ...session, body: { password } });
		if (!this.#self.noted('proof by password', reply)) session.unsure = true;
		else if (reply.status === 204) await this.#raised(node, session, reply);
		else this.#refused('a proof by password', session, reply);
	}

	async #enrol(node: string, session: HeldSession) {
		const made = await ask(node, 'POST', '/authenticators/totp', { ...session, body: { name: 'Phone' } });
		if (!this.#self.noted('app made', made)) return;
		// 403: too long ago that somebody proved who they are.
		if (made.status === 403) return this.#proveByPassword(node, session);
		if (made.status !== 201) return this.#refused('an app', session, made);
		const { id, secret } = JSON.parse(made.body) as { id: string; secret: string };
		const step = this.#present();
		const app: App = { id, secret: fromBase32(secret), lastStep: step, taken: [step] };
		const to = pick(this.#self.nodes);
		const body = { code: codeAt(app.secret, step as TotpStep) };
		const reply = await ask(to, 'POST', `/authenticators/totp/${id}/confirmation`, { ...session, body });
		const isDone = this.#changed('app confirmed', to, reply, session);
		if (isDone && reply) {
			this.#app = app;
			const opened = await this.#self.opened(reply, to, false);
			if (opened && Math.random() < 0.6) await this.#makePaper(to, opened);
		}
	}

	async #remove(node: string, session: HeldSession, app: App) {
		const reply = await ask(node, 'DELETE', `/authenticators/${app.id}`, session);
		if (reply?.status === 403) return;
		const isDone = this.#changed('app removed', node, reply, session);
		if (isDone && reply) {
			this.#forget();
			await this.#self.opened(reply, node, false);
		}
	}

	/** What an answer says of a change that ends all other sessions. */
	#changed(what: string, node: string, reply: Reply | undefined, session: HeldSession): boolean {
		if (!this.#self.noted(what, reply)) {
			this.#isUnsure = true;
			this.#self.credentialsChanged(undefined);
			return false;
		}
		if (reply.status >= 300) {
			this.#refused(what, session, reply);
			return false;
		}
		this.#since = { at: performance.now(), node };
		this.#self.credentialsChanged(this.#since);
		return true;
	}

	/** All that there was counts no more. */
	#forget() {
		if (this.#app) this.#removed = [...this.#removed, this.#app].slice(-3);
		this.#app = undefined;
		this.#usePaper(this.#goodPaper.splice(0));
	}

	async #reset() {
		if (!(await this.#self.operator.resetFactors(this.#self.name))) {
			this.#isUnsure = true;
			return this.#self.credentialsChanged(undefined);
		}
		this.#isUnsure = false;
		this.#since = { at: performance.now(), node: byOperator };
		this.#self.credentialsChanged(this.#since);
		this.#forget();
		this.#self.count('factors reset');
	}

	async #makePaper(node: string, session: HeldSession) {
		const before = this.#goodPaper.splice(0);
		const reply = await ask(node, 'POST', '/recoveryCodes', session);
		if (!this.#self.noted('recovery codes made', reply)) return;
		if (reply.status === 200) {
			this.#goodPaper = (JSON.parse(reply.body) as { codes: string[] }).codes;
			this.#usePaper(before);
			const [replaced] = before;
			if (replaced === undefined || this.#wrong.recoveryCode >= mostWrong) return;
			return this.#show(node, session, this.#paper(replaced, 'used'), '/proof', { recoveryCode: replaced });
		}
		this.#goodPaper = before;
		// 403: too long ago that a second factor was shown.
		if (reply.status !== 403) this.#refused('recovery codes', session, reply);
	}
}
