import type { Identity, IdentityId, Permission } from '../../core/identity.ts';
import { foldName } from '../../core/identity.ts';
import type { IdentityStore, Taken } from '../../core/stores.ts';
import { newCredentialStamp, type SetupToken } from '../../core/token.ts';
import { createSqliteAuthenticators } from './authenticators.ts';
import type { SqliteFile } from './connection.ts';
import { readPage } from './identity-page.ts';
import { columns, type Row, toIdentity, toJson, toValues } from './identity-row.ts';
import { createSqlitePermissions } from './permissions.ts';
import { createRecent } from './recent.ts';
import type { Packed } from './row-codec.ts';
import { packStamp, packUuid, unpackUuid } from './row-codec.ts';

/** Identities kept in memory besides: about 1 KB each. */
const mostRecent = 20_000;

/** Of those who may be the last to administer: who can log in, and has no end. */
const canStay = 'identity.disabled = 0 AND identity.is_service = 0 AND identity.expires_at IS NULL';

export function createSqliteIdentities(file: SqliteFile): IdentityStore {
	const recent = createRecent<IdentityId, Identity>(mostRecent, () => file.version());
	const release = file.hold();

	const byId = file.prepare<Row>(`SELECT ${columns} FROM identity WHERE id = ?`);
	const byName = file.prepare<Row>(`SELECT ${columns} FROM identity WHERE name = ?`);
	const all = file.prepare<Row>(`SELECT ${columns} FROM identity ORDER BY name`);
	const likeName = file.prepare<[Packed]>('SELECT id FROM identity WHERE folded_name = ?');
	const put = file.prepare(
		`INSERT INTO identity (${columns}, folded_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	);
	const rename = file.prepare('UPDATE identity SET name = ?, folded_name = ? WHERE id = ?');
	const putVerifier = file.prepare('UPDATE identity SET password_verifier = ? WHERE id = ?');
	const putStamp = file.prepare('UPDATE identity SET credential_stamp = ?, password_change_needed = ? WHERE id = ?');
	const putPermissions = file.prepare('UPDATE identity SET permissions = ? WHERE id = ?');
	const putDisabled = file.prepare('UPDATE identity SET disabled = ?, credential_stamp = ? WHERE id = ?');
	const touch = file.prepare('UPDATE identity SET last_sign_in_at = ?1 WHERE id = ?2 AND last_sign_in_at < ?1');
	const remove = file.prepare('DELETE FROM identity WHERE id = ?');
	const setup = file.prepare<[isOver: number, token: SetupToken | null]>('SELECT is_over, token FROM setup');
	/** Once it is, it stays so. */
	let isSetUp = false;
	const otherHolder = file.prepare<[number]>(
		`SELECT 1 FROM identity, json_each(identity.permissions) AS held
			WHERE held.value = ? AND identity.id <> ? AND ${canStay} LIMIT 1`,
	);
	const expired = file.prepare<[Packed]>('SELECT id FROM identity WHERE expires_at > ? AND expires_at <= ?');
	const setupIsOver = file.prepare<[number]>('SELECT is_over FROM setup');
	const endSetup = file.prepare('UPDATE setup SET token = NULL, is_over = 1 WHERE is_over = 0');
	const keepToken = file.prepare<[SetupToken]>(
		'UPDATE setup SET token = coalesce(token, ?) WHERE is_over = 0 RETURNING token',
	);

	function read(id: IdentityId): Identity | undefined {
		const row = byId.get(packUuid(id));
		return row && toIdentity(row);
	}

	/** Every change of an identity: on the disk before it is told, and read anew afterwards. */
	function change<T>(id: IdentityId, work: (identity: Identity | undefined) => T): T {
		const result = file.write('synced', () => work(read(id)));
		recent.delete(id);
		return result;
	}

	/** Takes something from an identity that exists, if another enabled one still holds `keep` afterwards. */
	function take(id: IdentityId, keep: Permission | undefined, work: (identity: Identity, key: Packed) => void) {
		return change(id, (identity): Taken => {
			if (identity === undefined) return 'absent';
			const { disabled, service, expiresAt } = identity;
			const counts = !disabled && !service && expiresAt === undefined;
			const holds = counts && keep !== undefined && identity.permissions.has(keep);
			if (holds && otherHolder.get(keep, packUuid(id)) === undefined) return 'last';
			work(identity, packUuid(id));
			return 'done';
		});
	}

	function add(identity: Identity) {
		put.run(...toValues(identity));
		endSetup.run();
	}

	return {
		permissions: createSqlitePermissions(file, { read, forget: recent.delete }),
		authenticators: createSqliteAuthenticators(file, recent.delete),
		async find(id) {
			const kept = recent.get(id);
			if (kept !== undefined) return kept;
			const identity = file.read(() => read(id));
			if (identity !== undefined) recent.set(id, identity);
			return identity;
		},
		async findByName(name) {
			const row = file.read(() => byName.get(name));
			return row && toIdentity(row);
		},
		expired: async (after, until) =>
			file.read(() => expired.all(after, until)).map(([id]) => unpackUuid(id) as IdentityId),
		list: async () => file.read(() => all.all()).map(toIdentity),
		page: async (query) => readPage(file, query),
		async touch(signIns) {
			file.write('written', () => {
				for (const [id, at] of signIns) touch.run(at, packUuid(id));
			});
		},
		async insert(identity) {
			const done = file.write('synced', () => {
				if (likeName.get(foldName(identity.name)) !== undefined) return 'name-taken';
				add(identity);
				return 'inserted';
			});
			file.noteSetUp();
			return done;
		},
		async insertAll(identities) {
			const done = file.write('synced', () => {
				const inserted = new Set<IdentityId>();
				for (const identity of identities) {
					if (likeName.get(foldName(identity.name)) !== undefined) continue;
					add(identity);
					inserted.add(identity.id);
				}
				return inserted;
			});
			if (done.size > 0) file.noteSetUp();
			return done;
		},
		async insertFirst(identity) {
			const done = file.write('synced', () => {
				if (setupIsOver.get()?.[0] === 1) return 'already-set-up';
				add(identity);
				return 'inserted';
			});
			file.noteSetUp();
			return done;
		},
		async offerSetup(token) {
			if (isSetUp) return undefined;
			// Asked by everybody who opens the console: it writes once in the life of a database, and waits for no lock.
			const [isOver, kept] = file.read(() => setup.get()) ?? [1, null];
			isSetUp = isOver === 1;
			if (isSetUp || kept !== null) return kept ?? undefined;
			return file.write('synced', () => keepToken.get(token)?.[0]);
		},
		async changeCredentials(id, from, { name, passwordVerifier, passwordChangeNeeded, credentialStamp }) {
			return change(id, (identity) => {
				if (identity?.credentialStamp !== from) return 'outdated';
				const key = packUuid(id);
				if (name !== undefined) {
					const holder = likeName.get(foldName(name))?.[0];
					if (holder !== undefined && unpackUuid(holder) !== id) return 'name-taken';
					rename.run(name, foldName(name), key);
				}
				if (passwordVerifier !== undefined) putVerifier.run(passwordVerifier, key);
				putStamp.run(packStamp(credentialStamp), passwordChangeNeeded ? 1 : 0, key);
				return 'changed';
			});
		},
		async replaceVerifier(id, from, verifier) {
			change(id, (identity) => {
				if (identity?.credentialStamp === from) putVerifier.run(verifier, packUuid(id));
			});
		},
		grant: async (id, permissions) =>
			change(id, (identity) => {
				if (identity === undefined) return false;
				putPermissions.run(toJson([...identity.permissions, ...permissions]), packUuid(id));
				return true;
			}),
		revoke: async (id, permissions, keep) =>
			take(
				id,
				permissions.find((permission) => permission === keep),
				(identity, key) => {
					const left = [...identity.permissions].filter((permission) => !permissions.includes(permission));
					putPermissions.run(toJson(left), key);
				},
			),
		setDisabled: async (id, disabled, keep) =>
			take(id, disabled ? keep : undefined, (identity, key) => {
				if (identity.disabled !== disabled) putDisabled.run(disabled ? 1 : 0, packStamp(newCredentialStamp()), key);
			}),
		remove: async (id, keep) => take(id, keep, (_, key) => remove.run(key)),
		close: async () => release(),
	};
}
