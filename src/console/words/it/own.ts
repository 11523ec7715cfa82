import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted } from './forms.ts';

export const applications: Words['applications'] = {
	title: 'Le mie applicazioni',
};

export const sessions: Words['sessions'] = {
	title: 'Le mie sessioni',
	lead: 'Dove è stato effettuato l’accesso. Se una sessione non è riconoscibile, chiuderla.',
	leadWithPassword:
		'Dove è stato effettuato l’accesso. Se una sessione non è riconoscibile, chiuderla e cambiare la password.',
	thisBrowser: 'Questo browser',
	waiting: {
		'second-factor': 'Deve mostrare un secondo fattore',
		'password-change': 'Deve cambiare la password',
		enrolment: 'Deve configurare un secondo fattore',
	},
	since: {
		password: (clock) => phrase`Da ${clock} con password`,
		passkey: (clock) => phrase`Da ${clock} con passkey`,
		certificate: (clock) => phrase`Da ${clock} con certificato`,
	},
	active: (ago) => phrase`Attiva ${ago}`,
	alsoAt: (hosts) => `Anche su ${hosts}`,
	signOutOf: (whose, device, address, clock) =>
		`Esci: ${whose === '' ? '' : `${whose}, `}${device}, ${address}, da ${clock}`,
	signedOut: (device, address) => `Sessione chiusa: ${device}, ${address}.`,
	elsewhere: 'Esci ovunque tranne qui',
	everywhere: 'Esci ovunque',
	ended: (count) =>
		count === 0
			? 'Non c’erano altre sessioni.'
			: counted(count, { one: 'Una sessione è terminata.', other: '# sessioni sono terminate.' }),
};

export const tokens: Words['tokens'] = {
	title: 'Token API',
	lead: 'Ciò che i programmi mostrano al posto di una password. Un token apre ciò a cui si ha diritto, e nulla di più.',
	new: 'Nuovo token API',
	purpose: 'A cosa serve',
	permissions: 'Permessi',
	permissionsHint: (example, admin) => phrase`Uno per riga, come ${example}. ${admin} apre tutto.`,
	networks: 'Reti',
	networksHint: 'Da dove è accettato, come 10.0.0.0/8. Vuoto: da ovunque.',
	days: 'Giorni',
	daysWrong: 'Indicare quanti giorni vale: da 1 a 366.',
	make: 'Crea un token',
	keep: 'Conservarlo ora: non viene mostrato di nuovo.',
	expired: 'Scaduto',
	noPermission: 'Nessun permesso',
	from: (networks) => `Da ${networks}`,
	at: (paths) => `Per ${paths}`,
	until: (day) => phrase`Fino al ${day}`,
	used: (ago, address) => phrase`Usato ${ago} da ${address}`,
	end: 'Termina',
	endOf: (name) => `Termina il token API: ${name}`,
	ended: (name) => `Token API terminato: ${name}.`,
};

export const security: Words['security'] = {
	title: 'Sicurezza',
	lead: 'Ciò che serve per accedere oltre alla password. È bene averne due: uno può andare perduto.',
	factors: 'Secondi fattori',
	noneMine: 'Chiunque conosca la password può accedere con questa identità.',
	none: 'Nessuno è configurato.',
	off: 'Disattivato',
	app: 'App con codici',
	passkey: 'Passkey',
	passkeyBackedUp: 'Passkey, con copia presso il fornitore',
	since: (day) => phrase`Dal ${day}`,
	used: (ago) => phrase`Usato ${ago}`,
	appOff: 'Troppi codici errati: non è più una prova valida. Rimuoverla e configurarla di nuovo.',
	passkeyOff: 'Sembra che sia stata copiata: non è più una prova valida. Rimuoverla e configurarla di nuovo.',
	removeTitle: (name) => `Rimuovere ${name}?`,
	removeText: 'Non sarà più possibile usarlo per accedere. Le altre sessioni terminano.',
	removed: (name) => `${name} è stato rimosso. Le altre sessioni sono terminate.`,
	needsOne: 'Un secondo fattore è obbligatorio: prima configurarne un altro.',
	isSetUp: (name) => `${name} è configurato. Le altre sessioni sono terminate.`,
	addPasskey: 'Configura una passkey',
	addApp: 'Configura un’app con codici',
	nothingHere: 'In questo browser non si può configurare nulla.',
	tooMany: 'Non ne sono possibili altri. Prima rimuoverne uno.',
	newPasskey: 'Nuova passkey',
	passkeyName: 'Nome della passkey',
	passkeyNameHint: 'Come “Portatile” o “chiave blu”. Poi il browser chiede l’impronta, il volto, un PIN o la chiave.',
	setUp: 'Configura',
	newApp: 'Nuova app',
	appName: 'Nome dell’app o del telefono',
	appNameHint:
		'Va bene qualsiasi app per codici monouso: Aegis, FreeOTP, Google Authenticator, un gestore di password.',
	scan: 'Inquadrare questo codice con l’app. Poi digitare il codice che mostra.',
	qr: 'Ciò che l’app deve sapere, come codice QR',
	cannotScan: 'L’app non può inquadrarlo?',
	typeKey: (key) => phrase`Digitare questa chiave nell’app, per codici basati sul tempo: ${key}`,
	codeFromApp: 'Codice dell’app',
	recoveryCodes: 'Codici di recupero',
	noCodes: 'Non ce ne sono. Senza di essi solo un amministratore può far entrare chi ha perso tutto il resto.',
	codesLeft: (left) =>
		counted(left, {
			one: 'Ne resta uno. I nuovi sostituiscono tutti i precedenti.',
			other: 'Ne restano #. I nuovi sostituiscono tutti i precedenti.',
		}),
	makeCodes: 'Crea codici di recupero',
	codesLead:
		'Ciascuno fa entrare una volta quando tutto il resto è perduto. Stamparli o conservarli insieme alle password. Non vengono mostrati di nuovo.',
	saveFile: 'Salva come file',
	kept: 'Conservati',
};

export const history: Words['history'] = {
	title: 'Cronologia',
	lead: 'Ciò che è avvenuto con i propri accessi negli ultimi 90 giorni. Se un accesso non è riconoscibile, cambiare la password.',
	none: 'Non c’è ancora nulla.',
	older: 'Mostra i precedenti',
	acts: {
		setup: 'Creato il primo amministratore',
		login: 'Accesso',
		logout: 'Uscita',
		proof: 'Conferma dell’identità',
		access: 'Password errata',
		'session-end': 'Sessione terminata',
		'session-stolen': 'Sessione mostrata senza il suo certificato',
		'password-change': 'Password cambiata',
		'password-reset': 'Password reimpostata',
		'invitation-add': 'Invito creato',
		'invitation-use': 'Invito usato',
		'authenticator-add': 'Secondo fattore configurato',
		'authenticator-remove': 'Secondo fattore rimosso',
		'authenticator-reset': 'Tutti i secondi fattori rimossi',
		'authenticator-cloned': 'Passkey disattivata: era stata copiata',
		'recovery-codes': 'Codici di recupero creati',
		'token-add': 'Token API creato',
		'token-end': 'Token API terminato',
		'identity-add': 'Aggiunta',
		'identity-rename': 'Rinominata',
		'identity-disable': 'Disattivata',
		'identity-enable': 'Attivata',
	},
	methods: {
		totp: 'con un codice di un’app',
		'recovery-code': 'con un codice di recupero',
		passkey: 'con una passkey',
		certificate: 'con un certificato',
		password: 'con password',
	},
	by: (whom) => `da ${whom}`,
	byOperator: 'dal gestore',
	factorAsked: 'Secondo fattore richiesto',
	refused: 'Rifiutato',
	lastSignIn: (ago, address, device) => {
		const from = address === undefined ? '' : `, da ${address}`;
		return phrase`Ultimo accesso prima di questo: ${ago}${from}${device === undefined ? '' : ` (${device})`}.`;
	},
	refusedSince: (count) =>
		counted(count, { one: 'Da allora uno è stato rifiutato.', other: 'Da allora # sono stati rifiutati.' }),
	halfway: 'Qualcuno conosceva la password e non aveva il secondo fattore: cambiarla.',
};
