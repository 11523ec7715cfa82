import { STATUS_CODES } from 'node:http';
import type { Content, MaybeReference, OpenApi, Placed, Requirement, Response, Schema } from './document.ts';
import { resolve } from './document.ts';

/*
 * What a request and its answer look like on the wire, put together from the examples of the document.
 */

/** A value as the schema has it: its example, or one made of the examples of its parts. */
function exampleOf(document: OpenApi, given: MaybeReference<Schema>): unknown {
	const schema = resolve(document, given);
	const { examples, properties, items } = schema;
	if (examples !== undefined) return examples[0];
	if (schema.const !== undefined || schema.enum !== undefined) return schema.const ?? schema.enum?.[0];
	if (items !== undefined) return [exampleOf(document, items)];
	if (properties === undefined) return { boolean: true, integer: schema.minimum ?? 1 }[schema.type ?? ''] ?? '…';
	return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, exampleOf(document, part)]));
}

/** The request as a command to type: what is secret or of the reader's own stands as `…`. */
export function curlSample(document: OpenApi, { method, path, operation, parameters }: Placed): string {
	const exampleFor = (name: string) => {
		const found = parameters.find((parameter) => parameter.name === name);
		return found === undefined ? '…' : String(found.example ?? exampleOf(document, found.schema));
	};
	const target = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(exampleFor(name)));
	const query = parameters.filter((parameter) => parameter.in === 'query' && parameter.example !== undefined);
	const asked = query.map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`).join('&');
	const [first = {}] = operation.security ?? document.security;
	const body = operation.requestBody && bodySample(document, operation.requestBody.content);
	const options = [
		...(method === 'GET' ? [] : [`-X ${method}`]),
		...proofs(document, first),
		...(body ? [`-H ${quoted(`Content-Type: ${body.type}`)}`, `-d ${quoted(body.text)}`] : []),
	];
	const url = quoted(`http://127.0.0.1:8080${target}${asked === '' ? '' : `?${asked}`}`);
	return [`curl -i ${url}`, ...options].join(' \\\n  ');
}

/** One word of a shell. */
function quoted(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The first answer that is a yes. */
export function answerSample(document: OpenApi, { operation }: Placed): string | undefined {
	const [status, given] = Object.entries(operation.responses).find(([each]) => each.startsWith('2')) ?? [];
	if (status === undefined || given === undefined) return undefined;
	const { headers = {}, content } = resolve<Response>(document, given);
	const lines = Object.entries(headers).map(([name, header]) => [
		name,
		String(resolve(document, header).example ?? '…'),
	]);
	const body = content && bodySample(document, content);
	return message(`${status} ${STATUS_CODES[status] ?? ''}`.trim(), Object.fromEntries(lines), body);
}

interface Body {
	readonly type: string;
	readonly text: string;
}

function bodySample(document: OpenApi, content: Content): Body | undefined {
	const [type, media] = Object.entries(content)[0] ?? [];
	if (type === undefined || media === undefined) return undefined;
	const example = media.example ?? exampleOf(document, media.schema);
	return { type, text: typeof example === 'string' ? example : written(example, type) };
}

function written(example: unknown, type: string): string {
	if (type !== 'application/x-www-form-urlencoded') return JSON.stringify(example, null, 2);
	return new URLSearchParams(example as Record<string, string>).toString();
}

function message(firstLine: string, headers: Readonly<Record<string, string>>, body: Body | undefined): string {
	const all = { ...headers, ...(body && { 'Content-Type': body.type }) };
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
	return [firstLine, ...lines, ...(body ? ['', body.text] : [])].join('\n');
}

/** The options that prove whom a request comes from. */
function proofs(document: OpenApi, requirement: Requirement): string[] {
	return Object.keys(requirement).flatMap((scheme) => {
		const { type, in: place, name = '', scheme: word = '' } = document.components.securitySchemes[scheme] ?? {};
		if (type === 'mutualTLS') return ['--cert client.pem --key client-key.pem'];
		if (type === 'http') return word === 'basic' ? ["-u 'NAME:PASSWORD'"] : ["-H 'Authorization: Bearer TOKEN'"];
		return place === 'cookie' ? [`-b '${name}=…'`] : [`-H '${name}: …'`];
	});
}
