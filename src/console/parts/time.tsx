const units = [
	['day', 86_400_000],
	['hour', 3_600_000],
	['minute', 60_000],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment (ISO 8601), as people say it; to the second on hovering, and beside it where nothing can hover. `exact`: always. */
export function Ago({ at, exact: isExact = false }: { at: string; exact?: boolean }) {
	const moment = new Date(at);
	const isNow = Date.now() - moment.getTime() < 60_000;
	return (
		<time dateTime={at} title={exact.format(moment)}>
			{ago(Date.now() - moment.getTime())}
			{!isNow && <span class={isExact ? undefined : 'on-touch'}>, {clockOf(at)}</span>}
		</time>
	);
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** A moment (ISO 8601) to the second: with its day, where that is not today. */
export function clockOf(at: string): string {
	const moment = new Date(at);
	const isToday = moment.toDateString() === new Date().toDateString();
	return (isToday ? clock : exact).format(moment);
}

/** The same, always to be seen. */
export function Clock({ at }: { at: string }) {
	return (
		<time dateTime={at} title={exact.format(new Date(at))}>
			{clockOf(at)}
		</time>
	);
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** The day of a moment (ISO 8601); the whole of it on hovering. */
export function Day({ at }: { at: string }) {
	const moment = new Date(at);
	return (
		<time dateTime={at} title={exact.format(moment)}>
			{day.format(moment)}
		</time>
	);
}

/** A moment (ISO 8601) to the second. */
export function Moment({ at }: { at: string }) {
	return <time dateTime={at}>{exact.format(new Date(at))}</time>;
}

/** Milliseconds. */
function ago(ms: number): string {
	const [unit, length] = units.find(([, each]) => ms >= each) ?? [];
	return unit === undefined ? 'just now' : relative.format(-Math.floor(ms / length), unit);
}
