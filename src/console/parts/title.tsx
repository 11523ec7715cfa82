import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { productName } from '../brand.ts';
import { useWords, type Words } from '../words/words.ts';

/** The page's first heading, and the window's title. With a keyboard or a screen reader one starts at it. */
export function Title({ name, children }: { name: string; children?: ComponentChildren }) {
	const words = useWords();
	const heading = useRef<HTMLHeadingElement>(null);
	const spokenBefore = useRef<Words>(undefined);
	// Before the field that wants the focus more, and before anybody sees either.
	useLayoutEffect(() => {
		document.title = `${name} – ${productName}`;
		// The same heading in another language is not where anybody has come to.
		const isNew = spokenBefore.current === undefined || spokenBefore.current === words;
		if (isNew) heading.current?.focus();
	}, [name]);
	useLayoutEffect(() => {
		spokenBefore.current = words;
	}, [words]);
	return (
		<h1 ref={heading} tabIndex={-1}>
			{children ?? name}
		</h1>
	);
}
