import { type Html, html } from '../http/response/html.ts';

/*
 * As much of CommonMark as descriptions need: paragraphs, headings of one size, lists of one depth, `code`, **strong**
 * and [links](https://example.org). Everything else stays the text that it is.
 */

const itemStart = /^(?:-|\d+\.) +/;

/** A description with its paragraphs. `level`: of its headings, one below that of what it describes. */
export function prose(markdown: string, level: 2 | 3 | 4 = 4): Html {
	const blocks = markdown.trim().split(/\n\s*\n/);
	return html`${blocks.map((block) => blockOf(block, level))}`;
}

function blockOf(block: string, level: number): Html {
	if (block.startsWith('## ')) {
		const title = block.slice(3);
		if (level !== 2) return html`<h${level}>${inline(title)}</h${level}>`;
		const id = `about-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
		return html`<h2 id="${id}">${inline(title)} <a class="deep" href="#${id}" aria-label="Link to this heading">#</a></h2>`;
	}
	if (!itemStart.test(block)) return html`<p>${inline(block)}</p>`;
	const items = block.split(/\n(?=(?:-|\d+\.) )/).map((item) => html`<li>${inline(item.replace(itemStart, ''))}</li>`);
	return block.startsWith('-') ? html`<ul>${items}</ul>` : html`<ol>${items}</ol>`;
}

const marks = /(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/;

/** A description within a line. */
export function inline(markdown: string): Html {
	return html`${markdown.trim().split(marks).map(markOf)}`;
}

function markOf(text: string): Html | string {
	if (!marks.test(text)) return text;
	if (text.startsWith('`')) return html`<code>${text.slice(1, -1)}</code>`;
	if (text.startsWith('**')) return html`<strong>${text.slice(2, -2)}</strong>`;
	const [, label = '', target = ''] = /^\[(.*)\]\((.*)\)$/.exec(text) ?? [];
	// No other scheme: a `javascript:` link would be more than text.
	return /^(https?:\/\/|#|\/(?!\/))/.test(target) ? html`<a href="${target}">${label}</a>` : text;
}

export function table(heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
	const head = heads.map((text) => (text === '' ? html`<td></td>` : html`<th scope="col">${text}</th>`));
	const body = rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`);
	return html`<div class="table"><table>
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>`;
}

export function definitions(pairs: readonly (readonly [Html, Html])[]): Html {
	return html`<dl>${pairs.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>\n`)}</dl>`;
}

export function list(parts: readonly Html[], between = ', '): Html {
	return html`${parts.map((part, at) => html`${at > 0 && between}${part}`)}`;
}

/** A long path may go on in the next line behind a slash, a long name before a capital. */
export function breakable(text: string): Html {
	return html`${text.split(/(?<=[/.])|(?<=[a-z])(?=[A-Z])/).map((part) => html`${part}<wbr>`)}`;
}
