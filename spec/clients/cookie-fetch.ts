/** `fetch` with what a browser has and Node has not: cookies that are kept, and sent with the next request. */
export function createCookieFetch(): typeof fetch {
	const jar = new Map<string, string>();
	const send = globalThis.fetch;
	return async (input, init) => {
		const request = new Request(input, init);
		if (jar.size > 0) request.headers.set('Cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
		const response = await send(request);
		for (const cookie of response.headers.getSetCookie()) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
			if (value === '') jar.delete(name);
			else jar.set(name, value);
		}
		return response;
	};
}
