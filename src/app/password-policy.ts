import type { Config } from '../config/schema.ts';
import type { PasswordPolicy } from '../core/password.ts';
import type { NoteStore } from '../core/stores.ts';

/** What new passwords must be like. Where the configuration does not say it of those that stand alone, the installation does. */
export function passwordPolicyOf(
	{ passwordPolicy }: Config,
	notes: Pick<NoteStore, 'find'>,
): () => Promise<PasswordPolicy> {
	return async () => {
		if (passwordPolicy.minLengthAlone !== undefined) return passwordPolicy;
		const begunWith = await notes.find('min-length-alone');
		return begunWith === undefined ? passwordPolicy : { ...passwordPolicy, minLengthAlone: Number(begunWith) };
	};
}
