/** Bytes of lines that are kept for the moment when there is room again. */
export const mostBytesKept = 1024 * 1024;

const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** There is no room: that passes, and is no mistake of the configuration. */
export function isFull(cause: unknown): boolean {
	return full.has((cause as NodeJS.ErrnoException).code);
}
