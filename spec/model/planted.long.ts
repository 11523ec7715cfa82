import test from 'ava';
import type { Answer } from '../requirements/ask.ts';
import { finds } from './compare.ts';
import type { Real } from './real.ts';

/* What the model would find: a fault of each kind, planted between it and the service. */

type Ask = Real['ask'];

/** Answers are changed on their way back. */
const answering =
	(change: (answer: Answer, asked: Parameters<Ask>) => Answer) =>
	(real: Real): Real => ({ ...real, ask: async (...asked) => change(await real.ask(...asked), asked) });

const isToken = ([, , headers = {}]: Parameters<Ask>) => headers.Authorization?.startsWith('Bearer ') ?? false;
const isChild = ([, , headers = {}]: Parameters<Ask>) => headers.Cookie?.startsWith('JSESSIONID=h.') ?? false;
const isTreasure = ([, path]: Parameters<Ask>) => path === '/treasure' || path.startsWith('/services/auth/v1/verify');
const isOk = (answer: Answer): Answer => ({ ...answer, status: 200 });

/** What it was once let in with, it is always let in with: a cache that nobody invalidates. */
function remembering(which: (asked: Parameters<Ask>) => boolean, statuses: readonly number[]) {
	const letIn = new Set<string>();
	return answering((answer, asked) => {
		if (!which(asked) || !isTreasure(asked)) return answer;
		const [, , { Authorization = '', Cookie = '' } = {}] = asked;
		const shown = Authorization + Cookie;
		if (answer.status === 200) letIn.add(shown);
		return statuses.includes(answer.status) && letIn.has(shown) ? isOk(answer) : answer;
	});
}

const plants: readonly (readonly [says: string, plant: (real: Real) => Real])[] = [
	['a token that ended, or has expired, opens what it once opened', remembering(isToken, [401])],
	['a token opens what its identity has lost', remembering(isToken, [403])],
	[
		'a token that is ended is not ended',
		(real) => ({
			...real,
			ask: async (method, path, ...more) => {
				const isEnd = method === 'DELETE' && /\/tokens\/./.test(path);
				const answer = await real.ask(isEnd ? 'GET' : method, isEnd ? path.replace(/\/[^/]*$/, '') : path, ...more);
				return isEnd && answer.status === 200 ? { ...answer, status: 204 } : answer;
			},
		}),
	],
	[
		'an operator ends a token, and it is not ended',
		(real) => ({
			...real,
			apiTokens: {
				...real.apiTokens,
				end: async (id) => (await real.apiTokens.list(undefined)).some((each) => each.id === id),
			},
		}),
	],
	[
		'a token lives ten times as long',
		(real) => ({
			...real,
			apiTokens: {
				...real.apiTokens,
				add: (identity, wanted, ...more) =>
					real.apiTokens.add(identity, { ...wanted, expiresInMs: wanted.expiresInMs * 10 }, ...more),
			},
		}),
	],
	[
		'a change of the password ends no token',
		(real) => ({
			...real,
			apiTokens: {
				...real.apiTokens,
				add: (identity, wanted, ...more) =>
					real.apiTokens.add(identity, { ...wanted, endsWithPassword: false }, ...more),
			},
		}),
	],
	[
		'a token is judged by the session beside it',
		(real) => ({
			...real,
			ask: (method, path, { Authorization, ...headers } = {}, body) => {
				const isAlone = !(Authorization?.startsWith('Bearer ') && headers.Cookie);
				return real.ask(method, path, isAlone && Authorization ? { Authorization, ...headers } : headers, body);
			},
		}),
	],
	['a session that was handed over lives on without its parent', remembering(isChild, [401])],
	[
		'a session that was handed over opens another host',
		answering((answer, asked) =>
			isChild(asked) && asked[1] === '/treasure' && asked[2]?.['X-XSRF-Token'] === undefined ? isOk(answer) : answer,
		),
	],
	[
		'a ticket opens twice',
		(() => {
			const entered = new Map<string, Answer>();
			return answering((answer, [, path]) => {
				if (!path.includes('/enter?ticket=')) return answer;
				if (answer.status === 303) entered.set(path, answer);
				return entered.get(path) ?? answer;
			});
		})(),
	],
	[
		'a logout at an application ends nothing',
		(real) => ({
			...real,
			ask: async (...asked) => {
				if (!isChild(asked) || !asked[1].endsWith('/logout')) return real.ask(...asked);
				const answer = await real.ask('GET', '/services/session/v1/xsrfToken', asked[2]);
				return answer.status === 200 ? { ...answer, status: 204 } : answer;
			},
		}),
	],
	[
		'using a session that was handed over does not keep its parent alive',
		(real) => ({
			...real,
			ask: async (...asked) => {
				if (!isChild(asked) || !isTreasure(asked)) return real.ask(...asked);
				const answer = await real.ask('GET', '/services/session/v1/xsrfToken', asked[2]);
				return answer;
			},
		}),
	],
];

for (const [says, plant] of plants) {
	test.serial(`the model finds it where ${says}`, async (t) => {
		t.true(await finds(t, plant, 3000));
	});
}
