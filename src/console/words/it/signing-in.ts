import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted, duration } from './forms.ts';

export const setup: Words['setup'] = {
	title: 'Configurazione di Latchkey',
	lead: 'Nessuno può ancora accedere. Creare la prima identità: un amministratore, che potrà poi crearne altre.',
	token: 'Token di configurazione',
	tokenHint: 'Il servizio lo ha mostrato all’avvio. Vale una volta sola.',
	create: 'Crea l’amministratore',
	wrongToken: 'Il token di configurazione è errato. Il servizio lo ha mostrato all’avvio.',
	alreadyDone: 'Nel frattempo qualcun altro ha configurato questo servizio. Ricaricare la pagina per accedere.',
};

export const signIn: Words['signIn'] = {
	title: 'Accesso',
	notices: {
		'signed-out': 'La sessione è stata chiusa.',
		'password-changed': 'La password è cambiata. Accedere con quella nuova.',
		'set-up': 'L’amministratore è stato creato. Accedere con la password appena impostata.',
	},
	or: 'oppure',
	form: 'Accesso con password',
	wrong: 'Il nome o la password non è corretto.',
	byPasskey: 'Accedi con una passkey',
	unknownPasskey: 'Questa passkey qui non è nota.',
	byCertificate: 'Accedi con un certificato',
	byCertificateAt: (port) => `Accedi con un certificato (porta ${port})`,
	certificateNotTrusted:
		'Il browser non ha mostrato alcun certificato considerato attendibile qui. Lo chiede una volta sola: chiudere tutte le sue finestre perché lo chieda di nuovo.',
	noWay: 'Questo servizio non offre qui alcun modo di accedere.',
	openAnew: 'Aprire di nuovo questa pagina per accedere con un certificato.',
	cookieNotKept:
		'L’accesso è riuscito, ma il browser non ha conservato la sessione. Deve consentire i cookie qui; e dove in precedenza si è usato https, usarlo di nuovo.',
	wentAway: 'L’accesso è riuscito, poi il servizio ha smesso di rispondere. Ricaricare la pagina per continuare.',
	greeting: 'Accesso effettuato',
	signedInAs: (name) => phrase`Accesso effettuato come ${name}.`,
};

export const somebodyElse: Words['somebodyElse'] = {
	title: (name) => `L’identità ora è ${name}`,
	text: (name, before) =>
		phrase`In un’altra scheda ${name} ha effettuato l’accesso al posto di ${before}. Un browser ha una sola sessione per tutte le sue schede.`,
	goOnAs: (name) => `Continua come ${name}`,
};

export const onward: Words['onward'] = {
	notProvedTitle: 'Identità non confermata',
	notProved: 'Quella pagina richiede di confermare la propria identità.',
	notAllowedTitle: 'Non consentito',
	unknownTitle: 'Indirizzo sconosciuto',
	unknown: 'Questo indirizzo non è tra quelli a cui conduce questo servizio.',
	hereOnlyTitle: 'Accesso effettuato solo qui',
	hereOnly: (there, here) =>
		`${there} ha rimandato subito qui: il browser non gli mostra il cookie di sessione di ${here}.`,
	switch: 'Prima la sessione viene chiusa, poi si torna alla pagina.',
	signOutAndGoOn: 'Esci e continua',
	stay: 'Resta qui',
};

export const invitation: Words['invitation'] = {
	title: 'Invito',
	overTitle: 'Questo invito non è più valido',
	over: 'È stato usato, uno più recente lo ha sostituito o il suo tempo è scaduto. Chiederne un altro.',
	toSignIn: 'Vai alla pagina di accesso',
	factorTitle: 'Configurazione di un altro secondo fattore',
	factorLead: (name) =>
		phrase`Questo invito è per ${name}. Prima indicare la password; poi configurare qualcosa che possiede solo questa persona. Sostituisce ciò che è andato perduto.`,
	newPasswordTitle: 'Scelta di una nuova password',
	firstPasswordTitle: 'Scelta della password',
	passwordLead: (name) => phrase`Questo invito è per ${name}. La password scelta non è nota a nessun altro.`,
	signsOut: (me) => `Qui è aperta una sessione come ${me}, che verrà chiusa.`,
	showPassword: 'Indicazione della password',
	notYours: 'La password non è quella giusta.',
	sameAgain: 'È la password che doveva essere cambiata. Sceglierne un’altra.',
	submit: 'Imposta la password e accedi',
};

export const secondFactor: Words['secondFactor'] = {
	title: 'Ancora un passaggio',
	form: 'Secondo passaggio',
	code: 'Codice dall’app',
	codeHint: 'Sei cifre. Ogni 30 secondi arriva un nuovo codice.',
	codeWrong: 'Il codice è errato o già usato. Attendere il prossimo; l’orologio del telefono deve essere esatto.',
	codeMalformed: 'Il codice è di sei cifre.',
	recoveryCode: 'Codice di recupero',
	recoveryHint: 'Uno di quelli stampati o salvati. Ciascuno vale una volta.',
	recoveryWrong: 'Il codice di recupero è errato o già usato.',
	recoveryMalformed: 'Un codice di recupero è di 16 lettere e cifre.',
	usePasskey: 'Usare la passkey o la chiave di sicurezza configurata.',
	passkey: 'Usa una passkey',
	passkeyRefused: 'Questa passkey qui non è accettata.',
	passkeyUnusable:
		'Questo browser qui non può usare la passkey. Accedere da un altro dispositivo o rivolgersi a un amministratore.',
	noneUsable: 'Al momento nessuno dei secondi fattori è utilizzabile. Chiedere a un amministratore di reimpostarli.',
	codesLeft: (left) =>
		left === 0
			? 'Era l’ultimo codice di recupero. Crearne di nuovi in “Sicurezza”.'
			: counted(left, { one: 'Resta un codice di recupero.', other: 'Restano # codici di recupero.' }),
	otherWays: {
		certificate: 'Mostra invece il certificato',
		password: 'Usa invece la password',
		passkey: 'Usa invece una passkey',
		totp: 'Usa invece un codice dall’app',
		recoveryCode: 'Smarrito? Usa un codice di recupero',
	},
	enrolmentTitle: 'Configurazione di un secondo fattore',
	enrolmentLead: 'Qui la sola password non basta. Prima di tutto, configurare qualcosa che nessun altro possiede.',
	replaces: (names) => `Sostituisce quanto c’era prima: ${names}.`,
};

export const passkeys: Words['passkeys'] = {
	taken: 'Questo dispositivo è già configurato.',
	notHere: 'A questo indirizzo non si possono usare passkey.',
	cancelled: 'Nessuna passkey è stata usata: operazione annullata o tempo scaduto.',
};

const proofLead =
	'L’accesso risale a qualche tempo fa o era più debole di quanto qui richiesto. Prima di procedere, confermare la propria identità';

export const proof: Words['proof'] = {
	title: 'Conferma dell’identità',
	needsPasskey: 'Per continuare serve una passkey e questo browser qui non può usarne.',
	needsFactor: 'Per continuare serve un secondo fattore e nessuno è configurato: lo si può fare in “Sicurezza”.',
	needsSignIn: 'Per continuare, uscire e accedere di nuovo.',
	lead: `${proofLead}.`,
	leadCertificate: `${proofLead}: mostrare di nuovo il certificato.`,
	leadPasskey: `${proofLead}: usare la passkey.`,
	form: 'Conferma della propria identità',
	certificateNotShown: 'Il browser non ha mostrato il certificato con cui è stato effettuato l’accesso.',
};

export const sessionEnd: Words['sessionEnd'] = {
	endingTitle: 'La sessione sta per terminare',
	endingIn: (seconds) => `Tra ${duration(seconds)}`,
	bySilence: (endingIn) => phrase`${endingIn} la sessione verrà chiusa, perché da un po’ non è successo nulla.`,
	byAge: (endingIn) =>
		phrase`${endingIn} la sessione verrà chiusa, perché non può durare di più, anche se è in uso. Quanto digitato resta, ed è possibile accedere di nuovo proprio qui.`,
	stay: 'Mantieni l’accesso',
	signOutNow: 'Esci ora',
	endedTitle: 'La sessione è terminata',
	ended:
		'Da un po’ non è successo nulla, oppure è stata chiusa altrove. Quanto digitato è ancora qui: accedere di nuovo e continuare.',
};
