import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { newHistory, type Operator, Person } from './history.ts';

/* What the histories of `history.long.ts` would find: each kind of fault, planted in a service of some lines. */

const password = 'four brown bears';

interface Kept {
	readonly of: 'session' | 'token';
	readonly secret: string;
	readonly id: string;
	readonly endsWithPassword?: boolean;
	readonly expiresAt: number;
	isOver: boolean;
}

/** What does not happen, although it is acknowledged. */
type Plant =
	| 'nothing'
	| 'the end of a session'
	| 'the end of a token by its owner'
	| 'the end of a token by an operator'
	| 'the end of tokens with their identity'
	| 'the end of tokens with the password'
	| 'the expiry of a token'
	| 'the loss of a permission'
	| 'the keeping of tokens';

async function startPlanted(plant: Plant) {
	const kept: Kept[] = [];
	let word = password;
	let isDisabled = false;
	let isAllowed = true;
	let serial = 0;
	const secretOf = () => `${++serial}`;
	const add = (of: Kept['of'], more: Partial<Kept> = {}) => {
		const [secret, id] = [secretOf(), secretOf()];
		const one = { of, secret, id, expiresAt: Number.POSITIVE_INFINITY, isOver: false, ...more };
		kept.push(one);
		return one;
	};
	const lives = ({ isOver, expiresAt }: Kept) =>
		!isOver && (performance.now() < expiresAt || plant === 'the expiry of a token');
	const end = (which: (each: Kept) => boolean) => {
		for (const each of kept) if (which(each)) each.isOver = true;
	};
	const server = createServer(async (req, res) => {
		const body = JSON.parse((await text(req)) || '{}');
		const path = (req.url ?? '').replace('/services/session/v1', '');
		const [, bearer] = /^Bearer (.*)$/.exec(req.headers.authorization ?? '') ?? [];
		const [, cookie] = /^s=(.*)$/.exec(req.headers.cookie ?? '') ?? [];
		const shown = kept.find(({ of, secret }) => (of === 'token' ? bearer : cookie) === secret);
		const who = shown && lives(shown) ? shown : undefined;
		const answer = (status: number, said: object = {}, headers: Record<string, string> = {}) =>
			void res.writeHead(status, headers).end(JSON.stringify(said));
		if (path === '/login/password') {
			if (body.password !== word || isDisabled) return answer(401);
			return answer(200, {}, { 'Set-Cookie': `s=${add('session').secret}; Path=/` });
		}
		if (who === undefined) return answer(401);
		if (path === '/xsrfToken') return answer(200, { xsrfToken: 'x' });
		if (path.startsWith('/services/auth')) {
			return answer(isAllowed || plant === 'the loss of a permission' ? 200 : 403);
		}
		if (path === '/logout') {
			if (plant !== 'the end of a session') who.isOver = true;
			return answer(204);
		}
		if (path === '/changePassword') {
			word = body.newPassword;
			const isSpared = ({ of, endsWithPassword }: Kept) =>
				of === 'token' && (!endsWithPassword || plant === 'the end of tokens with the password');
			end((each) => !isSpared(each));
			return answer(204);
		}
		if (path === '/tokens') {
			const made = add('token', { endsWithPassword: body.endsWithPassword });
			if (plant === 'the keeping of tokens') made.isOver = serial % 3 === 0;
			return answer(201, { id: made.id, token: made.secret });
		}
		if (path.startsWith('/tokens/')) {
			if (plant !== 'the end of a token by its owner') end(({ id }) => path.endsWith(`/${id}`));
			return answer(204);
		}
		return answer(200);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const operator: Operator = {
		async setDisabled(_, disabled) {
			isDisabled = disabled;
			end(({ of }) => of === 'session' || plant !== 'the end of tokens with their identity');
			return true;
		},
		async setAllowed(_, allowed) {
			isAllowed = allowed;
			return true;
		},
		async addToken(_, lifetimeMs) {
			const { id, secret } = add('token', { expiresAt: performance.now() + lifetimeMs });
			return { id, text: secret };
		},
		async endToken(id) {
			if (plant !== 'the end of a token by an operator') end((each) => each.id === id);
			return true;
		},
	};
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		operator,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

/** What is found within so many acts. */
async function violationsOf(
	plant: Plant,
	acts: number,
): Promise<{ readonly violations: string[]; readonly done: number }> {
	const service = await startPlanted(plant);
	try {
		const history = newHistory(0);
		const person = new Person('ann', password, [service.url], history, service.operator);
		for (let act = 0; act < acts && history.violations.length === 0; act += 1) await person.act();
		const done = Object.values(history.counts).reduce((sum, count) => sum + count, 0);
		return { violations: history.violations, done };
	} finally {
		service.close();
	}
}

const found: Readonly<Record<Exclude<Plant, 'nothing'>, RegExp>> = {
	'the end of a session': /a session is alive/,
	'the end of a token by its owner': /a token opens \d+ ms after its end/,
	'the end of a token by an operator': /a token opens \d+ ms after its end/,
	'the end of tokens with their identity': /a token opens \d+ ms after its end/,
	'the end of tokens with the password': /a token opens \d+ ms after its end/,
	'the expiry of a token': /a token opens after its time/,
	'the loss of a permission': /a token opens what was taken/,
	'the keeping of tokens': /a token is lost/,
};

for (const [plant, violation] of Object.entries(found)) {
	test(`a history finds it where ${plant} does not happen`, async (t) => {
		const { violations } = await violationsOf(plant as Plant, 200_000);
		t.regex(violations.join('\n'), violation);
	});
}

test('a history finds nothing where all happens that is acknowledged', async (t) => {
	const { violations, done } = await violationsOf('nothing', 3000);
	t.deepEqual(violations, []);
	t.true(done > 2000, `${done}`);
});
