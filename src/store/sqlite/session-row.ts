import type { Instant } from '../../core/clock.ts';
import type { CredentialStamp, IdentityId } from '../../core/identity.ts';
import type {
	AssuranceLevel,
	AuthenticationMethod,
	CertificateDigest,
	DialectName,
	Session,
	SessionKey,
	SessionNeed,
	SessionNumber,
	XsrfToken,
} from '../../core/session.ts';
import { completed, firstMethodOf } from '../../core/session.ts';
import type { Packed } from './row-codec.ts';
import { packKey, packStamp, packUuid, unpackKey, unpackStamp, unpackUuid } from './row-codec.ts';

export const sessionColumns = [
	...['dialect', 'identity', 'xsrf_token', 'opened_at', 'last_activity_at', 'credential_stamp', 'by_certificate'],
	...['locked', 'number', 'address', 'device', 'needs', 'methods', 'level', 'proved_at', 'leveled_at'],
	...['bound_to', 'key'],
] as const;

export type SessionRow = [
	dialect: DialectName,
	identity: Packed,
	xsrfToken: Packed,
	openedAt: Instant,
	lastActivityAt: Instant,
	credentialStamp: Packed,
	openedBy: number,
	locked: number,
	number: SessionNumber | null,
	address: string,
	device: string,
	needs: SessionNeed | null,
	methods: string | null,
	level: AssuranceLevel | null,
	provedAt: Instant | null,
	leveledAt: Instant | null,
	boundTo: Packed | null,
	key: Packed,
];

/** In this order: 1 is what a column that was made for certificates alone says of them. */
const waysIn = ['password', 'certificate', 'passkey'] as const satisfies readonly Session['openedBy'][];

export function toSession(row: SessionRow): Session {
	const [dialect, identity, xsrfToken, openedAt, lastActivityAt, stamp, openedBy, locked, number, ...rest] = row;
	const [address, device, needs, methods, level, provedAt, leveledAt, boundTo, key] = rest;
	return completed({
		key: unpackKey(key) as SessionKey,
		dialect,
		identityId: unpackUuid(identity) as IdentityId,
		xsrfToken: unpackUuid(xsrfToken) as XsrfToken,
		openedAt,
		lastActivityAt,
		credentialStamp: unpackStamp(stamp) as CredentialStamp,
		openedBy: waysIn[openedBy] ?? 'password',
		address,
		device,
		...(boundTo !== null && { boundTo: unpackKey(boundTo) as CertificateDigest }),
		...(number !== null && { number }),
		state: locked === 1 ? 'locked' : 'open',
		...(needs !== null && { needs }),
		...(methods !== null && { methods: methods.split(',') as AuthenticationMethod[] }),
		...(level !== null && { level }),
		...(provedAt !== null && { provedAt }),
		...(leveledAt !== null && { leveledAt }),
	});
}

/** What a session of one factor has by itself takes no room. */
export function toRow(session: Session): SessionRow {
	const { openedAt, openedBy, level, provedAt, leveledAt, boundTo } = session;
	const needs = session.state === 'locked' ? session.needs : null;
	const methods = session.methods.join(',');
	return [
		session.dialect,
		packUuid(session.identityId),
		packUuid(session.xsrfToken),
		openedAt,
		session.lastActivityAt,
		packStamp(session.credentialStamp),
		waysIn.indexOf(openedBy),
		session.state === 'locked' ? 1 : 0,
		session.number ?? null,
		session.address,
		session.device,
		needs === 'password-change' ? null : needs,
		methods === firstMethodOf(openedBy) ? null : methods,
		level === 1 ? null : level,
		provedAt === openedAt ? null : provedAt,
		leveledAt === openedAt ? null : leveledAt,
		boundTo === undefined ? null : packKey(boundTo),
		packKey(session.key),
	];
}
