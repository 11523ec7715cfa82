import { createApp } from '../../http/app.ts';
import type { Authenticator } from '../../http/authenticator.ts';
import type { Bearer } from '../../http/bearer.ts';
import { putInOrder } from '../../http/order.ts';
import type { Client } from '../../http/request/client.ts';
import type { Origins } from '../../http/request/origins.ts';
import { plainAnswers } from '../../http/response/default-answers.ts';
import type { No } from '../../http/response/refusals.ts';
import { replyOf } from '../../http/response/reply.ts';
import { createDecide } from '../authorize.ts';
import { needsDestination } from '../destination.ts';
import { createForwardAuth, forwardAuthPath } from '../forward-auth.ts';
import type { Lead } from '../lead.ts';
import type { People } from '../people.ts';
import { createProtect } from '../protect.ts';
import type { RuleOf } from '../rules.ts';
import type { IsWideWorker } from '../service-worker.ts';
import { imagine } from './imagined-request.ts';
import type { Question } from './question.ts';

/** How a browser asks: for a page to be shown, by a script, for a WebSocket; and a program, which says nothing of a page. */
export type Kind = 'navigation' | 'fetch' | 'websocket' | 'program';

/** What it gets. */
export interface Answered {
	readonly passes: boolean;
	/** Absent where it is passed on: then the upstream answers. */
	readonly status?: number;
	/** Where it is passed on. */
	readonly upstream?: string;
	/** Where it is led. */
	readonly location?: string;
	/** `RefusalCode` of openapi.yaml. */
	readonly code?: string;
	readonly message?: string;
}

export interface RehearsalParts {
	readonly ruleOf: RuleOf;
	readonly isWideWorker: IsWideWorker;
	readonly lead: Lead;
	readonly people: People;
	readonly origins: Origins;
	readonly authenticators: readonly Authenticator[];
	readonly bearer: Bearer | undefined;
}

export interface Carried {
	/** Names and values in turn: what the browser sends by itself, and what only a script can. */
	readonly cookie: readonly string[];
	readonly token: readonly string[];
}

const log = { debug() {}, info() {}, warn() {}, error() {} };
const audit = { write() {} };

/** The gateway itself, put together once more: with nothing behind it, and nobody who writes down what it does. */
export function createRehearsal(parts: RehearsalParts & Carried, by: 'reverse-proxy' | 'forward-auth') {
	const { ruleOf, isWideWorker, lead, origins, authenticators, bearer, cookie, token } = parts;
	const decide = createDecide({ authenticators, bearer, origins, audit });

	/** `undefined`: browsers do not ask so. */
	return async (question: Question, kind: Kind): Promise<Answered | undefined> => {
		const { method, host, secure, target, websocket, from = '' } = question;
		const how = headersOf(question, kind);
		if (how === undefined) return undefined;
		const client: Client = { address: from, secure, host, viaTrustedProxy: by === 'forward-auth' };
		let upstream: string | undefined;
		/** A page for a person names no code. */
		let refused: No | undefined;
		const people: People = {
			answers: (ctx, waiting, answers) => (no) => {
				refused = no;
				return parts.people.answers(ctx, waiting, answers)(no);
			},
		};
		const pass = async (...[, , to]: readonly unknown[]) => {
			upstream = (to as { upstream: URL }).upstream.origin;
			return { kind: 'answered' } as const;
		};
		const proxy = { pass, upgrade: (...[req, , , to]: readonly unknown[]) => pass(req, undefined, to), close() {} };
		const common = { decide, lead, people, ruleOf, isWideWorker };
		const gateway =
			by === 'forward-auth'
				? createForwardAuth({ ...common, authenticators, pollingCounts: false }).verify
				: createProtect({
						...common,
						...{ origins, proxy, authenticators, log },
						reauthorize: async () => false,
						tunnelCheckMs: 2 ** 31 - 1,
					});
		const app = putInOrder(createApp(), { log, clientOf: () => client, origins }, { gateway });
		// Where it writes is not asked about: it may be that path.
		const to = needsDestination(method) ? ['Destination', target] : [];
		const sent = [...how, ...to, ...cookie, ...(kind === 'fetch' ? token : [])];
		const asked =
			by === 'forward-auth'
				? {
						method: 'GET',
						target: `${forwardAuthPath}?answer=302`,
						rawHeaders: ['Host', host, ...forwarded(question), ...sent],
						upgrades: false,
					}
				: { method, target, rawHeaders: ['Host', host, ...sent], upgrades: websocket };
		const ctx = await imagine(app, asked);
		if (upstream !== undefined) return { passes: true, upstream };
		const { statusCode: status } = ctx.res;
		if (status === 200) return { passes: true, status };
		const { body, headers } = replyOf(ctx) ?? {};
		const { code, message } = Object(refused ? plainAnswers(refused).body : body);
		// The number of a browser that nobody has leads nowhere.
		const location = headers?.Location?.replace(/&enter=[\w-]+$/, '');
		return { passes: false, status, ...(location && { location }), ...(code && { code, message }) };
	};
}

function forwarded({ method, host, target, secure, websocket }: Question): string[] {
	return [
		...['X-Forwarded-Method', method, 'X-Forwarded-Uri', target, 'X-Forwarded-Host', host],
		...['X-Forwarded-Proto', secure ? 'https' : 'http'],
		...(websocket ? ['Upgrade', 'websocket'] : []),
	];
}

/** Of a page of the host that is asked; a page that is shown was opened by the person. */
function headersOf({ method, secure, host, websocket }: Question, kind: Kind): string[] | undefined {
	const isRead = method === 'GET' || method === 'HEAD';
	const origin = ['Origin', `${secure ? 'https' : 'http'}://${host}`];
	switch (kind) {
		case 'websocket':
			return [
				...['Sec-Fetch-Mode', 'websocket', 'Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', 'websocket'],
				...['Sec-WebSocket-Version', '13', 'Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
				...(websocket ? ['Connection', 'Upgrade', 'Upgrade', 'websocket'] : []),
				...origin,
			];
		case 'program':
			return ['Accept', '*/*'];
		case 'fetch':
			return [
				...['Accept', '*/*', 'Sec-Fetch-Mode', 'cors', 'Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', 'empty'],
				...(isRead ? [] : origin),
			];
		case 'navigation':
			if (!isRead && method !== 'POST') return undefined;
			return [
				...['Accept', 'text/html,*/*;q=0.8', 'Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'document'],
				...(isRead
					? ['Sec-Fetch-Site', 'none']
					: ['Sec-Fetch-Site', 'same-origin', 'Content-Type', 'application/x-www-form-urlencoded', ...origin]),
			];
	}
}
