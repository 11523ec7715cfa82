import { addOwnToken, getCurrentIdentity } from './api.ts';
import { type Given, nightly, type Tell } from './given.ts';
import { useFetch, useXsrfToken } from './own-fetch.ts';
import { steps } from './steps.ts';

/** orval: API tokens, which stand in the options of a call, and Kura's identities. */
export function machines(given: Given, tell: Tell): Promise<void> {
	let xsrfToken = '';
	useFetch(given);
	async function asMachine<T>(act: () => Promise<T>): Promise<T> {
		useFetch({ ...given, fetch: globalThis.fetch });
		useXsrfToken('');
		const answer = await act();
		useFetch(given);
		useXsrfToken(xsrfToken);
		return answer;
	}
	return steps(given, tell, {
		useXsrfToken(token) {
			xsrfToken = token;
			useXsrfToken(token);
		},
		machineWith: (headers) => ({
			whoAmI: () => asMachine(() => getCurrentIdentity({ headers })),
			addToken: () => asMachine(() => addOwnToken(nightly, { headers })),
		}),
	});
}
