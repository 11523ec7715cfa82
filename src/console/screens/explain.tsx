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
import { type ExplainedAnswer, type Explanation, explain, identities, tokens } from '../session-v1.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

const session = 'A session';

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
	const { offer } = useDesk();
	const [method, setMethod] = useState('GET');
	const [url, setUrl] = useState('');
	const [as, setAs] = useState('');
	const [shows, setShows] = useState(session);
	const [from, setFrom] = useState('');
	const [told, setTold] = useState<{ readonly as: string; readonly explanation: Explanation }>();
	const typed = useRested(as.trim(), restMs);
	const like = new URLSearchParams({ search: typed, limit: String(mostNames) }).toString();
	const names = useLoaded(`names ${like}`, () => identities(like));
	const mayBe = names.value?.identities.some(({ name }) => name === as) || names.value?.next !== undefined;
	const { value: theirs } = useTokensOf(offer.apiTokensEnabled && as === typed && mayBe ? as : undefined);
	const named = new Map((theirs?.tokens ?? []).map(({ id, name }) => [`The API token ${name} (${id})`, id]));
	const token = named.get(shows);

	const submit = () =>
		request.run(async () => {
			setTold(undefined);
			const who = as.trim() === '' ? {} : { as, ...(token !== undefined && { token }) };
			const where = from.trim() === '' ? {} : { from: from.trim() };
			setTold({ as, explanation: await explain({ method, url: url.trim(), ...who, ...where }) });
		});

	return (
		<>
			<Title name="Explain access" />
			<p class="lead">Which rule decides about a request, and what a browser would get. Nothing is sent.</p>
			<section class="card narrow">
				<form
					aria-label="Explain access"
					onSubmit={(event) => {
						event.preventDefault();
						void submit();
					}}
				>
					<Choice label="Method" value={method} of={methods} onValue={setMethod} />
					<Field
						label="Address"
						value={url}
						onValue={setUrl}
						required
						autocomplete="off"
						maxLength={8192}
						hint={
							<>
								As <code>https://wiki.example.org/admin</code>; <code>wss://</code> for a WebSocket.
							</>
						}
					/>
					<Field
						label="Who asks"
						value={as}
						onValue={setAs}
						autocomplete="off"
						maxLength={1024}
						list="names"
						hint="The name of an identity. Empty: somebody who is not signed in."
					/>
					{named.size > 0 && (
						<Choice label="Shows" value={token ? shows : session} of={[session, ...named.keys()]} onValue={setShows} />
					)}
					<datalist id="names">
						{names.value?.identities.map(({ name }) => (
							<option key={name} value={name} />
						))}
					</datalist>
					<Field
						label="From"
						value={from}
						onValue={setFrom}
						autocomplete="off"
						maxLength={64}
						hint="The address of the client, where rules look at it."
					/>
					<ProblemText request={request} />
					<Submit request={request}>Explain</Submit>
				</form>
			</section>
			<div class="told" role="status">
				{told && <Told {...told} />}
			</div>
		</>
	);
}

function Told({ as, explanation: { passes, why, missing, rule, answers } }: { as: string; explanation: Explanation }) {
	const { navigation, fetch, websocket, program } = answers;
	return (
		<section class="card" aria-label="Explanation">
			<p class="verdict">
				<span class={passes ? 'badge good' : 'badge bad'}>{passes ? 'Let through' : 'Not let through'}</span>
				{/* A name keeps its letters. */}
				<span>{as !== '' && why.startsWith(as) ? why : capital(why)}.</span>
			</p>
			<dl>
				{rule && (
					<Line name="Rule">
						{rule.number}, <code>{rule.writtenAt}</code>
						<br />
						<span class="facts">{summaryOf(rule)}</span>
					</Line>
				)}
				{navigation && <Answer name="A page gets" answer={navigation} />}
				{fetch && <Answer name="A script gets" answer={fetch} />}
				{program && <Answer name="A program gets" answer={program} />}
				{websocket && <Answer name="A WebSocket gets" answer={websocket} />}
				{missing.length > 0 && (
					<Line name="Missing">
						<ul>
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
	if (upstream !== undefined)
		return (
			<Line name={name}>
				What <code>{upstream}</code> answers
			</Line>
		);
	if (location !== undefined)
		return (
			<Line name={name}>
				{status}, to <code>{location}</code>
			</Line>
		);
	return <Line name={name}>{message === undefined ? status : `${status}: ${message}`}</Line>;
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
