import { type Person, Unreadable } from './person.ts';

/** Kismet's `kismet_httpd.conf`: one login, in clear, that may do everything. */
export function readKismet(text: string): readonly Person[] {
	if (/^\s*\[/.test(text)) {
		throw new Unreadable(
			'these are the API keys of Kismet, which Latchkey cannot take over: make new ones with latchkey token add',
		);
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
