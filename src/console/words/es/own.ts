import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted } from './forms.ts';

export const applications: Words['applications'] = {
	title: 'Mis aplicaciones',
};

export const sessions: Words['sessions'] = {
	title: 'Mis sesiones',
	lead: 'Dónde ha iniciado sesión. Si no reconoce alguna, ciérrela.',
	leadWithPassword: 'Dónde ha iniciado sesión. Si no reconoce alguna, ciérrela y cambie su contraseña.',
	thisBrowser: 'Este navegador',
	waiting: {
		'second-factor': 'Debe presentar un segundo factor',
		'password-change': 'Debe cambiar la contraseña',
		enrolment: 'Debe configurar un segundo factor',
	},
	since: {
		password: (clock) => phrase`Desde ${clock} con contraseña`,
		passkey: (clock) => phrase`Desde ${clock} con llave de acceso`,
		certificate: (clock) => phrase`Desde ${clock} con certificado`,
	},
	active: (ago) => phrase`Activa ${ago}`,
	alsoAt: (hosts) => `También en ${hosts}`,
	signOutOf: (whose, device, address, clock) =>
		`Cerrar sesión: ${whose === '' ? '' : `${whose}, `}${device}, ${address}, desde ${clock}`,
	signedOut: (device, address) => `Sesión cerrada: ${device}, ${address}.`,
	elsewhere: 'Cerrar sesión en todos los demás lugares',
	everywhere: 'Cerrar sesión en todas partes',
	ended: (count) =>
		count === 0
			? 'No había ninguna otra sesión.'
			: counted(count, { one: 'Ha terminado una sesión.', other: 'Han terminado # sesiones.' }),
};

export const tokens: Words['tokens'] = {
	title: 'Tokens de API',
	lead: 'Lo que sus programas presentan en lugar de una contraseña. Un token abre lo que usted puede abrir, y nada más.',
	new: 'Nuevo token de API',
	purpose: 'Para qué sirve',
	permissions: 'Permisos',
	permissionsHint: (example, admin) => phrase`Uno por línea, como ${example}. ${admin} lo abre todo.`,
	networks: 'Redes',
	networksHint: 'Desde dónde se acepta, como 10.0.0.0/8. Vacío: desde cualquier lugar.',
	days: 'Días',
	daysWrong: 'Indique cuántos días vale: de 1 a 366.',
	make: 'Crear un token',
	keep: 'Guárdelo ahora: no se volverá a mostrar.',
	expired: 'Caducado',
	noPermission: 'Ningún permiso',
	from: (networks) => `Desde ${networks}`,
	at: (paths) => `Para ${paths}`,
	until: (day) => phrase`Hasta el ${day}`,
	used: (ago, address) => phrase`Usado ${ago} desde ${address}`,
	end: 'Revocar',
	endOf: (name) => `Revocar el token de API: ${name}`,
	ended: (name) => `Token de API revocado: ${name}.`,
};

export const security: Words['security'] = {
	title: 'Seguridad',
	lead: 'Lo que necesita además de su contraseña para iniciar sesión. Tenga dos: uno puede perderse.',
	factors: 'Segundos factores',
	noneMine: 'Cualquiera que conozca su contraseña puede iniciar sesión en su nombre.',
	none: 'No hay ninguno configurado.',
	off: 'Desactivado',
	app: 'Aplicación con códigos',
	passkey: 'Llave de acceso',
	passkeyBackedUp: 'Llave de acceso, con copia en su proveedor',
	since: (day) => phrase`Desde el ${day}`,
	used: (ago) => phrase`Usado ${ago}`,
	appOff: 'Demasiados códigos incorrectos: ya no demuestra nada. Elimínela y configúrela de nuevo.',
	passkeyOff: 'Parece que se ha copiado: ya no demuestra nada. Elimínela y configúrela de nuevo.',
	removeTitle: (name) => `¿Eliminar ${name}?`,
	removeText: 'Ya no podrá usarlo para iniciar sesión. Sus demás sesiones terminan.',
	removed: (name) => `${name} se ha eliminado. Sus demás sesiones han terminado.`,
	needsOne: 'Debe tener un segundo factor: configure primero otro.',
	isSetUp: (name) => `${name} se ha configurado. Sus demás sesiones han terminado.`,
	addPasskey: 'Configurar una llave de acceso',
	addApp: 'Configurar una aplicación con códigos',
	nothingHere: 'En este navegador no se puede configurar nada.',
	tooMany: 'No puede haber más. Elimine primero uno.',
	newPasskey: 'Nueva llave de acceso',
	passkeyName: 'Nombre de la llave de acceso',
	passkeyNameHint: 'Como «Portátil» o «llave azul». Después, el navegador pide su huella, su cara, un PIN o la llave.',
	setUp: 'Configurar',
	newApp: 'Nueva aplicación',
	appName: 'Nombre de la aplicación o del teléfono',
	appNameHint:
		'Sirve cualquier aplicación de códigos de un solo uso: Aegis, FreeOTP, Google Authenticator, un gestor de contraseñas.',
	scan: 'Escanee esto con la aplicación. Después escriba el código que muestra.',
	qr: 'Lo que la aplicación debe saber, como código QR',
	cannotScan: '¿La aplicación no puede escanear?',
	typeKey: (key) => phrase`Escriba esta clave en ella, para códigos basados en el tiempo: ${key}`,
	codeFromApp: 'Código de la aplicación',
	recoveryCodes: 'Códigos de recuperación',
	noCodes:
		'No tiene ninguno. Sin ellos, solo un administrador puede dejarle entrar cuando todo lo demás se ha perdido.',
	codesLeft: (left) =>
		counted(left, {
			one: 'Queda uno. Los nuevos sustituyen a todos los anteriores.',
			other: 'Quedan #. Los nuevos sustituyen a todos los anteriores.',
		}),
	makeCodes: 'Crear códigos de recuperación',
	codesLead:
		'Cada uno le deja entrar una vez cuando todo lo demás se ha perdido. Imprímalos o guárdelos con sus contraseñas. No se volverán a mostrar.',
	saveFile: 'Guardar como archivo',
	kept: 'Los he guardado',
};

export const history: Words['history'] = {
	title: 'Historial',
	lead: 'Lo que ha ocurrido con su identidad en los últimos 90 días. Si no reconoce un inicio de sesión, cambie su contraseña.',
	none: 'Aún no se sabe nada.',
	older: 'Mostrar anteriores',
	acts: {
		setup: 'Primer administrador creado',
		login: 'Inicio de sesión',
		logout: 'Cierre de sesión',
		proof: 'Demostración de identidad',
		access: 'Contraseña incorrecta',
		'session-end': 'Sesión terminada',
		'session-stolen': 'Sesión presentada sin su certificado',
		'password-change': 'Contraseña cambiada',
		'password-reset': 'Contraseña restablecida',
		'invitation-add': 'Invitación creada',
		'invitation-use': 'Invitación usada',
		'authenticator-add': 'Segundo factor configurado',
		'authenticator-remove': 'Segundo factor eliminado',
		'authenticator-reset': 'Todos los segundos factores eliminados',
		'authenticator-cloned': 'Llave de acceso desactivada: se había copiado',
		'recovery-codes': 'Códigos de recuperación creados',
		'token-add': 'Token de API creado',
		'token-end': 'Token de API revocado',
		'identity-add': 'Añadida',
		'identity-rename': 'Nombre cambiado',
		'identity-disable': 'Desactivada',
		'identity-enable': 'Activada',
	},
	methods: {
		totp: 'con un código de una aplicación',
		'recovery-code': 'con un código de recuperación',
		passkey: 'con una llave de acceso',
		certificate: 'con un certificado',
		password: 'con contraseña',
	},
	by: (whom) => `por ${whom}`,
	byOperator: 'por el operador',
	factorAsked: 'Segundo factor solicitado',
	refused: 'Rechazado',
	lastSignIn: (ago, address, device) => {
		const from = address === undefined ? '' : `, desde ${address}`;
		return phrase`Último inicio de sesión antes de este: ${ago}${from}${device === undefined ? '' : ` (${device})`}.`;
	},
	refusedSince: (count) =>
		counted(count, { one: 'Desde entonces se rechazó uno.', other: 'Desde entonces se rechazaron #.' }),
	halfway: 'Alguien conocía su contraseña y no tenía el segundo factor: cámbiela.',
};
