import { revisionOf } from '../certificates/reloadable.ts';
import type { Clock } from '../core/clock.ts';

/** Milliseconds between two looks. */
const lookEveryMs = 2000;
/**
 * How long a file must stay unchanged before it is read: one that is written in two steps, truncated and then filled, must not
 * be read halfway. Half a list of rules can be a valid one.
 */
const settleMs = 1000;

export interface FollowedFile {
	readonly file: string;
	/** The file is another one, or is to be read again. Never throws. */
	read(): void;
	readonly clock: Clock;
}

export interface FollowingFile {
	/** Looks now, and takes the file again although it is the same. */
	lookNow(): void;
	/** One of the looks that are taken from time to time. */
	look(): void;
	/** For `read`, when it has read: whether the file is still the one that it was called for. */
	isSame(): boolean;
	stop(): void;
}

/**
 * Looks at a file again and again, wherever links lead: one that is written, renamed over it, or found behind a link that was
 * changed (ConfigMaps of Kubernetes) is seen. The first look takes it, too: it may have changed since the start began. Does not keep the process alive.
 */
export function followFile({ file, read, clock }: FollowedFile): FollowingFile {
	let taken: string | undefined;
	let seen = { revision: revisionOf([file]), at: clock.now() };
	let isForced = false;
	let again: NodeJS.Timeout | undefined;

	function look() {
		const revision = revisionOf([file]);
		if (revision !== seen.revision) seen = { revision, at: clock.now() };
		if (revision === taken && !isForced) return;
		const missingMs = settleMs - (clock.now() - seen.at);
		if (missingMs > 0) {
			clearTimeout(again);
			again = setTimeout(look, missingMs + 1).unref();
			return;
		}
		taken = revision;
		isForced = false;
		read();
	}

	const timer = setInterval(look, lookEveryMs).unref();
	return {
		lookNow() {
			isForced = true;
			look();
		},
		look,
		isSame: () => revisionOf([file]) === taken,
		stop() {
			clearInterval(timer);
			clearTimeout(again);
		},
	};
}
