import type { CredentialKind } from '../core/session.ts';
import { type Html, html } from '../http/response/html.ts';
import type { Language } from '../http/response/languages.ts';

/*
 * What our own pages say to people. What programs are told is English (`http/response/default-answers.ts`); the console has
 * its own words (`console/words`).
 */

type TitleAndText = readonly [title: string, text: string];

export interface PageWords {
	/** What to look for in the log. */
	reference(id: string): string;
	readonly notAllowed: string;
	signedInAs(name: Html): Html;
	permissionNeeded(permission: Html): Html;
	readonly signInAsSomebodyElse: string;
	otherWayNeeded(ways: string): Html;
	readonly signInAnotherWay: string;
	readonly credentials: Readonly<Record<CredentialKind, string>>;
	readonly mayHaveArrived: string;
	readonly tryAgain: string;
	readonly refused: string;
	readonly notFound: TitleAndText;
	readonly notOpen: TitleAndText;
	readonly crossSite: TitleAndText;
	readonly ticketRefused: TitleAndText;
	readonly badGateway: TitleAndText;
	readonly gatewayTimeout: TitleAndText;
	readonly unavailable: TitleAndText;
	readonly unexpected: TitleAndText;
	readonly signInToSee: TitleAndText;
	readonly openInNewTab: string;
}

export const pageWords: Readonly<Record<Language, PageWords>> = {
	en: {
		reference: (id) => `Reference ${id}`,
		notAllowed: 'Not allowed',
		signedInAs: (name) => html`Signed in as ${name}.`,
		permissionNeeded: (permission) => html`The permission ${permission} is needed.`,
		signInAsSomebodyElse: 'Sign in as somebody else',
		otherWayNeeded: (ways) => html`Another way to sign in is needed: ${ways}.`,
		signInAnotherWay: 'Sign in another way',
		credentials: {
			password: 'password',
			passkey: 'passkey',
			certificate: 'certificate',
			token: 'API token',
			basic: 'Basic authentication',
			jwt: 'access token',
		},
		mayHaveArrived: 'It is not known whether what you sent has arrived. Go back, and look first.',
		tryAgain: 'Try again',
		refused: 'Refused',
		notFound: ['Nothing here', 'There is no page at this address.'],
		notOpen: ['Not open', 'No rule lets anybody open this address.'],
		crossSite: ['Not from here', 'A page of another site asked for this, so it was not done.'],
		ticketRefused: [
			'Not signed in here',
			'The way here was used before, took too long, or began in another browser. Open the page anew that you want to see.',
		],
		badGateway: ['Not reachable', 'The application cannot be reached right now.'],
		gatewayTimeout: ['No answer', 'The application did not answer in time.'],
		unavailable: ['One moment', 'The service is unavailable for a moment.'],
		unexpected: ['Something went wrong', 'An unexpected error occurred.'],
		signInToSee: [
			'Sign in to see this',
			'This part of the page is protected. Sign in in a tab of its own, and then reload this page.',
		],
		openInNewTab: 'Open in a new tab',
	},
	de: {
		reference: (id) => `Referenz ${id}`,
		notAllowed: 'Nicht erlaubt',
		signedInAs: (name) => html`Angemeldet als ${name}.`,
		permissionNeeded: (permission) => html`Die Berechtigung ${permission} ist nötig.`,
		signInAsSomebodyElse: 'Als jemand anderes anmelden',
		otherWayNeeded: (ways) => html`Eine andere Art der Anmeldung ist nötig: ${ways}.`,
		signInAnotherWay: 'Anders anmelden',
		credentials: {
			password: 'Passwort',
			passkey: 'Passkey',
			certificate: 'Zertifikat',
			token: 'API-Token',
			basic: 'Basic-Authentifizierung',
			jwt: 'Zugriffs-Token',
		},
		mayHaveArrived:
			'Es ist nicht bekannt, ob angekommen ist, was Sie gesendet haben. Gehen Sie zurück, und sehen Sie zuerst nach.',
		tryAgain: 'Erneut versuchen',
		refused: 'Abgelehnt',
		notFound: ['Hier ist nichts', 'Unter dieser Adresse gibt es keine Seite.'],
		notOpen: ['Nicht geöffnet', 'Keine Regel erlaubt, diese Adresse zu öffnen.'],
		crossSite: ['Nicht von hier', 'Eine Seite einer anderen Website hat das verlangt, deshalb wurde es nicht getan.'],
		ticketRefused: [
			'Hier nicht angemeldet',
			'Der Weg hierher wurde schon benutzt, dauerte zu lange oder begann in einem anderen Browser. Öffnen Sie die Seite neu, die Sie sehen möchten.',
		],
		badGateway: ['Nicht erreichbar', 'Die Anwendung ist zurzeit nicht erreichbar.'],
		gatewayTimeout: ['Keine Antwort', 'Die Anwendung hat nicht rechtzeitig geantwortet.'],
		unavailable: ['Einen Moment', 'Der Dienst ist für einen Moment nicht verfügbar.'],
		unexpected: ['Etwas ist schiefgegangen', 'Ein unerwarteter Fehler ist aufgetreten.'],
		signInToSee: [
			'Zum Ansehen anmelden',
			'Dieser Teil der Seite ist geschützt. Melden Sie sich in einem eigenen Tab an, und laden Sie dann diese Seite neu.',
		],
		openInNewTab: 'In einem neuen Tab öffnen',
	},
	it: {
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
	},
	fr: {
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
	},
	es: {
		reference: (id) => `Referencia ${id}`,
		notAllowed: 'No permitido',
		signedInAs: (name) => html`Ha iniciado sesión como ${name}.`,
		permissionNeeded: (permission) => html`Se necesita el permiso ${permission}.`,
		signInAsSomebodyElse: 'Iniciar sesión con otra identidad',
		otherWayNeeded: (ways) => html`Se necesita otra forma de iniciar sesión: ${ways}.`,
		signInAnotherWay: 'Iniciar sesión de otra forma',
		credentials: {
			password: 'contraseña',
			passkey: 'passkey',
			certificate: 'certificado',
			token: 'token de API',
			basic: 'autenticación Basic',
			jwt: 'token de acceso',
		},
		mayHaveArrived: 'No se sabe si ha llegado lo que ha enviado. Vuelva atrás y compruébelo primero.',
		tryAgain: 'Intentar de nuevo',
		refused: 'Rechazado',
		notFound: ['Aquí no hay nada', 'No hay ninguna página en esta dirección.'],
		notOpen: ['No abierto', 'Ninguna regla permite abrir esta dirección.'],
		crossSite: ['No desde aquí', 'Lo pidió una página de otro sitio, así que no se ha hecho.'],
		ticketRefused: [
			'Sin sesión aquí',
			'Este camino ya se ha usado, ha tardado demasiado o empezó en otro navegador. Abra de nuevo la página que desea ver.',
		],
		badGateway: ['Inaccesible', 'No se puede acceder a la aplicación en este momento.'],
		gatewayTimeout: ['Sin respuesta', 'La aplicación no ha respondido a tiempo.'],
		unavailable: ['Un momento', 'El servicio no está disponible por un momento.'],
		unexpected: ['Algo ha fallado', 'Se ha producido un error inesperado.'],
		signInToSee: [
			'Inicie sesión para ver esto',
			'Esta parte de la página está protegida. Inicie sesión en una pestaña aparte y después recargue esta página.',
		],
		openInNewTab: 'Abrir en una pestaña nueva',
	},
	ja: {
		reference: (id) => `参照番号 ${id}`,
		notAllowed: '許可されていません',
		signedInAs: (name) => html`${name} としてサインインしています。`,
		permissionNeeded: (permission) => html`権限 ${permission} が必要です。`,
		signInAsSomebodyElse: '別のユーザーとしてサインイン',
		otherWayNeeded: (ways) => html`別の方法でのサインインが必要です: ${ways}。`,
		signInAnotherWay: '別の方法でサインイン',
		credentials: {
			password: 'パスワード',
			passkey: 'パスキー',
			certificate: '証明書',
			token: 'API トークン',
			basic: 'Basic 認証',
			jwt: 'アクセストークン',
		},
		mayHaveArrived: '送信した内容が届いたかどうかは不明です。前のページに戻り、まず確認してください。',
		tryAgain: '再試行',
		refused: '拒否されました',
		notFound: ['ここには何もありません', 'このアドレスにページはありません。'],
		notOpen: ['開かれていません', 'このアドレスを開くことを許可するルールはありません。'],
		crossSite: ['ここからはできません', '別のサイトのページからの要求だったため、実行しませんでした。'],
		ticketRefused: [
			'ここではサインインしていません',
			'この経路は使用済みか、時間切れか、別のブラウザーで始められたものです。表示したいページを開き直してください。',
		],
		badGateway: ['接続できません', 'アプリケーションに現在接続できません。'],
		gatewayTimeout: ['応答がありません', 'アプリケーションが時間内に応答しませんでした。'],
		unavailable: ['少々お待ちください', 'サービスは一時的に利用できません。'],
		unexpected: ['問題が発生しました', '予期しないエラーが発生しました。'],
		signInToSee: [
			'サインインが必要です',
			'ページのこの部分は保護されています。別のタブでサインインしてから、このページを再読み込みしてください。',
		],
		openInNewTab: '新しいタブで開く',
	},
};
