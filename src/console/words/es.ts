import * as administration from './es/administration.ts';
import { common, secrets, tabs } from './es/common.ts';
import * as own from './es/own.ts';
import * as passwords from './es/passwords.ts';
import { problems, refusals } from './es/problems.ts';
import * as several from './es/several.ts';
import * as signingIn from './es/signing-in.ts';
import type { Words } from './words.ts';

export const es: Words = {
	language: 'es',
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
