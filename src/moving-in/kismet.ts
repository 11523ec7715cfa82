import { z } from 'zod';
import { type Person, Unreadable } from './person.ts';
import { parseStrictly } from './strict-json.ts';

/** Kismet's `kismet_httpd.conf`: one login, in clear, that may do everything. */
export function readKismet(text: string): readonly Person[] {
	if (/^\s*\[/.test(text)) {
		throw new Unreadable('these are the API keys of Kismet: --from kismet-keys takes them over');
	}
	const found = new Map<string, string>();
	for (const line of text.split(/\r?\n/)) {
		const [, key, value] = /^\s*(httpd_username|httpd_password)\s*=(.*)$/.exec(line) ?? [];
		if (key === undefined || value === undefined) continue;
		if (found.has(key)) throw new Unreadable(`${key} stands in it twice`);
		found.set(key, value.trim());
	}
	const [name, password] = [found.get('httpd_username'), found.get('httpd_password')];
	if (!name || !password) throw new Unreadable('httpd_username and httpd_password do not both stand in it');
	return [{ name, password, permissions: ['kismet.admin'] }];
}

const keysShape = z.array(
	z.object({
		token: z.string(),
		name: z.string(),
		role: z.string(),
		/** Seconds since 1970; 0: never. */
		expires: z.number().optional(),
	}),
);

/** Of the login itself, made at each start. Rule: Kismet, `kis_net_beast_httpd`. */
const ofLogin = 'web logon';

/** Kismet's `session.db`: its API keys, in clear. Each becomes a program of its own, which holds that role and nothing else. */
export function readKismetKeys(text: string): readonly Person[] {
	return parseStrictly(text, keysShape, 'it').map(({ token, name, role, expires = 0 }) => {
		if (name === ofLogin) return { name, permissions: [], problem: 'is the login of Kismet itself, and no key' };
		return { name, permissions: [], service: true, key: { text: token, role, ...(expires > 0 && { expires }) } };
	});
}
