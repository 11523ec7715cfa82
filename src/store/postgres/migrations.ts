import type { ClientBase } from 'pg';

/*
 * The schema, from the first version on. A version that was released is never edited: add one behind it, and such that
 * the version before still works with it, since nodes are upgraded one after the other. Times of nodes are milliseconds
 * since 1970.
 */
const migrations = [
	`
	CREATE TABLE latchkey.setup (
		id integer PRIMARY KEY CHECK (id = 1),
		token text,
		is_over boolean NOT NULL
	);
	INSERT INTO latchkey.setup VALUES (1, NULL, false);

	CREATE TABLE latchkey.identity (
		id text PRIMARY KEY,
		name text COLLATE "C" NOT NULL UNIQUE,
		folded_name text COLLATE "C" NOT NULL UNIQUE,
		password_verifier text,
		password_change_needed boolean NOT NULL,
		credential_stamp text NOT NULL,
		permissions text[] NOT NULL,
		disabled boolean NOT NULL,
		created_at bigint NOT NULL
	);

	-- What was ended, whatever a session store says that came back from yesterday.
	CREATE TABLE latchkey.ended_session (
		key bytea PRIMARY KEY,
		ended_at timestamptz NOT NULL DEFAULT now()
	);
	CREATE INDEX ended_session_by_time ON latchkey.ended_session (ended_at);

	CREATE TABLE latchkey.attempt (
		key varchar(255) PRIMARY KEY,
		points integer NOT NULL DEFAULT 0,
		expire bigint
	);
	`,
	// To find what is forgotten.
	'CREATE INDEX attempt_by_end ON latchkey.attempt (expire)',
	// Notes beside identities, as that they were moved.
	'CREATE TABLE latchkey.note (key text PRIMARY KEY, value text NOT NULL)',
	// What machines show; and identities of machines, and with an end.
	`
	CREATE TABLE latchkey.api_token (
		id text PRIMARY KEY,
		key text NOT NULL UNIQUE,
		identity_id text NOT NULL,
		name text NOT NULL,
		permissions text[] NOT NULL,
		networks text[],
		paths text[],
		created_at bigint NOT NULL,
		created_by_session text,
		expires_at bigint NOT NULL,
		credential_stamp text,
		last_used_at bigint,
		last_address text,
		ended_at bigint
	);
	CREATE INDEX api_token_of_identity ON latchkey.api_token (identity_id);
	CREATE INDEX api_token_by_end ON latchkey.api_token (coalesce(ended_at, expires_at));
	ALTER TABLE latchkey.identity ADD COLUMN is_service boolean NOT NULL DEFAULT false;
	ALTER TABLE latchkey.identity ADD COLUMN expires_at bigint;
	CREATE INDEX identity_by_end ON latchkey.identity (expires_at) WHERE expires_at IS NOT NULL;
	`,
	// Keys of protocols that have their own.
	'ALTER TABLE latchkey.api_token ADD COLUMN dialect text',
	// Second factors: they go with their identity, also where a node removes it that knows nothing of these.
	`
	CREATE TABLE latchkey.authenticator (
		id text PRIMARY KEY,
		identity_id text NOT NULL REFERENCES latchkey.identity (id) ON DELETE CASCADE,
		kind text NOT NULL,
		name text NOT NULL,
		created_at bigint NOT NULL,
		confirmed_at bigint,
		last_used_at bigint,
		failures integer NOT NULL,
		disabled_at bigint,
		sealed_secret text,
		last_step bigint,
		credential_id text UNIQUE,
		public_key text,
		sign_count bigint,
		transports text[],
		aaguid text,
		rp_id text,
		uv boolean,
		backup_eligible boolean,
		backed_up boolean
	);
	CREATE INDEX authenticator_of_identity ON latchkey.authenticator (identity_id);
	CREATE TABLE latchkey.recovery_code (
		identity_id text NOT NULL REFERENCES latchkey.identity (id) ON DELETE CASCADE,
		verifier text NOT NULL,
		batch text NOT NULL,
		used_at bigint,
		PRIMARY KEY (identity_id, verifier)
	);
	`,
	// Codes that set a password once.
	`
	CREATE TABLE latchkey.invitation (
		identity_id text PRIMARY KEY,
		key text NOT NULL UNIQUE,
		purpose text NOT NULL,
		credential_stamp text NOT NULL,
		made_at bigint NOT NULL,
		expires_at bigint NOT NULL,
		made_by text
	);
	`,
	// What was done with the logins of identities, for some weeks.
	`
	CREATE TABLE latchkey.history (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		identity_id text NOT NULL REFERENCES latchkey.identity (id) ON DELETE CASCADE,
		at bigint NOT NULL,
		is_refused boolean NOT NULL,
		facts text NOT NULL
	);
	CREATE INDEX history_of_identity ON latchkey.history (identity_id, at);
	`,
	// When somebody signed in last; 0: never. And orders in which identities are read page by page.
	`
	ALTER TABLE latchkey.identity ADD COLUMN last_sign_in_at bigint NOT NULL DEFAULT 0;
	CREATE INDEX identity_by_last_sign_in ON latchkey.identity (last_sign_in_at, name);
	CREATE INDEX identity_by_creation ON latchkey.identity (created_at, name);
	`,
	// The audit, and in it what the history was until now. That table stays, empty, for nodes of the version before.
	`
	CREATE TABLE latchkey.audit (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		identity_id text, -- whose history it is a part of; it may be gone
		at bigint NOT NULL,
		name text COLLATE "C",
		actor text COLLATE "C",
		act text COLLATE "C" NOT NULL,
		is_refused boolean NOT NULL,
		reason text COLLATE "C",
		address text COLLATE "C",
		facts text NOT NULL
	);
	INSERT INTO latchkey.audit (identity_id, at, name, actor, act, is_refused, reason, address, facts)
		SELECT identity_id, at, name, facts::jsonb ->> 'actor', facts::jsonb ->> 'act', is_refused,
			facts::jsonb ->> 'reason', facts::jsonb ->> 'address', facts
		FROM latchkey.history JOIN latchkey.identity ON identity.id = identity_id ORDER BY history.id;
	DELETE FROM latchkey.history;
	CREATE INDEX audit_by_time ON latchkey.audit (at, id);
	CREATE INDEX audit_of_identity ON latchkey.audit (identity_id, at) WHERE identity_id IS NOT NULL;
	`,
];

/** What an installation is begun with, and one of a version before has not. */
const ofNewInstallation = "INSERT INTO latchkey.note VALUES ('min-length-alone', '15')";

/** Any number: the lock is ours. */
const lock = 4_748_321;

/**
 * One transaction under a lock: of several nodes that start at once, one does it, and the others find it done. A newer
 * schema is no reason to stop, as long as it leaves what this version uses.
 */
export async function migrate(client: ClientBase): Promise<void> {
	const version = await client
		.query<{ version: number }>('SELECT version FROM latchkey.schema')
		.then(({ rows }) => rows[0]?.version ?? 0)
		.catch(() => 0);
	if (version >= migrations.length) return;
	await client.query('BEGIN');
	try {
		await client.query('SET LOCAL statement_timeout = 0');
		await client.query(`SELECT pg_advisory_xact_lock(${lock})`);
		// Where somebody else has made it for us, we may not be allowed to make any.
		const { rows: schemas } = await client.query("SELECT to_regnamespace('latchkey') IS NULL AS missing");
		if (schemas[0]?.missing) await client.query('CREATE SCHEMA latchkey');
		await client.query('CREATE TABLE IF NOT EXISTS latchkey.schema (version integer NOT NULL)');
		const { rows } = await client.query<{ version: number }>('SELECT version FROM latchkey.schema');
		const from = rows[0]?.version ?? 0;
		for (const sql of migrations.slice(from)) await client.query(sql);
		if (from === 0) await client.query(ofNewInstallation);
		await client.query('DELETE FROM latchkey.schema');
		await client.query('INSERT INTO latchkey.schema VALUES ($1)', [Math.max(from, migrations.length)]);
		await client.query('COMMIT');
	} catch (fault) {
		// Where the connection is gone, the server takes it back by itself.
		await client.query('ROLLBACK').catch(() => undefined);
		throw fault;
	}
}
