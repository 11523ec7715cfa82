import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted } from './forms.ts';

export const applications: Words['applications'] = {
	title: 'Meine Anwendungen',
};

export const sessions: Words['sessions'] = {
	title: 'Meine Sitzungen',
	lead: 'Wo Sie angemeldet sind. Wenn Sie eine Sitzung nicht wiedererkennen, melden Sie sie ab.',
	leadWithPassword:
		'Wo Sie angemeldet sind. Wenn Sie eine Sitzung nicht wiedererkennen, melden Sie sie ab, und ändern Sie Ihr Passwort.',
	thisBrowser: 'Dieser Browser',
	waiting: {
		'second-factor': 'Muss einen zweiten Faktor zeigen',
		'password-change': 'Muss das Passwort ändern',
		enrolment: 'Muss einen zweiten Faktor einrichten',
	},
	since: {
		password: (clock) => phrase`Seit ${clock} mit Passwort`,
		passkey: (clock) => phrase`Seit ${clock} mit Passkey`,
		certificate: (clock) => phrase`Seit ${clock} mit Zertifikat`,
	},
	active: (ago) => phrase`Aktiv ${ago}`,
	alsoAt: (hosts) => `Auch bei ${hosts}`,
	signOutOf: (whose, device, address, clock) =>
		`Abmelden: ${whose === '' ? '' : `${whose}, `}${device}, ${address}, seit ${clock}`,
	signedOut: (device, address) => `Abgemeldet: ${device}, ${address}.`,
	elsewhere: 'Überall sonst abmelden',
	everywhere: 'Überall abmelden',
	ended: (count) =>
		count === 0
			? 'Es gab keine andere Sitzung.'
			: counted(count, { one: 'Eine Sitzung ist beendet.', other: '# Sitzungen sind beendet.' }),
};

export const tokens: Words['tokens'] = {
	title: 'API-Tokens',
	lead: 'Was Ihre Programme anstelle eines Passworts zeigen. Ein Token öffnet, was Sie öffnen dürfen, und nicht mehr.',
	new: 'Neues API-Token',
	purpose: 'Wofür es ist',
	permissions: 'Berechtigungen',
	permissionsHint: (example, admin) => phrase`Eine je Zeile, wie ${example}. ${admin} öffnet alles.`,
	networks: 'Netze',
	networksHint: 'Von wo es angenommen wird, wie 10.0.0.0/8. Leer: von überall.',
	days: 'Tage',
	daysWrong: 'Geben Sie an, wie viele Tage es gilt: 1 bis 366.',
	make: 'Token erzeugen',
	keep: 'Bewahren Sie es jetzt auf: Es wird nicht noch einmal angezeigt.',
	expired: 'Abgelaufen',
	noPermission: 'Keine Berechtigung',
	from: (networks) => `Von ${networks}`,
	at: (paths) => `Für ${paths}`,
	until: (day) => phrase`Bis ${day}`,
	used: (ago, address) => phrase`Benutzt ${ago} von ${address}`,
	end: 'Beenden',
	endOf: (name) => `API-Token beenden: ${name}`,
	ended: (name) => `API-Token beendet: ${name}.`,
};

export const security: Words['security'] = {
	title: 'Sicherheit',
	lead: 'Was Sie neben Ihrem Passwort zur Anmeldung brauchen. Richten Sie zwei ein: Einer kann verloren gehen.',
	factors: 'Zweite Faktoren',
	noneMine: 'Wer Ihr Passwort kennt, kann sich als Sie anmelden.',
	none: 'Keiner ist eingerichtet.',
	off: 'Aus',
	app: 'App mit Codes',
	passkey: 'Passkey',
	passkeyBackedUp: 'Passkey, vom Anbieter gesichert',
	since: (day) => phrase`Seit ${day}`,
	used: (ago) => phrase`Benutzt ${ago}`,
	appOff: 'Zu viele falsche Codes: Sie gilt nicht mehr als Nachweis. Entfernen Sie sie, und richten Sie sie neu ein.',
	passkeyOff:
		'Er wurde anscheinend kopiert und gilt nicht mehr als Nachweis. Entfernen Sie ihn, und richten Sie ihn neu ein.',
	removeTitle: (name) => `${name} entfernen?`,
	removeText: 'Sie können sich damit nicht mehr anmelden. Ihre anderen Sitzungen enden.',
	removed: (name) => `${name} ist entfernt. Ihre anderen Sitzungen sind beendet.`,
	needsOne: 'Sie müssen einen zweiten Faktor haben: Richten Sie zuerst einen anderen ein.',
	isSetUp: (name) => `${name} ist eingerichtet. Ihre anderen Sitzungen sind beendet.`,
	addPasskey: 'Passkey einrichten',
	addApp: 'App mit Codes einrichten',
	nothingHere: 'In diesem Browser kann nichts eingerichtet werden.',
	tooMany: 'Mehr sind nicht möglich. Entfernen Sie zuerst einen.',
	newPasskey: 'Neuer Passkey',
	passkeyName: 'Name des Passkeys',
	passkeyNameHint:
		'Wie „Laptop“ oder „blauer Schlüssel“. Dann fragt der Browser nach Fingerabdruck, Gesicht, PIN oder dem Schlüssel.',
	setUp: 'Einrichten',
	newApp: 'Neue App',
	appName: 'Name der App oder des Telefons',
	appNameHint: 'Jede App für Einmalcodes ist geeignet: Aegis, FreeOTP, Google Authenticator, ein Passwort-Manager.',
	scan: 'Scannen Sie dies mit der App. Geben Sie dann den Code ein, den sie zeigt.',
	qr: 'Was die App wissen muss, als QR-Code',
	cannotScan: 'Die App kann nicht scannen?',
	typeKey: (key) => phrase`Geben Sie dort diesen Schlüssel ein, für zeitbasierte Codes: ${key}`,
	codeFromApp: 'Code aus der App',
	recoveryCodes: 'Wiederherstellungscodes',
	noCodes: 'Sie haben keine. Ohne sie kann nur ein Administrator Sie einlassen, wenn alles andere verloren ist.',
	codesLeft: (left) =>
		counted(left, {
			one: 'Einer ist übrig. Neue ersetzen alle bisherigen.',
			other: '# sind übrig. Neue ersetzen alle bisherigen.',
		}),
	makeCodes: 'Wiederherstellungscodes erzeugen',
	codesLead:
		'Jeder lässt Sie einmal ein, wenn alles andere verloren ist. Drucken Sie sie aus, oder bewahren Sie sie bei Ihren Passwörtern auf. Sie werden nicht noch einmal angezeigt.',
	saveFile: 'Als Datei speichern',
	kept: 'Ich habe sie aufbewahrt',
};

export const history: Words['history'] = {
	title: 'Verlauf',
	lead: 'Was in den letzten 90 Tagen mit Ihrer Anmeldung geschehen ist. Wenn Sie eine Anmeldung nicht wiedererkennen, ändern Sie Ihr Passwort.',
	none: 'Noch ist nichts bekannt.',
	older: 'Ältere anzeigen',
	acts: {
		setup: 'Ersten Administrator angelegt',
		login: 'Anmeldung',
		logout: 'Abmeldung',
		proof: 'Nachweis',
		access: 'Falsches Passwort',
		'session-end': 'Sitzung beendet',
		'session-stolen': 'Sitzung ohne ihr Zertifikat gezeigt',
		'password-change': 'Passwort geändert',
		'password-reset': 'Passwort neu gesetzt',
		'invitation-add': 'Einladung erzeugt',
		'invitation-use': 'Einladung benutzt',
		'authenticator-add': 'Zweiter Faktor eingerichtet',
		'authenticator-remove': 'Zweiter Faktor entfernt',
		'authenticator-reset': 'Alle zweiten Faktoren entfernt',
		'authenticator-cloned': 'Passkey abgeschaltet: Er wurde kopiert',
		'recovery-codes': 'Wiederherstellungscodes erzeugt',
		'token-add': 'API-Token erzeugt',
		'token-end': 'API-Token beendet',
		'identity-add': 'Hinzugefügt',
		'identity-rename': 'Umbenannt',
		'identity-disable': 'Deaktiviert',
		'identity-enable': 'Aktiviert',
	},
	methods: {
		totp: 'mit einem Code aus einer App',
		'recovery-code': 'mit einem Wiederherstellungscode',
		passkey: 'mit einem Passkey',
		certificate: 'mit einem Zertifikat',
		password: 'mit Passwort',
	},
	by: (whom) => `durch ${whom}`,
	byOperator: 'durch den Betreiber',
	factorAsked: 'Zweiter Faktor verlangt',
	refused: 'Abgelehnt',
	lastSignIn: (ago, address, device) => {
		const from = address === undefined ? '' : `, von ${address}`;
		return phrase`Letzte Anmeldung vor dieser: ${ago}${from}${device === undefined ? '' : ` (${device})`}.`;
	},
	refusedSince: (count) =>
		counted(count, { one: 'Seitdem wurde eine abgelehnt.', other: 'Seitdem wurden # abgelehnt.' }),
	halfway: 'Jemand kannte Ihr Passwort und hatte keinen zweiten Faktor: Ändern Sie es.',
};
