import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted } from './forms.ts';

export const applications: Words['applications'] = {
	title: 'Mes applications',
};

export const sessions: Words['sessions'] = {
	title: 'Mes sessions',
	lead: 'Où vous êtes connecté. Si vous ne reconnaissez pas une session, fermez-la.',
	leadWithPassword:
		'Où vous êtes connecté. Si vous ne reconnaissez pas une session, fermez-la et changez votre mot de passe.',
	thisBrowser: 'Ce navigateur',
	waiting: {
		'second-factor': 'Doit présenter un second facteur',
		'password-change': 'Doit changer le mot de passe',
		enrolment: 'Doit configurer un second facteur',
	},
	since: {
		password: (clock) => phrase`Depuis ${clock} par mot de passe`,
		passkey: (clock) => phrase`Depuis ${clock} par clé d’accès`,
		certificate: (clock) => phrase`Depuis ${clock} par certificat`,
	},
	active: (ago) => phrase`Active ${ago}`,
	alsoAt: (hosts) => `Aussi sur ${hosts}`,
	signOutOf: (whose, device, address, clock) =>
		`Se déconnecter : ${whose === '' ? '' : `${whose}, `}${device}, ${address}, depuis ${clock}`,
	signedOut: (device, address) => `Session fermée : ${device}, ${address}.`,
	elsewhere: 'Se déconnecter partout ailleurs',
	everywhere: 'Déconnecter partout',
	ended: (count) =>
		count === 0
			? 'Il n’y avait pas d’autre session.'
			: counted(count, { one: 'Une session a pris fin.', other: '# sessions ont pris fin.' }),
};

export const tokens: Words['tokens'] = {
	title: 'Jetons d’API',
	lead: 'Ce que vos programmes présentent à la place d’un mot de passe. Un jeton ouvre ce que vous pouvez ouvrir, et rien de plus.',
	new: 'Nouveau jeton d’API',
	purpose: 'À quoi il sert',
	permissions: 'Autorisations',
	permissionsHint: (example, admin) => phrase`Une par ligne, comme ${example}. ${admin} ouvre tout.`,
	networks: 'Réseaux',
	networksHint: 'D’où il est accepté, comme 10.0.0.0/8. Vide : de partout.',
	days: 'Jours',
	daysWrong: 'Indiquez combien de jours il vaut : de 1 à 366.',
	make: 'Créer un jeton',
	keep: 'Conservez-le maintenant : il ne sera plus affiché.',
	expired: 'Expiré',
	noPermission: 'Aucune autorisation',
	from: (networks) => `Depuis ${networks}`,
	at: (paths) => `Pour ${paths}`,
	until: (day) => phrase`Jusqu’au ${day}`,
	used: (ago, address) => phrase`Utilisé ${ago} depuis ${address}`,
	end: 'Révoquer',
	endOf: (name) => `Révoquer le jeton d’API : ${name}`,
	ended: (name) => `Jeton d’API révoqué : ${name}.`,
};

export const security: Words['security'] = {
	title: 'Sécurité',
	lead: 'Ce qu’il vous faut pour vous connecter en plus du mot de passe. Ayez-en deux : l’un peut se perdre.',
	factors: 'Seconds facteurs',
	noneMine: 'Quiconque connaît votre mot de passe peut se connecter à votre place.',
	none: 'Aucun n’est configuré.',
	off: 'Désactivé',
	app: 'Application à codes',
	passkey: 'Clé d’accès',
	passkeyBackedUp: 'Clé d’accès, sauvegardée par son fournisseur',
	since: (day) => phrase`Depuis le ${day}`,
	used: (ago) => phrase`Utilisé ${ago}`,
	appOff: 'Trop de codes faux : elle ne prouve plus rien. Supprimez-la et configurez-la à nouveau.',
	passkeyOff: 'Elle semble avoir été copiée : elle ne prouve plus rien. Supprimez-la et configurez-la à nouveau.',
	removeTitle: (name) => `Supprimer ${name} ?`,
	removeText: 'Vous ne pourrez plus vous en servir pour vous connecter. Vos autres sessions prennent fin.',
	removed: (name) => `${name} est supprimé. Vos autres sessions ont pris fin.`,
	needsOne: 'Vous devez avoir un second facteur : configurez-en d’abord un autre.',
	isSetUp: (name) => `${name} est configuré. Vos autres sessions ont pris fin.`,
	addPasskey: 'Configurer une clé d’accès',
	addApp: 'Configurer une application à codes',
	nothingHere: 'Rien ne peut être configuré dans ce navigateur.',
	tooMany: 'Il n’est pas possible d’en avoir plus. Supprimez-en un d’abord.',
	newPasskey: 'Nouvelle clé d’accès',
	passkeyName: 'Nom de la clé d’accès',
	passkeyNameHint:
		'Comme « Portable » ou « clé bleue ». Le navigateur demande ensuite votre empreinte, votre visage, un code PIN ou la clé.',
	setUp: 'Configurer',
	newApp: 'Nouvelle application',
	appName: 'Nom de l’application ou du téléphone',
	appNameHint:
		'Toute application à codes à usage unique convient : Aegis, FreeOTP, Google Authenticator, un gestionnaire de mots de passe.',
	scan: 'Scannez ceci avec l’application. Saisissez ensuite le code qu’elle affiche.',
	qr: 'Ce que l’application doit savoir, en code QR',
	cannotScan: 'L’application ne peut pas scanner ?',
	typeKey: (key) => phrase`Saisissez-y cette clé, pour des codes basés sur le temps : ${key}`,
	codeFromApp: 'Code de l’application',
	recoveryCodes: 'Codes de récupération',
	noCodes:
		'Vous n’en avez pas. Sans eux, seul un administrateur peut vous laisser entrer quand tout le reste est perdu.',
	codesLeft: (left) =>
		counted(left, {
			one: 'Il en reste un. De nouveaux codes remplacent tous les précédents.',
			other: 'Il en reste #. De nouveaux codes remplacent tous les précédents.',
		}),
	makeCodes: 'Créer des codes de récupération',
	codesLead:
		'Chacun vous laisse entrer une fois quand tout le reste est perdu. Imprimez-les, ou gardez-les avec vos mots de passe. Ils ne seront plus affichés.',
	saveFile: 'Enregistrer dans un fichier',
	kept: 'Je les ai conservés',
};

export const history: Words['history'] = {
	title: 'Historique',
	lead: 'Ce qui s’est passé avec votre identité ces 90 derniers jours. Si vous ne reconnaissez pas une connexion, changez votre mot de passe.',
	none: 'Rien n’est encore connu.',
	older: 'Afficher les précédents',
	acts: {
		setup: 'Premier administrateur créé',
		login: 'Connexion',
		logout: 'Déconnexion',
		proof: 'Preuve d’identité',
		access: 'Mot de passe incorrect',
		'session-end': 'Session fermée',
		'session-stolen': 'Session présentée sans son certificat',
		'password-change': 'Mot de passe changé',
		'password-reset': 'Mot de passe redéfini',
		'invitation-add': 'Invitation créée',
		'invitation-use': 'Invitation utilisée',
		'authenticator-add': 'Second facteur configuré',
		'authenticator-remove': 'Second facteur supprimé',
		'authenticator-reset': 'Tous les seconds facteurs supprimés',
		'authenticator-cloned': 'Clé d’accès désactivée : elle a été copiée',
		'recovery-codes': 'Codes de récupération créés',
		'token-add': 'Jeton d’API créé',
		'token-end': 'Jeton d’API révoqué',
		'identity-add': 'Ajoutée',
		'identity-rename': 'Renommée',
		'identity-disable': 'Désactivée',
		'identity-enable': 'Activée',
	},
	methods: {
		totp: 'par un code d’une application',
		'recovery-code': 'par un code de récupération',
		passkey: 'par une clé d’accès',
		certificate: 'par un certificat',
		password: 'par mot de passe',
	},
	by: (whom) => `par ${whom}`,
	byOperator: 'par l’exploitant',
	factorAsked: 'Second facteur demandé',
	refused: 'Refusé',
	lastSignIn: (ago, address, device) => {
		const from = address === undefined ? '' : `, depuis ${address}`;
		return phrase`Dernière connexion avant celle-ci : ${ago}${from}${device === undefined ? '' : ` (${device})`}.`;
	},
	refusedSince: (count) => counted(count, { one: 'Depuis, une a été refusée.', other: 'Depuis, # ont été refusées.' }),
	halfway: 'Quelqu’un connaissait votre mot de passe, sans avoir de second facteur : changez-le.',
};
