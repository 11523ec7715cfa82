import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted, duration } from './forms.ts';

export const setup: Words['setup'] = {
	title: 'Latchkey einrichten',
	lead: 'Noch kann sich niemand anmelden. Legen Sie die erste Identität an: einen Administrator, der dann weitere anlegen kann.',
	token: 'Einrichtungs-Token',
	tokenHint: 'Der Dienst hat es beim Start ausgegeben. Es gilt einmal.',
	create: 'Administrator anlegen',
	wrongToken: 'Das Einrichtungs-Token ist falsch. Der Dienst hat es beim Start ausgegeben.',
	alreadyDone: 'Jemand anderes hat diesen Dienst inzwischen eingerichtet. Laden Sie die Seite neu, um sich anzumelden.',
};

export const signIn: Words['signIn'] = {
	title: 'Anmelden',
	notices: {
		'signed-out': 'Sie haben sich abgemeldet.',
		'password-changed': 'Das Passwort ist geändert. Melden Sie sich mit dem neuen an.',
		'set-up': 'Der Administrator ist angelegt. Melden Sie sich mit dem Passwort an, das Sie gerade gesetzt haben.',
	},
	or: 'oder',
	form: 'Mit Passwort anmelden',
	wrong: 'Der Name oder das Passwort ist falsch.',
	byPasskey: 'Mit Passkey anmelden',
	unknownPasskey: 'Dieser Passkey ist hier nicht bekannt.',
	byCertificate: 'Mit Zertifikat anmelden',
	byCertificateAt: (port) => `Mit Zertifikat anmelden (Port ${port})`,
	certificateNotTrusted:
		'Der Browser hat kein Zertifikat gezeigt, dem hier vertraut wird. Er fragt nur einmal danach: Schließen Sie alle seine Fenster, um erneut gefragt zu werden.',
	noWay: 'Dieser Dienst bietet hier keine Möglichkeit zur Anmeldung an.',
	openAnew: 'Öffnen Sie diese Seite neu, um sich mit einem Zertifikat anzumelden.',
	cookieNotKept:
		'Sie wurden eingelassen, aber der Browser hat die Sitzung nicht behalten. Er muss hier Cookies zulassen; und wo Sie sich zuvor über https angemeldet haben, benutzen Sie wieder https.',
	wentAway:
		'Sie wurden eingelassen, und dann hat der Dienst nicht mehr geantwortet. Laden Sie die Seite neu, um fortzufahren.',
	greeting: 'Angemeldet',
	signedInAs: (name) => phrase`Sie sind als ${name} angemeldet.`,
};

export const somebodyElse: Words['somebodyElse'] = {
	title: (name) => `Sie sind jetzt ${name}`,
	text: (name, before) =>
		phrase`In einem anderen Tab hat sich ${name} anstelle von ${before} angemeldet. Ein Browser hat eine Sitzung für alle seine Tabs.`,
	goOnAs: (name) => `Weiter als ${name}`,
};

export const onward: Words['onward'] = {
	notProvedTitle: 'Nicht ausgewiesen',
	notProved: 'Diese Seite verlangt, dass Sie sich ausweisen.',
	notAllowedTitle: 'Nicht erlaubt',
	unknownTitle: 'Unbekannte Adresse',
	unknown: 'Diese Adresse gehört nicht zu denen, zu denen dieser Dienst führt.',
	hereOnlyTitle: 'Nur hier angemeldet',
	hereOnly: (there, here) =>
		`${there} hat Sie gleich zurückgeschickt: Der Browser zeigt dort das Sitzungs-Cookie von ${here} nicht.`,
	switch: 'Sie werden zuerst abgemeldet und dann zu der Seite zurückgeführt.',
	signOutAndGoOn: 'Abmelden und weiter',
	stay: 'Hier bleiben',
};

export const invitation: Words['invitation'] = {
	title: 'Einladung',
	overTitle: 'Diese Einladung gilt nicht mehr',
	over: 'Sie wurde benutzt, durch eine neuere ersetzt, oder ihre Zeit ist abgelaufen. Bitten Sie um eine andere.',
	toSignIn: 'Zur Anmeldung',
	factorTitle: 'Einen anderen zweiten Faktor einrichten',
	factorLead: (name) =>
		phrase`Diese Einladung ist für ${name}. Weisen Sie sich zuerst mit Ihrem Passwort aus; richten Sie dann etwas ein, das nur Sie haben. Es ersetzt, was verloren ging.`,
	newPasswordTitle: 'Neues Passwort wählen',
	firstPasswordTitle: 'Ihr Passwort wählen',
	passwordLead: (name) => phrase`Diese Einladung ist für ${name}. Das Passwort, das Sie wählen, kennt sonst niemand.`,
	signsOut: (me) => `Sie sind hier als ${me} angemeldet und werden abgemeldet.`,
	showPassword: 'Mit Ihrem Passwort ausweisen',
	notYours: 'Das ist nicht Ihr Passwort.',
	sameAgain: 'Das ist das Passwort, das geändert werden sollte. Wählen Sie ein anderes.',
	submit: 'Passwort setzen und anmelden',
};

export const secondFactor: Words['secondFactor'] = {
	title: 'Noch ein Schritt',
	form: 'Zweiter Schritt',
	code: 'Code aus Ihrer App',
	codeHint: 'Sechs Ziffern. Alle 30 Sekunden kommt ein neuer Code.',
	codeWrong:
		'Der Code ist falsch oder wurde schon benutzt. Warten Sie auf den nächsten; die Uhr Ihres Telefons muss richtig gehen.',
	codeMalformed: 'Der Code besteht aus sechs Ziffern.',
	recoveryCode: 'Wiederherstellungscode',
	recoveryHint: 'Einer von denen, die Sie ausgedruckt oder gespeichert haben. Jeder gilt einmal.',
	recoveryWrong: 'Der Wiederherstellungscode ist falsch oder wurde schon benutzt.',
	recoveryMalformed: 'Ein Wiederherstellungscode besteht aus 16 Buchstaben und Ziffern.',
	usePasskey: 'Benutzen Sie den Passkey oder Sicherheitsschlüssel, den Sie eingerichtet haben.',
	passkey: 'Passkey benutzen',
	passkeyRefused: 'Dieser Passkey wird hier nicht angenommen.',
	passkeyUnusable:
		'Dieser Browser kann Ihren Passkey hier nicht benutzen. Melden Sie sich an einem anderen Gerät an, oder fragen Sie einen Administrator.',
	noneUsable:
		'Keiner Ihrer zweiten Faktoren ist zurzeit benutzbar. Bitten Sie einen Administrator, sie zurückzusetzen.',
	codesLeft: (left) =>
		left === 0
			? 'Das war der letzte Wiederherstellungscode. Erzeugen Sie unter „Sicherheit“ neue.'
			: counted(left, {
					one: 'Ein Wiederherstellungscode ist übrig.',
					other: '# Wiederherstellungscodes sind übrig.',
				}),
	otherWays: {
		certificate: 'Stattdessen das Zertifikat zeigen',
		password: 'Stattdessen das Passwort benutzen',
		passkey: 'Stattdessen einen Passkey benutzen',
		totp: 'Stattdessen einen Code aus Ihrer App benutzen',
		recoveryCode: 'Verloren? Einen Wiederherstellungscode benutzen',
	},
	enrolmentTitle: 'Zweiten Faktor einrichten',
	enrolmentLead: 'Ein Passwort allein genügt hier nicht. Richten Sie vor allem anderen etwas ein, das nur Sie haben.',
	replaces: (names) => `Es ersetzt, was Sie hatten: ${names}.`,
};

export const passkeys: Words['passkeys'] = {
	taken: 'Dieses Gerät ist schon eingerichtet.',
	notHere: 'Unter dieser Adresse können keine Passkeys benutzt werden.',
	cancelled: 'Es wurde kein Passkey benutzt: Der Vorgang wurde abgebrochen oder dauerte zu lange.',
};

const proofLead =
	'Ihre Anmeldung ist eine Weile her, oder sie war schwächer, als es hier nötig ist. Bestätigen Sie zuerst, dass Sie es sind';

export const proof: Words['proof'] = {
	title: 'Sind Sie es?',
	needsPasskey: 'Dafür ist ein Passkey nötig, und dieser Browser kann hier keinen benutzen.',
	needsFactor:
		'Dafür ist ein zweiter Faktor nötig, und Sie haben keinen eingerichtet: Das können Sie unter „Sicherheit“ tun.',
	needsSignIn: 'Melden Sie sich dafür ab und wieder an.',
	lead: `${proofLead}.`,
	leadCertificate: `${proofLead}: Zeigen Sie Ihr Zertifikat noch einmal.`,
	leadPasskey: `${proofLead}: Benutzen Sie Ihren Passkey.`,
	form: 'Bestätigen, dass Sie es sind',
	certificateNotShown: 'Der Browser hat das Zertifikat nicht gezeigt, mit dem Sie sich angemeldet haben.',
};

export const sessionEnd: Words['sessionEnd'] = {
	endingTitle: 'Ihre Sitzung endet gleich',
	endingIn: (seconds) => `In ${duration(seconds)}`,
	bySilence: (endingIn) => phrase`${endingIn} werden Sie abgemeldet, weil eine Weile nichts geschehen ist.`,
	byAge: (endingIn) =>
		phrase`${endingIn} werden Sie abgemeldet, weil eine Sitzung nicht älter werden darf, auch wenn sie benutzt wird. Was Sie eingegeben haben, bleibt erhalten, und Sie können sich gleich hier wieder anmelden.`,
	stay: 'Angemeldet bleiben',
	signOutNow: 'Jetzt abmelden',
	endedTitle: 'Ihre Sitzung ist beendet',
	ended:
		'Eine Weile ist nichts geschehen, oder sie wurde anderswo beendet. Was Sie eingegeben haben, ist noch da: Melden Sie sich wieder an, und fahren Sie fort.',
};
