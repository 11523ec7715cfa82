import { stringify } from 'yaml';
import { jsonSchema } from './json-schema.ts';

interface Part {
	readonly description?: string;
	readonly default?: unknown;
	readonly properties?: Readonly<Record<string, Part>>;
	readonly items?: Part;
}

/** Characters of a line at the most, where words allow it. */
const lineWidth = 110;

/** What a new installation should have, and an older one need not: no default, and no comment. */
const live: Readonly<Record<string, unknown>> = { minLengthAlone: 15 };

const head = `# The configuration of Latchkey. All of it has a default, which stands here: take the # away where it is to be another.
# \`latchkey config check\` says whether it can be used.
`;

/** A configuration file in which every setting stands, explained and, but for what a new installation should have, commented out. */
export function configTemplate(): string {
	const { properties = {} } = jsonSchema() as Part;
	return (
		head +
		Object.entries(properties)
			.map(([name, part]) => `\n${setting(name, part, '')}`)
			.join('')
	);
}

function setting(name: string, part: Part, indent: string): string {
	const { properties, items, description } = part;
	if (properties !== undefined) {
		const parts = Object.entries(properties).map(([key, each]) => setting(key, each, `${indent}  `));
		const isEmpty = !Object.values(properties).some(hasDefault);
		const mark = Object.keys(properties).some((key) => key in live) ? '' : '#';
		return `${words(description, indent)}${mark}${indent}${isEmpty ? '# ' : ''}${name}:\n${parts.join('')}`;
	}
	const entries = Object.entries(items?.properties ?? {}).map(([key, { description: each }]) =>
		words(`- ${key}: ${each ?? 'see the documentation'}`, indent),
	);
	return `${words(description, indent)}${entries.join('')}${line(name, part, indent)}`;
}

function hasDefault(part: Part): boolean {
	return part.properties === undefined ? part.default !== undefined : Object.values(part.properties).some(hasDefault);
}

/** What has no default stays a comment when the first # is gone. */
function line(name: string, part: Part, indent: string): string {
	if (name in live) return `${indent}${name}: ${live[name]}\n`;
	if (part.default === undefined) return `#${indent}# ${name}:\n`;
	return `#${indent}${stringify(
		{ [name]: part.default },
		{ flowCollectionPadding: false, collectionStyle: 'flow', lineWidth: 0 },
	)
		.trim()
		.replace(/^\{|\}$/g, '')}\n`;
}

function words(text: string | undefined, indent: string): string {
	if (text === undefined) return '';
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const last = lines.at(-1);
		if (last === undefined || last.length + word.length >= lineWidth) lines.push(word);
		else lines[lines.length - 1] = `${last} ${word}`;
	}
	return lines.map((each) => `${indent}# ${each}\n`).join('');
}
