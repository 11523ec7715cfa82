import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Request } from '../desk.ts';

type Progress = Pick<Request, 'busy' | 'waitSeconds'>;

/**
 * Sends a form. While it is under way, or must not be tried yet, it says so and stays where it is: a disabled button
 * would lose the focus.
 */
export function Submit({
	request: { busy, waitSeconds },
	tone = 'primary',
	children,
}: {
	request: Progress;
	tone?: 'primary' | 'plain';
	children: ComponentChildren;
}) {
	return (
		<button type="submit" class={tone} aria-disabled={busy || waitSeconds > 0} data-busy={busy}>
			{children}
		</button>
	);
}

/** Does something at once. */
export function Act({
	request,
	tone = 'plain',
	label,
	first = false,
	onAct,
	children,
}: {
	request?: Progress;
	tone?: 'primary' | 'plain' | 'danger' | 'quiet';
	/** For screen readers, where the words alone do not say what they are about. It holds them, too: some say what they see. */
	label?: string;
	/** Takes the focus when it appears. */
	first?: boolean;
	onAct(): void;
	children: ComponentChildren;
}) {
	const button = useRef<HTMLButtonElement>(null);
	useLayoutEffect(() => {
		if (first) button.current?.focus();
	}, []);
	return (
		<button
			type="button"
			ref={button}
			class={tone}
			aria-disabled={request ? request.busy || request.waitSeconds > 0 : undefined}
			data-busy={request?.busy}
			aria-label={label}
			onClick={onAct}
		>
			{children}
		</button>
	);
}
