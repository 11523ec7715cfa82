import type { Words } from '../words.ts';
import { counted, number } from './forms.ts';

export const several: Words['several'] = {
	region: 'Sélection',
	select: (name) => `Sélectionner ${name}`,
	page: 'Sélectionner cette page',
	all: 'Sélectionner toutes celles trouvées',
	found: (count) => counted(count, { one: '# trouvée jusqu’ici', other: '# trouvées jusqu’ici' }),
	selected: (count) => counted(count, { one: '# sélectionnée', other: '# sélectionnées' }),
	none: 'Annuler la sélection',
	do: 'Action',
	acts: {
		disable: 'Désactiver',
		enable: 'Activer',
		'end-sessions': 'Terminer les sessions',
		grant: 'Accorder une permission',
		revoke: 'Retirer une permission',
		remove: 'Supprimer',
	},
	permission: 'Quelle permission',
	goOn: 'Continuer',
	title: (act, count) => counted(count, { one: `${act} : # identité`, other: `${act} : # identités` }),
	effects: {
		disable:
			'Elles ne peuvent plus se connecter et leurs sessions se terminent. Permissions et mots de passe sont conservés.',
		enable: 'Elles peuvent de nouveau se connecter.',
		'end-sessions': 'Elles sont déconnectées partout et peuvent se reconnecter.',
		grant: 'Elles ont désormais, en plus des autres, la permission :',
		revoke: 'Elles n’ont plus la permission :',
		remove: 'Leurs sessions et jetons se terminent, et tout ce que l’on sait d’elles est effacé. C’est irréversible.',
	},
	more: (count) => counted(count, { one: 'et # autre', other: 'et # autres' }),
	yourself: 'Vous en faites partie : rien ne vous enlève votre administration ni cette session.',
	progress: (done, of) => `${number(done)} sur ${number(of)}`,
	done: (count) => counted(count, { one: 'Fait pour # identité.', other: 'Fait pour # identités.' }),
	refused: (count) => counted(count, { one: 'Pas fait pour # identité :', other: 'Pas fait pour # identités :' }),
	ownIdentity: 'C’est vous.',
};

export const renaming: Words['renaming'] = {
	name: 'Nom',
	text: (name) =>
		`Sous un autre nom, ${name} ne se connecte plus qu’avec celui-ci. Les sessions se terminent ; permissions, mot de passe et jetons d’API sont conservés.`,
	rename: 'Renommer',
	form: (name) => `Renommer ${name}`,
	to: 'Nouveau nom d’utilisateur',
	ownText: 'Vous serez déconnecté, puis vous vous connecterez avec le nouveau nom.',
	renamed: (from, to) => `${from} s’appelle désormais ${to}.`,
};

export const everybody: Words['everybody'] = {
	end: 'Terminer toutes les sessions',
	title: 'Terminer les sessions de tout le monde ?',
	text: 'Tout le monde doit se reconnecter, personnes et programmes. Les jetons d’API restent valables.',
	keep: 'Garder ma session actuelle',
};

export const help: Words['help'] = {
	link: 'Aide',
};
