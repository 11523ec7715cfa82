import { readFileSync } from 'node:fs';
import { Html, html } from '../http/response/html.ts';
import type { OpenApi, Operation, Placed, Requirement, Response, SecurityScheme } from './document.ts';
import { isReference, operationsOf, resolve } from './document.ts';
import { breakable, definitions, inline, list, prose, table } from './html.ts';
import { answerSample, curlSample } from './samples.ts';
import { limits, shape, typeOf } from './schemas.ts';
import { icon, style } from './style.ts';

const script = readFileSync(new URL('./page-script.js', import.meta.url), 'utf8');

/** The document as a page that a person reads: whole in itself, with a script that can be done without. */
export function pageOf(document: OpenApi): string {
	const { info, components } = document;
	const placed = operationsOf(document);
	const sections = document.tags
		.map(({ name, description }) => ({
			name,
			description,
			operations: placed.filter(({ operation }) => operation.tags.includes(name)),
		}))
		.filter(({ operations }) => operations.length > 0);

	const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} API</title>
<link rel="icon" href="${icon}">
<style>${Html.verbatim(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<nav aria-label="Contents">
<p class="brand"><a href="#main">${info.title}</a> <span>${info.version}</span></p>
<p class="search" hidden><input type="search" id="search" aria-label="Search operations and schemas" placeholder="Search   /" autocomplete="off" spellcheck="false"></p>
<p id="found" role="status"></p>
<details open>
<summary>Contents</summary>
<ul>
<li><a href="#main">Overview</a></li>
<li><a href="#proofs">Authentication</a></li>
${sections.map(
	({ name, operations }) => html`<li><a href="#${anchor(name)}">${name}</a>
<ul>${operations.map(({ method, operation }) => html`<li><a href="#${operation.operationId}">${badge(method)}${operation.summary}</a></li>`)}</ul></li>`,
)}
<li><a href="#schemas">Schemas</a></li>
</ul>
</details>
</nav>
<main id="main" tabindex="-1">
<header>
<h1>${info.title}</h1>
<p class="lead">${info.summary}</p>
<p><a href="openapi.yaml">openapi.yaml</a> and <a href="openapi.json">openapi.json</a>: the same for programs, to make clients from.</p>
</header>
<div class="text intro">${prose(info.description, 2)}</div>
<section id="proofs">
<h2>Authentication${linkTo('proofs')}</h2>
${definitions(Object.entries(components.securitySchemes).map(([name, scheme]) => [html`<span id="proof-${name}">${name}</span> <small>${placeOf(scheme)}</small>`, prose(scheme.description)]))}
</section>
${sections.map(
	({ name, description, operations }) => html`<section id="${anchor(name)}">
<h2>${name}${linkTo(anchor(name))}</h2>
<div class="text">${prose(description, 3)}</div>
${operations.map((one) => article(document, one))}
</section>`,
)}
<section id="schemas">
<h2>Schemas${linkTo('schemas')}</h2>
${Object.entries(components.schemas).map(
	([name, schema]) => html`<article id="schema-${name}" class="schema">
<h3>${breakable(name)}${linkTo(`schema-${name}`)}</h3>
${schema.description !== undefined && prose(schema.description)}
${shape(document, schema)}
</article>`,
)}
</section>
</main>
<script>${Html.verbatim(script)}</script>
</body>
</html>
`;
	return page.markup;
}

function article(document: OpenApi, one: Placed): Html {
	const { method, path, operation, parameters } = one;
	const body = operation.requestBody && Object.values(operation.requestBody.content)[0]?.schema;
	const answer = answerSample(document, one);
	return html`<article id="${operation.operationId}">
<h3>${operation.summary}${linkTo(operation.operationId)}</h3>
<p class="target">${badge(method)} <code>${breakable(path)}</code> <small>${operation.operationId}</small></p>
<div class="sides">
<div>
<div class="text">${prose(operation.description)}</div>
<p class="asks">${whoMayAsk(operation.security ?? document.security)}</p>
${
	parameters.length > 0 &&
	html`<h4>Parameters</h4>
${table(
	['Name', 'In', 'Type', ''],
	parameters.map((each) => [
		html`<code>${each.name}</code>${each.required && html` <em>required</em>`}`,
		each.in,
		typeOf(document, each.schema),
		html`${inline(each.description)} ${limits(each.schema)}`,
	]),
)}`
}
${
	body !== undefined &&
	html`<h4>Body: ${typeOf(document, body)}</h4>
${shape(document, resolve(document, body))}`
}
<h4>Answers</h4>
${answers(document, operation)}
</div>
<div class="samples" role="group" aria-label="Example">
<div class="curl"><pre tabindex="0">${curlSample(document, one)}</pre><button type="button" hidden>Copy</button></div>
${answer !== undefined && html`<pre tabindex="0">${answer}</pre>`}
</div>
</div>
</article>`;
}

function answers(document: OpenApi, { responses }: Operation): Html {
	const all = Object.entries(responses).map(([status, given]) => {
		const { description, headers = {}, content = {} } = resolve<Response>(document, given);
		const [[type = '', media] = []] = Object.entries(content);
		const body = media && (isReference(media.schema) ? typeOf(document, media.schema) : html`${type}`);
		const brought = Object.keys(headers).filter((name) => !everywhere.has(name));
		return { status, description, body, brought };
	});
	// What most refusals carry is said once.
	const usual = mostOf(all.flatMap(({ status, body }) => (status >= '4' && body ? [body] : [])));
	const rows = all.map(({ status, description, body, brought }) => {
		const isUsual = status >= '4' && body?.markup === usual?.markup;
		const parts = [...(body && !isUsual ? [body] : []), ...brought.map((name) => html`<code>${name}</code>`)];
		return [
			html`<span class="status s${status[0]}">${status}</span>`,
			html`${inline(description)}${parts.length > 0 && html` <small>With ${list(parts)}.</small>`}`,
		];
	});
	return html`${table(['Status', 'When'], rows)}
${usual !== undefined && html`<p><small>Refusals carry ${usual}, where nothing else is said.</small></p>`}`;
}

function mostOf(pieces: readonly Html[]): Html | undefined {
	const countOf = ({ markup }: Html) => pieces.filter((other) => other.markup === markup).length;
	return pieces.toSorted((a, b) => countOf(b) - countOf(a))[0];
}

/** Headers of nearly every answer: the introduction speaks of them once. */
const everywhere = new Set(['Cache-Control', 'X-Request-Id']);

function whoMayAsk(requirements: readonly Requirement[]): Html {
	if (requirements.length === 0) return html`Open to everybody.`;
	const named = requirements.map(Object.keys).filter((names) => names.length > 0);
	const ways = named.map((names) =>
		list(
			names.map((name) => html`<a href="#proof-${name}">${name}</a>`),
			' and ',
		),
	);
	return html`${named.length < requirements.length ? 'May come with' : 'Needs'} ${list(ways, ', or ')}.`;
}

function placeOf({ type, in: place, name, scheme }: SecurityScheme): Html {
	if (type === 'apiKey') return html`${place} <code>${name}</code>`;
	return type === 'http' ? html`header <code>Authorization</code>, ${scheme}` : html`client certificate`;
}

/** To the heading that it stands in. */
function linkTo(id: string): Html {
	return html` <a class="deep" href="#${id}" aria-label="Link to this heading">#</a>`;
}

function badge(method: string): Html {
	return html`<span class="method ${method.toLowerCase()}">${method}</span>`;
}

function anchor(name: string): string {
	return `tag-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}
