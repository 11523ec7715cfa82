import type { Config } from '../config/schema.ts';
import type { InvitationCode } from '../core/invitation.ts';
import { qrSvg } from '../qr/qr.ts';

/** Where a code is accepted. `qr`: the same as an SVG document; absent where the link is not absolute. */
export interface InvitationLink {
	readonly url: string;
	readonly qr?: string;
}

/**
 * Where a code is accepted: below `portal.url`, whatever a request says of its host. Without it relative to the host: `/#/…`.
 * The code stands in the fragment, which no browser sends to a server. Source: OWASP ASVS 5.0, 14.2.1.
 */
export function invitationUrlOf({ portal, console }: Config, code: InvitationCode): string {
	const page = portal.url ?? console.path;
	return `${page}${page.endsWith('/') ? '' : '/'}#/invitation/${code}`;
}

export function invitationLinkOf(config: Config, code: InvitationCode): InvitationLink {
	const url = invitationUrlOf(config, code);
	return config.portal.url === undefined ? { url } : { url, qr: qrSvg(url) };
}
