/*
 * The colour of buttons, links and what is marked, in place of our own green. What stands on it and beside it must be read, in
 * light and in dark: source, WCAG 2.2, 1.4.3.
 */

type Theme = 'light' | 'dark';

/** What is made of an accent in one theme. */
interface AccentColours {
	readonly accent: string;
	/** Under the mouse, and as text on `soft`. */
	readonly strong: string;
	/** Text on it. */
	readonly on: string;
	/** Behind what is marked. */
	readonly soft: string;
}

type Accents = Readonly<Record<Theme, AccentColours>>;

/** `dark` absent: made of `light`, lighter. */
interface GivenAccents {
	readonly light: string;
	readonly dark?: string | undefined;
}

/** `beside`: what it stands on as text, paper first (`console/style/base.css`). `clearer`: by that share of the way to the most contrast. */
const themes = {
	light: { beside: ['#ffffff', '#faf9f6', '#f5f4f0'], on: '#ffffff', pole: '#000000', clearer: darker, tint: 0.11 },
	dark: { beside: ['#1a2124', '#161c1f', '#12171a'], on: '#12171a', pole: '#ffffff', clearer: brighter, tint: 0.16 },
} as const;

/** Of text. */
const leastContrast = 4.5;

export function accentsOf({ light, dark }: GivenAccents): Accents {
	return { light: coloursOf(light, 'light'), dark: coloursOf(dark ?? nearest(light, 'dark'), 'dark') };
}

function coloursOf(given: string, theme: Theme): AccentColours {
	const accent = longForm(given);
	const { beside, on, pole, tint } = themes[theme];
	return { accent, on, strong: mix(accent, pole, 0.25), soft: mix(beside[0], accent, tint) };
}

/** Why a colour cannot be the accent of a theme, with one near it that can; `undefined` where it can. */
export function reasonAgainstAccent(accent: string, theme: Theme): string | undefined {
	const { ratio, with: other } = worstOf(accent, theme);
	if (ratio >= leastContrast) return undefined;
	// Never more than there is: 4.49 is not 4.5.
	const told = Math.floor(ratio * 10) / 10;
	return `${accent} has a contrast of ${told}:1 with ${other} in the ${theme} theme, and text needs ${leastContrast}:1; ${nearest(accent, theme)} would do`;
}

/** Where it is read worst: as text on a ground, or with text on it. */
function worstOf(accent: string, theme: Theme): { readonly ratio: number; readonly with: string } {
	const { soft, on } = coloursOf(accent, theme);
	const [worst] = [...themes[theme].beside, on, soft]
		.map((other) => ({ ratio: contrastOf(accent, other), with: other }))
		.sort((a, b) => a.ratio - b.ratio);
	return worst ?? { ratio: 1, with: on };
}

/** The colour itself where it can be read, else one of the same hue that can: a step from it at a time, of a hundred. */
function nearest(accent: string, theme: Theme): string {
	const { clearer, pole } = themes[theme];
	const steps = Array.from({ length: 101 }, (_, step) => clearer(accent, step / 100));
	return steps.find((colour) => worstOf(colour, theme).ratio >= leastContrast) ?? pole;
}

/** Source: WCAG 2.2, "contrast ratio". */
export function contrastOf(one: string, other: string): number {
	const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
	return (lighter + 0.05) / (darker + 0.05);
}

/** Source: WCAG 2.2, "relative luminance". */
function luminanceOf(colour: string): number {
	const [red = 0, green = 0, blue = 0] = channelsOf(colour)
		.map((value) => value / 255)
		.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function darker(colour: string, share: number): string {
	return mix(colour, '#000000', share);
}

/** First as bright as its hue can be, and then paler. */
function brighter(colour: string, share: number): string {
	const channels = channelsOf(colour);
	const most = Math.max(...channels);
	if (most === 0) return mix(colour, '#ffffff', share);
	const brightest = hexOf(channels.map((value) => (value * 255) / most));
	return share < 0.5 ? mix(colour, brightest, share * 2) : mix(brightest, '#ffffff', share * 2 - 1);
}

function mix(one: string, other: string, share: number): string {
	const there = channelsOf(other);
	const mixed = channelsOf(one).map((value, at) => value + ((there[at] ?? 0) - value) * share);
	return hexOf(mixed);
}

function hexOf(channels: readonly number[]): string {
	return `#${channels.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}

function channelsOf(colour: string): number[] {
	return [1, 3, 5].map((at) => Number.parseInt(longForm(colour).slice(at, at + 2), 16));
}

/** `#0af` is `#00aaff`. */
function longForm(colour: string): string {
	return (colour.length === 4 ? colour.replace(/[^#]/g, '$&$&') : colour).toLowerCase();
}
