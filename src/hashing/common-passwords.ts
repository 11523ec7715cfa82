import type { CommonPasswords } from '../core/password.ts';

/** Some 49,000 passwords from leaks, loaded when the first new password is judged. */
export function createCommonPasswords(): CommonPasswords {
	let list: Promise<ReadonlySet<string>> | undefined;

	async function load(): Promise<ReadonlySet<string>> {
		const { dictionary } = await import('@zxcvbn-ts/language-common');
		return new Set(dictionary['passwords-common'].map(String));
	}

	return {
		async has(lowerCase) {
			list ??= load();
			return (await list).has(lowerCase);
		},
	};
}
