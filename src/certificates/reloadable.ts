import { statSync } from 'node:fs';

/** What files say, kept up to date. */
export interface ReadAgain<T> {
	readonly held: T;
	/** Reads anew where a file is not the one that was read last. Returns whether `held` is new. */
	look(): boolean;
}

/**
 * Throws what `read` throws the first time. Later such an error goes to `onFailure`, once for each version of the files,
 * and what was read before stays.
 */
export function readAgain<T>(
	paths: readonly string[],
	read: () => T,
	onFailure: (reason: string) => void,
): ReadAgain<T> {
	let version = revisionOf(paths);
	let held = read();
	return {
		get held() {
			return held;
		},
		look() {
			const present = revisionOf(paths);
			if (present === version) return false;
			version = present;
			try {
				held = read();
				return true;
			} catch (cause) {
				onFailure(cause instanceof Error ? cause.message : String(cause));
				return false;
			}
		},
	};
}

/** Another text whenever a file was replaced, written, or given other rights. Watching would miss files behind links. */
export function revisionOf(paths: readonly string[]): string {
	return paths
		.map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }))
		.map((stat) => (stat ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : 'absent'))
		.join(' ');
}
