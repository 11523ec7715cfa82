/*
 * Does the time of a login tell who exists? Asks a running service, one login after the other on one connection, the
 * classes of names in turn, and prints for each class the Mann-Whitney statistic against a known name with a wrong
 * password: P(X > Y), 0.5 where nobody can tell them apart, and the difference of the medians.
 *
 *     node spec/bench/login-timing.ts [SAMPLES [KIND]]     (600 by default: some minutes)
 *
 * KIND: a verifier from elsewhere that one identity has, as `bcrypt`; then every name is tried for as long.
 *
 * Measures with the default hash; the limiter is raised, since it is not what is asked about.
 */
import { createHash, pbkdf2Sync, scryptSync } from 'node:crypto';
import { Agent } from 'node:http';
import { pathToFileURL } from 'node:url';
import { hash } from '@node-rs/argon2';
import { hashSync as bcryptSync } from 'bcryptjs';
import { openCore } from '../../src/app/service.ts';
import { readConfig } from '../../src/config/read.ts';
import type { IdentityName, PasswordVerifier } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import { shaCrypt } from '../../src/hashing/sha-crypt.ts';
import { createLogs } from '../../src/observability/log.ts';
import { ask, base } from '../requirements/ask.ts';
import { install } from '../requirements/process.ts';

const password = 'four brown bears';

interface Class {
	readonly says: string;
	readonly name: string;
	readonly word: string;
}

/** Who is asked for, and with which password. The first is what the others are compared with. */
const usualClasses: readonly Class[] = [
	{ says: 'known, wrong password', name: 'known', word: 'four brown beans' },
	{ says: 'known, once more', name: 'known', word: 'four brown beans' },
	{ says: 'unknown', name: 'nobody', word: 'four brown beans' },
	{ says: 'disabled', name: 'disabled', word: 'four brown beans' },
	{ says: 'disabled, right password', name: 'disabled', word: password },
	{ says: 'certificate only', name: 'certificate', word: 'four brown beans' },
	{ says: 'kept as in Kura', name: 'kura', word: 'four brown beans' },
	{ says: 'kept with older parameters', name: 'older', word: 'four brown beans' },
	{ says: 'one character', name: 'known', word: 'x' },
	{ says: 'one character, unknown', name: 'nobody', word: 'x' },
	{ says: 'empty password', name: 'known', word: '' },
	{ says: 'empty password, unknown', name: 'nobody', word: '' },
];

/** Where one identity came from elsewhere with its verifier. */
const importedClasses: readonly Class[] = [
	{ says: 'known, wrong password', name: 'known', word: 'four brown beans' },
	{ says: 'known, once more', name: 'known', word: 'four brown beans' },
	{ says: 'unknown', name: 'nobody', word: 'four brown beans' },
	{ says: 'imported', name: 'imported', word: 'four brown beans' },
];

const salt = Buffer.from('sixteen bytes of').toString('base64').replace(/=+$/, '');
const dotted = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '').replaceAll('+', '.');

/** Of that password, as other programs make them, each slower to try than what is made here. */
const imported = {
	bcrypt: () => bcryptSync(password, 9),
	scrypt: () => {
		const digest = scryptSync(password, Buffer.from(salt, 'base64'), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
		return `$scrypt$ln=15,r=8,p=1$${salt}$${digest.toString('base64').replace(/=+$/, '')}`;
	},
	'pbkdf2-sha256': () => pbkdf2Of('sha256', 32, 120_000),
	'pbkdf2-sha512': () => pbkdf2Of('sha512', 64, 60_000),
	'sha256-crypt': () => shaCryptOf('sha256', 5, 10_000),
	'sha512-crypt': () => shaCryptOf('sha512', 6, 10_000),
	'kura-sha256': () => `$kura-sha256$${createHash('sha256').update(password).digest('base64')}`,
} as const;

export type ImportedKind = keyof typeof imported;
export const importedKinds = Object.keys(imported) as ImportedKind[];

function pbkdf2Of(sha: 'sha256' | 'sha512', length: number, iterations: number) {
	const digest = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, length, sha);
	return `$pbkdf2-${sha}$${iterations}$${dotted(Buffer.from(salt, 'base64'))}$${dotted(digest)}`;
}

function shaCryptOf(sha: 'sha256' | 'sha512', number: 5 | 6, rounds: number) {
	return `$${number}$rounds=${rounds}$saltstring$${shaCrypt(sha, Buffer.from(password), 'saltstring', rounds)}`;
}

/** An empty password is refused before anybody is looked up: compared with itself for a name that nobody has. */
const comparedWith = (classes: readonly Class[], index: number) => (classes[index]?.word === '' ? 10 : 0);

export interface Compared {
	readonly says: string;
	readonly samples: number;
	/** Milliseconds. */
	readonly median: number;
	/** P(X > Y) + P(X = Y)/2 for a sample X of this class and Y of what it is compared with. */
	readonly p: number;
	readonly medianDifference: number;
	/** Within 0.5 ± 0.05, and the medians within 2 ms or 3 %. */
	readonly isSame: boolean;
}

/** Logs in `samples` times for each class. `kind`: of one identity that came from elsewhere; absent: the usual classes. */
export async function measure(samples: number, kind?: ImportedKind): Promise<readonly Compared[]> {
	const classes = kind === undefined ? usualClasses : importedClasses;
	const installation = install({ passwordHash: undefined, attempts: { limit: 1_000_000 } });
	try {
		await prepare(installation, samples, kind);
		const serving = await installation.start();
		const times = await sample(serving.url, samples, classes);
		await serving.end('SIGTERM');
		return classes.map(({ says }, index) => {
			const [own = [], other = []] = [times[index], times[comparedWith(classes, index)]];
			const p = exceeds(own, other);
			const [ownMedian, otherMedian] = [median(own), median(other)];
			const medianDifference = ownMedian - otherMedian;
			const isSame = Math.abs(p - 0.5) <= 0.05 && Math.abs(medianDifference) <= Math.max(2, otherMedian * 0.03);
			return { says, samples: own.length, median: ownMedian, p, medianDifference, isSame };
		});
	} finally {
		installation.remove();
	}
}

const told = { actor: 'operator' } as const;

/** Several of each kind: after a hundred wrong passwords in a row for one name, strangers to it wait, which is not asked about. */
const peopleFor = (samples: number) => Math.ceil(samples / 15) + 1;
const nameOf = (kind: string, round: number, samples: number) => `${kind} ${(round + 3) % peopleFor(samples)}`;

async function prepare({ configFile, folder }: ReturnType<typeof install>, samples: number, kind?: ImportedKind) {
	const core = await openCore(
		readConfig({ file: configFile, env: { LATCHKEY_DATA_DIR: folder } }),
		createLogs({ level: 'silent' }),
	);
	const older = (await hash(password, { memoryCost: 19_456, timeCost: 1, parallelism: 1 })) as PasswordVerifier;
	const kura = `$kura-sha256$${createHash('sha256').update(password).digest('base64')}` as PasswordVerifier;
	const kinds: Readonly<Record<string, { password: Password } | { passwordVerifier: PasswordVerifier } | object>> = {
		known: { password: password as Password },
		...(kind && { imported: { passwordVerifier: imported[kind]() as PasswordVerifier } }),
		disabled: { password: password as Password },
		certificate: {},
		kura: { passwordVerifier: kura },
		older: { passwordVerifier: older },
	};
	const common = { permissions: [], passwordChangeNeeded: false, policy: false };
	for (const [kind, secret] of Object.entries(kinds)) {
		for (let round = 0; round < peopleFor(samples); round += 1) {
			const name = nameOf(kind, round, samples) as IdentityName;
			const added = await core.identities.add({ ...common, ...secret, name }, told);
			if (added.ok && kind === 'disabled') await core.identities.setDisabled(added.value.id, true, told);
		}
	}
	await core.close();
}

/** In turn, and each round in another order: what slows the machine down for a while slows every class. */
async function sample(url: string, samples: number, classes: readonly Class[]): Promise<number[][]> {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const times: number[][] = classes.map(() => []);
	for (let round = -3; round < samples; round += 1) {
		const order = classes.map((_, index) => index).sort(() => Math.random() - 0.5);
		for (const index of order) {
			const { name, word } = classes[index] as Class;
			const body = { username: nameOf(name, round, samples), password: word };
			const startedAt = performance.now();
			const { status } = await ask(url, 'POST', `${base}/login/password`, { agent, body });
			const passed = performance.now() - startedAt;
			if (status !== (word === '' ? 400 : 401)) throw new Error(`${name}: ${status}`);
			if (round >= 0) times[index]?.push(passed);
		}
	}
	agent.destroy();
	return times;
}

function exceeds(some: readonly number[], others: readonly number[]): number {
	let wins = 0;
	for (const x of some) for (const y of others) wins += x > y ? 1 : x === y ? 0.5 : 0;
	return wins / (some.length * others.length);
}

function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length / 2;
	return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

export function line({ says, samples, median: ms, p, medianDifference, isSame }: Compared): string {
	const figures = `median ${ms.toFixed(2)} ms  P ${p.toFixed(3)}  Δmedian ${medianDifference.toFixed(2)} ms`;
	return `${says.padEnd(28)} n=${samples}  ${figures}  ${isSame ? '' : '  TELLS'}`.trimEnd();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const compared = await measure(Number(process.argv[2] ?? 600), process.argv[3] as ImportedKind | undefined);
	for (const each of compared) process.stdout.write(`${line(each)}\n`);
	process.exitCode = compared.every(({ isSame }) => isSame) ? 0 : 1;
}
