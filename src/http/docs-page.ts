import type {
	MaybeReference,
	OpenApi,
	Operation,
	Placed,
	Requirement,
	Response,
	Schema,
	SecurityScheme,
} from './docs-document.ts';
import { isReference, nameOf, operationsOf, resolve } from './docs-document.ts';
import { type Html, html, inline, prose } from './docs-html.ts';
import { answerSample, requestSample } from './docs-samples.ts';
import { icon, style } from './docs-style.ts';

/** The document as a page that a person reads: whole in itself, without a script. */
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
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<nav aria-label="Contents">
<p class="brand"><a href="#main">${info.title}</a> <span>${info.version}</span></p>
<ul>
<li><a href="#main">Overview</a></li>
<li><a href="#proofs">Authentication</a></li>
${sections.map(
	({ name, operations }) => html`<li><a href="#${anchor(name)}">${name}</a>
<ul>${operations.map(({ method, operation }) => html`<li><a href="#${operation.operationId}">${badge(method)}${operation.summary}</a></li>`)}</ul></li>`,
)}
<li><a href="#schemas">Schemas</a></li>
</ul>
</nav>
<main id="main" tabindex="-1">
<header>
<h1>${info.title}</h1>
<p class="lead">${info.summary}</p>
<p><a href="openapi.yaml">openapi.yaml</a>: the same for programs, to make clients from.</p>
</header>
<div class="text">${prose(info.description, 2)}</div>
<section id="proofs">
<h2>Authentication</h2>
${definitions(Object.entries(components.securitySchemes).map(([name, scheme]) => [html`<span id="proof-${name}">${name}</span> <small>${placeOf(scheme)}</small>`, prose(scheme.description)]))}
</section>
${sections.map(
	({ name, description, operations }) => html`<section id="${anchor(name)}">
<h2>${name}</h2>
<div class="text">${prose(description, 3)}</div>
${operations.map((one) => article(document, one))}
</section>`,
)}
<section id="schemas">
<h2>Schemas</h2>
${Object.entries(components.schemas).map(
	([name, schema]) => html`<article id="schema-${name}" class="schema">
<h3>${name}</h3>
${schema.description !== undefined && prose(schema.description)}
${shape(document, schema)}
</article>`,
)}
</section>
</main>
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
<h3>${operation.summary}</h3>
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
<pre tabindex="0">${requestSample(document, one)}</pre>
${answer !== undefined && html`<pre tabindex="0">${answer}</pre>`}
</div>
</div>
</article>`;
}

function answers(document: OpenApi, { responses }: Operation): Html {
	const all = Object.entries(responses).map(([status, given]) => {
		const { description, headers = {}, content = {} } = resolve<Response>(document, given);
		const bodies = Object.entries(content).map(([type, { schema }]) =>
			isReference(schema) ? typeOf(document, schema).markup : html`${type}`.markup,
		);
		const brought = Object.keys(headers).filter((name) => !everywhere.has(name));
		return { status, description, bodies, brought };
	});
	// Where one body serves for every no, it is enough to say so once.
	const ofRefusals = new Set(all.flatMap(({ status, bodies }) => (status >= '4' ? bodies : [])));
	const rows = all.map(({ status, description, bodies, brought }) => {
		const parts = [
			...(ofRefusals.size === 1 && status >= '4' ? [] : bodies.map((markup) => ({ markup }))),
			...brought.map((name) => html`<code>${name}</code>`),
		];
		return [
			html`<span class="status s${status[0]}">${status}</span>`,
			html`${inline(description)}${parts.length > 0 && html` <small>With ${list(parts)}.</small>`}`,
		];
	});
	const [only] = ofRefusals.size === 1 ? ofRefusals : [];
	return html`${table(['Status', 'When'], rows)}
${only !== undefined && html`<p><small>Every refusal carries a ${{ markup: only }}.</small></p>`}`;
}

/** Headers of nearly every answer: the introduction speaks of them once. */
const everywhere = new Set(['Cache-Control', 'X-Request-Id']);

function whoMayAsk(requirements: readonly Requirement[]): Html {
	if (requirements.length === 0) return html`Open to everybody.`;
	const ways = requirements.map((requirement) => {
		const schemes = Object.keys(requirement).map((name) => html`<a href="#proof-${name}">${name}</a>`);
		return list(schemes, ' and ');
	});
	return html`Needs ${list(ways, ', or ')}.`;
}

function placeOf({ type, in: place, name, scheme }: SecurityScheme): Html {
	if (type === 'apiKey') return html`${place} <code>${name}</code>`;
	return type === 'http' ? html`header <code>Authorization</code>, ${scheme}` : html`client certificate`;
}

/** The properties of an object; of anything else its type and limits. */
function shape(document: OpenApi, schema: Schema): Html {
	const { properties, required = [] } = schema;
	if (properties === undefined) return html`<p>${typeOf(document, schema)} ${limits(schema)}</p>`;
	const rows = Object.entries(properties).map(([name, given]) => [
		html`<code>${name}</code>${required.includes(name) && html` <em>required</em>`}`,
		typeOf(document, given),
		html`${inline(meaningOf(document, given))} ${limits(given)}`,
	]);
	return table(['Property', 'Type', ''], rows);
}

/** What a property means: its own words, or else the first sentence of what it refers to. */
function meaningOf(document: OpenApi, given: MaybeReference<Schema>): string {
	const { description = '' } = resolve(document, given);
	const [sentence = ''] = description.split(/(?<=\.)\s/);
	return isReference(given) && given.description === undefined ? sentence : description;
}

function typeOf(document: OpenApi, given: MaybeReference<Schema>): Html {
	if (isReference(given)) return html`<a href="#schema-${nameOf(given)}">${nameOf(given)}</a>`;
	const { type = 'anything', format, items, enum: choices } = given;
	if (items !== undefined) return html`list of ${typeOf(document, items)}`;
	if (given.const !== undefined) return html`<code>${JSON.stringify(given.const)}</code>`;
	if (choices !== undefined)
		return list(
			choices.map((choice) => html`<code>${JSON.stringify(choice)}</code>`),
			' or ',
		);
	return format === undefined ? html`${type}` : html`${type} (${format})`;
}

function limits(given: MaybeReference<Schema>): Html | false {
	if (isReference(given)) return false;
	const { minLength, maxLength, minimum, maximum, maxItems, pattern } = given;
	const said = [
		range(minLength, maxLength, 'characters'),
		range(minimum, maximum, ''),
		range(undefined, maxItems, 'of them'),
		pattern !== undefined && html`matches <code>${breakable(pattern)}</code>`,
		given.default !== undefined && html`absent: <code>${JSON.stringify(given.default)}</code>`,
	].filter((each) => each !== false);
	return said.length > 0 && html`<small>${list(said)}</small>`;
}

function range(least: number | undefined, most: number | undefined, unit: string): Html | false {
	if (least !== undefined && most !== undefined) return html`${least} to ${most} ${unit}`;
	if (least !== undefined) return html`at least ${least} ${unit}`;
	return most !== undefined && html`at most ${most} ${unit}`;
}

function badge(method: string): Html {
	return html`<span class="method ${method.toLowerCase()}">${method}</span>`;
}

function table(heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
	const head = heads.map((text) => (text === '' ? html`<td></td>` : html`<th scope="col">${text}</th>`));
	const body = rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`);
	return html`<div class="table"><table>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>`;
}

function definitions(pairs: readonly (readonly [Html, Html])[]): Html {
	return html`<dl>${pairs.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>\n`)}</dl>`;
}

function list(parts: readonly Html[], between = ', '): Html {
	return html`${parts.map((part, at) => html`${at > 0 && between}${part}`)}`;
}

/** A long path may go on in the next line behind a slash. */
function breakable(text: string): Html {
	return html`${text.split(/(?<=[/.])/).map((part) => html`${part}<wbr>`)}`;
}

function anchor(name: string): string {
	return `tag-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}
