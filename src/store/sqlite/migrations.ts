/*
 * The schema, from the first version on. A version that was released is never edited: add one behind it, and such that
 * the version before works with it: a table, an index, or a column that has a default. Insertions name their columns.
 *
 * Sessions are rows in the order they were opened, so that a login writes at the end of the table, and `id` tells
 * older from newer. UUIDs, keys and stamps are kept as bytes (`columns.ts`): with its three indexes a session takes
 * about 250 bytes. Times are milliseconds since 1970. One file may hold all tables, or each store have its own.
 */
export const migrations = [
	`
	CREATE TABLE setup (
		id INTEGER PRIMARY KEY CHECK (id = 1),
		token TEXT,
		is_over INTEGER NOT NULL
	) STRICT;
	INSERT INTO setup VALUES (1, NULL, 0);

	CREATE TABLE identity (
		id ANY NOT NULL UNIQUE,
		name TEXT NOT NULL UNIQUE,
		folded_name TEXT NOT NULL UNIQUE,
		password_verifier TEXT,
		password_change_needed INTEGER NOT NULL,
		credential_stamp ANY NOT NULL,
		permissions TEXT NOT NULL, -- a JSON array, sorted
		disabled INTEGER NOT NULL,
		created_at INTEGER NOT NULL
	) STRICT;

	CREATE TABLE session (
		id INTEGER PRIMARY KEY,
		key ANY NOT NULL UNIQUE,
		dialect TEXT NOT NULL,
		identity ANY NOT NULL,
		xsrf_token ANY NOT NULL,
		opened_at INTEGER NOT NULL,
		last_activity_at INTEGER NOT NULL,
		credential_stamp ANY NOT NULL,
		by_certificate INTEGER NOT NULL,
		locked INTEGER NOT NULL,
		number INTEGER,
		address TEXT NOT NULL,
		device TEXT NOT NULL
	) STRICT;
	CREATE INDEX session_of_identity ON session (identity);
	CREATE INDEX session_by_activity ON session (last_activity_at);

	CREATE TABLE attempt (
		key TEXT PRIMARY KEY,
		count INTEGER NOT NULL,
		forgotten_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX attempt_by_end ON attempt (forgotten_at);
	`,
	// Ends of sessions that are kept elsewhere.
	`
	CREATE TABLE ended_session (
		key ANY PRIMARY KEY,
		ended_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX ended_session_by_time ON ended_session (ended_at);
	`,
	// What was ended is counted (`generation.ts`); and notes beside identities, as that they were moved.
	`
	ALTER TABLE setup ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
	CREATE TABLE note (
		key TEXT PRIMARY KEY,
		value TEXT NOT NULL
	) STRICT, WITHOUT ROWID;
	`,
	// What opened a session, in DER, to be judged again. Sessions opened by password have neither: they stay as small.
	`
	ALTER TABLE session ADD COLUMN certificate BLOB;
	CREATE INDEX session_by_certificate ON session (by_certificate) WHERE by_certificate = 1;
	`,
	// What belongs to a session, and goes with it: also where a process ends that session which knows nothing of these.
	`
	CREATE TABLE ticket (
		id INTEGER PRIMARY KEY,
		key ANY NOT NULL UNIQUE,
		parent ANY NOT NULL REFERENCES session (key) ON DELETE CASCADE,
		host TEXT NOT NULL,
		browser TEXT NOT NULL,
		url TEXT NOT NULL,
		issued_at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX ticket_of_session ON ticket (parent);
	CREATE INDEX ticket_by_time ON ticket (issued_at);

	CREATE TABLE child_session (
		id INTEGER PRIMARY KEY,
		key ANY NOT NULL UNIQUE,
		parent ANY NOT NULL REFERENCES session (key) ON DELETE CASCADE,
		host TEXT NOT NULL,
		xsrf_token ANY NOT NULL,
		opened_at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX child_of_session ON child_session (parent);
	`,
	// What machines show; and identities of machines, and with an end.
	`
	CREATE TABLE api_token (
		id TEXT NOT NULL UNIQUE,
		key ANY NOT NULL UNIQUE,
		identity ANY NOT NULL,
		name TEXT NOT NULL,
		permissions TEXT NOT NULL, -- these three: JSON arrays
		networks TEXT,
		paths TEXT,
		created_at INTEGER NOT NULL,
		created_by_session ANY,
		expires_at INTEGER NOT NULL,
		credential_stamp ANY,
		last_used_at INTEGER,
		last_address TEXT,
		ended_at INTEGER
	) STRICT;
	CREATE INDEX api_token_of_identity ON api_token (identity);
	CREATE INDEX api_token_by_end ON api_token (coalesce(ended_at, expires_at));
	ALTER TABLE identity ADD COLUMN is_service INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE identity ADD COLUMN expires_at INTEGER;
	CREATE INDEX identity_by_end ON identity (expires_at) WHERE expires_at IS NOT NULL;
	`,
	// Keys of protocols that have their own.
	'ALTER TABLE api_token ADD COLUMN dialect TEXT',
	// Challenges of passkeys, for minutes.
	`
	CREATE TABLE ceremony (
		id INTEGER PRIMARY KEY,
		key ANY NOT NULL UNIQUE,
		purpose TEXT NOT NULL,
		session ANY,
		browser TEXT,
		identity ANY,
		expires_at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX ceremony_by_end ON ceremony (expires_at);
	`,
	// Second factors: they go with their identity, also where a process removes it that knows nothing of these.
	`
	CREATE TABLE authenticator (
		id ANY NOT NULL UNIQUE,
		identity ANY NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
		kind TEXT NOT NULL,
		name TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		confirmed_at INTEGER,
		last_used_at INTEGER,
		failures INTEGER NOT NULL,
		disabled_at INTEGER,
		sealed_secret TEXT,
		last_step INTEGER,
		credential_id TEXT UNIQUE,
		public_key TEXT,
		sign_count INTEGER,
		transports TEXT, -- a JSON array
		aaguid TEXT,
		rp_id TEXT,
		uv INTEGER,
		backup_eligible INTEGER,
		backed_up INTEGER
	) STRICT;
	CREATE INDEX authenticator_of_identity ON authenticator (identity);
	CREATE TABLE recovery_code (
		identity ANY NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
		verifier TEXT NOT NULL,
		batch TEXT NOT NULL,
		used_at INTEGER,
		PRIMARY KEY (identity, verifier)
	) STRICT;
	`,
	// Codes that set a password once.
	`
	CREATE TABLE invitation (
		identity ANY NOT NULL PRIMARY KEY,
		key ANY NOT NULL UNIQUE,
		purpose TEXT NOT NULL,
		credential_stamp ANY NOT NULL,
		made_at INTEGER NOT NULL,
		expires_at INTEGER NOT NULL,
		made_by ANY
	) STRICT, WITHOUT ROWID;
	`,
	// What was proved in a session. NULL: the first factor, when it was opened; it waits for another password where it is locked.
	`
	ALTER TABLE session ADD COLUMN needs TEXT;
	ALTER TABLE session ADD COLUMN methods TEXT; -- with commas between
	ALTER TABLE session ADD COLUMN level INTEGER;
	ALTER TABLE session ADD COLUMN proved_at INTEGER;
	ALTER TABLE session ADD COLUMN leveled_at INTEGER;
	`,
	// What refresh tokens are known by. One that was used leaves nothing but that it is not the present one.
	`
	CREATE TABLE token_family (
		id INTEGER PRIMARY KEY,
		key ANY NOT NULL UNIQUE,
		current ANY NOT NULL,
		identity ANY NOT NULL,
		credential_stamp ANY NOT NULL,
		session ANY,
		started_at INTEGER NOT NULL,
		issued_at INTEGER NOT NULL,
		expires_at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX token_family_of_identity ON token_family (identity);
	CREATE INDEX token_family_by_end ON token_family (expires_at);
	`,
	// The certificate that a session is bound to: its SHA-256. NULL: to none.
	'ALTER TABLE session ADD COLUMN bound_to ANY',
	// What was done with the logins of identities, for some weeks.
	`
	CREATE TABLE history (
		id INTEGER PRIMARY KEY,
		identity ANY NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
		at INTEGER NOT NULL,
		is_refused INTEGER NOT NULL,
		facts TEXT NOT NULL -- JSON
	) STRICT;
	CREATE INDEX history_of_identity ON history (identity, at);
	`,
	// When somebody signed in last; 0: never. And orders in which identities are read page by page.
	`
	ALTER TABLE identity ADD COLUMN last_sign_in_at INTEGER NOT NULL DEFAULT 0;
	CREATE INDEX identity_by_last_sign_in ON identity (last_sign_in_at, name);
	CREATE INDEX identity_by_creation ON identity (created_at, name);
	`,
	// The audit, and in it what the history was until now. That table stays, empty, for processes of the version before.
	`
	CREATE TABLE audit (
		id INTEGER PRIMARY KEY,
		identity ANY, -- whose history it is a part of; it may be gone
		at INTEGER NOT NULL,
		name TEXT,
		actor TEXT,
		act TEXT NOT NULL,
		is_refused INTEGER NOT NULL,
		reason TEXT,
		address TEXT,
		facts TEXT NOT NULL -- JSON
	) STRICT;
	INSERT INTO audit (identity, at, name, actor, act, is_refused, reason, address, facts)
		SELECT history.identity, at, name, facts ->> 'actor', facts ->> 'act', is_refused, facts ->> 'reason', facts ->> 'address', facts
		FROM history JOIN identity ON identity.id = history.identity ORDER BY history.id;
	DELETE FROM history;
	CREATE INDEX audit_by_time ON audit (at);
	CREATE INDEX audit_of_identity ON audit (identity, at) WHERE identity IS NOT NULL;
	`,
];
