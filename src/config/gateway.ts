import { z } from 'zod';

/*
 * The settings of what is protected, and of our own pages among it.
 */

const flag = z.boolean();

export const resourceSchema = z.strictObject({
	path: z.string().startsWith('/'),
	permission: z
		.string()
		.regex(
			/^(?=.{1,128}$)[A-Za-z0-9_*-]+(\.[A-Za-z0-9_*-]+)*$/,
			'must be letters, digits, _ - * and dots between them',
		),
	/** Absent: the resource is known to forward-auth only. */
	upstream: z
		.string()
		.refine(isServer, 'must be http://HOST:PORT or https://HOST:PORT, with nothing behind it')
		.optional(),
	/** The `Host` that the upstream sees. Absent: the client's, whatever it is. */
	host: z.string().refine(isAuthority, 'must be a host name, or HOST:PORT').optional(),
	xsrf: z.enum(['always', 'unsafe']).default('always'),
});

/** Where our own pages stand among those of others. */
export const consoleSchema = z.strictObject({
	/** The console; without it what stands behind us has that path. */
	enabled: flag.default(true),
	/** Of the console; the documentation stands below it. The API keeps its paths. */
	path: z
		.string()
		.regex(/^\/$|^(\/[A-Za-z0-9_-]+)+$/, 'must be / or a path of letters, digits, _ and -, without a / at its end')
		.default('/'),
});

/** `/openapi.yaml`, and `/docs`, a page to read it. */
export const docsSchema = z.strictObject({ enabled: flag.default(true) });

/** A path behind it would promise that requests are sent below it. */
function isServer(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return false;
	return url.pathname === '/' && url.search + url.hash + url.username + url.password === '';
}

function isAuthority(text: string): boolean {
	return URL.parse(`http://${text}/`)?.host === text.toLowerCase().replace(/:80$/, '');
}
