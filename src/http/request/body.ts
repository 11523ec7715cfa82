import { createRequire } from 'node:module';
import type { Context } from 'koa';
import type bodyParser from 'koa-bodyparser';
import type { ZodType } from 'zod';
import { HttpRefused } from '../response/refusals.ts';

const maxBytes = 64 * 1024;
const maxDepth = 32;
/** Milliseconds: who sends 64 KiB more slowly only wants to hold the connection. */
const maxReadMs = 30_000;

type Kind = 'json' | 'form' | 'text';

/*
 * The parser bounds, reads and keeps the bytes (as latin1, one character a byte). What it made of them is left aside:
 * it would let pass what is no UTF-8, and the last of two equal keys, where another reader may take the first. It is
 * loaded with the first body, as is what looks at JSON: it brings along more modules than all of Koa. By `require`, as in
 * `session-cookie.ts`.
 */
const require = createRequire(import.meta.url);
const koaBodyparser = require.resolve('koa-bodyparser');
const jsoncParser = require.resolve('jsonc-parser');
const readers = new Map<Kind, ReturnType<typeof bodyParser>>();

function readerOf(kind: Kind) {
	const known = readers.get(kind);
	if (known !== undefined) return known;
	const createReader: typeof bodyParser = require(koaBodyparser);
	const options: bodyParser.Options & { encoding: string } = {
		enableTypes: [kind],
		// Documented, but missing from the types.
		encoding: 'latin1',
		jsonLimit: `${maxBytes}b`,
		formLimit: `${maxBytes}b`,
		textLimit: `${maxBytes}b`,
		onerror(fault: Error & { status?: number }) {
			throw new HttpRefused(fault.status === 413 ? 'too-large' : 'malformed');
		},
	};
	const reader = createReader(options);
	readers.set(kind, reader);
	return reader;
}

/**
 * The body, as the schema has it. Leaves the handler with `malformed` (no JSON or form, not UTF-8, keys twice, not
 * what the schema asks), `unsupported-type` (another content type or encoding), `too-large` (over 64 KiB).
 */
export async function parse<T>(ctx: Context, schema: ZodType<T>, ...kinds: readonly ('json' | 'form')[]): Promise<T> {
	const kind = await read(ctx, kinds);
	return judge(kind === 'json' ? fromJson(textOf(ctx)) : fromForm(textOf(ctx)), schema);
}

/** The body as `text/plain`. Leaves the handler with `malformed` (not UTF-8), `unsupported-type`, `too-large` (over `limit` bytes). */
export async function parseText(ctx: Context, limit: number): Promise<string> {
	await read(ctx, ['text']);
	const text = textOf(ctx);
	if (Buffer.byteLength(text) > limit) throw new HttpRefused('too-large');
	return text;
}

/** Returns the kind that it is of. */
async function read<K extends Kind>(ctx: Context, kinds: readonly K[]): Promise<K> {
	const kind = kinds.find((each) => isOfKind(ctx, each));
	if (kind === undefined || !isPlain(ctx.get('Content-Encoding'))) throw new HttpRefused('unsupported-type');
	// The parser knows fewer spellings of it than the RFC.
	ctx.req.headers['content-type'] = mediaTypes[kind];
	const slow = setTimeout(() => ctx.req.destroy(), maxReadMs);
	try {
		const readBody = readerOf(kind);
		await readBody(ctx, async () => {});
	} finally {
		clearTimeout(slow);
	}
	return kind;
}

/** JSON that stands in a field of a form, as the schema has it. Leaves the handler with `malformed`. */
export function parseJson<T>(text: string, schema: ZodType<T>): T {
	return judge(fromJson(text), schema);
}

/** The query, as the schema has it. Leaves the handler with `malformed`: also where a name stands there twice. */
export function parseQuery<T>(ctx: Context, schema: ZodType<T>): T {
	return judge({ ...ctx.query }, schema, 'query');
}

function judge<T>(value: unknown, schema: ZodType<T>, whole = 'body'): T {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw new HttpRefused('malformed', issue && `${issue.path.join('.') || whole}: ${issue.message}`);
}

const mediaTypes: Record<Kind, string> = {
	json: 'application/json',
	form: 'application/x-www-form-urlencoded',
	text: 'text/plain',
};

const token = "[!#$%&'*+.^_`|~\\w-]+";
const parameter = new RegExp(`^(${token})=(${token})$`);

/**
 * Rule: RFC 9110, 5.6.6: other parameters do not matter, and empty ones are none. Every charset that is named must be
 * UTF-8; `utf8` is how many write it.
 */
function isOfKind(ctx: Context, kind: Kind): boolean {
	const header = ctx.get('Content-Type').trim();
	const type = mediaTypes[kind];
	if (header.slice(0, type.length).toLowerCase() !== type) return false;
	const [behind = '', ...parameters] = unquoted(header.slice(type.length)).split(';');
	return behind.trim() === '' && parameters.every((text) => text.trim() === '' || isHarmless(text.trim()));
}

/** What stands in quotes is a value without a meaning here, unless it could have stood there without them. */
function unquoted(parameters: string): string {
	return parameters.replace(/="((?:[^"\\]|\\.)*)"/g, (_, value: string) =>
		/^[\w-]+$/.test(value) ? `=${value}` : '=quoted',
	);
}

function isHarmless(text: string): boolean {
	const [, name = '', value = ''] = parameter.exec(text) ?? [];
	return name !== '' && (name.toLowerCase() !== 'charset' || /^utf-?8$/i.test(value));
}

function isPlain(contentEncoding: string): boolean {
	return contentEncoding === '' || contentEncoding.toLowerCase() === 'identity';
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(ctx: Context): string {
	const rawBody: unknown = ctx.request.rawBody ?? '';
	try {
		return strictUtf8.decode(Buffer.from(String(rawBody), 'latin1'));
	} catch {
		throw new HttpRefused('malformed', 'the body is not UTF-8');
	}
}

function fromJson(text: string): unknown {
	const keys: Set<string>[] = [];
	const enter = () => {
		if (keys.push(new Set()) > maxDepth) throw new HttpRefused('malformed', 'the body is nested too deeply');
	};
	const fail = () => {
		throw new HttpRefused('malformed', 'the body is not JSON');
	};
	const { visit }: typeof import('jsonc-parser') = require(jsoncParser);
	visit(
		text,
		{
			onObjectBegin: enter,
			onObjectEnd: () => void keys.pop(),
			onArrayBegin: enter,
			onArrayEnd: () => void keys.pop(),
			onObjectProperty(key) {
				const level = keys.at(-1);
				if (level?.has(key)) throw new HttpRefused('malformed', 'the body has a key twice');
				level?.add(key);
			},
			onError: fail,
		},
		{ disallowComments: true },
	);
	try {
		return JSON.parse(text);
	} catch {
		return fail();
	}
}

function fromForm(text: string): unknown {
	// Percent-encoded bytes must be UTF-8, too; URLSearchParams would replace what is not.
	try {
		decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		throw new HttpRefused('malformed', 'the body is not a form');
	}
	const fields = new Map<string, string>();
	for (const [key, value] of new URLSearchParams(text)) {
		if (fields.has(key)) throw new HttpRefused('malformed', 'the body has a field twice');
		fields.set(key, value);
	}
	return Object.fromEntries(fields);
}
