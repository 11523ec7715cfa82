import { addOwnToken, defaults, getCurrentIdentity } from './api.ts';
import { type Given, nightly, type Tell } from './given.ts';
import { steps } from './steps.ts';

/** oazapfts: API tokens, which stand in the options of a call, and Kura's identities. */
export function machines(given: Given, tell: Tell): Promise<void> {
	defaults.baseUrl = given.baseUrl;
	defaults.fetch = given.fetch;
	return steps(given, tell, {
		useXsrfToken(token) {
			defaults.headers = { 'X-XSRF-Token': token };
		},
		machineWith({ Authorization }) {
			const machine = { fetch: globalThis.fetch, headers: { Authorization, 'X-XSRF-Token': '' } };
			return {
				whoAmI: () => getCurrentIdentity({}, machine),
				addToken: () => addOwnToken(nightly, machine),
			};
		},
	});
}
