/** Resolves at SIGTERM or SIGINT; a worker heeds SIGTERM only, since Ctrl-C reaches it and its parent alike. */
export function toldToStop(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']): Promise<void> {
	return new Promise((resolve) => {
		const stop = () => {
			for (const signal of signals) process.off(signal, stop);
			resolve();
		};
		for (const signal of signals) process.on(signal, stop);
	});
}
