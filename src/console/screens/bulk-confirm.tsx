import { useRef, useState } from 'preact/hooks';
import { type BulkChange, type BulkResult, changeIdentities } from '../administration-v1.ts';
import { useRequest } from '../desk.ts';
import { Confirm } from '../parts/confirm.tsx';
import { useWords } from '../words/words.ts';

export interface Asked {
	readonly change: BulkChange;
	readonly names: readonly string[];
}

/** In one request: an answer comes within a second or so, and says how far it is. */
const together = 200;
/** So many are named in the question. */
const mostNamed = 5;

/** Says what will happen to how many, and does it. Where that fails in between, it goes on from there. */
export function BulkConfirm({
	asked: { change, names },
	me,
	onNo,
	onDone,
}: {
	asked: Asked;
	me: string;
	onNo(): void;
	onDone(results: readonly BulkResult[]): Promise<void>;
}) {
	const { several } = useWords();
	const request = useRequest();
	const results = useRef<readonly BulkResult[]>([]);
	const [done, setDone] = useState(0);
	const { act, permissions } = change;

	const doIt = () =>
		request.run(async () => {
			while (results.current.length < names.length) {
				const { length } = results.current;
				const answer = await changeIdentities(change, names.slice(length, length + together));
				results.current = [...results.current, ...answer.results];
				setDone(results.current.length);
			}
			await onDone(results.current);
		});

	return (
		<Confirm
			title={several.title(several.acts[act], names.length)}
			yes={several.acts[act]}
			request={request}
			onYes={() => void doIt()}
			// What was done is done, and is told.
			onNo={() => (done > 0 ? void onDone(results.current) : onNo())}
		>
			<strong>{names.slice(0, mostNamed).join(', ')}</strong>{' '}
			{names.length > mostNamed && several.more(names.length - mostNamed)}
			<br />
			{several.effects[act]} {permissions && <code>{permissions.join(', ')}</code>}
			{names.includes(me) && (
				<>
					<br />
					{several.yourself}
				</>
			)}
			{done > 0 && (
				<>
					<br />
					<span role="status">{several.progress(done, names.length)}</span>
				</>
			)}
		</Confirm>
	);
}
