import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { type Say, useWords } from '../words/words.ts';

interface FieldProps {
	readonly label: string;
	readonly value: string;
	readonly hint?: ComponentChildren;
	/** What is wrong with what stands in it: it takes the focus. */
	readonly error?: Say | undefined;
	/** Takes the focus when it appears. */
	readonly first?: boolean;
	onValue(value: string): void;
	readonly type?: 'text' | 'password' | 'search' | 'datetime-local';
	readonly autocomplete?: 'username' | 'current-password' | 'new-password' | 'one-time-code' | 'off';
	readonly required?: boolean;
	readonly readOnly?: boolean;
	readonly inputmode?: 'numeric';
	readonly maxLength?: number;
	/** Id of a list of suggestions. */
	readonly list?: string;
	/** Beside the input. */
	readonly aside?: ComponentChildren;
	/** Ids of what describes it besides the hint. */
	readonly describedBy?: string;
}

/** A labelled input of one line. */
export function Field({
	label,
	value,
	hint,
	error,
	first,
	onValue,
	aside,
	describedBy,
	type = 'text',
	...native
}: FieldProps) {
	const id = useId();
	const words = useWords();
	const input = useRef<HTMLInputElement>(null);
	// Before anybody sees the field, and may have gone on to the next one.
	useLayoutEffect(() => {
		if (first) input.current?.focus();
	}, [first]);
	useLayoutEffect(() => {
		if (error === undefined) return;
		input.current?.focus();
		// Nobody mends what cannot be seen.
		if (/password|code/.test(native.autocomplete ?? '')) input.current?.select();
	}, [error]);
	// Before the form looks at its state: a program that fills fields in need not tell the page of it.
	useLayoutEffect(() => {
		const { form } = input.current ?? {};
		if (!form) return;
		const catchUp = (event: SubmitEvent) => {
			if (input.current?.value === value) return;
			event.preventDefault();
			event.stopImmediatePropagation();
			// All at once: what is drawn anew shows what the page knows.
			for (const each of form.querySelectorAll('input')) each.dispatchEvent(new Event('input', { bubbles: true }));
			setTimeout(() => form.requestSubmit());
		};
		form.addEventListener('submit', catchUp, { capture: true });
		return () => form.removeEventListener('submit', catchUp, { capture: true });
	});
	const described = [error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`, describedBy]
		.filter(Boolean)
		.join(' ');
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<div class="input">
				<input
					id={id}
					ref={input}
					// Preact's types want to know which; every one of these is an input of one line.
					type={type as 'text'}
					autocapitalize="none"
					spellcheck={false}
					value={value}
					// For a dialog, which opens after its fields are there, and looks for it.
					autofocus={first}
					aria-invalid={error !== undefined || undefined}
					aria-describedby={described || undefined}
					onInput={({ currentTarget }) => onValue(currentTarget.value)}
					onChange={({ currentTarget }) => onValue(currentTarget.value)}
					{...native}
				/>
				{aside}
			</div>
			{error !== undefined && (
				<p class="amiss" id={`${id}-error`} role="alert">
					{error(words)}
				</p>
			)}
			{hint !== undefined && (
				<p class="hint" id={`${id}-hint`}>
					{hint}
				</p>
			)}
		</div>
	);
}

/** A yes or a no. */
export function Check({
	label,
	checked,
	onChecked,
}: {
	label: string;
	checked: boolean;
	onChecked(checked: boolean): void;
}) {
	return (
		<label class="check">
			<input type="checkbox" checked={checked} onChange={({ currentTarget }) => onChecked(currentTarget.checked)} />
			<span>{label}</span>
		</label>
	);
}
