import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { all, counted, either, number } from './forms.ts';

export const allSessions: Words['allSessions'] = {
	title: 'Todas las sesiones',
	lead: 'Quién ha iniciado sesión, y dónde.',
	find: 'Nombre, dispositivo o dirección',
	newest: (most) => `Estas son las ${number(most)} más recientes; hay más.`,
	shown: (shown, found) => `Se muestran las ${number(shown)} más recientes de ${number(found)}: busque una arriba.`,
	none: 'Ninguna sesión coincide.',
};

export const identities: Words['identities'] = {
	title: 'Identidades',
	lead: 'Quién puede iniciar sesión, personas y programas, y qué puede abrir cada cual.',
	new: 'Nueva identidad',
	found: 'Identidades encontradas',
	none: 'Ninguna identidad coincide.',
	pages: 'Páginas',
	page: (count) => `Página ${number(count)}`,
	previous: 'Página anterior',
	next: 'Página siguiente',
	counted: (count) => counted(count, { one: '# identidad', other: '# identidades' }),
	countedAndMore: (count) =>
		counted(count, {
			one: '# identidad, y más en la página siguiente',
			other: '# identidades, y más en la página siguiente',
		}),
	noPermissions: 'Sin permisos',
	more: (count) => counted(count, { other: 'y # más' }),
	neverSignedIn: 'Nunca ha iniciado sesión',
	signedIn: (ago) => phrase`Inició sesión ${ago}`,
	find: 'Buscar un nombre',
	permission: 'Permiso',
	show: 'Mostrar',
	states: {
		'': 'Todas',
		disabled: 'Desactivadas',
		'must-change-password': 'Deben cambiar la contraseña',
		'certificate-only': 'Solo con certificado',
		'second-factor': 'Con un segundo factor',
		'no-second-factor': 'Solo con contraseña',
	},
	order: 'Orden',
	sorts: {
		name: 'Nombre',
		'-last-sign-in': 'Último inicio de sesión',
		'last-sign-in': 'Más tiempo sin iniciar sesión',
		'-created': 'Más recientes',
		created: 'Más antiguas',
	},
	badges: {
		disabled: 'Desactivada',
		program: 'Programa',
		certificateOnly: 'Solo con certificado',
		passwordExpired: 'Contraseña caducada',
		mustChange: 'Debe cambiar la contraseña',
	},
};

export const newIdentity: Words['newIdentity'] = {
	title: 'Nueva identidad',
	badName: 'Un nombre de usuario tiene caracteres imprimibles y ningún espacio en los extremos.',
	byCertificate: 'Inicia sesión solo con certificado',
	permissions: 'Qué puede abrir',
	create: 'Crear',
	created: (name) => `${name} ya puede iniciar sesión.`,
};

export const identity: Words['identity'] = {
	createdSignedIn: (created, signedIn) => phrase`Creada ${created}, inició sesión ${signedIn}`,
	createdNever: (created) => phrase`Creada ${created}, nunca ha iniciado sesión`,
	permissions: 'Permisos',
	permissionsOf: (name) => `Permisos de ${name}`,
	mayOpen: (name) => `Qué puede abrir ${name}`,
	permissionsSaved: (name) => `Los permisos de ${name} se han guardado.`,
	giveUpTitle: '¿Renunciar a la administración?',
	giveUp: 'Renunciar',
	giveUpText: (permission) => phrase`Sin ${permission} no podrá deshacerlo por su cuenta.`,
	access: 'Acceso',
	isDisabled: (name) => `${name} es una identidad desactivada y no puede iniciar sesión.`,
	disabling: (name) => `Al desactivar ${name} terminan sus sesiones. Sus permisos y su contraseña se conservan.`,
	enable: 'Activar',
	disable: 'Desactivar',
	enabled: (name) => `${name} puede iniciar sesión de nuevo.`,
	disabled: (name) => `${name} ya no puede iniciar sesión. Sus sesiones han terminado.`,
	removal: 'Eliminación',
	removing: (name) =>
		`Al eliminar ${name} terminan sus sesiones y se olvidan sus permisos. Una identidad que se añada después con este nombre es otra nueva.`,
	removeTitle: (name) => `¿Eliminar ${name}?`,
	removeText: 'No se puede deshacer.',
	removed: (name) => `${name}: identidad eliminada.`,
	sessions: 'Sesiones',
	noSessions: 'No tiene ninguna sesión abierta.',
	noFactor: (name) => `${name} ya no tiene ningún segundo factor. Sus sesiones han terminado.`,
	removeAll: 'Eliminar todos',
	removeFactorsTitle: (name) => `¿Eliminar los segundos factores de ${name}?`,
	removeFactorsText:
		'Para quien los ha perdido todos. Después basta la contraseña, hasta que se configure otro. Asegúrese de que quien lo pide es realmente esa persona.',
	password: 'Contraseña',
	ownPassword: (page) => phrase`La suya se cambia en ${page}.`,
	noPassword: 'No tiene ninguna, e inicia sesión con certificado.',
	setAnother: 'Establecer otra contraseña',
	setOne: 'Establecer una contraseña',
	requireChange: 'Exigir un cambio',
	changeRequired: (name) => `${name} debe cambiar la contraseña al iniciar sesión.`,
	setPasswordOf: (name) => `Establecer la contraseña de ${name}`,
	passwordSet: (name) => `La contraseña de ${name} se ha establecido. Sus sesiones han terminado.`,
};

const once = 'Sirve una vez y sustituye al anterior.';

export const inviting: Words['inviting'] = {
	title: 'Invitación',
	first: `Un enlace para establecer una contraseña que nadie más conozca. ${once}`,
	password: `Un enlace para quien ha olvidado la contraseña. La actual vale hasta que se use el enlace. ${once}`,
	factor: `Un enlace para quien ha perdido todos los segundos factores. Con la contraseña conduce a donde se configura otro, que sustituye a todos los anteriores. ${once}`,
	invite: (name) => `Invitar a ${name}`,
	for: 'Para',
	purposes: {
		'new-password': 'Una contraseña nueva',
		'new-factor': 'Otro segundo factor',
	},
	hours: 'Horas',
	hoursWrong: 'Indique cuántas horas: de 1 a 168.',
	make: 'Crear un enlace',
	goodUntil: (moment, name) =>
		phrase`Válido hasta ${moment}. No se volverá a mostrar: envíelo por una vía que solo lea ${name}.`,
	qr: 'El enlace como código QR',
};

export const permissions: Words['permissions'] = {
	others: 'Otros',
	othersHint: 'Separados por espacios, como rest.assets.',
	unknown: (names) => `Ninguna regla nombra ${names}: aquí no abre nada, a menos que un proxy lo pida por su nombre.`,
	admin: 'Lo abre todo y administra Latchkey',
	unnamed: 'Ninguna regla lo nombra',
	more: (count) => counted(count, { other: 'y # más' }),
};

export const rules: Words['rules'] = {
	everyHost: 'cualquier host',
	everyPath: 'cualquier ruta',
	any: (names) => either(names),
	all: (names) => all(names),
	for: (whom) => `para ${whom}`,
};

export const explain: Words['explain'] = {
	title: 'Explicar el acceso',
	lead: 'Qué regla decide sobre una solicitud y qué obtendría un navegador. No se envía nada.',
	method: 'Método',
	address: 'Dirección',
	addressHint: (https, wss) => phrase`Como ${https}; ${wss} para un WebSocket.`,
	who: 'Quién solicita',
	whoHint: 'El nombre de una identidad. Vacío: alguien que no ha iniciado sesión.',
	shows: 'Presenta',
	session: 'Una sesión',
	token: (name, id) => `El token de API ${name} (${id})`,
	from: 'Desde',
	fromHint: 'La dirección del cliente, donde las reglas la tienen en cuenta.',
	explain: 'Explicar',
	explanation: 'Explicación',
	passes: 'Se deja pasar',
	stops: 'No se deja pasar',
	rule: 'Regla',
	pageGets: 'Una página obtiene',
	scriptGets: 'Un script obtiene',
	programGets: 'Un programa obtiene',
	webSocketGets: 'Un WebSocket obtiene',
	missing: 'Falta',
	whatAnswers: (upstream) => phrase`Lo que responde ${upstream}`,
	redirect: (status, location) => phrase`${status}, a ${location}`,
};

export const audit: Words['audit'] = {
	title: 'Auditoría',
	lead: 'Quién hizo qué, tal como está en el registro. Quien la consulta también aparece.',
	person: 'Persona',
	act: 'Operación',
	outcome: 'Resultado',
	outcomes: { '': 'Todos', ok: 'Permitido', refused: 'Rechazado' },
	address: 'Dirección',
	from: 'Desde',
	to: 'Hasta',
	search: 'Buscar',
	found: 'Líneas encontradas',
	none: 'Ninguna línea coincide.',
	counted: (count) => counted(count, { one: '# línea', other: '# líneas' }),
	because: (reason) => `Rechazado: ${reason}`,
	csv: 'Exportar como CSV',
	ndjson: 'Exportar como NDJSON',
};
