import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { all, counted, either, number } from './forms.ts';

export const allSessions: Words['allSessions'] = {
	title: 'Toutes les sessions',
	lead: 'Qui est connecté, et où.',
	find: 'Nom, appareil ou adresse',
	newest: (most) => `Voici les ${number(most)} plus récentes ; il y en a d’autres.`,
	shown: (shown, found) => `Voici les ${number(shown)} plus récentes sur ${number(found)} : cherchez-en une ci-dessus.`,
	none: 'Aucune session ne correspond.',
};

export const identities: Words['identities'] = {
	title: 'Identités',
	lead: 'Qui peut se connecter, personnes et programmes, et ce que chacun peut ouvrir.',
	new: 'Nouvelle identité',
	found: 'Identités trouvées',
	none: 'Aucune identité ne correspond.',
	pages: 'Pagination',
	page: (count) => `Page n° ${number(count)}`,
	previous: 'Page précédente',
	next: 'Page suivante',
	counted: (count) => counted(count, { one: '# identité', other: '# identités' }),
	countedAndMore: (count) =>
		counted(count, {
			one: '# identité, et d’autres à la page suivante',
			other: '# identités, et d’autres à la page suivante',
		}),
	noPermissions: 'Aucune autorisation',
	more: (count) => counted(count, { one: 'et # autre', other: 'et # autres' }),
	neverSignedIn: 'Jamais connecté',
	signedIn: (ago) => phrase`Connecté ${ago}`,
	find: 'Chercher un nom',
	permission: 'Autorisation',
	show: 'Afficher',
	states: {
		'': 'Toutes',
		disabled: 'Désactivées',
		'must-change-password': 'Doivent changer le mot de passe',
		'certificate-only': 'Par certificat seulement',
		'second-factor': 'Avec un second facteur',
		'no-second-factor': 'Par mot de passe seul',
	},
	order: 'Ordre',
	sorts: {
		name: 'Nom',
		'-last-sign-in': 'Dernière connexion',
		'last-sign-in': 'Connexion la plus ancienne',
		'-created': 'Les plus récentes',
		created: 'Les plus anciennes',
	},
	badges: {
		disabled: 'Désactivée',
		program: 'Programme',
		certificateOnly: 'Par certificat seulement',
		passwordExpired: 'Mot de passe expiré',
		mustChange: 'Doit changer le mot de passe',
	},
};

export const newIdentity: Words['newIdentity'] = {
	title: 'Nouvelle identité',
	badName: 'Un nom d’utilisateur a des caractères imprimables, et pas d’espace aux extrémités.',
	byCertificate: 'Se connecte par certificat seulement',
	permissions: 'Ce qu’elle peut ouvrir',
	create: 'Créer',
	created: (name) => `${name} peut maintenant se connecter.`,
};

export const identity: Words['identity'] = {
	createdSignedIn: (created, signedIn) => phrase`Créée ${created}, connectée ${signedIn}`,
	createdNever: (created) => phrase`Créée ${created}, jamais connectée`,
	permissions: 'Autorisations',
	permissionsOf: (name) => `Autorisations de ${name}`,
	mayOpen: (name) => `Ce que ${name} peut ouvrir`,
	permissionsSaved: (name) => `Les autorisations de ${name} sont enregistrées.`,
	giveUpTitle: 'Renoncer à l’administration ?',
	giveUp: 'Y renoncer',
	giveUpText: (permission) => phrase`Sans ${permission}, vous ne pourrez pas revenir en arrière vous-même.`,
	access: 'Accès',
	isDisabled: (name) => `${name} est désactivée et ne peut pas se connecter.`,
	disabling: (name) =>
		`Désactiver ${name} met fin à ses sessions. Ses autorisations et son mot de passe sont conservés.`,
	enable: 'Activer',
	disable: 'Désactiver',
	enabled: (name) => `${name} peut de nouveau se connecter.`,
	disabled: (name) => `${name} ne peut plus se connecter. Ses sessions ont pris fin.`,
	removal: 'Suppression',
	removing: (name) =>
		`Supprimer ${name} met fin à ses sessions et oublie ses autorisations. Une identité ajoutée plus tard sous ce nom est une nouvelle identité.`,
	removeTitle: (name) => `Supprimer ${name} ?`,
	removeText: 'C’est irréversible.',
	removed: (name) => `${name} : identité supprimée.`,
	sessions: 'Sessions ouvertes',
	noSessions: 'Aucune session ouverte.',
	noFactor: (name) => `${name} n’a plus de second facteur. Ses sessions ont pris fin.`,
	removeAll: 'Tout supprimer',
	removeFactorsTitle: (name) => `Supprimer les seconds facteurs de ${name} ?`,
	removeFactorsText:
		'Pour quelqu’un qui les a tous perdus. Ensuite, le mot de passe seul suffit, jusqu’à ce qu’un autre soit configuré. Assurez-vous que c’est bien cette personne qui le demande.',
	password: 'Mot de passe',
	ownPassword: (page) => phrase`Le vôtre se change sous ${page}.`,
	noPassword: 'Elle n’en a pas et se connecte par certificat.',
	setAnother: 'Définir un autre mot de passe',
	setOne: 'Définir un mot de passe',
	requireChange: 'Exiger un changement',
	changeRequired: (name) => `${name} doit changer le mot de passe à la connexion.`,
	setPasswordOf: (name) => `Définir le mot de passe de ${name}`,
	passwordSet: (name) => `Le mot de passe de ${name} est défini. Ses sessions ont pris fin.`,
};

const once = 'Il sert une seule fois et remplace le précédent.';

export const inviting: Words['inviting'] = {
	title: 'Inviter',
	first: `Un lien pour définir un mot de passe que personne d’autre ne connaît. ${once}`,
	password: `Un lien pour quelqu’un qui a oublié le mot de passe. L’actuel vaut jusqu’à ce que le lien serve. ${once}`,
	factor: `Un lien pour quelqu’un qui a perdu tous ses seconds facteurs. Avec le mot de passe, il conduit là où l’on en configure un autre, qui remplace tous les précédents. ${once}`,
	invite: (name) => `Inviter ${name}`,
	for: 'Pour',
	purposes: {
		'new-password': 'Un nouveau mot de passe',
		'new-factor': 'Un autre second facteur',
	},
	hours: 'Heures',
	hoursWrong: 'Indiquez combien d’heures : de 1 à 168.',
	make: 'Créer un lien',
	goodUntil: (moment, name) =>
		phrase`Valable jusqu’au ${moment}. Il ne sera plus affiché : envoyez-le par une voie que seul ${name} peut lire.`,
	qr: 'Le lien en code QR',
};

export const permissions: Words['permissions'] = {
	others: 'Autres',
	othersHint: 'Séparées par des espaces, comme rest.assets.',
	unknown: (names) =>
		`Aucune règle ne nomme ${names} : cela n’ouvre rien ici, à moins qu’un proxy ne le demande par son nom.`,
	admin: 'Ouvre tout et administre Latchkey',
	unnamed: 'Aucune règle ne la nomme',
	more: (count) => counted(count, { one: 'et # autre', other: 'et # autres' }),
};

export const rules: Words['rules'] = {
	everyHost: 'tout hôte',
	everyPath: 'tout chemin',
	any: (names) => either(names),
	all: (names) => all(names),
	for: (whom) => `pour ${whom}`,
};

export const explain: Words['explain'] = {
	title: 'Expliquer les accès',
	lead: 'Quelle règle décide d’une requête, et ce qu’obtiendrait un navigateur. Rien n’est envoyé.',
	method: 'Méthode',
	address: 'Adresse',
	addressHint: (https, wss) => phrase`Comme ${https} ; ${wss} pour un WebSocket.`,
	who: 'Qui demande',
	whoHint: 'Le nom d’une identité. Vide : quelqu’un qui n’est pas connecté.',
	shows: 'Présente',
	session: 'Une session',
	token: (name, id) => `Le jeton d’API ${name} (${id})`,
	from: 'Depuis',
	fromHint: 'L’adresse du client, là où des règles en tiennent compte.',
	explain: 'Expliquer',
	explanation: 'Explication',
	passes: 'Laissé passer',
	stops: 'Non laissé passer',
	rule: 'Règle',
	pageGets: 'Une page obtient',
	scriptGets: 'Un script obtient',
	programGets: 'Un programme obtient',
	webSocketGets: 'Un WebSocket obtient',
	missing: 'Il manque',
	whatAnswers: (upstream) => phrase`Ce que répond ${upstream}`,
	redirect: (status, location) => phrase`${status}, vers ${location}`,
};

export const audit: Words['audit'] = {
	title: 'Journal d’audit',
	lead: 'Qui a fait quoi, comme dans le journal. Qui le consulte y figure aussi.',
	person: 'Personne',
	act: 'Opération',
	outcome: 'Résultat',
	outcomes: { '': 'Tous', ok: 'Accordé', refused: 'Refusé' },
	address: 'Adresse',
	from: 'Du',
	to: 'Jusqu’au',
	search: 'Chercher',
	found: 'Lignes trouvées',
	none: 'Aucune ligne ne correspond.',
	counted: (count) => counted(count, { one: '# ligne', other: '# lignes' }),
	because: (reason) => `Refusé : ${reason}`,
	csv: 'Exporter en CSV',
	ndjson: 'Exporter en NDJSON',
};
