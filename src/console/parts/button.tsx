import type { ComponentChildren } from 'preact';
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
	more,
	onAct,
	children,
}: {
	request?: Progress;
	tone?: 'primary' | 'plain' | 'danger' | 'quiet';
	/** For screen readers, where the words alone do not say what they are about. */
	more?: string;
	onAct(): void;
	children: ComponentChildren;
}) {
	return (
		<button
			type="button"
			class={tone}
			aria-disabled={request ? request.busy || request.waitSeconds > 0 : undefined}
			data-busy={request?.busy}
			onClick={onAct}
		>
			{children}
			{more !== undefined && <span class="unseen"> {more}</span>}
		</button>
	);
}
