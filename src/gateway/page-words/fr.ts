import { html } from '../../http/response/html.ts';
import type { PageWords } from './words.ts';

export const fr: PageWords = {
	reference: (id) => `Référence ${id}`,
	notAllowed: 'Non autorisé',
	signedInAs: (name) => html`Vous êtes connecté en tant que ${name}.`,
	permissionNeeded: (permission) => html`L’autorisation ${permission} est nécessaire.`,
	signInAsSomebodyElse: 'Se connecter sous une autre identité',
	otherWayNeeded: (ways) => html`Une autre méthode de connexion est nécessaire : ${ways}.`,
	signInAnotherWay: 'Se connecter autrement',
	credentials: {
		password: 'mot de passe',
		passkey: 'passkey',
		certificate: 'certificat',
		token: 'jeton d’API',
		basic: 'authentification Basic',
		jwt: 'jeton d’accès',
	},
	mayHaveArrived: 'On ne sait pas si votre envoi est arrivé. Revenez en arrière et vérifiez d’abord.',
	tryAgain: 'Réessayer',
	refused: 'Refusé',
	notFound: ['Il n’y a rien ici', 'Il n’y a pas de page à cette adresse.'],
	notOpen: ['Non ouvert', 'Aucune règle ne permet d’ouvrir cette adresse.'],
	crossSite: ['Pas d’ici', 'La demande venait d’une page d’un autre site ; elle n’a donc pas été exécutée.'],
	ticketRefused: [
		'Non connecté ici',
		'Ce passage a déjà servi, a pris trop de temps ou a commencé dans un autre navigateur. Ouvrez de nouveau la page que vous voulez voir.',
	],
	badGateway: ['Injoignable', 'L’application est injoignable pour le moment.'],
	gatewayTimeout: ['Pas de réponse', 'L’application n’a pas répondu à temps.'],
	unavailable: ['Un instant', 'Le service est momentanément indisponible.'],
	unexpected: ['Un problème est survenu', 'Une erreur inattendue s’est produite.'],
	signInToSee: [
		'Connectez-vous pour voir ceci',
		'Cette partie de la page est protégée. Connectez-vous dans un onglet à part, puis rechargez cette page.',
	],
	openInNewTab: 'Ouvrir dans un nouvel onglet',
	xsrfNeededTitle: 'Non transmis',
	xsrfNeeded: (forPages, forForms) =>
		html`Cette adresse demande un jeton XSRF, qu’un navigateur n’envoie pas de lui-même avec les pages et les formulaires. L’exploitant de ce service peut indiquer dans la règle ${forPages} pour les pages, ou ${forForms} pour les formulaires aussi.`,
};
