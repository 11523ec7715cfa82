import type { Words } from '../words.ts';
import { duration } from './forms.ts';

export const common: Words['common'] = {
	language: 'Sprache',
	spoken: 'Die Sprache ist jetzt Deutsch.',
	console: 'Konsole',
	noticeOfService: 'Hinweis dieses Dienstes',
	moment: 'Einen Moment …',
	tryAgain: 'Erneut versuchen',
	tryAgainIn: (seconds) => `Versuchen Sie es in ${duration(seconds)} erneut.`,
	tryAgainNow: 'Sie können es jetzt erneut versuchen.',
	goOn: 'Weiter',
	cancel: 'Abbrechen',
	confirm: 'Bestätigen',
	save: 'Speichern',
	done: 'Fertig',
	remove: 'Entfernen',
	removeOf: (name) => `${name} entfernen`,
	rename: 'Umbenennen',
	renameOf: (name) => `${name} umbenennen`,
	signIn: 'Anmelden',
	signOut: 'Abmelden',
	signInAsSomebodyElse: 'Als jemand anderes anmelden',
	copy: 'Kopieren',
	copied: 'Kopiert.',
	userName: 'Benutzername',
	name: 'Name',
	password: 'Passwort',
	you: 'Sie',
	none: 'Keine vorhanden.',
	neverUsed: 'Noch nie benutzt',
	hasEndedAlready: 'Das ist bereits beendet.',
	removedIdentity: 'entfernte Identität',
	deviceOn: (browser, system) => `${browser} unter ${system}`,
	unknownDevice: 'unbekannt',
	justNow: 'gerade eben',
	thenClock: (clock) => `, ${clock}`,
};

const notCopied = (what: string) =>
	`Der Browser hat ${what} nicht kopiert: Markieren Sie den Text, und kopieren Sie ihn von Hand.`;

export const secrets: Words['secrets'] = {
	token: { label: 'Das Token', copy: 'Token kopieren', notCopied: notCopied('das Token') },
	password: { label: 'Das Passwort', copy: 'Passwort kopieren', notCopied: notCopied('das Passwort') },
	link: { label: 'Der Link', copy: 'Link kopieren', notCopied: notCopied('den Link') },
	recoveryCodes: {
		label: 'Wiederherstellungscodes',
		copy: 'Wiederherstellungscodes kopieren',
		notCopied: notCopied('die Wiederherstellungscodes'),
	},
};

export const tabs: Words['tabs'] = {
	applications: 'Anwendungen',
	sessions: 'Meine Sitzungen',
	password: 'Passwort',
	security: 'Sicherheit',
	tokens: 'API-Tokens',
	history: 'Verlauf',
	identities: 'Identitäten',
	'all-sessions': 'Alle Sitzungen',
	explain: 'Zugriff',
	audit: 'Protokoll',
	signedInAs: 'Angemeldet als',
};
