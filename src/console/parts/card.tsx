import type { ComponentChildren } from 'preact';
import { productName } from '../brand.ts';
import { Mark } from './icons.tsx';
import { LanguageSwitch } from './language-switch.tsx';

/** A screen of one purpose, in the middle of the window. */
export function Card({ children }: { children: ComponentChildren }) {
	return (
		<>
			<main class="alone">
				<p class="brand">
					<Mark />
					{productName}
				</p>
				<div class="card">{children}</div>
			</main>
			<LanguageSwitch />
		</>
	);
}
