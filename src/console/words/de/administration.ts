import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { all, counted, either, number } from './forms.ts';

export const allSessions: Words['allSessions'] = {
	title: 'Alle Sitzungen',
	lead: 'Wer wo angemeldet ist.',
	find: 'Name, Gerät oder Adresse',
	newest: (most) => `Das sind die neuesten ${number(most)}; es gibt weitere.`,
	shown: (shown, found) =>
		`Zu sehen sind die neuesten ${number(shown)} von ${number(found)}: Suchen Sie oben nach einer bestimmten.`,
	none: 'Keine Sitzung passt dazu.',
};

export const identities: Words['identities'] = {
	title: 'Identitäten',
	lead: 'Wer sich anmelden darf, Menschen und Programme, und was sie öffnen dürfen.',
	new: 'Neue Identität',
	found: 'Gefundene Identitäten',
	none: 'Keine Identität passt dazu.',
	pages: 'Seiten',
	page: (count) => `Seite ${number(count)}`,
	previous: 'Vorige Seite',
	next: 'Nächste Seite',
	counted: (count) => counted(count, { one: '# Identität', other: '# Identitäten' }),
	countedAndMore: (count) =>
		counted(count, {
			one: '# Identität, und weitere auf der nächsten Seite',
			other: '# Identitäten, und weitere auf der nächsten Seite',
		}),
	noPermissions: 'Keine Berechtigungen',
	more: (count) => counted(count, { other: 'und # weitere' }),
	neverSignedIn: 'Noch nie angemeldet',
	signedIn: (ago) => phrase`Angemeldet ${ago}`,
	find: 'Namen suchen',
	permission: 'Berechtigung',
	show: 'Anzeigen',
	states: {
		'': 'Alle',
		disabled: 'Deaktiviert',
		'must-change-password': 'Muss das Passwort ändern',
		'certificate-only': 'Nur mit Zertifikat',
		'second-factor': 'Mit zweitem Faktor',
		'no-second-factor': 'Nur mit Passwort',
	},
	order: 'Reihenfolge',
	sorts: {
		name: 'Name',
		'-last-sign-in': 'Zuletzt angemeldet',
		'last-sign-in': 'Am längsten nicht angemeldet',
		'-created': 'Neueste',
		created: 'Älteste',
	},
	badges: {
		disabled: 'Deaktiviert',
		program: 'Programm',
		certificateOnly: 'Nur mit Zertifikat',
		passwordExpired: 'Passwort abgelaufen',
		mustChange: 'Muss das Passwort ändern',
	},
};

export const newIdentity: Words['newIdentity'] = {
	title: 'Neue Identität',
	badName: 'Ein Benutzername hat druckbare Zeichen und kein Leerzeichen an den Enden.',
	byCertificate: 'Meldet sich nur mit Zertifikat an',
	permissions: 'Was sie öffnen darf',
	create: 'Anlegen',
	created: (name) => `${name} kann sich jetzt anmelden.`,
};

export const identity: Words['identity'] = {
	createdSignedIn: (created, signedIn) => phrase`Angelegt ${created}, angemeldet ${signedIn}`,
	createdNever: (created) => phrase`Angelegt ${created}, noch nie angemeldet`,
	permissions: 'Berechtigungen',
	permissionsOf: (name) => `Berechtigungen von ${name}`,
	mayOpen: (name) => `Was ${name} öffnen darf`,
	permissionsSaved: (name) => `Die Berechtigungen von ${name} sind gespeichert.`,
	giveUpTitle: 'Verwaltung abgeben?',
	giveUp: 'Abgeben',
	giveUpText: (permission) => phrase`Ohne ${permission} können Sie das nicht selbst rückgängig machen.`,
	access: 'Zugang',
	isDisabled: (name) => `${name} ist deaktiviert und kann sich nicht anmelden.`,
	disabling: (name) =>
		`Das Deaktivieren beendet die Sitzungen von ${name}. Berechtigungen und Passwort bleiben erhalten.`,
	enable: 'Aktivieren',
	disable: 'Deaktivieren',
	enabled: (name) => `${name} kann sich wieder anmelden.`,
	disabled: (name) => `${name} kann sich nicht mehr anmelden. Die Sitzungen sind beendet.`,
	removal: 'Entfernen',
	removing: (name) =>
		`Das Entfernen beendet die Sitzungen von ${name} und löscht die Berechtigungen. Wer später unter diesem Namen angelegt wird, ist eine neue Identität.`,
	removeTitle: (name) => `${name} entfernen?`,
	removeText: 'Das kann nicht rückgängig gemacht werden.',
	removed: (name) => `${name} ist entfernt.`,
	sessions: 'Sitzungen',
	noSessions: 'Nirgends angemeldet.',
	noFactor: (name) => `${name} hat keinen zweiten Faktor mehr. Die Sitzungen sind beendet.`,
	removeAll: 'Alle entfernen',
	removeFactorsTitle: (name) => `Zweite Faktoren von ${name} entfernen?`,
	removeFactorsText:
		'Für jemanden, der alle verloren hat. Danach genügt das Passwort allein, bis ein anderer eingerichtet ist. Vergewissern Sie sich, dass wirklich diese Person darum bittet.',
	password: 'Passwort',
	ownPassword: (page) => phrase`Ihr eigenes ändern Sie unter ${page}.`,
	noPassword: 'Es gibt keines, die Anmeldung erfolgt mit Zertifikat.',
	setAnother: 'Anderes Passwort setzen',
	setOne: 'Passwort setzen',
	requireChange: 'Änderung verlangen',
	changeRequired: (name) => `${name} muss das Passwort bei der Anmeldung ändern.`,
	setPasswordOf: (name) => `Passwort von ${name} setzen`,
	passwordSet: (name) => `Das Passwort von ${name} ist gesetzt. Die Sitzungen sind beendet.`,
};

const once = 'Er gilt einmal und ersetzt einen früheren.';

export const inviting: Words['inviting'] = {
	title: 'Einladung',
	first: `Ein Link, um ein Passwort zu setzen, das sonst niemand kennt. ${once}`,
	password: `Ein Link für jemanden, der das Passwort vergessen hat. Das bisherige gilt, bis der Link benutzt wird. ${once}`,
	factor: `Ein Link für jemanden, der alle zweiten Faktoren verloren hat. Mit dem Passwort führt er dorthin, wo ein anderer eingerichtet wird, der alle bisherigen ersetzt. ${once}`,
	invite: (name) => `${name} einladen`,
	for: 'Für',
	purposes: {
		'new-password': 'Ein neues Passwort',
		'new-factor': 'Einen anderen zweiten Faktor',
	},
	hours: 'Stunden',
	hoursWrong: 'Geben Sie an, wie viele Stunden: 1 bis 168.',
	make: 'Link erzeugen',
	goodUntil: (moment, name) =>
		phrase`Gültig bis ${moment}. Er wird nicht noch einmal angezeigt: Senden Sie ihn auf einem Weg, den nur ${name} liest.`,
	qr: 'Der Link als QR-Code',
};

export const permissions: Words['permissions'] = {
	others: 'Weitere',
	othersHint: 'Mit Leerzeichen dazwischen, wie rest.assets.',
	unknown: (names) => `Keine Regel nennt ${names}: Das öffnet hier nichts, außer ein Proxy fragt ausdrücklich danach.`,
	admin: 'Öffnet alles und verwaltet Latchkey',
	unnamed: 'Keine Regel nennt sie',
	more: (count) => counted(count, { other: 'und # weitere' }),
};

export const rules: Words['rules'] = {
	everyHost: 'jeder Host',
	everyPath: 'jeder Pfad',
	any: (names) => either(names),
	all: (names) => all(names),
	for: (whom) => `für ${whom}`,
};

export const explain: Words['explain'] = {
	title: 'Zugriff erklären',
	lead: 'Welche Regel über eine Anfrage entscheidet und was ein Browser bekäme. Es wird nichts gesendet.',
	method: 'Methode',
	address: 'Adresse',
	addressHint: (https, wss) => phrase`Wie ${https}; ${wss} für einen WebSocket.`,
	who: 'Wer fragt',
	whoHint: 'Der Name einer Identität. Leer: jemand, der nicht angemeldet ist.',
	shows: 'Zeigt',
	session: 'Eine Sitzung',
	token: (name, id) => `Das API-Token ${name} (${id})`,
	from: 'Von',
	fromHint: 'Die Adresse des Clients, wo Regeln darauf achten.',
	explain: 'Erklären',
	explanation: 'Erklärung',
	passes: 'Durchgelassen',
	stops: 'Nicht durchgelassen',
	rule: 'Regel',
	pageGets: 'Eine Seite bekommt',
	scriptGets: 'Ein Skript bekommt',
	programGets: 'Ein Programm bekommt',
	webSocketGets: 'Ein WebSocket bekommt',
	missing: 'Es fehlt',
	whatAnswers: (upstream) => phrase`Was ${upstream} antwortet`,
	redirect: (status, location) => phrase`${status}, zu ${location}`,
};

export const audit: Words['audit'] = {
	title: 'Protokoll',
	lead: 'Wer was getan hat, wie es im Log steht. Auch wer hier nachsieht, steht darin.',
	person: 'Wer',
	act: 'Vorgang',
	outcome: 'Ergebnis',
	outcomes: { '': 'Alle', ok: 'Gewährt', refused: 'Abgelehnt' },
	address: 'Adresse',
	from: 'Von',
	to: 'Bis',
	search: 'Suchen',
	found: 'Gefundene Zeilen',
	none: 'Keine Zeile passt dazu.',
	counted: (count) => counted(count, { one: '# Zeile', other: '# Zeilen' }),
	because: (reason) => `Abgelehnt: ${reason}`,
	csv: 'Als CSV exportieren',
	ndjson: 'Als NDJSON exportieren',
};
