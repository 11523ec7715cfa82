import { counted, styled } from './output.ts';

export interface Progress {
	show(done: number): void;
	clear(): void;
}

const width = 30;
/** Milliseconds between two pictures. */
const pauseMs = 50;

/** A bar on stderr where that is a terminal, and nothing where it is not. */
export function openProgress(noun: string, total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
	let shownAt = Number.NEGATIVE_INFINITY;
	if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
	return {
		show(done) {
			if (done < total && performance.now() - shownAt < pauseMs) return;
			shownAt = performance.now();
			const full = Math.round((width * done) / Math.max(1, total));
			const bar = styled('green', '━'.repeat(full)) + styled('dim', '━'.repeat(width - full));
			stream.write(`\r${bar} ${done} of ${counted(total, noun)}\x1b[K`);
		},
		clear: () => void stream.write('\r\x1b[K'),
	};
}
