import type { ClientBase } from 'pg';
import { answerMs } from '../remote/heartbeat.ts';
import { endPast } from './past.ts';
import type { Run } from './pool.ts';
import { applicationName, PostgresReadOnly } from './settings.ts';
import { createWaits } from './waits.ts';

/*
 * Whether PostgreSQL still has what it acknowledged to this node. A standby that is promoted begins a new timeline at the last
 * byte of the log (LSN) that it had: what its primary acknowledged behind that is lost. So this node keeps in mind how far the
 * log had come with its last acknowledged change, and compares. A snapshot that was put back has a log that is shorter.
 *
 * Where `synchronous_standby_names` is set, no commit is acknowledged before a standby has it, and one of those loses nothing:
 * there the log before the change is kept in mind, which every one of them has. Elsewhere that behind it is asked for, in a way
 * that waits for them, too: they may have been set since the latest beat. A wait that somebody cancels counts as none; and where
 * waiting was switched off, the next beat keeps in mind what was acknowledged without it.
 *
 * What was lost cannot be had back, but nothing that it ended may open anything: `endPast`. One node does it for all; which was
 * the latest stands in a note (`endings` counts up), so that the others see that it was done.
 */

/** The server is the primary of before a promotion: what is written there is lost. */
class PostgresSuperseded extends Error {
	override readonly name = 'PostgresSuperseded';
	constructor(timeline: number, latest: number | undefined) {
		super(`the server is at timeline ${timeline}, and ${latest} has begun: it is the primary of before a promotion`);
	}
}

interface Position {
	readonly system: string;
	readonly timeline: number;
	readonly lsn: bigint;
	/** Where this timeline began; `undefined`: the server was started again since. */
	readonly begunAt: bigint | undefined;
	readonly isSynchronous: boolean;
}

/** What this node knows of the server. */
interface Known {
	readonly system: string;
	readonly timeline: number;
	/** Where the log was at the latest beat; 0 before the first one. Standbys that are waited for have all before it. */
	lsn: bigint;
	/** The log reaches at least so far, or what was acknowledged is lost. */
	keptTo: bigint;
	isSynchronous: boolean;
	endings: number;
}

/** The note. */
interface Judged {
	readonly system: string;
	readonly timeline: number;
	readonly begunAt?: string | undefined;
	readonly endings: number;
}

function keep(known: Known, to: bigint) {
	if (to > known.keptTo) known.keptTo = to;
}

const noteKey = 'lineage';
const putNote =
	'INSERT INTO latchkey.note (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value';
/** Any number: the lock is ours. */
const lock = 4_748_322;
/** The server has these functions not, or not for us, as services that look like PostgreSQL. */
const notTold = /^(0A000|42501|42883)$/;

const lsnText = "(pg_current_wal_flush_lsn() - '0/0')::text";
/** The first eight digits of a file of the log are the timeline. */
const timelineText = 'left(pg_walfile_name(pg_current_wal_flush_lsn()), 8)';
const synchronousText = "current_setting('synchronous_standby_names') <> ''";
const positionText = `SELECT system_identifier::text AS system, ${timelineText} AS timeline, ${lsnText} AS lsn,
	(pg_last_wal_replay_lsn() - '0/0')::text AS begun, ${synchronousText} AS synchronous FROM pg_control_system()`;
/** Where standbys have to answer it is a change, which a primary cannot make that they have left. */
const beatText = `SELECT ${timelineText} AS timeline, ${lsnText} AS lsn, ${synchronousText} AS synchronous,
	current_setting('transaction_read_only') AS read_only,
	CASE WHEN ${synchronousText} THEN pg_logical_emit_message(true, 'latchkey', '') END`;

/**
 * A server does not notice that nobody waits any more for a commit that waits for a standby: what was given up, by any node,
 * would take one connection after the other, and one of them the lock.
 */
const endLeftText = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user
	AND application_name = '${applicationName}' AND wait_event = 'SyncRep' AND query_start < clock_timestamp() - interval '3 s'`;

export interface Lineage {
	/** Judges a server that is to be used from now on. Rejects where it must not be; what was lost has ended when it resolves. */
	judge(client: ClientBase): Promise<void>;
	/** Rejects where another server answers than the one that was judged. */
	verify(client: ClientBase): Promise<void>;
	/** The timeline of a server; 0 where it does not say. */
	timelineOf(client: ClientBase): Promise<number>;
	/** Asks the server that was judged whether it lives. Rejects where another one answers. */
	beat(client: ClientBase): Promise<void>;
	/** Before a change. Returns what is called when it was made: the change is acknowledged where that resolves. */
	change(): (client: ClientBase) => Promise<void>;
}

/** `onLost`: told where acknowledged changes were lost, when what they ended has been ended. */
export function createLineage(onLost: () => void): Lineage {
	let known: Known | undefined;
	/** The server does not say where it is. */
	let isMute = false;
	/** What this node has ended and not told yet: an answer to its `COMMIT` may not come. */
	let untold: number | undefined;
	const { watch, assertWaited } = createWaits();

	async function read(client: ClientBase): Promise<Position | undefined> {
		try {
			const [row] = (await client.query(positionText)).rows;
			const begunAt = row.begun === null ? undefined : BigInt(row.begun);
			const { system, timeline, lsn, synchronous: isSynchronous } = row;
			return { system, timeline: Number.parseInt(timeline, 16), lsn: BigInt(lsn), begunAt, isSynchronous };
		} catch (fault) {
			if (notTold.test((fault as { code?: string }).code ?? '')) return undefined;
			throw fault;
		}
	}

	function isBefore(before: Known | undefined, { system, timeline }: Position): boolean {
		return before?.system === system && timeline < before.timeline;
	}

	/** It goes on where it was. */
	function isSame(before: Known | undefined, { system, timeline, lsn }: Position): boolean {
		return before?.system === system && timeline === before.timeline && lsn >= before.keptTo;
	}

	/** Whether something is lost that was acknowledged to this node. A timeline in between may have begun anywhere. */
	function isLost(before: Known, { system, timeline, lsn, begunAt }: Position): boolean {
		if (before.system !== system || before.keptTo === 0n) return false;
		if (before.timeline === timeline) return lsn < before.keptTo;
		return begunAt === undefined || timeline !== before.timeline + 1 || begunAt < before.keptTo;
	}

	/** `undefined`: the tables are not made yet. */
	async function settle(client: ClientBase, before: Known | undefined, at: Position): Promise<Known | undefined> {
		const run: Run = async (text, values = []) => (await client.query(text, [...values])).rows;
		const [{ missing } = {}] = await run("SELECT to_regclass('latchkey.note') IS NULL AS missing");
		if (missing) return undefined;
		const { system, timeline, isSynchronous } = at;
		await run('BEGIN');
		try {
			await run('SET LOCAL statement_timeout = 0');
			await run(`SELECT pg_advisory_xact_lock(${lock})`);
			const [note] = await run<{ value: string }>('SELECT value FROM latchkey.note WHERE key = $1', [noteKey]);
			const told = note && (JSON.parse(note.value) as Judged);
			const isTold = told?.system === system && told.timeline === timeline;
			const begunAt = isTold && told.begunAt !== undefined ? BigInt(told.begunAt) : at.begunAt;
			let endings = told?.endings ?? 0;
			const ends = before !== undefined && endings <= before.endings && isLost(before, { ...at, begunAt });
			if (ends) {
				await endPast(run);
				endings = before.endings + 1;
				untold = endings;
			}
			if (!isTold || ends) {
				const judged: Judged = { system, timeline, begunAt: begunAt?.toString(), endings };
				await run(putNote, [noteKey, JSON.stringify(judged)]);
			}
			await run('COMMIT');
			if (untold === endings) onLost();
			untold = undefined;
			assertWaited(client);
			return { system, timeline, lsn: 0n, keptTo: 0n, isSynchronous, endings };
		} catch (fault) {
			await run('ROLLBACK').catch(() => undefined);
			throw fault;
		}
	}

	/** How far the log has come. Where standbys have to answer, they have what is before that. */
	async function ask(client: ClientBase) {
		const [row] = (await client.query(beatText)).rows;
		assertWaited(client);
		return row;
	}

	async function judge(client: ClientBase): Promise<void> {
		watch(client);
		// Before the server is asked: others go on meanwhile.
		const before = known && { ...known };
		const position = await read(client);
		isMute = position === undefined;
		// Where the role may not do that, they stay.
		if (position?.isSynchronous) await client.query(endLeftText).catch(() => undefined);
		if (position === undefined || isSame(before, position)) return;
		if (isBefore(before, position)) throw new PostgresSuperseded(position.timeline, before?.timeline);
		const after = await settle(client, before, position);
		// Where the server of before is there still, it may have acknowledged more.
		if (known !== undefined && known.keptTo !== before?.keptTo) return judge(client);
		known = after;
	}

	return {
		judge,
		async verify(client) {
			watch(client);
			const before = known && { ...known };
			const position = before && (await read(client));
			if (position === undefined || isSame(before, position)) return;
			if (isBefore(before, position)) throw new PostgresSuperseded(position.timeline, before?.timeline);
			throw new Error('PostgreSQL was taken over by another server, which has to be judged');
		},
		timelineOf: async (client) => (await read(client))?.timeline ?? 0,
		async beat(client) {
			if (isMute) await client.query('SELECT');
			if (known === undefined) return isMute ? undefined : judge(client);
			const judged = known;
			const row = await ask(client);
			if (row.read_only === 'on') throw new PostgresReadOnly();
			if (Number.parseInt(row.timeline, 16) !== judged.timeline) throw new Error('another server answers');
			const isReleased = judged.isSynchronous && !row.synchronous;
			judged.lsn = BigInt(row.lsn);
			judged.isSynchronous = row.synchronous;
			// What was acknowledged since standbys are not waited for any more.
			if (isReleased) keep(judged, judged.lsn);
		},
		change() {
			const before = known;
			const { lsn: from, isSynchronous } = before ?? {};
			const begunAt = performance.now();
			return async (client) => {
				assertWaited(client);
				if (before === undefined || from === undefined) return;
				// One that took long may have waited in vain, until somebody switched the wait off.
				const isKept = isSynchronous && before.isSynchronous && performance.now() - begunAt < answerMs;
				// Standbys may be waited for that no beat has heard of: then they have what is kept in mind here, too.
				const to = isKept ? from : BigInt((await ask(client)).lsn);
				// Nobody knows which of the two has made it.
				if (before !== known) throw new Error('PostgreSQL was taken over by another server meanwhile');
				keep(before, to);
			};
		},
	};
}
