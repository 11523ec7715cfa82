import * as administration from './de/administration.ts';
import { common, secrets, tabs } from './de/common.ts';
import * as own from './de/own.ts';
import * as passwords from './de/passwords.ts';
import { problems, refusals } from './de/problems.ts';
import * as several from './de/several.ts';
import * as signingIn from './de/signing-in.ts';
import type { Words } from './words.ts';

export const de: Words = {
	language: 'de',
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
