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
	/** `auto`: who opens a page is led to the sign-in page, all else is 401. `redirect`: whatever asks by GET is led. */
	unauthenticated: z.enum(['auto', 'redirect', '401']).default('auto'),
});

/** Where people sign in. */
export const portalSchema = z.strictObject({
	/** Absent: the console, on the host that was asked. */
	url: z
		.string()
		.refine(isPage, 'must be https://HOST, with a path perhaps and nothing behind it; http:// on this machine only')
		.optional(),
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

function isPage(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || !/^https?:\/\/[^/@\\\s]+(\/[^\\\s]*)?$/i.test(text) || url.search + url.hash !== '') return false;
	return url.protocol === 'https:' || /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(url.hostname);
}

function isAuthority(text: string): boolean {
	return URL.parse(`http://${text}/`)?.host === text.toLowerCase().replace(/:80$/, '');
}
