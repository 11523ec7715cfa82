import type { Words } from '../words.ts';
import { duration } from './forms.ts';

export const common: Words['common'] = {
	language: 'Langue',
	spoken: 'La langue est maintenant le français.',
	console: 'Navigation de la console',
	noticeOfService: 'Avis de ce service',
	moment: 'Un instant…',
	tryAgain: 'Réessayer',
	tryAgainIn: (seconds) => `Réessayez dans ${duration(seconds)}.`,
	tryAgainNow: 'Vous pouvez réessayer maintenant.',
	goOn: 'Continuer',
	cancel: 'Annuler',
	confirm: 'Confirmer',
	save: 'Enregistrer',
	done: 'Terminé',
	remove: 'Supprimer',
	removeOf: (name) => `Supprimer ${name}`,
	rename: 'Renommer',
	renameOf: (name) => `Renommer ${name}`,
	signIn: 'Se connecter',
	signOut: 'Se déconnecter',
	signInAsSomebodyElse: 'Se connecter sous une autre identité',
	copy: 'Copier',
	copied: 'Copié.',
	userName: 'Nom d’utilisateur',
	name: 'Nom',
	password: 'Mot de passe',
	you: 'Vous',
	none: 'Il n’y en a pas.',
	neverUsed: 'Jamais utilisé',
	hasEndedAlready: 'C’est déjà terminé.',
	removedIdentity: 'identité supprimée',
	deviceOn: (browser, system) => `${browser} sur ${system}`,
	unknownDevice: 'inconnu',
	justNow: 'à l’instant',
	thenClock: (clock) => `, ${clock}`,
};

const notCopied = (what: string) =>
	`Le navigateur n’a pas copié ${what} : sélectionnez le texte et copiez-le vous-même.`;

export const secrets: Words['secrets'] = {
	token: { label: 'Le jeton', copy: 'Copier le jeton', notCopied: notCopied('le jeton') },
	password: { label: 'Le mot de passe', copy: 'Copier le mot de passe', notCopied: notCopied('le mot de passe') },
	link: { label: 'Le lien', copy: 'Copier le lien', notCopied: notCopied('le lien') },
	recoveryCodes: {
		label: 'Codes de récupération',
		copy: 'Copier les codes de récupération',
		notCopied: notCopied('les codes de récupération'),
	},
};

export const tabs: Words['tabs'] = {
	applications: 'Applications',
	sessions: 'Mes sessions',
	password: 'Mot de passe',
	security: 'Sécurité',
	tokens: 'Jetons d’API',
	history: 'Historique',
	identities: 'Identités',
	'all-sessions': 'Toutes les sessions',
	explain: 'Accès',
	audit: 'Journal',
	signedInAs: 'Connecté en tant que',
};
