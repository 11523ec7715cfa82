import type { ApiTokens } from '../core/api-tokens.ts';
import type { Audit } from '../core/audit.ts';
import type { CeremonyStore } from '../core/ceremony.ts';
import type { InvitationStore } from '../core/invitation.ts';
import type { HashQueue } from '../core/password.ts';
import type { PermissionStore } from '../core/permission-store.ts';
import type { RefreshTokenStore } from '../core/refresh-token.ts';
import type { Outcome } from '../core/refusal.ts';
import type { Sessions } from '../core/sessions.ts';
import type { ApiTokenStore, AttemptStore, HandoverStore, IdentityStore, SessionStore } from '../core/stores.ts';
import type { TokenPairs } from '../core/token-pairs.ts';
import type { QueueState } from '../hashing/queue.ts';
import type { Metrics } from '../observability/metrics.ts';
import { instrumentedAuditTable } from './instrument-audit.ts';
import { instrumentedAuthenticators } from './instrument-factors.ts';
import { instrumentsOf } from './instruments.ts';
import type { Stores } from './store-types.ts';

/*
 * The same parts, instrumented. A session check asks two stores, and must not become dearer by it: its failures are
 * counted, each 16th is timed, and nothing is awaited.
 */

/** The audit is the one place that hears of every login: counted there, none is counted twice. */
export function instrumentedAudit(audit: Audit, { logins, auditEvents }: Metrics): Audit {
	return {
		write(event) {
			audit.write(event);
			const { act, outcome, reason = '', dialect = '', method = '' } = event;
			auditEvents.inc({ act, outcome, reason });
			if (act === 'login') logins.inc({ dialect, method, outcome: outcome === 'ok' ? 'ok' : reason });
		},
	};
}

export function instrumentedQueue(queue: HashQueue, { hashRefusals }: Metrics): HashQueue {
	return {
		async run(hash) {
			const outcome = await queue.run(hash);
			if (!outcome.ok) hashRefusals.inc();
			return outcome;
		},
	};
}

export function instrumentedSessions(sessions: Sessions, { sessionChecks }: Metrics): Sessions {
	function record<T extends Outcome<unknown>>(outcome: T): T {
		sessionChecks.inc({ outcome: outcome.ok ? 'ok' : outcome.refusal.kind });
		return outcome;
	}
	function recordFault(fault: unknown): never {
		sessionChecks.inc({ outcome: 'fault' });
		throw fault;
	}
	const check: Check = (...args) => sessions.check(...args).then(record, recordFault);
	return { ...sessions, check: check as Sessions['check'] };
}

type Check = (...args: Parameters<Sessions['check']>) => ReturnType<Sessions['check']>;

export function instrumentedApiTokens(apiTokens: ApiTokens, metrics: Metrics): ApiTokens {
	return {
		...apiTokens,
		check: (text, origin) => countedCheck(apiTokens.check(text, origin), metrics),
		checkKey: (key, origin) => countedCheck(apiTokens.checkKey(key, origin), metrics),
	};
}

export function instrumentedTokenPairs<T extends TokenPairs>(pairs: T, metrics: Metrics): T {
	return { ...pairs, check: (text, origin) => countedCheck(pairs.check(text, origin), metrics) };
}

async function countedCheck<T>(checked: Promise<Outcome<T>>, { tokenChecks }: Metrics): Promise<Outcome<T>> {
	try {
		const outcome = await checked;
		tokenChecks.inc({ outcome: outcome.ok ? 'ok' : outcome.refusal.kind });
		return outcome;
	} catch (fault) {
		tokenChecks.inc({ outcome: 'fault' });
		throw fault;
	}
}

export function instrumentedStores(stores: Stores, metrics: Metrics): Stores {
	return {
		...stores,
		identities: instrumentedIdentities(stores.identities, metrics),
		sessions: instrumentedSessionStore(stores.sessions, metrics),
		apiTokens: instrumentedApiTokenStore(stores.apiTokens, metrics),
		invitations: instrumentedInvitations(stores.invitations, metrics),
		auditTable: instrumentedAuditTable(stores.auditTable, metrics),
		attempts: instrumentedAttempts(stores.attempts, metrics),
	};
}

function instrumentedIdentities(store: IdentityStore, metrics: Metrics): IdentityStore {
	const { timed, sampled } = instrumentsOf('identities', metrics);
	return {
		find: sampled('find', store.find),
		findByName: timed('findByName', store.findByName),
		list: timed('list', store.list),
		page: timed('page', store.page),
		touch: timed('touch', store.touch),
		expired: timed('expired', store.expired),
		insert: timed('insert', store.insert),
		insertAll: timed('insertAll', store.insertAll),
		insertFirst: timed('insertFirst', store.insertFirst),
		offerSetup: timed('offerSetup', store.offerSetup),
		changeCredentials: timed('changeCredentials', store.changeCredentials),
		replaceVerifier: timed('replaceVerifier', store.replaceVerifier),
		grant: timed('grant', store.grant),
		revoke: timed('revoke', store.revoke),
		setDisabled: timed('setDisabled', store.setDisabled),
		remove: timed('remove', store.remove),
		permissions: instrumentedPermissions(store.permissions, metrics),
		authenticators: instrumentedAuthenticators(store.authenticators, metrics),
		close: store.close,
	};
}

function instrumentedPermissions(store: PermissionStore, metrics: Metrics): PermissionStore {
	const { timed } = instrumentsOf('permissions', metrics);
	return {
		find: timed('find', store.find),
		make: timed('make', store.make),
		remove: timed('remove', store.remove),
		replace: timed('replace', store.replace),
	};
}

function instrumentedSessionStore(store: SessionStore, metrics: Metrics): SessionStore {
	const { timed, sampled } = instrumentsOf('sessions', metrics);
	return {
		find: sampled('find', store.find),
		insert: timed('insert', store.insert),
		replace: timed('replace', store.replace),
		list: timed('list', store.list),
		certified: timed('certified', store.certified),
		touch: timed('touch', store.touch),
		delete: timed('delete', store.delete),
		deleteOf: timed('deleteOf', store.deleteOf),
		deleteMany: timed('deleteMany', store.deleteMany),
		sweep: timed('sweep', store.sweep),
		count: timed('count', store.count),
		handover: instrumentedHandover(store.handover, metrics),
		ceremonies: instrumentedCeremonies(store.ceremonies, metrics),
		refreshTokens: instrumentedRefreshTokens(store.refreshTokens, metrics),
		close: store.close,
	};
}

function instrumentedHandover(store: HandoverStore, metrics: Metrics): HandoverStore {
	const { timed, sampled } = instrumentsOf('handover', metrics);
	return {
		find: sampled('find', store.find),
		putTicket: timed('putTicket', store.putTicket),
		takeTicket: timed('takeTicket', store.takeTicket),
		insert: timed('insert', store.insert),
		hostsOf: timed('hostsOf', store.hostsOf),
	};
}

function instrumentedCeremonies(store: CeremonyStore, metrics: Metrics): CeremonyStore {
	const { timed } = instrumentsOf('ceremonies', metrics);
	return { put: timed('put', store.put), take: timed('take', store.take) };
}

function instrumentedRefreshTokens(store: RefreshTokenStore, metrics: Metrics): RefreshTokenStore {
	const { timed } = instrumentsOf('refresh-tokens', metrics);
	return {
		insert: timed('insert', store.insert),
		find: timed('find', store.find),
		replace: timed('replace', store.replace),
		delete: timed('delete', store.delete),
		deleteOf: timed('deleteOf', store.deleteOf),
		sweep: timed('sweep', store.sweep),
	};
}

function instrumentedApiTokenStore(store: ApiTokenStore, metrics: Metrics): ApiTokenStore {
	const { timed, sampled } = instrumentsOf('tokens', metrics);
	return {
		find: sampled('find', store.find),
		insert: timed('insert', store.insert),
		list: timed('list', store.list),
		end: timed('end', store.end),
		endOf: timed('endOf', store.endOf),
		touch: timed('touch', store.touch),
		sweep: timed('sweep', store.sweep),
	};
}

function instrumentedInvitations(store: InvitationStore, metrics: Metrics): InvitationStore {
	const { timed } = instrumentsOf('invitations', metrics);
	return {
		put: timed('put', store.put),
		find: timed('find', store.find),
		take: timed('take', store.take),
		endOf: timed('endOf', store.endOf),
		list: timed('list', store.list),
		sweep: timed('sweep', store.sweep),
	};
}

function instrumentedAttempts(store: AttemptStore, metrics: Metrics): AttemptStore {
	const { timed, sampled } = instrumentsOf('attempts', metrics);
	return {
		find: sampled('find', store.find),
		add: timed('add', store.add),
		set: timed('set', store.set),
		takeBack: timed('takeBack', store.takeBack),
		forget: timed('forget', store.forget),
	};
}

/** For the app: the status of each answer. */
export function countAnswers({ requests }: Metrics): (status: number) => void {
	return (status) => requests.inc({ status: `${Math.floor(status / 100)}xx` });
}

/** Values that are not counted as they happen, but read at each scrape. */
export function addGauges(metrics: Metrics, { sessions, copies }: Stores, queue: { state(): QueueState }): void {
	// All processes see the same sessions.
	metrics.gauge(
		'latchkey_sessions',
		'Sessions kept, expired ones included that are not yet swept.',
		sessions.count,
		'max',
	);
	metrics.gauge('latchkey_password_hashes_running', 'Passwords being hashed.', () => queue.state().running);
	metrics.gauge('latchkey_password_hashes_waiting', 'Passwords waiting to be hashed.', () => queue.state().waiting);
	if (copies.length === 0) return;
	metrics.counter(
		'latchkey_store_copies_total',
		'Use of the caches of stores on other machines.',
		['store', 'event'],
		() =>
			copies.flatMap(({ store, counts }) =>
				Object.entries(counts).map(([event, value]) => ({ value, labels: { store, event } })),
			),
	);
	for (const { store, ageMs } of copies) {
		const help = 'Seconds since changes elsewhere were last sure to be heard of; absent while they are not.';
		metrics.gauge(`latchkey_${store}_copies_age_seconds`, help, () => ageMs() / 1000, 'max');
	}
}
