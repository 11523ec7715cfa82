import type { Xsrf } from '../rules.ts';

/*
 * Who may do what with a system that is known to us, as a table: an entry of `resources` that names a preset stands for
 * these rules, in this order.
 */

export interface PresetRule {
	/** Below the `path` of the entry. Absent: every path. */
	readonly paths?: readonly string[];
	/** Whether paths hold for what is below them, for themselves alone, or have gaps (`path-shape.ts`). */
	readonly hold?: 'below' | 'exact' | 'shapes';
	readonly suffixes?: readonly string[];
	readonly methods?: readonly string[];
	/** One of these permissions; or nobody is asked, or anybody who is logged in. */
	readonly who: 'public' | 'authenticated' | readonly string[];
	/** See `Rule.changes`. */
	readonly changes?: boolean;
}

export interface Preset {
	/** Where the entry says nothing. */
	readonly xsrf: Xsrf;
	/** Names of parameters that carry credentials of the system's own. */
	readonly stripQuery: readonly string[];
	/** Cookies that carry them: of no client's, and for none. */
	readonly cookies: readonly string[];
	readonly rules: readonly PresetRule[];
}
