import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digits, type Extent, type Figure, median, type Row, ratios } from './figures.ts';
import { checkPath, type Installed, install, permission, checkout as present, signIn } from './latchkey.ts';
import { loadCore, type Started, startNode } from './programs.ts';
import { cpuUsOf, type Repeated } from './side-by-side.ts';

/*
 * What became dearer since a former revision. Figures of two runs cannot be compared, not even on one machine; so the two
 * are measured in the same rounds, and this checkout once more beside itself: what that differs by is the noise.
 */

const run = promisify(execFile);

export function against(revision: string): Row {
	return {
		name: 'against',
		says: `This checkout ÷ ${revision}, in the same rounds: CPU time a request, and the time to start`,
		async measure(extent) {
			await using former = await checkOut(revision);
			const application = await startNode([join(import.meta.dirname, 'behind.ts')], { core: loadCore });
			const checkouts = [present, present, former.folder];
			const installed: Installed[] = [];
			const servers: Started[] = [];
			try {
				for (const folder of checkouts) installed.push(await install(settingsWith(application.url), folder));
				const starts = await startMsOf(installed, extent);
				for (const each of installed) servers.push(await each.start());
				const cases = await Promise.all(servers.map(casesOf));
				const figures = [compared('start to ready', starts)];
				for (const [nth, { what }] of (cases[0] ?? []).entries()) {
					const cpuUs = await cpuUsOf(
						cases.flatMap((all) => all[nth] ?? []),
						extent,
					);
					figures.push(compared(what, cpuUs));
				}
				return { figures, ...(extent.short ? {} : { table: verdictOn(figures) }) };
			} finally {
				await Promise.all([...servers, application].map((server) => server.stop()));
				await Promise.all(installed.map((each) => each.remove()));
			}
		},
	};
}

/** A worktree of the revision, with modules of its own, until it is disposed of. */
async function checkOut(revision: string) {
	const place = await mkdtemp(join(tmpdir(), 'latchkey-against-'));
	const folder = join(place, 'latchkey');
	const git = (...words: string[]) => run('git', ['-C', present, ...words]);
	async function remove() {
		await git('worktree', 'remove', '--force', folder).catch(() => undefined);
		await rm(place, { recursive: true, force: true });
	}
	try {
		await git('worktree', 'add', '--detach', folder, revision);
		await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
	} catch (fault) {
		await remove();
		throw fault;
	}
	return { folder, [Symbol.asyncDispose]: remove };
}

/** What former revisions know, too. */
const settingsWith = (upstream: string) => ({
	trustedProxies: ['127.0.0.1/32'],
	resources: [
		{ path: '/assets', permission, upstream, xsrf: 'unsafe' },
		{ path: '/asked', permission, xsrf: 'unsafe' },
	],
});

async function casesOf({ url, pid }: Started): Promise<readonly (Repeated & { readonly what: string })[]> {
	const { headers } = await signIn(url);
	const asked = {
		'X-Forwarded-Method': 'GET',
		'X-Forwarded-Uri': '/asked/1',
		'X-Forwarded-Host': 'example.org',
		'X-Forwarded-For': '192.0.2.1',
	};
	const verify = `${url}/services/auth/v1/verify`;
	return [
		{ what: 'a session check', url: url + checkPath, pid, headers },
		{ what: 'forward-auth', url: verify, pid, headers: { ...headers, ...asked } },
		{ what: 'forward-auth, refused', url: verify, pid, headers: asked, mayFail: true },
		{ what: 'a request that is passed on', url: `${url}/assets/1`, pid, headers },
	];
}

async function startMsOf(installed: readonly Installed[], { rounds, warmUps }: Extent): Promise<readonly number[][]> {
	const all: number[][] = installed.map(() => []);
	// Node keeps what it compiled when a process ends by itself.
	for (const each of installed) await (await each.start()).end();
	for (let round = -warmUps; round < rounds; round += 1) {
		for (const [nth, each] of installed.entries()) {
			const server = await each.start();
			await server.stop();
			if (round >= 0) all[nth]?.push(server.startMs);
		}
	}
	return all;
}

/**
 * Figures of each round, of this checkout (`now`, and `again`) and of the former one. What one round of the first two differs by,
 * in either direction, is noise; a median beyond that is more.
 */
export function compared(what: string, [now = [], again = [], then = []]: readonly number[][]): Figure {
	const values = ratios(now, then);
	const noise = [...ratios(again, now), ...ratios(now, again)];
	const [least, most] = [Math.min(...noise), Math.max(...noise)];
	const is = median(values);
	const note = is > most ? worse : is < least ? 'better' : 'no difference';
	return { what, values, note: `${note} (noise: ${digits(least)}–${digits(most)})` };
}

const worse = 'WORSE';

export function verdictOn(figures: readonly Figure[]): string {
	const found = figures.filter(({ note = '' }) => note.startsWith(worse));
	if (found.length === 0) return 'Nothing became worse by more than the noise.';
	return `Worse by more than the noise: ${found.map(({ what, values }) => `${what} (${digits(median(values))})`).join(', ')}.`;
}
