import { html } from '../../http/response/html.ts';
import type { PageWords } from './words.ts';

export const de: PageWords = {
	reference: (id) => `Referenz ${id}`,
	notAllowed: 'Nicht erlaubt',
	signedInAs: (name) => html`Angemeldet als ${name}.`,
	permissionNeeded: (permission) => html`Die Berechtigung ${permission} ist nötig.`,
	signInAsSomebodyElse: 'Als jemand anderes anmelden',
	otherWayNeeded: (ways) => html`Eine andere Art der Anmeldung ist nötig: ${ways}.`,
	signInAnotherWay: 'Anders anmelden',
	credentials: {
		password: 'Passwort',
		passkey: 'Passkey',
		certificate: 'Zertifikat',
		token: 'API-Token',
		basic: 'Basic-Authentifizierung',
		jwt: 'Zugriffs-Token',
	},
	mayHaveArrived:
		'Es ist nicht bekannt, ob angekommen ist, was Sie gesendet haben. Gehen Sie zurück, und sehen Sie zuerst nach.',
	tryAgain: 'Erneut versuchen',
	refused: 'Abgelehnt',
	notFound: ['Hier ist nichts', 'Unter dieser Adresse gibt es keine Seite.'],
	notOpen: ['Nicht geöffnet', 'Keine Regel erlaubt, diese Adresse zu öffnen.'],
	crossSite: ['Nicht von hier', 'Eine Seite einer anderen Website hat das verlangt, deshalb wurde es nicht getan.'],
	ticketRefused: [
		'Hier nicht angemeldet',
		'Der Weg hierher wurde schon benutzt, dauerte zu lange oder begann in einem anderen Browser. Öffnen Sie die Seite neu, die Sie sehen möchten.',
	],
	badGateway: ['Nicht erreichbar', 'Die Anwendung ist zurzeit nicht erreichbar.'],
	gatewayTimeout: ['Keine Antwort', 'Die Anwendung hat nicht rechtzeitig geantwortet.'],
	unavailable: ['Einen Moment', 'Der Dienst ist für einen Moment nicht verfügbar.'],
	unexpected: ['Etwas ist schiefgegangen', 'Ein unerwarteter Fehler ist aufgetreten.'],
	signInToSee: [
		'Zum Ansehen anmelden',
		'Dieser Teil der Seite ist geschützt. Melden Sie sich in einem eigenen Tab an, und laden Sie dann diese Seite neu.',
	],
	openInNewTab: 'In einem neuen Tab öffnen',
	xsrfNeededTitle: 'Nicht weitergeleitet',
	xsrfNeeded: (forPages, forForms) =>
		html`Diese Adresse verlangt ein XSRF-Token, das ein Browser mit Seiten und Formularen nicht von sich aus sendet. Wer diesen Dienst betreibt, kann in der Regel ${forPages} für Seiten oder ${forForms} auch für Formulare angeben.`,
};
