import { statSync } from 'node:fs';
import type { ConfigSource, Core } from '../app/service.ts';
import type { Stores } from '../app/store-types.ts';
import { type Loaded, loadConfig } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { createClock } from '../core/clock.ts';
import { Failed, say } from './output.ts';

const usualFile = 'latchkey.yaml';

export interface Settings extends Loaded {
	/** Absent: there is no file, only defaults and the environment. */
	readonly file?: string;
	/** To read it again. */
	readonly source?: ConfigSource;
}

/** From `--config`, else LATCHKEY_CONFIG, else latchkey.yaml where it stands in this folder, else the defaults. */
export function readSettings(given: string | undefined): Settings {
	const file = (given ?? process.env.LATCHKEY_CONFIG) || usualFileHere();
	if (file === undefined) return loadConfig({ env: process.env });
	const load = () => loadConfig({ file, env: process.env });
	const loaded = load();
	return { ...loaded, file, source: { file, loaded, load } };
}

/** A file that somebody else has put into this folder is obeyed by nobody who did not name it. */
function usualFileHere(): string | undefined {
	const uid = process.getuid?.();
	const owner = statSync(usualFile, { throwIfNoEntry: false })?.uid;
	if (owner === undefined) return undefined;
	if (uid === undefined || owner === uid || owner === 0) return usualFile;
	throw new Failed(`${usualFile} here belongs to somebody else: --config ${usualFile}, if it is to be obeyed`);
}

/** Does something with the stores that the service uses, while it runs or not, and closes them. */
export async function withCore<T>(
	given: string | undefined,
	act: (core: Core, config: Config) => Promise<T>,
): Promise<T> {
	const { config } = readSettings(given);
	const { openCore, openLogs } = await import('../app/service.ts');
	const core = await openCore(config, openLogs(config, 'quiet'));
	for (const notice of core.notices) say(notice);
	try {
		return await act(core, config);
	} finally {
		await core.close();
	}
}

/** The same with the stores alone. */
export async function withStores<T>(config: Config, act: (stores: Stores) => Promise<T>): Promise<T> {
	const { openStores } = await import('../app/stores.ts');
	const nobody = () => undefined;
	const stores = await openStores(config, createClock(), { onTransition: nobody, onFault: nobody, onNotice: say });
	try {
		return await act(stores);
	} finally {
		await stores.sessions.close();
		await stores.identities.close();
	}
}
