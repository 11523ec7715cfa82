import type { Identity } from '../session-v1.ts';

/** What is out of the ordinary about an identity. */
export function Badges({
	identity: { disabled, hasPassword, passwordChangeNeeded, passwordExpiresAt, service },
}: {
	identity: Pick<Identity, 'disabled' | 'hasPassword' | 'passwordChangeNeeded' | 'passwordExpiresAt' | 'service'>;
}) {
	const isExpired = passwordExpiresAt !== undefined && new Date(passwordExpiresAt).getTime() <= Date.now();
	const mustChange = hasPassword && passwordChangeNeeded && !isExpired;
	return (
		<>
			{disabled && <span class="badge bad">Disabled</span>}
			{service && <span class="badge">Program</span>}
			{!hasPassword && !service && <span class="badge">Certificate only</span>}
			{isExpired && <span class="badge bad">Password expired</span>}
			{mustChange && <span class="badge warn">Must change the password</span>}
		</>
	);
}
