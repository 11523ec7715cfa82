import * as administration from './ja/administration.ts';
import { common, secrets, tabs } from './ja/common.ts';
import * as own from './ja/own.ts';
import * as passwords from './ja/passwords.ts';
import { problems, refusals } from './ja/problems.ts';
import * as several from './ja/several.ts';
import * as signingIn from './ja/signing-in.ts';
import type { Words } from './words.ts';

export const ja: Words = {
	language: 'ja',
	common,
	secrets,
	tabs,
	problems,
	refusals,
	...passwords,
	...signingIn,
	...own,
	...administration,
	...several,
};
