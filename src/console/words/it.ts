import * as administration from './it/administration.ts';
import { common, secrets, tabs } from './it/common.ts';
import * as own from './it/own.ts';
import * as passwords from './it/passwords.ts';
import { problems, refusals } from './it/problems.ts';
import * as several from './it/several.ts';
import * as signingIn from './it/signing-in.ts';
import type { Words } from './words.ts';

export const it: Words = {
	language: 'it',
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
