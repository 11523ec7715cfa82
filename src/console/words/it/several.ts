import type { Words } from '../words.ts';
import { counted, number } from './forms.ts';

export const several: Words['several'] = {
	region: 'Selezione',
	select: (name) => `Seleziona ${name}`,
	page: 'Seleziona questa pagina',
	all: 'Seleziona tutte quelle trovate',
	found: (count) => counted(count, { one: '# trovata finora', other: '# trovate finora' }),
	selected: (count) => counted(count, { one: '# selezionata', other: '# selezionate' }),
	none: 'Annulla la selezione',
	do: 'Azione',
	acts: {
		disable: 'Disattiva',
		enable: 'Attiva',
		'end-sessions': 'Termina le sessioni',
		grant: 'Concedi un permesso',
		revoke: 'Revoca un permesso',
		remove: 'Rimuovi',
	},
	permission: 'Quale permesso',
	goOn: 'Continua',
	title: (act, count) => counted(count, { one: `${act}: # identità`, other: `${act}: # identità` }),
	effects: {
		disable: 'Non possono più accedere e le loro sessioni terminano. Permessi e password restano.',
		enable: 'Possono accedere di nuovo.',
		'end-sessions': 'Vengono disconnesse ovunque e possono accedere di nuovo.',
		grant: 'Da ora hanno, oltre a tutti gli altri, il permesso:',
		revoke: 'Non hanno più il permesso:',
		remove:
			'Le loro sessioni e i loro token terminano, e tutto ciò che le riguarda viene cancellato. Non si può annullare.',
	},
	more: (count) => counted(count, { one: 'e # altra', other: 'e altre #' }),
	yourself: 'Ci sei anche tu: non ti accade nulla che tolga la tua amministrazione o questa sessione.',
	progress: (done, of) => `${number(done)} di ${number(of)}`,
	done: (count) => counted(count, { one: 'Fatto per # identità.', other: 'Fatto per # identità.' }),
	refused: (count) => counted(count, { one: 'Non fatto per # identità:', other: 'Non fatto per # identità:' }),
	ownIdentity: 'Sei tu.',
};

export const renaming: Words['renaming'] = {
	name: 'Nome',
	text: (name) =>
		`Con un altro nome ${name} accede solo con quello. Le sessioni terminano; permessi, password e token API restano.`,
	rename: 'Rinomina',
	form: (name) => `Rinomina ${name}`,
	to: 'Nuovo nome utente',
	ownText: 'Verrai disconnesso e accederai con il nuovo nome.',
	renamed: (from, to) => `${from} da ora è ${to}.`,
};

export const everybody: Words['everybody'] = {
	end: 'Termina tutte le sessioni',
	title: 'Terminare le sessioni di tutti?',
	text: 'Tutti devono accedere di nuovo, persone e programmi. I token API restano validi.',
	keep: 'Mantieni questa mia sessione',
};

export const help: Words['help'] = {
	link: 'Aiuto',
};
