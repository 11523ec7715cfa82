import { createRequire } from 'node:module';
import type { CommonPasswords } from '../core/password.ts';

const require = createRequire(import.meta.url);
const languageCommon = require.resolve('@zxcvbn-ts/language-common');

/** Some 49,000 passwords from leaks, loaded when the first new password is judged. By `require`: an `import()` that fails once fails for ever. */
export function createCommonPasswords(): CommonPasswords {
	let list: ReadonlySet<string> | undefined;

	function load(): ReadonlySet<string> {
		const { dictionary }: typeof import('@zxcvbn-ts/language-common') = require(languageCommon);
		return new Set(dictionary['passwords-common'].map(String));
	}

	return {
		async has(lowerCase) {
			list ??= load();
			return list.has(lowerCase);
		},
	};
}
