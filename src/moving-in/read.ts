import { readAuthelia } from './authelia.ts';
import { readHtpasswd } from './htpasswd.ts';
import { readKismet, readKismetKeys } from './kismet.ts';
import { readKura } from './kura.ts';
import { readOwnJson } from './own-json.ts';
import { type Person, Unreadable } from './person.ts';

export type Kind = 'kura' | 'kismet' | 'kismet-keys' | 'authelia' | 'htpasswd' | 'json';

/** Everybody in a file of another system, or of ours. Throws `Unreadable`. `groups`: of Authelia, the permission of each. */
export function readPeople(kind: Kind, text: string, groups: ReadonlyMap<string, string>): readonly Person[] {
	const people = readers[kind](text, groups);
	if (people.length === 0) throw new Unreadable('there is nobody in it');
	return people;
}

const readers: Readonly<Record<Kind, (text: string, groups: ReadonlyMap<string, string>) => readonly Person[]>> = {
	kura: readKura,
	kismet: readKismet,
	'kismet-keys': readKismetKeys,
	authelia: readAuthelia,
	htpasswd: readHtpasswd,
	json: readOwnJson,
};
