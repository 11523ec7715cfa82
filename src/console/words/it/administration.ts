import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { all, counted, either, number } from './forms.ts';

export const allSessions: Words['allSessions'] = {
	title: 'Tutte le sessioni',
	lead: 'Chi ha effettuato l’accesso, e dove.',
	find: 'Nome, dispositivo o indirizzo',
	newest: (most) => `Queste sono le ${number(most)} più recenti; ce ne sono altre.`,
	shown: (shown, found) => `Sono visibili le ${number(shown)} più recenti di ${number(found)}: cercarne una qui sopra.`,
	none: 'Nessuna sessione corrisponde.',
};

export const identities: Words['identities'] = {
	title: 'Identità',
	lead: 'Chi può accedere, persone e programmi, e che cosa può aprire.',
	new: 'Nuova identità',
	found: 'Identità trovate',
	none: 'Nessuna identità corrisponde.',
	pages: 'Pagine',
	page: (count) => `Pagina ${number(count)}`,
	previous: 'Pagina precedente',
	next: 'Pagina successiva',
	counted: (count) => counted(count, { other: '# identità' }),
	countedAndMore: (count) => counted(count, { other: '# identità, e altre nella pagina successiva' }),
	noPermissions: 'Nessun permesso',
	more: (count) => counted(count, { one: 'e un altro', other: 'e altri #' }),
	neverSignedIn: 'Mai effettuato l’accesso',
	signedIn: (ago) => phrase`Accesso ${ago}`,
	find: 'Cerca un nome',
	permission: 'Permesso',
	show: 'Mostra',
	states: {
		'': 'Tutte',
		disabled: 'Disattivate',
		'must-change-password': 'Devono cambiare la password',
		'certificate-only': 'Solo con certificato',
		'second-factor': 'Con un secondo fattore',
		'no-second-factor': 'Con la sola password',
	},
	order: 'Ordine',
	sorts: {
		name: 'Nome',
		'-last-sign-in': 'Ultimo accesso',
		'last-sign-in': 'Accesso più lontano',
		'-created': 'Più recenti',
		created: 'Meno recenti',
	},
	badges: {
		disabled: 'Disattivata',
		program: 'Programma',
		certificateOnly: 'Solo con certificato',
		passwordExpired: 'Password scaduta',
		mustChange: 'Deve cambiare la password',
	},
};

export const newIdentity: Words['newIdentity'] = {
	title: 'Nuova identità',
	badName: 'Un nome utente ha caratteri stampabili e nessuno spazio alle estremità.',
	byCertificate: 'Accede solo con certificato',
	permissions: 'Che cosa può aprire',
	create: 'Crea',
	created: (name) => `${name} ora può accedere.`,
};

export const identity: Words['identity'] = {
	createdSignedIn: (created, signedIn) => phrase`Creata ${created}, ultimo accesso ${signedIn}`,
	createdNever: (created) => phrase`Creata ${created}, nessun accesso finora`,
	permissions: 'Permessi',
	permissionsOf: (name) => `Permessi di ${name}`,
	mayOpen: (name) => `Che cosa può aprire ${name}`,
	permissionsSaved: (name) => `I permessi di ${name} sono salvati.`,
	giveUpTitle: 'Rinunciare all’amministrazione?',
	giveUp: 'Rinuncia',
	giveUpText: (permission) => phrase`Senza ${permission} non sarà possibile tornare indietro da soli.`,
	access: 'Accesso',
	isDisabled: (name) => `${name} è un’identità disattivata e non può accedere.`,
	disabling: (name) => `Disattivando ${name} le sue sessioni terminano. I permessi e la password restano.`,
	enable: 'Attiva',
	disable: 'Disattiva',
	enabled: (name) => `${name} può accedere di nuovo.`,
	disabled: (name) => `${name} non può più accedere. Le sue sessioni sono terminate.`,
	removal: 'Rimozione',
	removing: (name) =>
		`Rimuovendo ${name} le sue sessioni terminano e i suoi permessi vengono dimenticati. Un’identità aggiunta in seguito con questo nome è nuova.`,
	removeTitle: (name) => `Rimuovere ${name}?`,
	removeText: 'Non è possibile annullare.',
	removed: (name) => `${name}: identità rimossa.`,
	sessions: 'Sessioni',
	noSessions: 'Nessuna sessione aperta.',
	noFactor: (name) => `${name} non ha più secondi fattori. Le sue sessioni sono terminate.`,
	removeAll: 'Rimuovi tutti',
	removeFactorsTitle: (name) => `Rimuovere i secondi fattori di ${name}?`,
	removeFactorsText:
		'Per chi li ha perduti tutti. In seguito basta la sola password, finché non se ne configura un altro. Assicurarsi che a chiederlo sia davvero questa persona.',
	password: 'Password',
	ownPassword: (page) => phrase`La propria si cambia in ${page}.`,
	noPassword: 'Non ne ha: accede con certificato.',
	setAnother: 'Imposta un’altra password',
	setOne: 'Imposta una password',
	requireChange: 'Richiedi il cambio',
	changeRequired: (name) => `${name} deve cambiare la password al momento dell’accesso.`,
	setPasswordOf: (name) => `Impostazione della password di ${name}`,
	passwordSet: (name) => `La password di ${name} è impostata. Le sue sessioni sono terminate.`,
};

const once = 'Vale una volta e sostituisce il precedente.';

export const inviting: Words['inviting'] = {
	title: 'Invito',
	first: `Un link per impostare una password che nessun altro conosce. ${once}`,
	password: `Un link per chi ha dimenticato la password. Quella attuale vale finché il link non viene usato. ${once}`,
	factor: `Un link per chi ha perduto tutti i secondi fattori. Con la password porta dove se ne configura un altro, che sostituisce tutti i precedenti. ${once}`,
	invite: (name) => `Invito per ${name}`,
	for: 'Per',
	purposes: {
		'new-password': 'Una nuova password',
		'new-factor': 'Un altro secondo fattore',
	},
	hours: 'Ore',
	hoursWrong: 'Indicare quante ore: da 1 a 168.',
	make: 'Crea un link',
	goodUntil: (moment, name) =>
		phrase`Valido fino a ${moment}. Non viene mostrato di nuovo: inviarlo per una via che legge solo ${name}.`,
	qr: 'Il link come codice QR',
};

export const permissions: Words['permissions'] = {
	others: 'Altri',
	othersHint: 'Separati da spazi, come rest.assets.',
	unknown: (names) =>
		`Nessuna regola nomina ${names}: qui non apre nulla, a meno che un proxy non lo chieda espressamente.`,
	admin: 'Apre tutto e amministra Latchkey',
	unnamed: 'Nessuna regola lo nomina',
	more: (count) => counted(count, { one: 'e un’altra', other: 'e altre #' }),
};

export const rules: Words['rules'] = {
	everyHost: 'ogni host',
	everyPath: 'ogni percorso',
	any: (names) => either(names),
	all: (names) => all(names),
	for: (whom) => `per ${whom}`,
};

export const explain: Words['explain'] = {
	title: 'Spiegazione degli accessi',
	lead: 'Quale regola decide su una richiesta e che cosa otterrebbe un browser. Non viene inviato nulla.',
	method: 'Metodo',
	address: 'Indirizzo',
	addressHint: (https, wss) => phrase`Come ${https}; ${wss} per un WebSocket.`,
	who: 'Chi chiede',
	whoHint: 'Il nome di un’identità. Vuoto: chi non ha effettuato l’accesso.',
	shows: 'Mostra',
	session: 'Una sessione',
	token: (name, id) => `Il token API ${name} (${id})`,
	from: 'Da',
	fromHint: 'L’indirizzo del client, dove le regole lo considerano.',
	explain: 'Spiega',
	explanation: 'Spiegazione',
	passes: 'Lasciata passare',
	stops: 'Non lasciata passare',
	rule: 'Regola',
	pageGets: 'Una pagina ottiene',
	scriptGets: 'Uno script ottiene',
	programGets: 'Un programma ottiene',
	webSocketGets: 'Un WebSocket ottiene',
	missing: 'Manca',
	whatAnswers: (upstream) => phrase`Ciò che risponde ${upstream}`,
	redirect: (status, location) => phrase`${status}, verso ${location}`,
};

export const audit: Words['audit'] = {
	title: 'Registro',
	lead: 'Chi ha fatto che cosa, come sta nel log. Anche chi lo consulta vi compare.',
	person: 'Persona',
	act: 'Operazione',
	outcome: 'Esito',
	outcomes: { '': 'Tutti', ok: 'Consentito', refused: 'Rifiutato' },
	address: 'Indirizzo',
	from: 'Dal',
	to: 'Fino al',
	search: 'Cerca',
	found: 'Righe trovate',
	none: 'Nessuna riga corrisponde.',
	counted: (count) => counted(count, { one: '# riga', other: '# righe' }),
	because: (reason) => `Rifiutato: ${reason}`,
	csv: 'Esporta in CSV',
	ndjson: 'Esporta in NDJSON',
};
