import type { Identity } from '../session-v1.ts';
import { useWords } from '../words/words.ts';

/** What is out of the ordinary about an identity. */
export function Badges({
	identity: { disabled, hasPassword, passwordChangeNeeded, passwordExpiresAt, service },
}: {
	identity: Pick<Identity, 'disabled' | 'hasPassword' | 'passwordChangeNeeded' | 'passwordExpiresAt' | 'service'>;
}) {
	const { identities } = useWords();
	const { badges } = identities;
	const isExpired = passwordExpiresAt !== undefined && new Date(passwordExpiresAt).getTime() <= Date.now();
	const mustChange = hasPassword && passwordChangeNeeded && !isExpired;
	return (
		<>
			{disabled && <span class="badge bad">{badges.disabled}</span>}
			{service && <span class="badge">{badges.program}</span>}
			{!hasPassword && !service && <span class="badge">{badges.certificateOnly}</span>}
			{isExpired && <span class="badge bad">{badges.passwordExpired}</span>}
			{mustChange && <span class="badge warn">{badges.mustChange}</span>}
		</>
	);
}
