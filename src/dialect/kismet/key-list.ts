import type { Context } from 'koa';

/*
 * The shapes in which Kismet answers a list. Source: Kismet's REST documentation, "Serialization types".
 */

export const keyFormats = ['json', 'ekjson', 'itjson', 'prettyjson'] as const;

export type KeyFormat = (typeof keyFormats)[number];

/** Never with `kismet.httpd.auth.token`: nobody knows it but who was given it. */
export interface ListedKey {
	readonly 'kismet.httpd.auth.name': string;
	readonly 'kismet.httpd.auth.role': string;
	/** Seconds since 1970. */
	readonly 'kismet.httpd.auth.expiration': number;
}

export function writeKeys(ctx: Context, format: KeyFormat, keys: readonly ListedKey[]): void {
	ctx.type = 'application/json';
	ctx.body = inFormat(format, keys);
}

function inFormat(format: KeyFormat, keys: readonly ListedKey[]): string {
	const lines = (items: readonly object[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('');
	switch (format) {
		case 'json':
			return JSON.stringify(keys);
		case 'prettyjson':
			return `${JSON.stringify(keys, undefined, 1)}\n`;
		case 'itjson':
			return lines(keys);
		case 'ekjson':
			// Elasticsearch takes a dot for a level.
			return lines(
				keys.map((key) =>
					Object.fromEntries(Object.entries(key).map(([name, value]) => [name.replaceAll('.', '_'), value])),
				),
			);
	}
}
