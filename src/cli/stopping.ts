const both = ['SIGTERM', 'SIGINT'] as const;

/**
 * npm and npx pass a signal on that the service manager or the terminal has sent to all of us, and their shell's end is
 * followed by the launcher: what comes again within so many milliseconds is the same signal.
 */
const sameSignalMs = process.env.npm_command === undefined ? 0 : 1000;

/** Resolves at SIGTERM or SIGINT; a worker heeds SIGTERM only, since Ctrl-C reaches it and its parent alike. */
export function toldToStop(signals: readonly NodeJS.Signals[] = both): Promise<void> {
	return new Promise((resolve) => {
		const stop = () => {
			for (const signal of signals) process.off(signal, stop);
			resolve();
		};
		for (const signal of signals) process.on(signal, stop);
	});
}

/** Acts at the next SIGTERM or SIGINT. To be called when the first one came. */
export function atSecondSignal(act: () => void): void {
	const firstAt = performance.now();
	for (const signal of both) process.on(signal, () => performance.now() - firstAt >= sameSignalMs && act());
}
