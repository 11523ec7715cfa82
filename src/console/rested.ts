import { useEffect, useState } from 'preact/hooks';

/** A value once it has stayed the same for so many milliseconds: who types is not asked after each letter. */
export function useRested<T>(value: T, ms: number): T {
	const [rested, setRested] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setRested(value), ms);
		return () => clearTimeout(timer);
	}, [value, ms]);
	return rested;
}
