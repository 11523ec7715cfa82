import type { Words } from '../words.ts';
import { counted, number } from './forms.ts';

export const several: Words['several'] = {
	region: 'Selección',
	select: (name) => `Seleccionar ${name}`,
	page: 'Seleccionar esta página',
	all: 'Seleccionar todas las encontradas',
	found: (count) => counted(count, { one: '# encontrada hasta ahora', other: '# encontradas hasta ahora' }),
	selected: (count) => counted(count, { one: '# seleccionada', other: '# seleccionadas' }),
	none: 'Anular la selección',
	do: 'Acción',
	acts: {
		disable: 'Desactivar',
		enable: 'Activar',
		'end-sessions': 'Terminar las sesiones',
		grant: 'Conceder un permiso',
		revoke: 'Retirar un permiso',
		remove: 'Eliminar',
	},
	permission: 'Qué permiso',
	goOn: 'Continuar',
	title: (act, count) => counted(count, { one: `${act}: # identidad`, other: `${act}: # identidades` }),
	effects: {
		disable: 'Ya no pueden iniciar sesión y sus sesiones terminan. Los permisos y las contraseñas se conservan.',
		enable: 'Pueden volver a iniciar sesión.',
		'end-sessions': 'Se cierra su sesión en todas partes y pueden volver a iniciarla.',
		grant: 'Desde ahora tienen, además de los otros, el permiso:',
		revoke: 'Ya no tienen el permiso:',
		remove: 'Sus sesiones y tokens terminan, y se borra todo lo que se sabe de ellas. No se puede deshacer.',
	},
	more: (count) => counted(count, { one: 'y # más', other: 'y # más' }),
	yourself: 'Usted está entre ellas: nada le quita su administración ni esta sesión.',
	progress: (done, of) => `${number(done)} de ${number(of)}`,
	done: (count) => counted(count, { one: 'Hecho para # identidad.', other: 'Hecho para # identidades.' }),
	refused: (count) => counted(count, { one: 'No hecho para # identidad:', other: 'No hecho para # identidades:' }),
	ownIdentity: 'Es usted.',
};

export const renaming: Words['renaming'] = {
	name: 'Nombre',
	text: (name) =>
		`Con otro nombre, ${name} inicia sesión solo con ese. Las sesiones terminan; los permisos, la contraseña y los tokens de API se conservan.`,
	rename: 'Cambiar el nombre',
	form: (name) => `Cambiar el nombre de ${name}`,
	to: 'Nuevo nombre de usuario',
	ownText: 'Se cerrará su sesión y la iniciará con el nuevo nombre.',
	renamed: (from, to) => `${from} se llama ahora ${to}.`,
};

export const everybody: Words['everybody'] = {
	end: 'Terminar todas las sesiones',
	title: '¿Terminar las sesiones de todos?',
	text: 'Todos tienen que volver a iniciar sesión, personas y programas. Los tokens de API siguen valiendo.',
	keep: 'Conservar esta sesión mía',
};

export const help: Words['help'] = {
	link: 'Ayuda',
};
