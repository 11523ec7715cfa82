import { html } from '../../http/response/html.ts';
import type { PageWords } from './words.ts';

export const es: PageWords = {
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
	xsrfNeededTitle: 'No transmitido',
	xsrfNeeded: (forPages, forForms) =>
		html`Esta dirección pide un token XSRF, que un navegador no envía por sí mismo con páginas y formularios. Quien administra este servicio puede indicar en la regla ${forPages} para páginas, o ${forForms} también para formularios.`,
};
