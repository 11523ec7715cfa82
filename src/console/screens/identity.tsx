import { type Leave, useDesk, useLoaded } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { Badges } from '../parts/badges.tsx';
import { Icon } from '../parts/icons.tsx';
import { Loading } from '../parts/loading.tsx';
import { Ago } from '../parts/time.tsx';
import { Title } from '../parts/title.tsx';
import { identity as findIdentity } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import { HistorySection } from './history.tsx';
import { AccessSection, PermissionsSection, RemovalSection } from './identity-access.tsx';
import { InvitationSection } from './identity-invitation.tsx';
import { NameSection } from './identity-name.tsx';
import { PasswordSection } from './identity-password.tsx';
import type { SectionProps } from './identity-section.ts';
import { SessionsSection } from './identity-sessions.tsx';
import { FactorsSection } from './security.tsx';
import { TokensSection } from './tokens.tsx';

/** One identity, with everything that an administrator may do to it. */
export function IdentityPage({ name, me, onLeft }: { name: string; me: string; onLeft: Leave }) {
	const { identities } = useWords();
	const loaded = useLoaded(`identity ${name}`, () => findIdentity(name));
	return (
		<>
			<p class="back">
				<a href={hrefOf({ at: 'identities' })}>
					<Icon shape="back" />
					{identities.title}
				</a>
			</p>
			<Title name={name} />
			<Loading loaded={loaded} />
			{loaded.value && <Sections identity={loaded.value} isMe={name === me} reload={loaded.reload} onLeft={onLeft} />}
		</>
	);
}

function Sections(props: SectionProps & { onLeft: Leave }) {
	const { identity, isMe } = props;
	const { common, identity: words } = useWords();
	const { offer } = useDesk();
	const mayBeInvited = offer.passwordAuthenticationEnabled && !isMe && !identity.disabled && !identity.service;
	return (
		<>
			<p class="lead">
				{isMe && <span class="badge good">{common.you}</span>}
				<Badges identity={identity} />{' '}
				{identity.lastSignInAt === undefined
					? words.createdNever(<Ago at={identity.createdAt} exact />)
					: words.createdSignedIn(<Ago at={identity.createdAt} exact />, <Ago at={identity.lastSignInAt} exact />)}
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
					<NameSection {...props} />
					{!isMe && !identity.service && <FactorsSection {...props} />}
					{!isMe && <AccessSection {...props} />}
					{!isMe && <RemovalSection {...props} />}
				</div>
			</div>
		</>
	);
}
