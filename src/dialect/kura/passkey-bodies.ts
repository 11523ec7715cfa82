import { z } from 'zod';
import { authenticatorName } from './bodies.ts';

/** Bytes in base64url, as `toJSON()` of a PublicKeyCredential has them. */
const base64url = (most: number) =>
	z
		.string()
		.max(most)
		.regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');
const credentialFacts = { id: base64url(1364), rawId: base64url(1364), type: z.literal('public-key') };

/** AuthenticationResponseJSON. What is not looked at may be anything. Source: Web Authentication Level 3, 5.1.8. */
export const passkeyAssertion = z.object({
	...credentialFacts,
	response: z.object({
		clientDataJSON: base64url(8192),
		authenticatorData: base64url(8192),
		signature: base64url(8192),
		userHandle: base64url(128).nullish(),
	}),
});

/** RegistrationResponseJSON. */
const registration = z.object({
	...credentialFacts,
	response: z.object({
		clientDataJSON: base64url(8192),
		attestationObject: base64url(49_152),
		transports: z
			.array(z.string().regex(/^[a-z-]{1,32}$/, 'must be a word'))
			.max(16)
			.optional(),
	}),
});

/** Ours. */
export const passkeyLogin = z.object({ credential: passkeyAssertion });

/** Ours. */
export const passkeyRegistration = z.object({ name: authenticatorName, credential: registration });
