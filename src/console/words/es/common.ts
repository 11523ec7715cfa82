import type { Words } from '../words.ts';
import { duration } from './forms.ts';

export const common: Words['common'] = {
	language: 'Idioma',
	spoken: 'El idioma ahora es el español.',
	console: 'Consola',
	noticeOfService: 'Aviso de este servicio',
	moment: 'Un momento…',
	tryAgain: 'Intentar de nuevo',
	tryAgainIn: (seconds) => `Inténtelo de nuevo en ${duration(seconds)}.`,
	tryAgainNow: 'Ya puede intentarlo de nuevo.',
	goOn: 'Continuar',
	cancel: 'Cancelar',
	confirm: 'Confirmar',
	save: 'Guardar',
	done: 'Listo',
	remove: 'Eliminar',
	removeOf: (name) => `Eliminar ${name}`,
	rename: 'Cambiar nombre',
	renameOf: (name) => `Cambiar nombre de ${name}`,
	signIn: 'Iniciar sesión',
	signOut: 'Cerrar sesión',
	signInAsSomebodyElse: 'Iniciar sesión con otra identidad',
	copy: 'Copiar',
	copied: 'Copiado.',
	userName: 'Nombre de usuario',
	name: 'Nombre',
	password: 'Contraseña',
	you: 'Usted',
	none: 'No hay ninguno.',
	neverUsed: 'Nunca usado',
	hasEndedAlready: 'Ya ha terminado.',
	removedIdentity: 'identidad eliminada',
	deviceOn: (browser, system) => `${browser} en ${system}`,
	unknownDevice: 'desconocido',
	justNow: 'ahora mismo',
	thenClock: (clock) => `, ${clock}`,
};

const notCopied = (what: string) => `El navegador no ha copiado ${what}: seleccione el texto y cópielo a mano.`;

export const secrets: Words['secrets'] = {
	token: { label: 'El token', copy: 'Copiar el token', notCopied: notCopied('el token') },
	password: { label: 'La contraseña', copy: 'Copiar la contraseña', notCopied: notCopied('la contraseña') },
	link: { label: 'El enlace', copy: 'Copiar el enlace', notCopied: notCopied('el enlace') },
	recoveryCodes: {
		label: 'Códigos de recuperación',
		copy: 'Copiar los códigos de recuperación',
		notCopied: notCopied('los códigos de recuperación'),
	},
};

export const tabs: Words['tabs'] = {
	applications: 'Aplicaciones',
	sessions: 'Mis sesiones',
	password: 'Contraseña',
	security: 'Seguridad',
	tokens: 'Tokens de API',
	history: 'Historial',
	identities: 'Identidades',
	'all-sessions': 'Todas las sesiones',
	explain: 'Acceso',
	audit: 'Auditoría',
	signedInAs: 'Sesión iniciada como',
};
