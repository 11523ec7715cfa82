import { existsSync, realpathSync } from 'node:fs';
import { readConfig } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { readSecret } from '../config/secret-file.ts';
import { Failed } from './output.ts';

type Places = Config['store'];

/** As it stands, or from where no list of processes shows it. */
export function addressOf(given: string): string {
	const [, place, name = ''] = /^(env|file):(.+)$/.exec(given) ?? [];
	if (place === undefined) return given;
	const address = place === 'file' ? readSecret(name) : process.env[name];
	if (!address) throw new Failed(`${given}: there is no address`);
	return address;
}

/** SQLite keeps both where no other address says otherwise; sessions that nobody named are none. */
export function placesOf(addresses: readonly string[]): Places {
	const named = (shape: RegExp) => addresses.find((address) => shape.test(address));
	const identities = named(/^postgres/) ?? named(/^sqlite:/);
	const sessions = named(/^redis/) ?? named(/^sqlite:/) ?? 'memory:';
	if (identities === undefined) throw new Failed('say where the identities are: sqlite:FILE or postgres://…');
	const unused = addresses.find((address) => address !== identities && address !== sessions);
	if (unused !== undefined) {
		const ways =
			'one address is for identities (sqlite:FILE or postgres://…), one for sessions (sqlite:FILE or redis://…)';
		// An address may hold a password.
		throw new Failed(`nothing is kept at ${unused.replace(/:.*$/s, ':…')}: ${ways}`);
	}
	const env = { LATCHKEY_STORE_IDENTITIES: identities, LATCHKEY_STORE_SESSIONS: sessions };
	return readConfig({ env }).store;
}

/** Throws Failed where nothing can be moved from one to the other. */
export function judgePlaces(from: Places, to: Places) {
	if (isSamePlace(from.identities, to.identities) && isSamePlace(from.sessions, to.sessions))
		throw new Failed('that is the same place twice');
	for (const address of [from.identities, from.sessions]) {
		const path = pathOf(address);
		if (path !== undefined && !existsSync(path)) throw new Failed(`there is no ${path}`);
	}
}

/** Of a SQLite file. */
function pathOf(address: string): string | undefined {
	return /^sqlite:(.*)$/.exec(address)?.[1];
}

/** Whatever links lead to a file. */
function isSamePlace(one: string, other: string): boolean {
	const [here, there] = [one, other].map((address) => {
		const path = pathOf(address);
		return path !== undefined && existsSync(path) ? `sqlite:${realpathSync(path)}` : address;
	});
	return here === there;
}
