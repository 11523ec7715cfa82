import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { counted, duration } from './forms.ts';

export const setup: Words['setup'] = {
	title: 'Configuración de Latchkey',
	lead: 'Todavía no puede iniciar sesión nadie. Cree la primera identidad: un administrador, que después podrá crear otras.',
	token: 'Token de configuración',
	tokenHint: 'El servicio lo mostró al arrancar. Sirve una sola vez.',
	create: 'Crear el administrador',
	wrongToken: 'El token de configuración es incorrecto. El servicio lo mostró al arrancar.',
	alreadyDone: 'Mientras tanto, otra persona ha configurado este servicio. Recargue la página para iniciar sesión.',
};

export const signIn: Words['signIn'] = {
	title: 'Inicio de sesión',
	notices: {
		'signed-out': 'Ha cerrado la sesión.',
		'password-changed': 'La contraseña se ha cambiado. Inicie sesión con la nueva.',
		'set-up': 'El administrador se ha creado. Inicie sesión con la contraseña que acaba de establecer.',
	},
	or: 'o bien',
	form: 'Inicio de sesión con contraseña',
	wrong: 'El nombre o la contraseña no es correcto.',
	byPasskey: 'Iniciar sesión con una llave de acceso',
	unknownPasskey: 'Esta llave de acceso no se conoce aquí.',
	byCertificate: 'Iniciar sesión con un certificado',
	byCertificateAt: (port) => `Iniciar sesión con un certificado (puerto ${port})`,
	certificateNotTrusted:
		'El navegador no ha presentado ningún certificado en el que se confíe aquí. Solo lo pide una vez: cierre todas sus ventanas para que vuelva a pedirlo.',
	noWay: 'Este servicio no ofrece aquí ninguna forma de iniciar sesión.',
	openAnew: 'Abra esta página de nuevo para iniciar sesión con un certificado.',
	cookieNotKept:
		'Se le ha dejado entrar, pero el navegador no ha conservado la sesión. Debe permitir cookies aquí; y donde antes inició sesión por https, use https de nuevo.',
	wentAway: 'Se le ha dejado entrar, y después el servicio ha dejado de responder. Recargue la página para continuar.',
	greeting: 'Sesión iniciada',
	signedInAs: (name) => phrase`Ha iniciado sesión como ${name}.`,
};

export const somebodyElse: Words['somebodyElse'] = {
	title: (name) => `Ahora usted es ${name}`,
	text: (name, before) =>
		phrase`En otra pestaña, ${name} ha iniciado sesión en lugar de ${before}. Un navegador tiene una sola sesión para todas sus pestañas.`,
	goOnAs: (name) => `Continuar como ${name}`,
};

export const onward: Words['onward'] = {
	notProvedTitle: 'Identidad no demostrada',
	notProved: 'Esa página le pide que demuestre quién es.',
	notAllowedTitle: 'No permitido',
	unknownTitle: 'Dirección desconocida',
	unknown: 'Esa dirección no es de aquellas a las que conduce este servicio.',
	hereOnlyTitle: 'Sesión iniciada solo aquí',
	hereOnly: (there, here) =>
		`${there} le ha devuelto enseguida: el navegador no le presenta la cookie de sesión de ${here}.`,
	switch: 'Primero se cerrará su sesión y después volverá a la página.',
	signOutAndGoOn: 'Cerrar sesión y continuar',
	stay: 'Quedarse aquí',
};

export const invitation: Words['invitation'] = {
	title: 'Invitación',
	overTitle: 'Esta invitación ya no es válida',
	over: 'Se ha usado, otra más reciente ocupa su lugar o su plazo ha vencido. Solicite otra.',
	toSignIn: 'Ir al inicio de sesión',
	factorTitle: 'Configure otro segundo factor',
	factorLead: (name) =>
		phrase`Esta invitación es para ${name}. Indique primero su contraseña; después configure algo que solo usted tenga. Sustituye lo que se perdió.`,
	newPasswordTitle: 'Elija una contraseña nueva',
	firstPasswordTitle: 'Elija su contraseña',
	passwordLead: (name) => phrase`Esta invitación es para ${name}. La contraseña que elija no la conoce nadie más.`,
	signsOut: (me) => `Aquí ha iniciado sesión como ${me}, y esa sesión se cerrará.`,
	showPassword: 'Indique su contraseña',
	notYours: 'Esa no es su contraseña.',
	sameAgain: 'Esa es la contraseña que había que cambiar. Elija otra.',
	submit: 'Establecer la contraseña e iniciar sesión',
};

export const secondFactor: Words['secondFactor'] = {
	title: 'Un paso más',
	form: 'Segundo paso',
	code: 'Código de su aplicación',
	codeHint: 'Seis cifras. Cada 30 segundos llega un código nuevo.',
	codeWrong:
		'El código es incorrecto o ya se ha usado. Espere el siguiente; el reloj de su teléfono debe estar en hora.',
	codeMalformed: 'El código tiene seis cifras.',
	recoveryCode: 'Código de recuperación',
	recoveryHint: 'Uno de los que imprimió o guardó. Cada uno sirve una vez.',
	recoveryWrong: 'El código de recuperación es incorrecto o ya se ha usado.',
	recoveryMalformed: 'Un código de recuperación tiene 16 letras y cifras.',
	usePasskey: 'Use la llave de acceso o la llave de seguridad que ha configurado.',
	passkey: 'Usar una llave de acceso',
	passkeyRefused: 'Esta llave de acceso no se acepta aquí.',
	passkeyUnusable:
		'Este navegador no puede usar aquí su llave de acceso. Inicie sesión en otro dispositivo o consulte a un administrador.',
	noneUsable:
		'Ninguno de sus segundos factores se puede usar en este momento. Pida a un administrador que los restablezca.',
	codesLeft: (left) =>
		left === 0
			? 'Era el último código de recuperación. Cree otros nuevos en «Seguridad».'
			: counted(left, { one: 'Queda un código de recuperación.', other: 'Quedan # códigos de recuperación.' }),
	otherWays: {
		certificate: 'Presentar el certificado en su lugar',
		password: 'Usar la contraseña en su lugar',
		passkey: 'Usar una llave de acceso en su lugar',
		totp: 'Usar un código de su aplicación en su lugar',
		recoveryCode: 'Lo he perdido: usar un código de recuperación',
	},
	enrolmentTitle: 'Configure un segundo factor',
	enrolmentLead: 'Aquí no basta la contraseña. Antes de nada, configure algo que solo usted tenga.',
	replaces: (names) => `Sustituye lo que tenía: ${names}.`,
};

export const passkeys: Words['passkeys'] = {
	taken: 'Este dispositivo ya está configurado.',
	notHere: 'En esta dirección no se pueden usar llaves de acceso.',
	cancelled: 'No se ha usado ninguna llave de acceso: se canceló o tardó demasiado.',
};

const proofLead =
	'Inició sesión hace un rato, o de una forma más débil de lo que aquí se necesita. Antes de continuar, demuestre que es usted';

export const proof: Words['proof'] = {
	title: '¿Es usted?',
	needsPasskey: 'Para continuar se necesita una llave de acceso, y este navegador no puede usarla aquí.',
	needsFactor: 'Para continuar se necesita un segundo factor, y no ha configurado ninguno: hágalo en «Seguridad».',
	needsSignIn: 'Para continuar, cierre la sesión e iníciela de nuevo.',
	lead: `${proofLead}.`,
	leadCertificate: `${proofLead}: presente de nuevo su certificado.`,
	leadPasskey: `${proofLead}: use su llave de acceso.`,
	form: 'Confirme que es usted',
	certificateNotShown: 'El navegador no ha presentado el certificado con el que inició sesión.',
};

export const sessionEnd: Words['sessionEnd'] = {
	endingTitle: 'Su sesión está a punto de terminar',
	endingIn: (seconds) => `En ${duration(seconds)}`,
	bySilence: (endingIn) => phrase`${endingIn} se cerrará su sesión, porque hace un rato que no ocurre nada.`,
	byAge: (endingIn) =>
		phrase`${endingIn} se cerrará su sesión, porque una sesión no puede durar más, aunque esté en uso. Lo que ha escrito se conserva, y podrá iniciar sesión de nuevo aquí mismo.`,
	stay: 'Mantener la sesión',
	signOutNow: 'Cerrar sesión ahora',
	endedTitle: 'Su sesión ha terminado',
	ended:
		'Hacía un rato que no ocurría nada, o se cerró en otro lugar. Lo que ha escrito sigue ahí: inicie sesión de nuevo y continúe.',
};
