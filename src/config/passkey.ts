import { z } from 'zod';

/*
 * The settings of passkeys, and where they can be used. Source: W3C Web Authentication Level 3, 5.1.3 and 13.4.9.
 */

const flag = z.boolean();
const aaguids = z
	.array(z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be an AAGUID: a UUID in small letters'))
	.min(1);

export const passkeySchema = z.strictObject({
	/** Passkeys, alone and as a second factor. They need a domain: without `rpId` and `portal.url` there are some on `localhost` alone. */
	enabled: flag.default(true),
	/** The domain that passkeys are registered for. Absent: the host of `portal.url`. Another one makes all of them useless. */
	rpId: z
		.string()
		.refine(isDomain, 'must be a domain in small letters, as example.org; an address cannot be one')
		.optional(),
	/** Pages that may use them, letter for letter. Absent: that of `portal.url`, else https and `rpId`. */
	origins: z
		.array(z.string().refine(isOrigin, 'must be an origin as browsers write it: https://login.example.org'))
		.min(1)
		.optional(),
	/** Models that can be registered. Absent: all. Nobody vouches for what an authenticator says of itself. */
	allowAaguids: aaguids.optional(),
	/** Models that cannot. */
	denyAaguids: aaguids.optional(),
});

interface Parts {
	readonly auth: { readonly passkey: z.output<typeof passkeySchema> };
	readonly portal: { readonly url?: string | undefined };
}

/** Where passkeys can be used. `undefined`: on `localhost` alone, or nowhere. */
export function passkeyPlace({
	auth: { passkey },
	portal,
}: Parts): { readonly id: string; readonly origins: readonly string[] } | undefined {
	const page = parsed(portal.url);
	const id = passkey.rpId ?? (page && isDomain(page.hostname) ? page.hostname : undefined);
	if (id === undefined) return undefined;
	return { id, origins: passkey.origins ?? [page && isBelow(page.hostname, id) ? page.origin : `https://${id}`] };
}

/** What `rpId`, `origins` and `portal.url` need of each other. */
export function judgePasskey(parts: Parts, say: (path: (string | number)[], message: string) => void): void {
	const { passkey } = parts.auth;
	const place = passkeyPlace(parts);
	if (place === undefined) {
		if (passkey.origins) say(['auth', 'passkey', 'origins'], 'is of no use without auth.passkey.rpId');
		return;
	}
	const page = parsed(parts.portal.url);
	if (page !== undefined && passkey.origins === undefined && !isBelow(page.hostname, place.id))
		say(['auth', 'passkey', 'rpId'], 'must be the host of portal.url, or a domain above it');
	passkey.origins?.forEach((origin, at) => {
		const { hostname, protocol } = parsed(origin) ?? {};
		if (hostname === undefined) return;
		const sayAt = (message: string) => say(['auth', 'passkey', 'origins', at], message);
		if (!isBelow(hostname, place.id)) sayAt(`must be ${place.id}, or a host below it`);
		else if (protocol !== 'https:' && hostname !== 'localhost')
			sayAt('must be https: browsers use passkeys nowhere else');
	});
}

/** All of them are judged together, with those that are no URL, too: that is said of each by itself. */
function parsed(url: string | undefined): URL | undefined {
	return (url !== undefined && URL.parse(url)) || undefined;
}

function isBelow(host: string, domain: string): boolean {
	return host === domain || host.endsWith(`.${domain}`);
}

function isDomain(text: string): boolean {
	const labels = text.split('.');
	const isLabel = (label: string) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label);
	return text.length <= 253 && labels.every(isLabel) && !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '');
}

function isOrigin(text: string): boolean {
	return URL.canParse(text) && new URL(text).origin === text && text !== 'null';
}
