import type { Words } from '../words.ts';
import { counted, number } from './forms.ts';

export const several: Words['several'] = {
	region: 'Auswahl',
	select: (name) => `${name} auswählen`,
	page: 'Diese Seite auswählen',
	all: 'Alle passenden auswählen',
	found: (count) => counted(count, { other: 'Bisher # gefunden' }),
	selected: (count) => counted(count, { other: '# ausgewählt' }),
	none: 'Auswahl aufheben',
	do: 'Aktion',
	acts: {
		disable: 'Deaktivieren',
		enable: 'Aktivieren',
		'end-sessions': 'Sitzungen beenden',
		grant: 'Berechtigung erteilen',
		revoke: 'Berechtigung entziehen',
		remove: 'Entfernen',
	},
	permission: 'Welche Berechtigung',
	goOn: 'Weiter',
	title: (act, count) => counted(count, { one: `${act}: # Identität`, other: `${act}: # Identitäten` }),
	effects: {
		disable:
			'Die Ausgewählten können sich nicht mehr anmelden, und ihre Sitzungen enden. Berechtigungen und Passwörter bleiben erhalten.',
		enable: 'Die Ausgewählten können sich wieder anmelden.',
		'end-sessions': 'Die Ausgewählten werden überall abgemeldet und können sich wieder anmelden.',
		grant: 'Die Ausgewählten erhalten zu ihren bisherigen Berechtigungen diese:',
		revoke: 'Die Ausgewählten verlieren die Berechtigung:',
		remove:
			'Sitzungen und Tokens der Ausgewählten enden, und alles über sie wird gelöscht. Das kann nicht rückgängig gemacht werden.',
	},
	more: (count) => counted(count, { other: 'und # weitere' }),
	yourself: 'Sie selbst sind dabei: Nichts geschieht, was Ihre Verwaltung oder diese Sitzung beenden würde.',
	progress: (done, of) => `${number(done)} von ${number(of)} erledigt`,
	done: (count) => counted(count, { one: 'Erledigt für # Identität.', other: 'Erledigt für # Identitäten.' }),
	refused: (count) =>
		counted(count, { one: 'Nicht erledigt für # Identität:', other: 'Nicht erledigt für # Identitäten:' }),
	ownIdentity: 'Das sind Sie selbst.',
};

export const renaming: Words['renaming'] = {
	name: 'Name',
	text: (name) =>
		`Unter einem anderen Namen meldet sich ${name} nur noch mit diesem an. Die Sitzungen enden; Berechtigungen, Passwort und API-Tokens bleiben erhalten.`,
	rename: 'Umbenennen',
	form: (name) => `${name} umbenennen`,
	to: 'Neuer Benutzername',
	ownText: 'Sie werden abgemeldet und melden sich mit dem neuen Namen wieder an.',
	renamed: (from, to) => `${from} heißt ab jetzt ${to}.`,
};

export const everybody: Words['everybody'] = {
	end: 'Alle Sitzungen beenden',
	title: 'Sitzungen von allen beenden?',
	text: 'Alle müssen sich neu anmelden, Menschen und Programme. API-Tokens gelten weiter.',
	keep: 'Diese eigene Sitzung behalten',
};

export const help: Words['help'] = {
	link: 'Hilfe',
};
