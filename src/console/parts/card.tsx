import type { ComponentChildren } from 'preact';
import { Mark } from './icons.tsx';

/** A screen of one purpose, in the middle of the window. */
export function Card({ children }: { children: ComponentChildren }) {
	return (
		<main class="alone">
			<p class="brand">
				<Mark />
				Latchkey
			</p>
			<div class="card">{children}</div>
		</main>
	);
}
