import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { type Client, createClient } from '../_support/client.ts';
import { checkSetup, password, setPassword, startDialects, withService } from '../_support/dialects.ts';
import { type Installation, install } from '../requirements/process.ts';

export const setup = '/services/session/v1/setup';

export const statusOfLogin = async (caller: Client, username: string, given: string) =>
	(await caller.post('/services/session/v1/login/password', { username, password: given })).status;

/** As the file has them: asking the command line takes a process more. */
export function names({ folder }: Installation): string[] {
	const db = new DatabaseSync(join(folder, 'data/latchkey.db'), { readOnly: true });
	try {
		return db
			.prepare('SELECT name, permissions FROM identity ORDER BY name')
			.all()
			.map(({ name, permissions }) => `${name}: ${JSON.parse(String(permissions))}`);
	} finally {
		db.close();
	}
}

/** Doors that a first identity comes through, each with a name of its own. Kismet's clients know no token. */
export const doors: Readonly<Record<string, Door>> = {
	'Kismet’s set_password': (caller, username) =>
		caller.send(setPassword, { method: 'POST', form: { username, password } }),
	'the console’s way': (caller, username, token) => caller.post(setup, { username, password, token }),
};

type Door = (caller: Client, name: string, token: string | undefined) => Promise<{ status: number }>;

/** Kills a service at parts of the time that a first run takes, and looks what is left: nothing, or all of it. */
export async function killedInTheMiddle(t: ExecutionContext, door: Door, parts: readonly number[]): Promise<void> {
	let made = 0;
	const usualMs = await durationOf(door);
	for (const part of parts) {
		const installed = install({ dialects: { kismet: { enabled: true } } });
		try {
			const serving = await installed.start();
			const answer = door(createClient(serving), 'ranger', await serving.setupToken()).then(
				({ status }) => status,
				() => 0,
			);
			await sleep(part * usualMs);
			await serving.end('SIGKILL');
			const status = await answer;
			const found = names(installed);
			if (status !== 0) t.deepEqual(found, ['ranger: kura.admin'], 'what was acknowledged is there');
			made += found.length;
			await lookAgain(t, installed, door, found);
		} finally {
			installed.remove();
		}
	}
	t.log(`${made} of ${parts.length} were made before the kill`);
}

/** Milliseconds of a first run that nobody disturbs. */
async function durationOf(door: Door): Promise<number> {
	const installed = install({ dialects: { kismet: { enabled: true } } });
	try {
		const serving = await installed.start();
		const token = await serving.setupToken();
		const startedAt = performance.now();
		await door(createClient(serving), 'ranger', token);
		const tookMs = performance.now() - startedAt;
		await serving.end();
		return tookMs;
	} finally {
		installed.remove();
	}
}

async function lookAgain(t: ExecutionContext, { folder }: Installation, door: Door, found: readonly string[]) {
	const file = `sqlite:${join(folder, 'data/latchkey.db')}`;
	await withService(
		() => startDialects({ store: { identities: file, sessions: file } }),
		async ({ caller, service }) => {
			if (found.length === 0) {
				const token = await service.core.identities.setupToken();
				t.is((await caller().get(checkSetup)).status, 500);
				t.true((await door(caller(), 'ranger', token)).status < 300, 'it can be tried again');
			}
			t.is((await caller().get(checkSetup)).status, 200);
			t.is(await statusOfLogin(caller(), 'ranger', password), 200);
			t.true((await door(caller(), 'other', undefined)).status >= 400, 'but not once more');
		},
	);
}
