import { useRef, useState } from 'preact/hooks';
import type { BulkAct, BulkResult } from '../administration-v1.ts';
import { bulkActs } from '../administration-v1.ts';
import { useRequest } from '../desk.ts';
import { Act } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Check, Field } from '../parts/field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { identities } from '../session-v1.ts';
import { useWords, wordFor } from '../words/words.ts';
import { type Asked, BulkConfirm } from './bulk-confirm.tsx';

/** The service gives no more at once. */
const perQuestion = 200;
/** So many of what was refused are named. */
const mostNamed = 20;

export type Selection = ReadonlySet<string>;

interface Props {
	readonly selection: Selection;
	/** Those on the page that is shown. */
	readonly names: readonly string[];
	readonly hasMore: boolean;
	readonly me: string;
	/** The list that is shown, without its cursor; `limit`: how many at once. */
	queryOfAll(limit: number, cursor: string | undefined): string;
	onSelect(selection: Selection): void;
	/** Something has changed. */
	onDone(): Promise<void>;
}

/** Who is selected, and what is to be done to all of them. */
export function SelectionBar({ selection, names, hasMore, me, queryOfAll, onSelect, onDone }: Props) {
	const { several } = useWords();
	const request = useRequest();
	const [act, setAct] = useState<BulkAct>('disable');
	const [permission, setPermission] = useState('');
	const [asked, setAsked] = useState<Asked>();
	const [results, setResults] = useState<readonly BulkResult[]>();
	const [found, setFound] = useState(0);
	const place = useRef<HTMLElement>(null);
	const isWhole = names.length > 0 && names.every((name) => selection.has(name));
	const needsPermission = act === 'grant' || act === 'revoke';

	function selectPage(isChecked: boolean) {
		const next = new Set(selection);
		for (const name of names)
			if (isChecked) next.add(name);
			else next.delete(name);
		onSelect(next);
	}

	const selectAll = () =>
		request.run(async () => {
			const all = new Set<string>();
			let cursor: string | undefined;
			do {
				const page = await identities(queryOfAll(perQuestion, cursor));
				for (const { name } of page.identities) all.add(name);
				setFound(all.size);
				cursor = page.next;
			} while (cursor !== undefined);
			onSelect(all);
		});

	return (
		<section class="selection" aria-label={several.region} ref={place} tabIndex={-1}>
			<div class="actions">
				<Check label={several.page} checked={isWhole} onChecked={selectPage} />
				{hasMore && (
					<Act request={request} tone="quiet" onAct={() => void selectAll()}>
						{several.all}
					</Act>
				)}
				{selection.size > 0 && (
					<Act tone="quiet" onAct={() => onSelect(new Set())}>
						{several.none}
					</Act>
				)}
				<span role="status">
					{request.busy ? several.found(found) : selection.size > 0 && several.selected(selection.size)}
				</span>
			</div>
			<ProblemText request={request} />
			{selection.size > 0 && (
				<form
					class="filters"
					onSubmit={(event) => {
						event.preventDefault();
						setResults(undefined);
						const permissions = needsPermission ? [permission.trim()] : undefined;
						setAsked({ change: { act, ...(permissions && { permissions }) }, names: [...selection] });
					}}
				>
					<Choice
						label={several.do}
						value={act}
						of={bulkActs}
						names={several.acts}
						onValue={(value) => setAct(value)}
					/>
					{needsPermission && (
						<Field
							label={several.permission}
							list="permissions"
							value={permission}
							onValue={setPermission}
							required
							maxLength={128}
						/>
					)}
					<button type="submit" class="plain">
						{several.goOn}
					</button>
				</form>
			)}
			{asked && (
				<BulkConfirm
					asked={asked}
					me={me}
					onNo={() => setAsked(undefined)}
					onDone={async (of) => {
						setAsked(undefined);
						setResults(of);
						onSelect(new Set());
						place.current?.focus();
						await onDone();
					}}
				/>
			)}
			{results && <Results results={results} />}
		</section>
	);
}

function Results({ results }: { results: readonly BulkResult[] }) {
	const words = useWords();
	const { several } = words;
	const refused = results.filter(({ done }) => !done);
	const why = ({ code = '', message = '' }: BulkResult) =>
		code === 'own-identity' ? several.ownIdentity : (wordFor(words.refusals, code) ?? message);
	return (
		<div class="notice" role="status">
			<p>{several.done(results.length - refused.length)}</p>
			{refused.length > 0 && (
				<>
					<p>{several.refused(refused.length)}</p>
					<ul>
						{refused.slice(0, mostNamed).map((each) => (
							<li key={each.name}>
								<strong>{each.name}</strong>: {why(each)}
							</li>
						))}
						{refused.length > mostNamed && <li>{several.more(refused.length - mostNamed)}</li>}
					</ul>
				</>
			)}
		</div>
	);
}
