import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { SessionOver } from './api.ts';
import { useSecondsUntil } from './countdown.ts';
import type { Happening, Notice } from './machine.ts';
import { type Meanings, type Problem, problemOf } from './problem.ts';
import type { AuthenticationInfo } from './session-v1.ts';
import type { Say } from './words/words.ts';

/** What every screen may reach for. */
export interface Desk {
	/** The ways in that the service offers. */
	readonly offer: AuthenticationInfo;
	/** Grows with every look that finds somebody signed in: what could not be loaded before may be now. */
	readonly looks: number;
	/** Looks anew where we stand, and says what it found. */
	settle(): Promise<Happening['kind']>;
	/** Says something to everybody, seeing or listening. Absent: what was said is over. */
	say(text?: Say): void;
}

/** On the way to the sign-in screen, of the page's own doing. */
export type Leave = (notice?: Notice, name?: string) => void;

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
	const desk = useContext(DeskContext);
	if (desk === undefined) throw new Error('no desk around');
	return desk;
}

export interface Request {
	readonly busy: boolean;
	readonly problem: Problem | undefined;
	/** What is wrong with a field, to be said there. */
	about(field: string): Say | undefined;
	/** Seconds until it is worth trying again; until then `run` does nothing. */
	readonly waitSeconds: number;
	/** Runs an act that asks the service, one at a time. `meanings`: what a code means here. */
	run(act: () => Promise<void>, meanings?: Meanings): Promise<void>;
}

/** For whatever a person sets off: is it under way, and what went wrong. */
export function useRequest(): Request {
	const { settle } = useDesk();
	const [busy, setBusy] = useState(false);
	const [failed, setFailed] = useState<{ readonly problem: Problem; readonly until: number }>();
	const waitSeconds = useSecondsUntil(failed?.until);

	function fail(problem: Problem) {
		setFailed({ problem, until: Date.now() + (problem.waitSeconds ?? 0) * 1000 });
	}

	return {
		busy,
		problem: failed?.problem,
		about: (field) => (failed?.problem.field === field ? failed.problem.text : undefined),
		waitSeconds,
		async run(act, meanings) {
			if (busy || waitSeconds > 0) return;
			setBusy(true);
			setFailed(undefined);
			try {
				await act();
			} catch (fault) {
				if (fault instanceof SessionOver) await settle();
				else fail(problemOf(fault, meanings));
			} finally {
				setBusy(false);
			}
		},
	};
}

export interface Loaded<T> {
	/** `undefined`: not there yet. What was there stays while it is loaded again. */
	readonly value: T | undefined;
	readonly problem: Problem | undefined;
	reload(): Promise<void>;
}

/** For what a page shows. `key`: what is loaded; another key loads anew. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
	const { settle, looks } = useDesk();
	const [state, setState] = useState<{ key: string; value?: T; problem?: Problem }>({ key });

	/** An answer that comes after that of a later run is out of date. */
	const runs = useRef(0);

	async function reload() {
		runs.current += 1;
		const run = runs.current;
		try {
			const value = await load();
			if (run === runs.current) setState({ key, value });
		} catch (fault) {
			if (run !== runs.current) return;
			if (fault instanceof SessionOver) await settle();
			else {
				const problem = problemOf(fault);
				setState((before) => ({ ...(before.key === key ? before : { key }), problem }));
			}
		}
	}

	// What is loaded is named by its key.
	useEffect(() => void reload(), [key, looks]);

	const current = state.key === key;
	return { value: current ? state.value : undefined, problem: current ? state.problem : undefined, reload };
}
