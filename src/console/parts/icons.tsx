import { brand } from '../brand.ts';

/*
 * Drawn in the colour of the text around them; never the only sign of anything, so that screen readers skip them.
 */

export function Mark() {
	if (brand.logo !== undefined) return <img class="mark" src={brand.logo} alt="" />;
	return (
		<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
			<rect width="32" height="32" rx="8" class="plate" />
			<path
				class="key"
				d="M16 6.5a5.5 5.5 0 0 0-2 10.62V24a1.5 1.5 0 0 0 1.5 1.5h1A1.5 1.5 0 0 0 18 24v-.5h2.25a.75.75 0 0 0 .75-.75v-1.5a.75.75 0 0 0-.75-.75H18v-3.38A5.5 5.5 0 0 0 16 6.5Zm0 3.25a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5Z"
			/>
		</svg>
	);
}

const shapes = {
	met: 'M5 12.5l4.5 4.5L19 7.5',
	notMet: 'M12 12h.01',
	later: 'M8 12h8',
	back: 'M14.5 5.5L8 12l6.5 6.5',
	screen: 'M4 5h16v11H4zM9 20h6M12 16v4',
	phone: 'M8 3h8v18H8zM11.5 18h1',
	key: 'M9 12a4 4 0 1 1 2.8 3.8L14 18h2v2h2v2h3v-3l-7.2-7.2',
	program: 'M4 5h16v14H4zM7.5 9.5l3 2.5-3 2.5M12.5 15h4',
} as const;

export function Icon({ shape }: { shape: keyof typeof shapes }) {
	return (
		<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
			<path d={shapes[shape]} />
		</svg>
	);
}
