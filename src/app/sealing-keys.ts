import type { Config } from '../config/schema.ts';
import { createSealing, newSealingKey, parseSealingKeys, type Sealing, type SealingKey } from '../core/sealing.ts';
import type { SealingSource } from '../core/totp-factor.ts';
import { makeKeyFile, readKeyFile } from '../files/key-file.ts';

const what = 'sealing key';

/** Where TOTP secrets are sealed. */
export interface SealingKeys extends SealingSource {
	/** As `present`; a key is made where there is none. */
	making(): Promise<Sealing>;
	/** The file with the key. Absent: it is configured, or in memory. */
	readonly file?: string;
}

/**
 * The configured keys; else those of a file beside the SQLite database, which is made with the first authenticator: a copy of the
 * database alone yields no code. `undefined`: identities are on another machine, where each node would make another key. Throws
 * where a key is none, or open to others.
 */
export function openSealingKeys({
	store,
	secondFactor,
}: Pick<Config, 'store' | 'secondFactor'>): SealingKeys | undefined {
	if (secondFactor.sealingKey !== undefined) {
		return fixed(keysIn(secondFactor.sealingKey, 'secondFactor.sealingKey'));
	}
	const path = sealingKeyFileOf(store);
	if (path === undefined) return store.identities === 'sqlite::memory:' ? fixed([newSealingKey()]) : undefined;
	let kept = read(path);

	async function present() {
		kept ??= read(path ?? '');
		return kept;
	}

	return {
		file: path,
		present,
		async making() {
			if ((await present()) === undefined) makeKeyFile(path, `${newSealingKey().toString('base64')}\n`);
			return (await present()) ?? Promise.reject(new Error(`${path} is gone`));
		},
	};
}

/** Beside the database. `undefined`: it is no file. */
function sealingKeyFileOf({ identities }: Config['store']): string | undefined {
	const path = /^sqlite:(.+)$/.exec(identities)?.[1];
	return path === undefined || path === ':memory:' ? undefined : `${path}.sealing-key`;
}

function fixed(keys: readonly [SealingKey, ...SealingKey[]]): SealingKeys {
	const sealing = createSealing(keys);
	return { present: async () => sealing, making: async () => sealing };
}

function read(path: string): Sealing | undefined {
	const text = readKeyFile(what, path);
	return text === undefined ? undefined : createSealing(keysIn(text, path));
}

function keysIn(text: string, place: string): readonly [SealingKey, ...SealingKey[]] {
	const [first, ...others] = parseSealingKeys(text) ?? [];
	if (first === undefined)
		throw new Error(`${place}: is no ${what}: 32 bytes in base64 or hex, as openssl rand -base64 32 makes`);
	return [first, ...others];
}
