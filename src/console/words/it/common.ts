import type { Words } from '../words.ts';
import { duration } from './forms.ts';

export const common: Words['common'] = {
	language: 'Lingua',
	spoken: 'La lingua ora è l’italiano.',
	console: 'Console',
	noticeOfService: 'Avviso di questo servizio',
	moment: 'Un momento…',
	tryAgain: 'Riprova',
	tryAgainIn: (seconds) => `Riprovare tra ${duration(seconds)}.`,
	tryAgainNow: 'Ora è possibile riprovare.',
	goOn: 'Continua',
	cancel: 'Annulla',
	confirm: 'Conferma',
	save: 'Salva',
	done: 'Fatto',
	remove: 'Rimuovi',
	removeOf: (name) => `Rimuovi ${name}`,
	rename: 'Rinomina',
	renameOf: (name) => `Rinomina ${name}`,
	signIn: 'Accedi',
	signOut: 'Esci',
	signInAsSomebodyElse: 'Accedi con un’altra identità',
	copy: 'Copia',
	copied: 'Copiato.',
	userName: 'Nome utente',
	name: 'Nome',
	password: 'Password',
	you: 'Identità propria',
	none: 'Nessuno presente.',
	neverUsed: 'Mai usato',
	hasEndedAlready: 'È già terminato.',
	removedIdentity: 'identità rimossa',
	deviceOn: (browser, system) => `${browser} su ${system}`,
	unknownDevice: 'sconosciuto',
	justNow: 'proprio ora',
	thenClock: (clock) => `, ${clock}`,
};

const notCopied = (what: string) => `Il browser non ha copiato ${what}: selezionare il testo e copiarlo manualmente.`;

export const secrets: Words['secrets'] = {
	token: { label: 'Il token', copy: 'Copia il token', notCopied: notCopied('il token') },
	password: { label: 'La password', copy: 'Copia la password', notCopied: notCopied('la password') },
	link: { label: 'Il link', copy: 'Copia il link', notCopied: notCopied('il link') },
	recoveryCodes: {
		label: 'Codici di recupero',
		copy: 'Copia i codici di recupero',
		notCopied: notCopied('i codici di recupero'),
	},
};

export const tabs: Words['tabs'] = {
	applications: 'Applicazioni',
	sessions: 'Le mie sessioni',
	password: 'Password',
	security: 'Sicurezza',
	tokens: 'Token API',
	history: 'Cronologia',
	identities: 'Identità',
	'all-sessions': 'Tutte le sessioni',
	explain: 'Accessi',
	audit: 'Registro',
	signedInAs: 'Accesso effettuato come',
};
