import { html } from '../../http/response/html.ts';
import type { PageWords } from './words.ts';

export const it: PageWords = {
	reference: (id) => `Riferimento ${id}`,
	notAllowed: 'Non consentito',
	signedInAs: (name) => html`Accesso effettuato come ${name}.`,
	permissionNeeded: (permission) => html`È necessario il permesso ${permission}.`,
	signInAsSomebodyElse: 'Accedi con un’altra identità',
	otherWayNeeded: (ways) => html`È necessario un altro modo di accedere: ${ways}.`,
	signInAnotherWay: 'Accedi in un altro modo',
	credentials: {
		password: 'password',
		passkey: 'passkey',
		certificate: 'certificato',
		token: 'token API',
		basic: 'autenticazione Basic',
		jwt: 'token di accesso',
	},
	mayHaveArrived: 'Non si sa se i dati inviati siano arrivati. Tornare indietro e verificare prima di riprovare.',
	tryAgain: 'Riprova',
	refused: 'Rifiutato',
	notFound: ['Qui non c’è nulla', 'A questo indirizzo non c’è nessuna pagina.'],
	notOpen: ['Non aperto', 'Nessuna regola consente di aprire questo indirizzo.'],
	crossSite: ['Non da qui', 'La richiesta veniva da una pagina di un altro sito, quindi non è stata eseguita.'],
	ticketRefused: [
		'Accesso non effettuato qui',
		'Questo percorso è già stato usato, ha richiesto troppo tempo o è iniziato in un altro browser. Aprire di nuovo la pagina da visitare.',
	],
	badGateway: ['Non raggiungibile', 'L’applicazione al momento non è raggiungibile.'],
	gatewayTimeout: ['Nessuna risposta', 'L’applicazione non ha risposto in tempo.'],
	unavailable: ['Un momento', 'Il servizio non è disponibile per un momento.'],
	unexpected: ['Qualcosa è andato storto', 'Si è verificato un errore imprevisto.'],
	signInToSee: [
		'Accesso necessario',
		'Questa parte della pagina è protetta. Effettuare l’accesso in una scheda a parte, poi ricaricare questa pagina.',
	],
	openInNewTab: 'Apri in una nuova scheda',
	xsrfNeededTitle: 'Non inoltrata',
	xsrfNeeded: (forPages, forForms) =>
		html`Questo indirizzo richiede un token XSRF, che un browser non invia da sé con pagine e moduli. Chi gestisce questo servizio può indicare nella regola ${forPages} per le pagine, oppure ${forForms} anche per i moduli.`,
};
