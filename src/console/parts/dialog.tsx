import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { productName } from '../brand.ts';

/**
 * Stands before everything else until it is answered. What lies behind keeps what was typed into it, and gets the focus
 * back. `onEscape`: what the Escape key means; without it the key does nothing.
 */
export function Dialog({
	title,
	onEscape,
	children,
}: {
	title: string;
	onEscape?(): void;
	children: ComponentChildren;
}) {
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();

	// The field in it that has `autofocus` gets the focus, else the first button.
	useLayoutEffect(() => {
		const element = dialog.current;
		element?.showModal();
		return () => element?.close();
	}, []);
	// The same question in another language is not asked anew.
	useLayoutEffect(() => {
		const titleBefore = document.title;
		document.title = `${title} – ${productName}`;
		return () => {
			document.title = titleBefore;
		};
	}, [title]);

	return (
		<dialog
			ref={dialog}
			aria-labelledby={id}
			// Before the browser's own way of closing, which cannot be kept from it twice.
			onKeyDown={(event) => {
				if (event.key !== 'Escape') return;
				event.preventDefault();
				onEscape?.();
			}}
			onCancel={(event) => event.preventDefault()}
		>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}
