import * as administration from './en/administration.ts';
import { common, secrets, tabs } from './en/common.ts';
import * as own from './en/own.ts';
import * as passwords from './en/passwords.ts';
import { problems, refusals } from './en/problems.ts';
import * as several from './en/several.ts';
import * as signingIn from './en/signing-in.ts';

/** English: what there is to say, and which parameters it takes. Other languages say the same, or do not compile. */
export const en = {
	/** BCP 47. */
	language: 'en' as string,
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
