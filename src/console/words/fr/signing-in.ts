import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted, duration } from './forms.ts';

export const setup: Words['setup'] = {
	title: 'Configuration de Latchkey',
	lead: 'Personne ne peut encore se connecter. Créez la première identité : un administrateur, qui pourra ensuite en créer d’autres.',
	token: 'Jeton de configuration',
	tokenHint: 'Le service l’a affiché à son démarrage. Il sert une seule fois.',
	create: 'Créer l’administrateur',
	wrongToken: 'Le jeton de configuration est faux. Le service l’a affiché à son démarrage.',
	alreadyDone: 'Quelqu’un d’autre a configuré ce service entre-temps. Rechargez la page pour vous connecter.',
};

export const signIn: Words['signIn'] = {
	title: 'Connexion',
	notices: {
		'signed-out': 'Vous êtes déconnecté.',
		'password-changed': 'Le mot de passe est changé. Connectez-vous avec le nouveau.',
		'set-up': 'L’administrateur est créé. Connectez-vous avec le mot de passe que vous venez de définir.',
	},
	or: 'ou',
	form: 'Connexion par mot de passe',
	wrong: 'Le nom ou le mot de passe est incorrect.',
	byPasskey: 'Se connecter avec une clé d’accès',
	unknownPasskey: 'Cette clé d’accès n’est pas connue ici.',
	byCertificate: 'Se connecter avec un certificat',
	byCertificateAt: (port) => `Se connecter avec un certificat (port ${port})`,
	certificateNotTrusted:
		'Le navigateur n’a présenté aucun certificat digne de confiance ici. Il n’en demande un qu’une fois : fermez toutes ses fenêtres pour qu’il le demande à nouveau.',
	noWay: 'Ce service n’offre ici aucun moyen de se connecter.',
	openAnew: 'Ouvrez cette page à nouveau pour vous connecter avec un certificat.',
	cookieNotKept:
		'Vous avez été admis, mais le navigateur n’a pas gardé la session. Il doit accepter les cookies ici ; et là où vous vous êtes déjà connecté par https, utilisez de nouveau https.',
	wentAway: 'Vous avez été admis, puis le service a cessé de répondre. Rechargez la page pour continuer.',
	greeting: 'Connecté',
	signedInAs: (name) => phrase`Vous êtes connecté en tant que ${name}.`,
};

export const somebodyElse: Words['somebodyElse'] = {
	title: (name) => `Vous êtes maintenant ${name}`,
	text: (name, before) =>
		phrase`Dans un autre onglet, ${name} s’est connecté à la place de ${before}. Un navigateur a une seule session pour tous ses onglets.`,
	goOnAs: (name) => `Continuer en tant que ${name}`,
};

export const onward: Words['onward'] = {
	notProvedTitle: 'Identité non prouvée',
	notProved: 'Cette page vous demande de prouver qui vous êtes.',
	notAllowedTitle: 'Non autorisé',
	unknownTitle: 'Adresse inconnue',
	unknown: 'Cette adresse ne fait pas partie de celles vers lesquelles ce service conduit.',
	hereOnlyTitle: 'Connecté ici seulement',
	hereOnly: (there, here) =>
		`${there} vous a renvoyé aussitôt : le navigateur ne lui présente pas le cookie de session de ${here}.`,
	switch: 'Vous serez d’abord déconnecté, puis reconduit à la page.',
	signOutAndGoOn: 'Se déconnecter et continuer',
	stay: 'Rester ici',
};

export const invitation: Words['invitation'] = {
	title: 'Invitation à se connecter',
	overTitle: 'Cette invitation n’est plus valable',
	over: 'Elle a servi, une plus récente l’a remplacée, ou son temps est écoulé. Demandez-en une autre.',
	toSignIn: 'Aller à la page de connexion',
	factorTitle: 'Configurez un autre second facteur',
	factorLead: (name) =>
		phrase`Cette invitation est pour ${name}. Donnez d’abord votre mot de passe ; configurez ensuite quelque chose que vous seul possédez. Cela remplace ce qui a été perdu.`,
	newPasswordTitle: 'Choisissez un nouveau mot de passe',
	firstPasswordTitle: 'Choisissez votre mot de passe',
	passwordLead: (name) =>
		phrase`Cette invitation est pour ${name}. Le mot de passe que vous choisissez n’est connu de personne d’autre.`,
	signsOut: (me) => `Vous êtes connecté ici en tant que ${me} et serez déconnecté.`,
	showPassword: 'Donnez votre mot de passe',
	notYours: 'Ce n’est pas votre mot de passe.',
	sameAgain: 'C’est le mot de passe qui devait être changé. Choisissez-en un autre.',
	submit: 'Définir le mot de passe et se connecter',
};

export const secondFactor: Words['secondFactor'] = {
	title: 'Encore une étape',
	form: 'Deuxième étape',
	code: 'Code de votre application',
	codeHint: 'Six chiffres. Un nouveau code arrive toutes les 30 secondes.',
	codeWrong:
		'Le code est faux ou a déjà servi. Attendez le suivant ; l’horloge de votre téléphone doit être à l’heure.',
	codeMalformed: 'Le code comporte six chiffres.',
	recoveryCode: 'Code de récupération',
	recoveryHint: 'Un de ceux que vous avez imprimés ou enregistrés. Chacun sert une seule fois.',
	recoveryWrong: 'Le code de récupération est faux ou a déjà servi.',
	recoveryMalformed: 'Un code de récupération comporte 16 lettres et chiffres.',
	usePasskey: 'Utilisez la clé d’accès ou la clé de sécurité que vous avez configurée.',
	passkey: 'Utiliser une clé d’accès',
	passkeyRefused: 'Cette clé d’accès n’est pas acceptée ici.',
	passkeyUnusable:
		'Ce navigateur ne peut pas utiliser votre clé d’accès ici. Connectez-vous sur un autre appareil, ou adressez-vous à un administrateur.',
	noneUsable:
		'Aucun de vos seconds facteurs n’est utilisable pour le moment. Demandez à un administrateur de les réinitialiser.',
	codesLeft: (left) =>
		left === 0
			? 'C’était le dernier code de récupération. Créez-en de nouveaux sous « Sécurité ».'
			: counted(left, { one: 'Il reste un code de récupération.', other: 'Il reste # codes de récupération.' }),
	otherWays: {
		certificate: 'Présenter plutôt le certificat',
		password: 'Utiliser plutôt le mot de passe',
		passkey: 'Utiliser plutôt une clé d’accès',
		totp: 'Utiliser plutôt un code de votre application',
		recoveryCode: 'Je l’ai perdu : utiliser un code de récupération',
	},
	enrolmentTitle: 'Configurez un second facteur',
	enrolmentLead:
		'Ici, un mot de passe seul ne suffit pas. Avant toute autre chose, configurez quelque chose que vous seul possédez.',
	replaces: (names) => `Cela remplace ce que vous aviez : ${names}.`,
};

export const passkeys: Words['passkeys'] = {
	taken: 'Cet appareil est déjà configuré.',
	notHere: 'Les clés d’accès ne peuvent pas être utilisées à cette adresse.',
	cancelled: 'Aucune clé d’accès n’a été utilisée : l’opération a été annulée ou a pris trop de temps.',
};

const proofLead =
	'Votre connexion remonte à un moment, ou était plus faible que ce qu’il faut ici. Avant de continuer, prouvez qu’il s’agit bien de vous';

export const proof: Words['proof'] = {
	title: 'Est-ce bien vous ?',
	needsPasskey: 'Une clé d’accès est nécessaire pour continuer, et ce navigateur ne peut pas en utiliser ici.',
	needsFactor:
		'Un second facteur est nécessaire pour continuer, et vous n’en avez configuré aucun : faites-le sous « Sécurité ».',
	needsSignIn: 'Pour continuer, déconnectez-vous puis reconnectez-vous.',
	lead: `${proofLead}.`,
	leadCertificate: `${proofLead} : présentez à nouveau votre certificat.`,
	leadPasskey: `${proofLead} : utilisez votre clé d’accès.`,
	form: 'Confirmez qu’il s’agit bien de vous',
	certificateNotShown: 'Le navigateur n’a pas présenté le certificat avec lequel vous vous êtes connecté.',
};

export const sessionEnd: Words['sessionEnd'] = {
	endingTitle: 'Votre session va prendre fin',
	endingIn: (seconds) => `Dans ${duration(seconds)}`,
	bySilence: (endingIn) => phrase`${endingIn}, vous serez déconnecté, car rien ne s’est passé depuis un moment.`,
	byAge: (endingIn) =>
		phrase`${endingIn}, vous serez déconnecté, car une session ne peut pas durer plus longtemps, même si elle sert. Ce que vous avez saisi reste, et vous pourrez vous reconnecter ici même.`,
	stay: 'Rester connecté',
	signOutNow: 'Se déconnecter maintenant',
	endedTitle: 'Votre session a pris fin',
	ended:
		'Rien ne s’est passé depuis un moment, ou elle a été fermée ailleurs. Ce que vous avez saisi est toujours là : reconnectez-vous et continuez.',
};
