import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useDesk, useLoaded, useRequest } from '../desk.ts';
import { Submit } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemText } from '../parts/problem-text.tsx';
import { summaryOf } from '../parts/rule-text.ts';
import { Title } from '../parts/title.tsx';
import { useRested } from '../rested.ts';
import { explain as askWhy, type ExplainedAnswer, type Explanation, identities, tokens } from '../session-v1.ts';
import { useWords } from '../words/words.ts';

const methods = [
	...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
	...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT'],
];

/** In place of the id of a token. */
const session = '';

/** Milliseconds without a keystroke before the service is asked. */
const restMs = 250;
/** Names that are offered for what was typed. */
const mostNames = 20;

/** `of` absent: nobody's. */
function useTokensOf(of: string | undefined) {
	return useLoaded(`tokens to ask with ${of ?? ''}`, async () => (of === undefined ? { tokens: [] } : tokens(of)));
}

/** Why a request passes, or does not. For administrators. */
export function ExplainPage() {
	const request = useRequest();
	const { explain } = useWords();
	const { offer } = useDesk();
	const [method, setMethod] = useState('GET');
	const [url, setUrl] = useState('');
	const [as, setAs] = useState('');
	const [shows, setShows] = useState<string>(session);
	const [from, setFrom] = useState('');
	const [told, setTold] = useState<{ readonly as: string; readonly explanation: Explanation }>();
	const typed = useRested(as.trim(), restMs);
	const like = new URLSearchParams({ search: typed, limit: String(mostNames) }).toString();
	const names = useLoaded(`names ${like}`, () => identities(like));
	const mayBe = names.value?.identities.some(({ name }) => name === as) || names.value?.next !== undefined;
	const { value: theirs } = useTokensOf(offer.apiTokensEnabled && as === typed && mayBe ? as : undefined);
	const named = (theirs?.tokens ?? []).map(({ id, name }) => [id, explain.token(name, id)] as const);
	const token = named.find(([id]) => id === shows)?.[0];

	const submit = () =>
		request.run(async () => {
			setTold(undefined);
			const who = as.trim() === '' ? {} : { as, ...(token !== undefined && { token }) };
			const where = from.trim() === '' ? {} : { from: from.trim() };
			setTold({ as, explanation: await askWhy({ method, url: url.trim(), ...who, ...where }) });
		});

	return (
		<>
			<Title name={explain.title} />
			<p class="lead">{explain.lead}</p>
			<section class="card narrow">
				<form
					aria-label={explain.title}
					onSubmit={(event) => {
						event.preventDefault();
						void submit();
					}}
				>
					<Choice label={explain.method} value={method} of={methods} onValue={setMethod} />
					<Field
						label={explain.address}
						value={url}
						onValue={setUrl}
						required
						autocomplete="off"
						maxLength={8192}
						hint={explain.addressHint(<code>https://wiki.example.org/admin</code>, <code>wss://</code>)}
					/>
					<Field
						label={explain.who}
						value={as}
						onValue={setAs}
						autocomplete="off"
						maxLength={1024}
						list="names"
						hint={explain.whoHint}
					/>
					{named.length > 0 && (
						<Choice
							label={explain.shows}
							value={token ?? session}
							of={[session, ...named.map(([id]) => id)]}
							names={Object.fromEntries([[session, explain.session], ...named])}
							onValue={setShows}
						/>
					)}
					<datalist id="names">
						{names.value?.identities.map(({ name }) => (
							<option key={name} value={name} />
						))}
					</datalist>
					<Field
						label={explain.from}
						value={from}
						onValue={setFrom}
						autocomplete="off"
						maxLength={64}
						hint={explain.fromHint}
					/>
					<ProblemText request={request} />
					<Submit request={request}>{explain.explain}</Submit>
				</form>
			</section>
			<div class="told" role="status">
				{told && <Told {...told} />}
			</div>
		</>
	);
}

function Told({ as, explanation: { passes, why, missing, rule, answers } }: { as: string; explanation: Explanation }) {
	const { explain, rules } = useWords();
	const { navigation, fetch, websocket, program } = answers;
	return (
		<section class="card" aria-label={explain.explanation}>
			<p class="verdict">
				<span class={passes ? 'badge good' : 'badge bad'}>{passes ? explain.passes : explain.stops}</span>
				{/* A name keeps its letters. */}
				<span lang="en">{as !== '' && why.startsWith(as) ? why : capital(why)}.</span>
			</p>
			<dl>
				{rule && (
					<Line name={explain.rule}>
						{rule.number}, <code>{rule.writtenAt}</code>
						<br />
						<span class="facts">{summaryOf(rules, rule)}</span>
					</Line>
				)}
				{navigation && <Answer name={explain.pageGets} answer={navigation} />}
				{fetch && <Answer name={explain.scriptGets} answer={fetch} />}
				{program && <Answer name={explain.programGets} answer={program} />}
				{websocket && <Answer name={explain.webSocketGets} answer={websocket} />}
				{missing.length > 0 && (
					<Line name={explain.missing}>
						<ul lang="en">
							{missing.map((each) => (
								<li key={each}>{capital(each)}</li>
							))}
						</ul>
					</Line>
				)}
			</dl>
		</section>
	);
}

function Line({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

function Answer({ name, answer: { upstream, status, location, message } }: { name: string; answer: ExplainedAnswer }) {
	const { explain } = useWords();
	if (upstream !== undefined) return <Line name={name}>{explain.whatAnswers(<code>{upstream}</code>)}</Line>;
	if (location !== undefined) return <Line name={name}>{explain.redirect(status, <code>{location}</code>)}</Line>;
	return (
		<Line name={name}>
			{status}
			{message !== undefined && <span lang="en">: {message}</span>}
		</Line>
	);
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
