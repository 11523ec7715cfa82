import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import type { Header, OpenApi, Operation, Placed, Response, Schema } from '../../src/api-docs/document.ts';
import { isReference, nameOf, operationsOf, resolve } from '../../src/api-docs/document.ts';

/*
 * The document, as a judge of what the service really answers.
 */

const root = join(import.meta.dirname, '../..');

export const contract = readDocument();
export const operations = operationsOf(contract);

/** Most spec files read it. What the first made of the YAML is kept for the others, who read it in a hundredth of the time. */
function readDocument(): OpenApi {
	const text = readFileSync(join(root, 'openapi.yaml'), 'utf8');
	const folder = join(root, 'node_modules/.cache');
	const kept = join(folder, `openapi-${hash('sha256', text).slice(0, 16)}.json`);
	if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
	const document: OpenApi = parse(text);
	mkdirSync(folder, { recursive: true });
	// Put in place at once: others may be reading.
	writeFileSync(`${kept}.${process.pid}`, JSON.stringify(document));
	renameSync(`${kept}.${process.pid}`, kept);
	return document;
}

/** The operation that a request meets: the path with the fewest parameters first, `HEAD` with `GET`. */
function operationOf(method: string, target: string): Placed | 'other-method' | undefined {
	const path = target.replace(/[?#].*$/, '');
	const here = byLiteralness.filter(({ shape }) => shape.test(path));
	const [first] = here;
	if (first === undefined) return undefined;
	const ofPath = here.filter(({ placed }) => placed.path === first.placed.path).map(({ placed }) => placed);
	const sought = method === 'HEAD' ? 'GET' : method;
	return ofPath.find((placed) => placed.method === sought || answersEveryMethod(placed)) ?? 'other-method';
}

/** Where every method is answered in the same way, the document shows one of them, marked `x-every-method`. */
export function answersEveryMethod({ operation }: Placed): boolean {
	return (operation as Operation & { 'x-every-method'?: true })['x-every-method'] ?? false;
}

const byLiteralness = operations
	.map((placed) => ({ placed, shape: shapeOf(placed.path) }))
	.sort((a, b) => countOf(a.placed) - countOf(b.placed));

function countOf({ path }: Placed): number {
	return path.split('{').length;
}

/** A parameter is one segment; one that is called `path` is all that follows, with its slashes. */
function shapeOf(path: string): RegExp {
	const [, start = '', isOpen] = /^(.*?)(\{path\})?$/.exec(path) ?? [];
	const parts = start.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return new RegExp(`^${parts.join('[^/]+')}${isOpen ? '.*' : ''}$`);
}

/**
 * Throws where the document does not allow such an answer: an operation, status, content type, header or body that does
 * not stand there. Paths that the document does not know are passed over: they belong to what stands behind the service.
 * `body`: parsed where it is JSON, else the text.
 */
export function assertAnswers(method: string, target: string, status: number, headers: Headers, body: unknown): void {
	const flaw = flawOfAnswer(method, target, { status, headers, body });
	if (flaw === undefined) return;
	throw new Error(`openapi.yaml does not allow this answer to ${method} ${target}: ${status}, ${flaw}`);
}

interface Answered {
	readonly status: number;
	readonly headers: Headers;
	readonly body: unknown;
}

function flawOfAnswer(method: string, target: string, answered: Answered): string | undefined {
	const { status, headers } = answered;
	const found = operationOf(method, target);
	if (found === undefined) return status < 400 && isOwn(target) ? 'for a path that it does not know' : undefined;
	if (method === 'OPTIONS') return undefined;
	if (status === 405 && headers.has('Allow') && (found === 'other-method' || method === 'HEAD')) return undefined;
	if (found === 'other-method') return 'for a method that it does not know';
	const given = found.operation.responses[status];
	if (given === undefined) return 'a status that it does not know';
	const response = resolve<Response>(contract, given);
	for (const [name, header] of Object.entries(response.headers ?? {})) {
		const flaw = flawOfHeader(headers.get(name), resolve<Header>(contract, header));
		if (flaw !== undefined) return `${name} ${flaw}`;
	}
	return method === 'HEAD' ? undefined : flawOfBody(response, answered);
}

function flawOfBody({ content = {} }: Response, { headers, body }: Answered): string | undefined {
	const type = headers.get('Content-Type')?.replace(/\s*;.*$/, '');
	if (type === undefined && Object.keys(content).length === 0) return body === '' ? undefined : 'a body';
	const media = type === undefined ? undefined : content[type];
	if (media === undefined) return `the content type ${type}`;
	const flaw = flawOf(media.schema, body);
	return flaw === undefined ? undefined : `${JSON.stringify(body)}: ${flaw}`;
}

/** The first words of the document's paths: below them nothing is anybody else's. */
function isOwn(target: string): boolean {
	return ownRoots.some((root) => target === root || target.startsWith(`${root}/`));
}

const ownRoots = ['/services/session/v1', '/services/auth/v1', '/health'];

function flawOfHeader(value: string | null, { required, schema }: Header): string | undefined {
	if (value === null) return required ? 'is missing' : undefined;
	const { type } = resolve<Schema>(contract, schema);
	return flawOf(schema, type === 'integer' ? Number(value) : value);
}

/** What is wrong with a value that a schema of the document speaks of. */
export function flawOf(schema: object, value: unknown): string | undefined {
	const validate = validators.get(schema) ?? compile(schema);
	validators.set(schema, validate);
	return validate(value) ? undefined : ajv().errorsText(validate.errors, { dataVar: 'it' });
}

const validators = new Map<object, ValidateFunction>();

/*
 * Clients may meet more properties one day than the document names today, so its objects are open. What is answered
 * today must be named there, so here they are closed.
 */
let closed: Ajv2020 | undefined;
function ajv(): Ajv2020 {
	if (closed === undefined) {
		closed = new Ajv2020({ strict: true, allErrors: true });
		formats.default(closed);
		for (const [name, schema] of Object.entries(contract.components.schemas)) {
			closed.addSchema(close(schema) as object, idOf(name));
		}
	}
	return closed;
}

function compile(schema: object): ValidateFunction {
	return ajv().compile(close(schema) as object);
}

const idOf = (name: string) => `contract:${name}`;

function close(part: unknown): unknown {
	if (Array.isArray(part)) return part.map(close);
	if (typeof part !== 'object' || part === null) return part;
	const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, close(value)]));
	if (isReference(part)) return { ...inner, $ref: idOf(nameOf(part)) };
	return 'properties' in inner ? { additionalProperties: false, ...inner } : inner;
}
