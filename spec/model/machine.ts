/*
 * What a session is, told once more and by itself: nothing of `src` takes part. Small enough to be read at one go, and
 * what the service does is compared with it, whatever comes in whatever order.
 */

export type Dialect = 'kura' | 'kismet' | 'insights';

/** An identity. */
export interface Person {
	/** Another one for each that is added, also under a name that was there before. */
	readonly id: number;
	readonly name: string;
	password: string | undefined;
	mustChange: boolean;
	disabled: boolean;
	/** Whether it may see the treasure. */
	allowed: boolean;
	/** Of its present credentials, and of the last change that ended everything. */
	stamp: number;
	root: number;
}

/** A session, with what the client holds of it. */
export interface Held {
	readonly dialect: Dialect;
	readonly person: Person;
	readonly stamp: number;
	readonly root: number;
	readonly locked: boolean;
	readonly openedAt: number;
	usedAt: number;
	/** Not ended, and not found to be over yet. */
	kept: boolean;
	/** `JSESSIONID=…` */
	cookie: string;
	xsrf: string;
	/** 1010data's number. */
	sid: string;
}

/** An API token, with what the machine holds of it. */
export interface HeldToken {
	readonly id: string;
	/** `Bearer lk_…` */
	readonly authorization: string;
	readonly person: Person;
	/** Whether it names the treasure. */
	readonly opens: boolean;
	/** It ends with the next change of credentials. */
	readonly stamp: number | undefined;
	readonly expiresAt: number;
	/** Not ended, and not found to be over yet. */
	kept: boolean;
}

/** Leads a session to another host, once. */
export interface HeldTicket {
	readonly parent: Held;
	readonly host: string;
	readonly issuedAt: number;
	readonly path: string;
	/** What the browser that was led shows. */
	readonly nonce: string;
	isUsed: boolean;
}

/** A session that was handed over: a way to its parent, on one host. */
export interface Child {
	readonly parent: Held;
	readonly host: string;
	readonly cookie: string;
	xsrf: string;
}

/** Milliseconds; `most`: sessions of one identity. */
export interface MachineLimits {
	readonly inactivity: number;
	readonly lifetime: number;
	readonly most: number;
}

export class Machine {
	readonly limits: MachineLimits;
	readonly people = new Map<string, Person>();
	/** Every session there ever was, in the order they were opened. */
	readonly sessions: Held[] = [];
	/** The same of tokens, tickets and sessions that were handed over. */
	readonly tokens: HeldToken[] = [];
	readonly tickets: HeldTicket[] = [];
	readonly children: Child[] = [];
	now = 0;
	#serial = 0;

	constructor(limits: MachineLimits) {
		this.limits = limits;
	}

	add(name: string, password: string | undefined, mustChange: boolean): void {
		const serial = this.#next();
		const person = { id: serial, name, password, mustChange, disabled: false, allowed: true };
		this.people.set(name, { ...person, stamp: serial, root: serial });
	}

	/** The identity that this login is right for. */
	proved(name: string, password: string): Person | undefined {
		const person = this.people.get(name);
		return person && !person.disabled && person.password === password ? person : undefined;
	}

	open(person: Person, dialect: Dialect, by: 'password' | 'certificate'): Held {
		const others = this.keptOf(person);
		const surplus =
			dialect === 'insights'
				? others.filter((held) => held.dialect === 'insights')
				: others.slice(0, Math.max(0, others.length + 1 - this.limits.most));
		for (const held of surplus) held.kept = false;
		const held: Held = {
			dialect,
			person,
			stamp: person.stamp,
			root: person.root,
			locked: by === 'password' && person.mustChange,
			openedAt: this.now,
			usedAt: this.now,
			kept: true,
			cookie: '',
			xsrf: '',
			sid: '',
		};
		this.sessions.push(held);
		return held;
	}

	isExpired({ usedAt, openedAt }: Held): boolean {
		return this.now - usedAt > this.limits.inactivity || this.now - openedAt > this.limits.lifetime;
	}

	/** Whether it lives; where not, it is gone from now on. */
	lives(held: Held): boolean {
		const { person, dialect, stamp, root } = held;
		const isOf = dialect === 'kismet' ? root === person.root : stamp === person.stamp;
		const present = this.people.get(person.name) === person && !person.disabled;
		held.kept &&= !this.isExpired(held) && present && isOf;
		return held.kept;
	}

	use(held: Held): void {
		held.usedAt = this.now;
	}

	keptOf(person: Person): Held[] {
		return this.sessions.filter((held) => held.kept && held.person === person);
	}

	isExpiredToken({ expiresAt }: HeldToken): boolean {
		return this.now >= expiresAt;
	}

	/** Whether it opens anything; one that is found to have expired is gone from now on. */
	tokenLives(token: HeldToken): boolean {
		if (this.isExpiredToken(token)) {
			token.kept = false;
			return false;
		}
		const { person, stamp, kept } = token;
		const present = this.people.get(person.name) === person && !person.disabled;
		return kept && present && (stamp === undefined || stamp === person.stamp);
	}

	keptTokensOf(person: Person): HeldToken[] {
		return this.tokens.filter((token) => token.kept && token.person === person);
	}

	/** How many it ended. */
	endTokensOf(person: Person): number {
		const ending = this.keptTokensOf(person);
		for (const token of ending) token.kept = false;
		return ending.length;
	}

	/** How many it ended. */
	endOf(person: Person, spared: (held: Held) => boolean = () => false): number {
		const ending = this.keptOf(person).filter((held) => !spared(held));
		for (const held of ending) held.kept = false;
		return ending.length;
	}

	/** A change of credentials that ends every session. */
	change(person: Person, password: string | undefined, mustChange: boolean): void {
		person.password = password;
		person.mustChange = mustChange;
		person.stamp = this.#next();
		person.root = person.stamp;
		this.endOf(person);
	}

	/** Kismet's: its own sessions go on. */
	changeByKismet(person: Person, password: string): void {
		person.password = password;
		person.mustChange = false;
		person.stamp = this.#next();
		this.endOf(person, ({ dialect }) => dialect === 'kismet');
	}

	disable(person: Person, disabled: boolean): void {
		// Also where it is enabled again: what was made meanwhile does not come to life.
		if (person.disabled || disabled) {
			this.endOf(person);
			this.endTokensOf(person);
		}
		person.disabled = disabled;
	}

	remove(person: Person): void {
		this.people.delete(person.name);
		this.endOf(person);
		this.endTokensOf(person);
	}

	sweep(): void {
		for (const held of this.sessions) held.kept &&= !this.isExpired(held);
		for (const token of this.tokens) token.kept &&= !this.isExpiredToken(token);
	}

	#next(): number {
		this.#serial += 1;
		return this.#serial;
	}
}
