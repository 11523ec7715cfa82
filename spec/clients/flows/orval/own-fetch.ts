import type { Given } from './given.ts';

let given: Given | undefined;
let xsrfToken = '';

export function useFetch(those: Given): void {
	given = those;
}

export function useXsrfToken(token: string): void {
	xsrfToken = token;
}

/** Orval's mutator: where requests go, and what goes with them. */
export async function ownFetch<T>(path: string, init: RequestInit): Promise<T> {
	if (given === undefined) throw new Error('useFetch first');
	const headers = new Headers(init.headers);
	if (xsrfToken !== '') headers.set('X-XSRF-Token', xsrfToken);
	const response = await given.fetch(given.baseUrl + path, { ...init, headers });
	const text = await response.text();
	const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
	return { status: response.status, headers: response.headers, data: isJson ? JSON.parse(text) : text } as T;
}
