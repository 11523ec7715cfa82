import { useState } from 'preact/hooks';
import { useLoaded } from '../desk.ts';
import { hrefOf } from '../page.ts';
import { Field } from '../parts/field.tsx';
import { Loading } from '../parts/loading.tsx';
import { Title } from '../parts/title.tsx';
import { type Identity, identities } from '../session-v1.ts';

/** Who may sign in. For administrators. */
export function Identities({ me }: { me: string }) {
	const loaded = useLoaded('identities', identities);
	const [words, setWords] = useState('');
	const all = loaded.value?.identities;
	const shown = all?.filter(({ name }) => name.toLowerCase().includes(words.trim().toLowerCase()));
	return (
		<>
			<div class="heading">
				<Title name="Identities" />
				<a class="button primary" href={hrefOf({ at: 'new-identity' })}>
					New identity
				</a>
			</div>
			<p class="lead">Who may sign in, people and programs, and what each may use.</p>
			<Loading loaded={loaded} />
			{all && all.length > 8 && <Field label="Find a name" type="search" value={words} onValue={setWords} />}
			{shown && (
				<section class="card list">
					{shown.length === 0 && <p class="empty">No name is like that.</p>}
					<ul class="rows">
						{shown.map((identity) => (
							<Row key={identity.name} identity={identity} isMe={identity.name === me} />
						))}
					</ul>
				</section>
			)}
		</>
	);
}

function Row({ identity: { name, permissions, ...rest }, isMe }: { identity: Identity; isMe: boolean }) {
	return (
		<li class="row">
			<div class="what">
				<p class="name">
					<a href={hrefOf({ at: 'identity', name })}>{name}</a>
					{isMe && <span class="badge good">You</span>}
					<Badges identity={rest} />
				</p>
				<p class="facts">
					{permissions.length === 0 && <span>No permissions</span>}
					{permissions.map((permission) => (
						<code key={permission}>{permission}</code>
					))}
				</p>
			</div>
		</li>
	);
}

/** What is out of the ordinary about an identity. */
export function Badges({
	identity: { disabled, hasPassword, passwordChangeNeeded, passwordExpiresAt },
}: {
	identity: Pick<Identity, 'disabled' | 'hasPassword' | 'passwordChangeNeeded' | 'passwordExpiresAt'>;
}) {
	const isExpired = passwordExpiresAt !== undefined && new Date(passwordExpiresAt).getTime() <= Date.now();
	return (
		<>
			{disabled && <span class="badge bad">Disabled</span>}
			{!hasPassword && <span class="badge">Certificate only</span>}
			{isExpired && <span class="badge bad">Password expired</span>}
			{hasPassword && passwordChangeNeeded && !isExpired && <span class="badge">Must change the password</span>}
		</>
	);
}
