import { type Html, html } from '../http/response/html.ts';
import type { MaybeReference, OpenApi, Schema } from './document.ts';
import { isReference, nameOf, resolve } from './document.ts';
import { breakable, inline, list, table } from './html.ts';

/** The properties of an object; of anything else its type and limits. */
export function shape(document: OpenApi, schema: Schema): Html {
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

export function typeOf(document: OpenApi, given: MaybeReference<Schema>): Html {
	if (isReference(given)) return html`<a href="#schema-${nameOf(given)}">${nameOf(given)}</a>`;
	const { type = 'anything', format, items, enum: choices } = given;
	if (items !== undefined) return html`list of ${typeOf(document, items)}`;
	if (given.const !== undefined) return html`<code>${JSON.stringify(given.const)}</code>`;
	if (choices !== undefined) {
		const codes = choices.map((choice) => html`<code>${JSON.stringify(choice)}</code>`);
		return list(codes, ' or ');
	}
	return format === undefined ? html`${type}` : html`${type} (${format})`;
}

export function limits(given: MaybeReference<Schema>): Html | false {
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
