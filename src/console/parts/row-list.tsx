import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

/** Rows, one below the other. It takes the focus when a row goes away with the button that had it. */
export function RowList<Item>({
	items,
	empty,
	onEnded,
	row,
}: {
	items: readonly Item[];
	empty: ComponentChildren;
	onEnded(): Promise<void>;
	row(item: Item, onEnded: () => Promise<void>): ComponentChildren;
}) {
	const place = useRef<HTMLDivElement>(null);

	async function ended() {
		await onEnded();
		place.current?.focus();
	}

	return (
		<div ref={place} tabIndex={-1}>
			{items.length === 0 && <p class="empty">{empty}</p>}
			<ul class="rows">{items.map((item) => row(item, ended))}</ul>
		</div>
	);
}
