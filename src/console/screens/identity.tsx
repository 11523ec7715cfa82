import { useDesk, useLoaded } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { Badges } from '../parts/badges.tsx';
import { Icon } from '../parts/icons.tsx';
import { Loading } from '../parts/loading.tsx';
import { Ago } from '../parts/time.tsx';
import { Title } from '../parts/title.tsx';
import { identity as findIdentity } from '../session-v1.ts';
import { HistorySection } from './history.tsx';
import { AccessSection, PermissionsSection, RemovalSection } from './identity-access.tsx';
import { InvitationSection } from './identity-invitation.tsx';
import { PasswordSection } from './identity-password.tsx';
import type { SectionProps } from './identity-section.ts';
import { SessionsSection } from './identity-sessions.tsx';
import { FactorsSection } from './security.tsx';
import { TokensSection } from './tokens.tsx';

/** One identity, with everything that an administrator may do to it. */
export function IdentityPage({ name, me }: { name: string; me: string }) {
	const loaded = useLoaded(`identity ${name}`, () => findIdentity(name));
	return (
		<>
			<p class="back">
				<a href={hrefOf({ at: 'identities' })}>
					<Icon shape="back" />
					Identities
				</a>
			</p>
			<Title name={name} />
			<Loading loaded={loaded} />
			{loaded.value && <Sections identity={loaded.value} isMe={name === me} reload={loaded.reload} />}
		</>
	);
}

function Sections(props: SectionProps) {
	const { identity, isMe } = props;
	const { offer } = useDesk();
	const mayBeInvited = offer.passwordAuthenticationEnabled && !isMe && !identity.disabled && !identity.service;
	return (
		<>
			<p class="lead">
				{isMe && <span class="badge good">You</span>}
				<Badges identity={identity} /> Created <Ago at={identity.createdAt} exact />,{' '}
				{identity.lastSignInAt === undefined ? (
					'never signed in'
				) : (
					<>
						signed in <Ago at={identity.lastSignInAt} exact />
					</>
				)}
			</p>
			<div class="sections">
				<div>
					<PermissionsSection {...props} />
					<SessionsSection {...props} />
					{offer.apiTokensEnabled && <TokensSection {...props} />}
					<HistorySection {...props} />
				</div>
				<div>
					{mayBeInvited && <InvitationSection {...props} />}
					<PasswordSection {...props} />
					{!isMe && !identity.service && <FactorsSection {...props} />}
					{!isMe && <AccessSection {...props} />}
					{!isMe && <RemovalSection {...props} />}
				</div>
			</div>
		</>
	);
}
