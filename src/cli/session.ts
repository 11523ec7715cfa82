import type { Core } from '../app/service.ts';
import type { Config } from '../config/schema.ts';
import type { Session, SessionKey } from '../core/session.ts';
import type { Common } from './identity.ts';
import { nameOf, withIdentity } from './identity.ts';
import { counted, Failed, print, printJson, say, table } from './output.ts';
import { confirm } from './prompt.ts';
import { withCore } from './settings.ts';

const told = { actor: 'operator' } as const;
/** More than anybody reads; `--json` is for programs, and they may ask per identity. */
const most = 10_000;

export async function listSessions(options: Common & { identity?: string }): Promise<void> {
	const show = async (core: Core, sessions: readonly Session[]) => {
		const names = new Map((await core.identities.list()).map(({ id, name }) => [id, name]));
		const hosts = await core.sessions.handover.hostsOf(sessions.map(({ key }) => key));
		const lines = sessions.map((session) =>
			toJson(session, names.get(session.identityId) ?? '(removed)', hosts.get(session.key) ?? []),
		);
		if (options.json) printJson(lines);
		else if (lines.length === 0) say('nobody is signed in');
		else print(table(['ID', 'IDENTITY', 'DIALECT', 'SINCE', 'LAST ACTIVITY', 'ADDRESS', 'DEVICE'], lines.map(toRow)));
	};
	if (options.identity === undefined) {
		await withSessions(options, async (core) => show(core, await core.sessions.list(undefined, most)));
	} else {
		await withIdentity(nameOf(options.identity), options, async (core, { id }, config) => {
			judge(config);
			await show(core, await core.sessions.list(id, most));
		});
	}
}

export interface EndOptions extends Common {
	readonly identity?: string;
	readonly all?: boolean;
	/** Nobody is asked. */
	readonly yes?: boolean;
}

/** One session by its ID, all of `options.identity`, or all. */
export async function endSessions(given: string | undefined, options: EndOptions): Promise<void> {
	if (options.all) return endAll(options);
	if (given !== undefined) return withSessions(options, ({ sessions }) => endOne(sessions, given));
	await withIdentity(nameOf(options.identity ?? ''), options, async ({ sessions }, { id, name }, config) => {
		judge(config);
		const ended = await sessions.endOf(id, {}, { identity: name, ...told });
		say(`${counted(ended, 'session')} of ${name} ended`);
	});
}

async function endAll(options: EndOptions): Promise<void> {
	if (!options.yes) await confirm('Everybody will have to log in again. End all sessions?');
	await withSessions(options, async ({ sessions }) => say(`${counted(await sessions.endAll(told), 'session')} ended`));
}

function withSessions(options: Common, act: (core: Core) => Promise<void>): Promise<void> {
	return withCore(options.config, async (core, config) => {
		judge(config);
		await act(core);
	});
}

/** What this process finds in its own memory is nobody's session. */
function judge({ store }: Config): void {
	if (store.sessions !== 'memory:') return;
	throw new Failed(
		'sessions are in the memory of the service (store.sessions: memory:): only it knows them, and they end when it stops',
	);
}

/** A key may be cut short, as `session list` does, where what is left is clear. */
async function endOne(sessions: Core['sessions'], given: string): Promise<void> {
	if (!/^[0-9a-f]{8,64}$/.test(given)) throw new Failed('an ID is 8 to 64 hexadecimal digits, as session list shows');
	const matching = (await sessions.list(undefined, most)).filter(({ key }) => key.startsWith(given));
	if (matching.length > 1) throw new Failed(`${given} fits ${matching.length} sessions: give more digits`);
	const key = matching[0]?.key ?? (given as SessionKey);
	if (!(await sessions.end(key, told))) throw new Failed(`there is no session ${given}`);
	say(`session ${given} ended`);
}

/** `hosts`: where it was handed over to. */
function toJson(session: Session, identity: string, hosts: readonly string[]) {
	const { key, dialect, state, openedBy, openedAt, lastActivityAt, address, device } = session;
	return {
		id: key,
		identity,
		dialect,
		state,
		...(session.state === 'locked' && { needs: session.needs }),
		openedBy,
		openedAt: new Date(openedAt).toISOString(),
		lastActivityAt: new Date(lastActivityAt).toISOString(),
		address,
		device,
		hosts,
	};
}

/** What a session that opens nothing waits for. */
const waiting = {
	'second-factor': 'must show a second factor',
	'password-change': 'must change password',
	enrolment: 'must set up a second factor',
} as const;

function toRow(session: ReturnType<typeof toJson>): string[] {
	const { id, identity, dialect, needs, openedAt, lastActivityAt, address, device } = session;
	const time = (iso: string) => iso.slice(0, 19).replace('T', ' ');
	const name = needs ? `${identity} (${waiting[needs]})` : identity;
	return [id.slice(0, 16), name, dialect, time(openedAt), time(lastActivityAt), address, device];
}
