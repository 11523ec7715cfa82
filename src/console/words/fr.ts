import * as administration from './fr/administration.ts';
import { common, secrets, tabs } from './fr/common.ts';
import * as own from './fr/own.ts';
import * as passwords from './fr/passwords.ts';
import { problems, refusals } from './fr/problems.ts';
import * as several from './fr/several.ts';
import * as signingIn from './fr/signing-in.ts';
import type { Words } from './words.ts';

export const fr: Words = {
	language: 'fr',
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
