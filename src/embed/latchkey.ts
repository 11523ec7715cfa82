import type { Middleware } from 'koa';
import type { Settings } from '../config/schema.ts';

/*
 * What an app around us gets. These types are the package's: nothing here refers to a room further inside, so that
 * whoever compiles against them needs the types of Koa, and of nothing else.
 */

/** What the configuration file has, but for what the app around it decides: where to listen, and what is protected. */
export type LatchkeySettings = Omit<Settings, 'http' | 'https' | 'resources'>;

export interface LatchkeyOptions {
	/**
	 * The settings, or the path of a YAML file with them; absent: the defaults, which keep everything in
	 * `data/latchkey.db` below the working directory. With a file, `npx latchkey identity … --config FILE`, in the same
	 * directory or with `data.dir`, works on the same identities and sessions while the app runs; `http`, `https` and `resources` in it are left aside.
	 */
	readonly config?: string | LatchkeySettings;
	/** Whose `LATCHKEY_…` variables override settings: `process.env`, or nobody's (absent). */
	readonly env?: Readonly<Record<string, string | undefined>>;
	/**
	 * For logins by client certificate. The app's own https server asks for them (`requestCert: true`,
	 * `rejectUnauthorized: false`, `ca`), or a proxy of `trustedProxies` passes them on in `Client-Cert` (RFC 9440).
	 * A resumed TLS session proves nothing and is refused: give that server `secureOptions: SSL_OP_NO_TICKET`.
	 */
	readonly clientCertificates?: {
		/** PEM file: the CA of client certificates, with those above it. */
		readonly ca: string;
		/** PEM file: what was revoked. */
		readonly crl?: string;
		/** Ports where they are asked for, told by `authenticationInfo`. */
		readonly ports?: readonly number[];
	};
	/**
	 * True: whoever has the setup token (`latchkey.setupToken()`) may make the first administrator over HTTP. Absent: nobody
	 * may, and the app makes its first identity by `latchkey.identities.add`.
	 */
	readonly firstSetup?: boolean;
	/** Takes the log: one JSON line at a time, audit lines among them. Absent: stdout. */
	readonly log?: { write(line: string): unknown };
}

export interface Latchkey {
	/**
	 * Kura's Session V1 and what of ours stands beside it, forward-auth, and the dialects that are on. Takes their paths
	 * and leaves all others to the app. To be used before anything that reads request bodies.
	 */
	routes(): Middleware;
	/**
	 * Lets in whoever holds this permission (or `kura.admin`), and puts the identity on `ctx.state.identity`. Everybody
	 * else is answered as the service does: 401, or 403. Throws where the text cannot be a permission.
	 */
	guard(permission: string, options?: GuardOptions): Middleware<LatchkeyState>;
	/** The same for whoever is logged in, whatever permissions that identity holds. */
	loggedIn(options?: GuardOptions): Middleware<LatchkeyState>;
	/** Who may log in. The audit names `operator` as the actor. */
	readonly identities: IdentityVerbs;
	/**
	 * The token that the first setup over HTTP needs: for whoever runs the app, and for nobody else. `undefined` where that
	 * is over, or was not asked for.
	 */
	setupToken(): Promise<string | undefined>;
	/** Rejects where a store does not answer: for the app's own health check. */
	probe(): Promise<void>;
	/** Ends what runs in the background and closes the stores. To be called when the app's server has closed. */
	close(): Promise<void>;
}

export interface GuardOptions {
	/**
	 * `always` (absent): every request made with a session needs the XSRF token. `unsafe`: only those that change
	 * something, for pages and files that a browser loads by itself. `origin`: none does; those that change something must
	 * come from a page of the same host, for pages that know nothing of the token. Requests from other sites are refused
	 * all the same.
	 */
	readonly xsrf?: 'always' | 'unsafe' | 'origin';
	/**
	 * Where people sign in: a path of the app (`/sign-in`), or the URL of a Latchkey's console. A browser that opens a page
	 * without a session is led there by 302 (a form: 303), with `return` in the query: the path to come back to, or the
	 * whole URL where the page is of another origin. Programs get 401 as before. Throws where it is neither.
	 */
	readonly signIn?: string;
	/** 2: with a second factor. Absent: one factor is enough. Who has less gets 403, `proof-needed`, or is led to `signIn`. */
	readonly assuranceLevel?: 1 | 2;
	/** Seconds since that level was proved last, at the most. Absent: whenever it was. */
	readonly maxAge?: number;
	/** False: what a page asks by itself does not keep the session alive. Absent: true. */
	readonly counts?: boolean;
}

/** Whom a request comes from. Holds no secret: it may be logged, or sent as JSON. */
export interface LatchkeyIdentity {
	/** A UUID. Stays when the name changes. */
	readonly id: string;
	readonly name: string;
	/** In alphabetical order. `may` knows that `kura.admin` holds all others, too. */
	readonly permissions: readonly string[];
	may(permission: string): boolean;
}

/** What a guard puts on `ctx.state`. */
export interface LatchkeyState {
	identity: LatchkeyIdentity;
}

export interface PasswordOptions {
	/** The next login must change it. Absent: false. */
	readonly passwordChangeNeeded?: boolean;
	/** False: an operator's word counts more than the policy. Absent: true. */
	readonly policy?: boolean;
}

export interface IdentityToAdd extends PasswordOptions {
	readonly name: string;
	/** Absent: it can log in by certificate only. */
	readonly password?: string;
	readonly permissions?: readonly string[];
}

/**
 * What the command line does to identities. A verb that is refused rejects with a `LatchkeyRefusal`, whose `kind` each names;
 * with a `TypeError` where a text cannot be a password or a permission; and with the store's own error where that is away.
 */
export interface IdentityVerbs {
	/** `bad-name`, `name-taken`, `weak-password`, `too-busy`. */
	add(identity: IdentityToAdd): Promise<LatchkeyIdentity>;
	/** `undefined`: there is none. */
	find(name: string): Promise<LatchkeyIdentity | undefined>;
	/** By name. */
	list(): Promise<readonly LatchkeyIdentity[]>;
	/** Ends its sessions. `not-found`, `weak-password`, `service-identity`, `too-busy`. */
	setPassword(name: string, password: string, options?: PasswordOptions): Promise<void>;
	/** Counts from the next request on. This and all that follow: `not-found`. */
	grant(name: string, permissions: readonly string[]): Promise<void>;
	/** Also of the last administrator: the app can make another. */
	revoke(name: string, permissions: readonly string[]): Promise<void>;
	/** A disabled identity cannot log in, and its sessions end. */
	setDisabled(name: string, disabled: boolean): Promise<void>;
	/** Logs it out everywhere. Returns how many sessions that were. */
	endSessions(name: string): Promise<number>;
	/** Ends its sessions, too. */
	remove(name: string): Promise<void>;
}
