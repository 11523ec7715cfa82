import { digits } from './figures.ts';

export interface Bar {
	readonly name: string;
	readonly value: number;
	/** Drawn in another colour. */
	readonly ours: boolean;
}

const width = 780;
const labels = 310;
const lineHeight = 26;
const top = 44;
/** What is longer than this many times the middle one is cut, and says so. */
const longest = 12;

/** Bars from the shortest to the longest, as SVG; readable on light and on dark. */
export function drawBars(title: string, bars: readonly Bar[]): string {
	const sorted = bars.toSorted((a, b) => a.value - b.value);
	const most = Math.min(longest, Math.max(...sorted.map(({ value }) => value)));
	const room = width - labels - 70;
	const lines = sorted.map(({ name, value, ours }, at) => {
		const y = top + at * lineHeight;
		const length = Math.max(1, (Math.min(value, most) / most) * room);
		const cut = value > most ? `<path d="M${labels + length - 14} ${y} l6 18 h5 l-6 -18 z" class="gap"/>` : '';
		return `<text x="${labels - 10}" y="${y + 14}" text-anchor="end"${ours ? ' class="ours"' : ''}>${escaped(name)}</text>
<rect x="${labels}" y="${y}" width="${length.toFixed(1)}" height="18" rx="2" class="${ours ? 'bar our' : 'bar'}"/>${cut}
<text x="${(labels + length + 8).toFixed(1)}" y="${y + 14}">${digits(value)}</text>`;
	});
	const height = top + sorted.length * lineHeight + 8;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
	svg { background: #fff }
	text { font: 13px system-ui, sans-serif; fill: #24292f }
	.title { font-weight: 600 }
	.ours { font-weight: 600 }
	.bar { fill: #9aa4b0 }
	.our { fill: #1a7f64 }
	.gap { fill: #fff }
	@media (prefers-color-scheme: dark) {
		svg { background: #0d1117 }
		text { fill: #e6edf3 }
		.bar { fill: #6e7781 }
		.our { fill: #3fb992 }
		.gap { fill: #0d1117 }
	}
</style>
<text x="10" y="24" class="title">${escaped(title)}</text>
${lines.join('\n')}
</svg>
`;
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
