import { defaults } from './api.ts';
import { factorSteps } from './factor-steps.ts';
import type { Given, Phone, Tell } from './given.ts';

/** oazapfts: second factors. */
export function factors({ baseUrl, fetch }: Given, phone: Phone, tell: Tell): Promise<void> {
	defaults.baseUrl = baseUrl;
	defaults.fetch = fetch;
	return factorSteps(phone, tell, (token) => {
		defaults.headers = { 'X-XSRF-Token': token };
	});
}
