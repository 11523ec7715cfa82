import { useEffect, useState } from 'preact/hooks';

const everybodys = ['applications', 'sessions', 'tokens', 'password', 'security', 'history'] as const;
const administrators = ['identities', 'new-identity', 'all-sessions', 'explain', 'audit'] as const;
const plain = [...everybodys, ...administrators];

/** A page for somebody who is signed in. Its name stands behind the `#` of the address: back and forward work, and so do links. */
export type Page = { readonly at: (typeof everybodys)[number] } | AdministrationPage;

export type AdministrationPage =
	| { readonly at: (typeof administrators)[number] }
	| { readonly at: 'identity'; readonly name: string };

function parsePage(hash: string): Page {
	const [, at, name] = /^#\/([a-z-]+)(?:\/(.+))?$/.exec(hash) ?? [];
	if (at === 'identity' && name !== undefined) return { at, name: decoded(name) };
	return { at: plain.find((each) => each === at) ?? 'applications' };
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

export function hrefOf(page: Page): string {
	return page.at === 'identity' ? `#/identity/${encodeURIComponent(page.name)}` : `#/${page.at}`;
}

export function goTo(page: Page): void {
	location.hash = hrefOf(page);
}

export function usePage(): Page {
	const [page, setPage] = useState(() => parsePage(location.hash));
	useEffect(() => {
		const follow = () => {
			const next = parsePage(location.hash);
			setPage((now) => (hrefOf(now) === hrefOf(next) ? now : next));
		};
		window.addEventListener('hashchange', follow);
		follow(); // it may have changed since the first drawing
		return () => window.removeEventListener('hashchange', follow);
	}, []);
	return page;
}
