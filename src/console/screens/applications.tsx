import { Title } from '../parts/title.tsx';
import { hostOf } from '../return-address.ts';
import type { Application } from '../session-v1.ts';
import { useWords } from '../words/words.ts';
import { LastSignIn } from './history.tsx';

/** What one may open. */
export function Applications({ applications }: { applications: readonly Application[] }) {
	const words = useWords();
	return (
		<>
			<Title name={words.applications.title} />
			<LastSignIn />
			<ul class="apps">
				{applications.map(({ title, url, icon }) => (
					<li key={url}>
						<a class="card app" href={url}>
							{icon === undefined ? (
								<span class="letter" aria-hidden="true">
									{firstLetter(title)}
								</span>
							) : (
								<img src={icon} alt="" width="40" height="40" />
							)}
							<span class="what">
								<span class="name">{title}</span>
								{title !== hostOf(url) && <span class="hint">{hostOf(url)}</span>}
							</span>
						</a>
					</li>
				))}
			</ul>
		</>
	);
}

function firstLetter(title: string): string {
	return /[\p{L}\p{N}]/u.exec(title)?.[0].toUpperCase() ?? '·';
}
