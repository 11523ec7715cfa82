import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { Header, OpenApi, Operation, Placed, Response, Schema } from '../../src/api-docs/document.ts';
import { operationsOf, resolve } from '../../src/api-docs/document.ts';

/*
 * The document, as a judge of what the service really answers.
 */

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'openapi.yaml'), 'utf8');
const require = createRequire(import.meta.url);

/**
 * A file that is made of the document. Most spec files need it: what the first of them has made is kept for the others, who
 * read it in a hundredth of the time. `maker`: what the file is made by, of which a change makes it anew.
 */
function kept(name: string, maker: string, make: () => string): string {
	const folder = join(root, 'node_modules/.cache');
	const file = join(folder, name.replace('*', hash('sha256', text + maker).slice(0, 16)));
	if (existsSync(file)) return file;
	mkdirSync(folder, { recursive: true });
	// Put in place at once: others may be reading.
	writeFileSync(`${file}.${process.pid}`, make());
	renameSync(`${file}.${process.pid}`, file);
	return file;
}

export const contract: OpenApi = JSON.parse(
	readFileSync(
		kept('openapi-*.json', '', () => JSON.stringify(require('yaml').parse(text))),
		'utf8',
	),
);
export const operations = operationsOf(contract);

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
export function assertAnswers(method: string, target: string, status: number, headers: Fields, body: unknown): void {
	const flaw = flawOfAnswer(method, target, { status, headers, body });
	if (flaw === undefined) return;
	throw new Error(`openapi.yaml does not allow this answer to ${method} ${target}: ${status}, ${flaw}`);
}

/** Of an answer: of `fetch`, or `fieldsOf` those of Node. */
type Fields = Pick<Headers, 'get' | 'has'>;

/** Without `Headers`, for which Node would load all of undici. */
export const fieldsOf = (headers: IncomingHttpHeaders): Fields => ({
	get: (name) => headers[name.toLowerCase()]?.toString() ?? null,
	has: (name) => headers[name.toLowerCase()] !== undefined,
});

interface Answered {
	readonly status: number;
	readonly headers: Fields;
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
	const validate = validatorOf(schema);
	if (validate(value)) return undefined;
	return validate.errors?.map(({ instancePath, message }) => `it${instancePath} ${message}`).join(', ');
}

const validators = new Map<object, ValidateFunction>();
let compiled: Readonly<Record<string, ValidateFunction>> | undefined;

function validatorOf(schema: object): ValidateFunction {
	const known = validators.get(schema);
	if (known !== undefined) return known;
	compiled ??= require(kept('openapi-*.cjs', readFileSync(compiler, 'utf8'), compile));
	const validate = compiled?.[validatorName(resolve(contract, schema))];
	if (validate === undefined) throw new Error(`no schema of openapi.yaml: ${JSON.stringify(schema)}`);
	validators.set(schema, validate);
	return validate;
}

const compiler = join(import.meta.dirname, 'compile-contract.ts');

/** To load the compiler and to compile takes as long as many a spec file. */
function compile(): string {
	const { compileContract }: typeof import('./compile-contract.ts') = require('./compile-contract.ts');
	return compileContract(contract, validatorName);
}

const validatorName = (schema: object) => `v${hash('sha256', JSON.stringify(schema)).slice(0, 20)}`;
