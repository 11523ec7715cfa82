import { join } from 'node:path';
import { type Extent, type Row, ratios } from './figures.ts';
import { install, loginPath, password, person, type Settings } from './latchkey.ts';
import { load } from './load.ts';
import {
	busiestThread,
	type Core,
	loadCore,
	pin,
	pinThread,
	runNode,
	serverCore,
	settle,
	threadCpuMs,
} from './programs.ts';

const rawHashes = join(import.meta.dirname, 'raw-hashes.ts');

/** Where hashes are made, and where the load comes from: a login a hash leaves almost all of a core to the service. */
interface Place {
	readonly server: Core;
	readonly hashes: number;
	readonly load: Core;
	readonly passwordHash?: Settings;
}

/** As many hashes at a time as Latchkey then does. */
const oneCore: Place = { server: serverCore, hashes: serverCore, load: loadCore };
const coreOfItsOwn: Place = { server: 'any', hashes: loadCore, load: serverCore };
/** A hash that stays within 1 MiB, and so leaves in the processor's caches what is there. */
const inCache: Place = { ...oneCore, passwordHash: { memory: 1024, iterations: 10 } };

interface Result {
	readonly perSecond: number[];
	readonly raw: number[];
	readonly refused: number[];
	/** Milliseconds of CPU time a login, of the event loop: all but the hash. */
	readonly ownMs: number[];
}

async function loginsIn(place: Place, { rounds, warmUps, seconds, pauseMs }: Extent): Promise<Result> {
	const installed = await install({
		session: { mostPerIdentity: 10_000 },
		attempts: { limit: 1_000_000 },
		passwordHash: { concurrency: 1, ...place.passwordHash },
	});
	const server = await installed.start({ core: place.server });
	const result: Result = { perSecond: [], raw: [], refused: [], ownMs: [] };
	const storm = (seconds: number) =>
		load({
			url: server.url + loginPath,
			seconds,
			pauseMs,
			core: place.load,
			mayFail: true,
			method: 'POST',
			body: JSON.stringify({ username: person, password }),
			carrying: [{ 'Content-Type': 'application/json' }],
		});
	try {
		if (place.server === 'any') {
			await storm(1);
			pin(server.pid, serverCore);
			// By then it is the one that hashes.
			pinThread(busiestThread(server.pid), place.hashes);
		}
		for (let round = -warmUps; round < rounds; round += 1) {
			const hashed = Number(await runNode([rawHashes, String(seconds)], { core: place.hashes }));
			await settle();
			const before = threadCpuMs(server.pid);
			const { requests, failed, seconds: took } = await storm(seconds);
			if (round < 0) continue;
			result.raw.push(hashed);
			result.perSecond.push((requests - failed) / took);
			result.refused.push(failed);
			result.ownMs.push((threadCpuMs(server.pid) - before) / requests);
		}
	} finally {
		await server.stop();
		await installed.remove();
	}
	return result;
}

export const logins: Row = {
	name: 'logins',
	says: 'Logins a second ÷ raw argon2id hashes a second of the library on the same core',
	async measure(extent) {
		const own = await loginsIn(coreOfItsOwn, extent);
		const one = await loginsIn(oneCore, extent);
		const cached = await loginsIn(inCache, extent);
		const beside = 'CPU of a login beside its hash';
		const figuresOf = (where: string, { perSecond, raw, ownMs }: Result, atLeast: number) => [
			{ what: `logins ÷ raw hashes, ${where}`, values: ratios(perSecond, raw), goal: { atLeast } },
			{ what: `logins, ${where}`, unit: '/s', values: perSecond },
			{ what: 'raw hashes then', unit: '/s', values: raw },
			{ what: beside, unit: 'ms', values: ownMs },
		];
		return {
			figures: [
				...figuresOf('a core for the service and one for the hashes', own, 0.95),
				...figuresOf('one core for both', one, 0.9),
				{ what: `${beside}, where that takes 1 MiB, on one core`, unit: 'ms', values: cached.ownMs },
				{ what: 'logins that were not served', values: [...own.refused, ...one.refused], goal: { atMost: 0 } },
			],
		};
	},
};
