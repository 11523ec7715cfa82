/*
 * An OpenAPI 3.1 document, as far as the page shows it. Redocly has judged it before (`npm run check:api`): nothing is
 * judged here again.
 */

export interface OpenApi {
	readonly info: {
		readonly title: string;
		readonly version: string;
		readonly summary: string;
		readonly description: string;
	};
	readonly tags: readonly Tag[];
	readonly security: readonly Requirement[];
	readonly paths: Readonly<Record<string, PathItem>>;
	readonly components: {
		readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
		readonly schemas: Readonly<Record<string, Schema>>;
	} & Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Tag {
	readonly name: string;
	readonly description: string;
}

/** Schemes that are needed together. */
export type Requirement = Readonly<Record<string, readonly string[]>>;

export interface SecurityScheme {
	readonly type: 'apiKey' | 'http' | 'mutualTLS';
	readonly in?: 'cookie' | 'header' | 'query';
	readonly name?: string;
	readonly scheme?: string;
	readonly description: string;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof methods)[number];

type PathItem = Readonly<Partial<Record<Method, Operation>>> & {
	readonly parameters?: readonly MaybeReference<Parameter>[];
};

export interface Operation {
	readonly operationId: string;
	readonly tags: readonly string[];
	readonly summary: string;
	readonly description: string;
	readonly security?: readonly Requirement[];
	readonly parameters?: readonly MaybeReference<Parameter>[];
	readonly requestBody?: { readonly required?: boolean; readonly content: Content };
	readonly responses: Readonly<Record<string, MaybeReference<Response>>>;
}

interface Parameter {
	readonly name: string;
	readonly in: 'path' | 'query' | 'header' | 'cookie';
	readonly description: string;
	readonly required?: boolean;
	readonly schema: MaybeReference<Schema>;
	readonly example?: unknown;
}

export interface Response {
	readonly description: string;
	readonly headers?: Readonly<Record<string, MaybeReference<Header>>>;
	readonly content?: Content;
}

export interface Header {
	readonly description: string;
	readonly required?: boolean;
	readonly schema: MaybeReference<Schema>;
	readonly example?: unknown;
}

export type Content = Readonly<Record<string, { readonly schema: MaybeReference<Schema>; readonly example?: unknown }>>;

export interface Schema {
	readonly type?: string;
	readonly format?: string;
	readonly description?: string;
	readonly properties?: Readonly<Record<string, MaybeReference<Schema>>>;
	readonly required?: readonly string[];
	readonly items?: MaybeReference<Schema>;
	readonly enum?: readonly unknown[];
	readonly const?: unknown;
	readonly default?: unknown;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly maxItems?: number;
	readonly pattern?: string;
	readonly examples?: readonly unknown[];
}

/** `#/components/schemas/Session`; its own description stands in for that of what it refers to. */
export interface Reference {
	readonly $ref: string;
	readonly description?: string;
}

export type MaybeReference<T> = T | Reference;

export function isReference(given: object): given is Reference {
	return '$ref' in given;
}

/** What a reference refers to: the last word of it. */
export function nameOf({ $ref }: Reference): string {
	return $ref.split('/').at(-1) ?? '';
}

/** Follows references within the document. */
export function resolve<T extends object>(document: OpenApi, given: MaybeReference<T>): T {
	if (!isReference(given)) return given;
	const [, , kind = '', name = ''] = given.$ref.split('/');
	const found = document.components[kind]?.[name] as T | undefined;
	if (found === undefined) throw new Error(`openapi.yaml: nothing stands at ${given.$ref}`);
	return given.description === undefined ? found : { ...found, description: given.description };
}

/** An operation where it stands, with the parameters that its path has for all of its operations. */
export interface Placed {
	/** In capitals, as on the wire. */
	readonly method: string;
	readonly path: string;
	readonly operation: Operation;
	readonly parameters: readonly Parameter[];
}

/** Every operation, in the order of the document. */
export function operationsOf(document: OpenApi): Placed[] {
	return Object.entries(document.paths).flatMap(([path, item]) =>
		methods.flatMap((method) => {
			const operation = item[method];
			if (operation === undefined) return [];
			const given = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
			const parameters = given.map((one) => resolve<Parameter>(document, one));
			return [{ method: method.toUpperCase(), path, operation, parameters }];
		}),
	);
}
