import { invitationUrlOf } from '../app/invitation-link.ts';
import type { InvitationPurpose } from '../core/invitation.ts';
import { usualInvitationMs } from '../core/invitation.ts';
import type { Common } from './identity.ts';
import { nameOf, withIdentity } from './identity.ts';
import { Failed, print, printJson, say } from './output.ts';
import { refusalInWords } from './refusals.ts';

export interface InviteOptions extends Common {
	readonly for?: InvitationPurpose;
	readonly hours?: number;
	/** Draws the link besides. */
	readonly qr?: boolean;
}

const hourMs = 3_600_000;

/** The link alone goes to stdout: it is shown once, and a script may send it. */
export async function invite(given: string, options: InviteOptions): Promise<void> {
	if (options.qr && !process.stderr.isTTY) throw new Failed('--qr needs a terminal on stderr to draw on');
	await withIdentity(nameOf(given), options, async ({ invitations }, identity, config) => {
		const { auth, portal } = config;
		if (!(auth.password && auth.sessions)) throw new Failed('logins by password are switched off (auth)');
		if (options.qr && portal.url === undefined)
			throw new Failed('--qr needs portal.url: the link has no host without it');
		const wanted = {
			purpose: options.for,
			expiresInMs: options.hours === undefined ? usualInvitationMs : options.hours * hourMs,
		};
		const made = await invitations.make(identity, wanted, { actor: 'operator' });
		if (!made.ok) throw new Failed(`${identity.name}: ${refusalInWords(made.refusal)}`);
		const { invitation, code } = made.value;
		const url = invitationUrlOf(config, code);
		const expiresAt = new Date(invitation.expiresAt).toISOString();
		if (options.json) printJson({ for: invitation.purpose, url, expiresAt });
		else print(url);
		if (options.qr) say((await import('../qr/qr.ts')).qrTerminal(url));
		if (portal.url === undefined) say('portal.url is not set: put the address of the sign-in page before it');
		if (!options.json) say(`invitation of ${identity.name}, good once, until ${expiresAt}; it is not shown again`);
	});
}
