import { localeOf } from '../words/languages.ts';
import { useWords, type Words } from '../words/words.ts';

const units = [
	['day', 86_400_000],
	['hour', 3_600_000],
	['minute', 60_000],
] as const;

interface Formats {
	readonly relative: Intl.RelativeTimeFormat;
	readonly exact: Intl.DateTimeFormat;
	readonly clock: Intl.DateTimeFormat;
	readonly day: Intl.DateTimeFormat;
}

const known = new Map<string, Formats>();

function formatsOf({ language }: Words): Formats {
	const before = known.get(language);
	if (before !== undefined) return before;
	const locale = localeOf(language);
	const formats = {
		relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
		exact: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }),
		clock: new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }),
		day: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }),
	};
	known.set(language, formats);
	return formats;
}

/** A moment (ISO 8601), as people say it; to the second on hovering, and beside it where nothing can hover. `exact`: always. */
export function Ago({ at, exact: isExact = false }: { at: string; exact?: boolean }) {
	const words = useWords();
	const moment = new Date(at);
	const ms = Date.now() - moment.getTime();
	return (
		<time dateTime={at} title={formatsOf(words).exact.format(moment)}>
			{ago(words, ms)}
			{ms >= 60_000 && (
				<span class={isExact ? undefined : 'on-touch'}>
					{/* "PM" stays beside its hour. */}
					{words.common.thenClock(clockOf(words, at).replace(/ (?=\S+$)/, '\u00a0'))}
				</span>
			)}
		</time>
	);
}

/** A moment (ISO 8601) to the second: with its day, where that is not today. */
export function clockOf(words: Words, at: string): string {
	const { clock, exact } = formatsOf(words);
	const moment = new Date(at);
	const isToday = moment.toDateString() === new Date().toDateString();
	return (isToday ? clock : exact).format(moment);
}

/** The same, always to be seen. */
export function Clock({ at }: { at: string }) {
	const words = useWords();
	return (
		<time dateTime={at} title={formatsOf(words).exact.format(new Date(at))}>
			{clockOf(words, at)}
		</time>
	);
}

/** The day of a moment (ISO 8601); the whole of it on hovering. */
export function Day({ at }: { at: string }) {
	const { exact, day } = formatsOf(useWords());
	const moment = new Date(at);
	return (
		<time dateTime={at} title={exact.format(moment)}>
			{day.format(moment)}
		</time>
	);
}

/** A moment (ISO 8601) to the second. */
export function Moment({ at }: { at: string }) {
	return <time dateTime={at}>{formatsOf(useWords()).exact.format(new Date(at))}</time>;
}

/** Milliseconds. */
function ago(words: Words, ms: number): string {
	const [unit, length] = units.find(([, each]) => ms >= each) ?? [];
	return unit === undefined ? words.common.justNow : formatsOf(words).relative.format(-Math.floor(ms / length), unit);
}
