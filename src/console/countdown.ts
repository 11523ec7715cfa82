import { useEffect, useState } from 'preact/hooks';

/** Whole seconds until a moment (milliseconds on this page's clock), counting down to 0. */
export function useSecondsUntil(at: number | undefined): number {
	const [, setTicks] = useState(0);
	useEffect(() => {
		if (at === undefined || at <= Date.now()) return;
		const timer = setInterval(() => {
			setTicks((before) => before + 1);
			if (at <= Date.now()) clearInterval(timer);
		}, 250);
		return () => clearInterval(timer);
	}, [at]);
	return at === undefined ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
