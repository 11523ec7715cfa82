const units = [
	['day', 86_400_000],
	['hour', 3_600_000],
	['minute', 60_000],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment (ISO 8601), as people say it; the whole of it on hovering. */
export function Ago({ at }: { at: string }) {
	const moment = new Date(at);
	return (
		<time dateTime={at} title={exact.format(moment)}>
			{ago(Date.now() - moment.getTime())}
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
