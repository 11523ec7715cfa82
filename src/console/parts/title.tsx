import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** The page's first heading, and the window's title. Whoever comes here by keyboard or screen reader starts at it. */
export function Title({ name, children }: { name: string; children?: ComponentChildren }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		document.title = `${name} – Latchkey`;
		heading.current?.focus();
	}, [name]);
	return (
		<h1 ref={heading} tabIndex={-1}>
			{children ?? name}
		</h1>
	);
}
