import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** The page's first heading, and the window's title. With a keyboard or a screen reader one starts at it. */
export function Title({ name, children }: { name: string; children?: ComponentChildren }) {
	const heading = useRef<HTMLHeadingElement>(null);
	// Before the field that wants the focus more, and before anybody sees either.
	useLayoutEffect(() => {
		document.title = `${name} – Latchkey`;
		heading.current?.focus();
	}, [name]);
	return (
		<h1 ref={heading} tabIndex={-1}>
			{children ?? name}
		</h1>
	);
}
