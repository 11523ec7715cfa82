import { counted, number } from './forms.ts';

/** What is done to several identities at once. */
export const several = {
	region: 'Selection',
	select: (name: string) => `Select ${name}`,
	page: 'Select this page',
	all: 'Select all that match',
	found: (count: number) => counted(count, { other: '# found so far' }),
	selected: (count: number) => counted(count, { other: '# selected' }),
	none: 'Clear the selection',
	do: 'With them',
	acts: {
		disable: 'Disable',
		enable: 'Enable',
		'end-sessions': 'End the sessions',
		grant: 'Give a permission',
		revoke: 'Take a permission away',
		remove: 'Remove',
	},
	permission: 'Which permission',
	goOn: 'Go on',
	title: (act: string, count: number) => counted(count, { one: `${act}: # identity`, other: `${act}: # identities` }),
	effects: {
		disable: 'They cannot sign in any more, and their sessions end. Permissions and passwords are kept.',
		enable: 'They can sign in again.',
		'end-sessions': 'They are signed out everywhere, and can sign in again.',
		grant: 'They hold it from now on, whatever they hold besides:',
		revoke: 'They do not hold it any more:',
		remove: 'Their sessions and tokens end, and all that is known of them is forgotten. This cannot be undone.',
	},
	more: (count: number) => counted(count, { other: 'and # more' }),
	yourself: 'You are among them: nothing is done to you that would end your administration or this session.',
	progress: (done: number, of: number) => `${number(done)} of ${number(of)} done`,
	done: (count: number) => counted(count, { one: 'Done for # identity.', other: 'Done for # identities.' }),
	refused: (count: number) => counted(count, { one: 'Not done for # identity:', other: 'Not done for # identities:' }),
	ownIdentity: 'This is yourself.',
};

export const renaming = {
	name: 'Name',
	text: (name: string) =>
		`Under another name ${name} signs in by that one alone. Its sessions end; permissions, password and API tokens are kept.`,
	rename: 'Rename',
	form: (name: string) => `Rename ${name}`,
	to: 'New user name',
	ownText: 'You will be signed out, and sign in by the new name.',
	renamed: (from: string, to: string) => `${from} is ${to} from now on.`,
};

export const everybody = {
	end: 'End all sessions',
	title: 'End everybody’s sessions?',
	text: 'Everybody has to sign in again, people and programs. API tokens go on.',
	keep: 'Keep this session of mine',
};

export const help = {
	link: 'Get help',
};
