import { factorSteps } from './factor-steps.ts';
import type { Given, Phone, Tell } from './given.ts';
import { useFetch, useXsrfToken } from './own-fetch.ts';

/** orval: second factors. */
export function factors(given: Given, phone: Phone, tell: Tell): Promise<void> {
	useFetch(given);
	return factorSteps(phone, tell, useXsrfToken);
}
