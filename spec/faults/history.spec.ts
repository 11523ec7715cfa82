import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import type { TotpStep } from '../../src/core/authenticator.ts';
import type { Instant } from '../../src/core/clock.ts';
import { newTotpSecret, stepOf, toBase32 } from '../../src/core/totp.ts';
import { fromBase32 } from '../_support/authenticator-app.ts';
import { newHistory, type Operator } from './held.ts';
import { Person } from './history.ts';

/* What the histories of `history.long.ts` would find: each kind of fault, planted in a service of some lines. */

const password = 'four brown bears';

interface Kept {
	readonly of: 'session' | 'token';
	readonly secret: string;
	readonly id: string;
	readonly endsWithPassword?: boolean;
	readonly expiresAt: number;
	isOver: boolean;
	waits?: boolean;
}

interface KeptApp {
	readonly id: string;
	readonly secret: string;
	isConfirmed: boolean;
	isRemoved: boolean;
	lastStep: TotpStep;
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
	| 'the keeping of tokens'
	| 'the use of a code'
	| 'the use of a recovery code'
	| 'the replacement of recovery codes'
	| 'the asking for a second factor'
	| 'the waiting of a session'
	| 'the end of a cookie with a proof'
	| 'the end of sessions with a new factor'
	| 'the removal of a factor'
	| 'the refusal of codes of a removed app'
	| 'the end of sessions with a removed factor'
	| 'the reset of factors'
	| 'the end of sessions with a reset'
	| 'the acceptance of an invitation'
	| 'the end of an invitation with a newer one'
	| 'the end of sessions with an invitation'
	| 'the taking of right codes'
	| 'the keeping of sessions that wait'
	| 'the end of sessions with a loss'
	| 'the end of tokens with a loss'
	| 'the end of sessions on a replica that lags'
	| 'the keeping of sessions on a replica'
	| 'the saying that a store is away'
	| 'the saying when to come back';

async function startPlanted(plant: Plant, now: () => number) {
	const kept: Kept[] = [];
	const apps: KeptApp[] = [];
	const paper = new Map<string, 'good' | 'used'>();
	const invitations = new Set<string>();
	let word = password;
	let formerWord = password;
	let isDisabled = false;
	let isAllowed = true;
	let serial = 0;
	/** What a replica has that hears nothing any more: sessions, and whether they were over. */
	let lagging = new Map<Kept, boolean>();
	let isAway = false;
	const secretOf = () => `${++serial}`;
	const present = () => apps.filter(({ isConfirmed, isRemoved }) => isConfirmed && !isRemoved);
	const isRightCode = (code: string) =>
		(plant === 'the refusal of codes of a removed app' ? apps : present()).some((app) => {
			const last = plant === 'the use of a code' ? (-1 as TotpStep) : app.lastStep;
			const step = stepOf(fromBase32(app.secret), code, now() as Instant, last);
			if (step === undefined || plant === 'the taking of right codes') return false;
			app.lastStep = step;
			return true;
		});
	const isRightPaper = (code: string) => {
		if (paper.get(code) !== 'good') return false;
		if (plant !== 'the use of a recovery code') paper.set(code, 'used');
		return true;
	};
	const removeApps = () => {
		for (const app of apps) app.isRemoved = true;
		paper.clear();
	};
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
	/** `sparing`: where this was planted, sessions go on. */
	const endWithCredentials = (sparing?: Plant) => {
		const isSpared = ({ of, endsWithPassword }: Kept) =>
			of === 'session' ? plant === sparing : !endsWithPassword || plant === 'the end of tokens with the password';
		end((each) => !isSpared(each));
		if (plant !== 'the acceptance of an invitation') invitations.clear();
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
		const enter = (status = 200, waits = false) => {
			const { secret } = add('session', { waits });
			return answer(status, waits ? { secondFactorNeeded: true } : {}, { 'Set-Cookie': `s=${secret}; Path=/` });
		};
		const enterByPassword = () => enter(200, present().length > 0 && plant !== 'the asking for a second factor');
		const raise = (session: Kept, status: number) => {
			if (plant !== 'the end of a cookie with a proof') session.isOver = true;
			return enter(status);
		};
		// Nothing that changes something: whether it happened would be in doubt for long.
		if (isAway && (req.method === 'GET' || path === '/login/password')) {
			if (plant === 'the saying that a store is away') return answer(401);
			return answer(503, {}, plant === 'the saying when to come back' ? {} : { 'Retry-After': '1' });
		}
		if (path === '/login/password') return body.password === word && !isDisabled ? enterByPassword() : answer(401);
		if (path === '/invitation') return answer(invitations.has(body.code) ? 200 : 404);
		if (path === '/invitation/acceptance') {
			if (!invitations.has(body.code)) return answer(404);
			if (plant !== 'the acceptance of an invitation') invitations.delete(body.code);
			formerWord = word;
			word = body.password;
			endWithCredentials('the end of sessions with an invitation');
			return enterByPassword();
		}
		if (who === undefined) return answer(401);
		if (path === '/xsrfToken') return answer(200, { xsrfToken: 'x' });
		if (path === '/secondFactor') return answer(plant === 'the keeping of sessions that wait' ? 401 : 200);
		if (path === '/login/totp' || path === '/login/recoveryCode') {
			const isRight = path === '/login/totp' ? isRightCode(body.code) : isRightPaper(body.code);
			return isRight ? raise(who, 200) : answer(401, { code: 'wrong-code' });
		}
		if (who.waits && plant !== 'the waiting of a session') return answer(401);
		if (path === '/proof') {
			const { code, recoveryCode } = body;
			const isRight = code ? isRightCode(code) : recoveryCode ? isRightPaper(recoveryCode) : body.password === word;
			return isRight ? raise(who, 204) : answer(401, { code: 'wrong-code' });
		}
		if (path === '/authenticators/totp') {
			const [id, secret] = [secretOf(), toBase32(newTotpSecret())];
			apps.push({ id, secret, isConfirmed: false, isRemoved: false, lastStep: -1 as TotpStep });
			return answer(201, { id, secret });
		}
		if (path.endsWith('/confirmation')) {
			const app = apps.find(({ id }) => path.includes(`/${id}/`));
			const step = app && stepOf(fromBase32(app.secret), body.code, now() as Instant, app.lastStep);
			if (app === undefined || step === undefined) return answer(401, { code: 'wrong-code' });
			app.isConfirmed = true;
			app.lastStep = step;
			endWithCredentials('the end of sessions with a new factor');
			return enter();
		}
		if (path.startsWith('/authenticators/')) {
			if (plant !== 'the removal of a factor') removeApps();
			endWithCredentials('the end of sessions with a removed factor');
			return enter(204);
		}
		if (path === '/recoveryCodes') {
			if (plant !== 'the replacement of recovery codes') paper.clear();
			const codes = Array.from({ length: 3 }, secretOf);
			for (const code of codes) paper.set(code, 'good');
			return answer(200, { codes });
		}
		if (path.startsWith('/services/auth')) {
			return answer(isAllowed || plant === 'the loss of a permission' ? 200 : 403);
		}
		if (path === '/logout') {
			if (plant !== 'the end of a session') who.isOver = true;
			return answer(204);
		}
		if (path === '/changePassword') {
			formerWord = word;
			word = body.newPassword;
			endWithCredentials();
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
		async resetFactors() {
			if (plant !== 'the reset of factors') removeApps();
			endWithCredentials('the end of sessions with a reset');
			return true;
		},
		async invite() {
			if (plant !== 'the end of an invitation with a newer one') invitations.clear();
			const code = secretOf();
			invitations.add(code);
			return code;
		},
	};
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		operator,
		/** Goes back to what it was a while ago; what it must not know any more has ended, unless that was planted. */
		lose() {
			const last = kept.slice(-40);
			const of = plant === 'the end of sessions with a loss' ? 'session' : 'token';
			const isPlanted = plant === 'the end of sessions with a loss' || plant === 'the end of tokens with a loss';
			for (const each of last) each.isOver = !(isPlanted && each.of === of);
			end((each) => !last.includes(each));
			invitations.clear();
			for (const code of paper.keys()) paper.set(code, 'used');
			word = formerWord;
			isAllowed = true;
		},
		/** The replica that may take over hears nothing from now on. */
		lag() {
			lagging = new Map(kept.map((each) => [each, each.isOver]));
		},
		goAway() {
			isAway = true;
		},
		/** What was opened since it lags is lost, and nothing else changes. */
		takeOver() {
			isAway = false;
			for (const each of kept.filter(({ of }) => of === 'session')) {
				const wasOver = lagging.get(each);
				if (wasOver === undefined || plant === 'the keeping of sessions on a replica') each.isOver = true;
				else if (plant === 'the end of sessions on a replica that lags') each.isOver = wasOver;
			}
		},
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

/** What is found within so many acts. */
/** Ends with the first violation that is looked for: others may be found before it. */
async function violationsOf(
	plant: Plant,
	acts: number,
	wanted = /./,
): Promise<{ readonly violations: string[]; readonly done: number }> {
	let clock = Date.now();
	const now = () => clock;
	const service = await startPlanted(plant, now);
	try {
		const loses = plant === 'nothing' || plant.endsWith('with a loss');
		const failsOver = /nothing|replica|saying/.test(plant);
		const history = newHistory(0, now);
		const person = new Person('ann', password, [service.url], history, service.operator);
		for (let act = 0; act < acts && !history.violations.some((each) => wanted.test(each)); act += 1) {
			await person.act();
			clock += 1000;
			if (failsOver && act % 100 === 40) {
				history.goesBackTo = performance.now();
				service.lag();
			}
			if (failsOver && act % 100 === 55) service.goAway();
			if (failsOver && act % 100 === 60) {
				service.takeOver();
				person.redisWentBack();
				history.wentBackAt = performance.now();
				delete history.goesBackTo;
			}
			if (!loses || act % 100 !== 99) continue;
			service.lose();
			person.postgresWentBack();
		}
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
	'the use of a code': /a used code opens a session/,
	'the use of a recovery code': /a used recoveryCode opens a session/,
	'the replacement of recovery codes': /a used recoveryCode opens a session/,
	'the asking for a second factor': /a password alone opens a session/,
	'the waiting of a session': /a session that waits for a second factor opens something/,
	'the end of a cookie with a proof': /a session is alive/,
	'the end of sessions with a new factor': /a session is alive/,
	'the removal of a factor': /a second factor that was removed is asked for/,
	'the refusal of codes of a removed app': /a removed code opens a session/,
	'the end of sessions with a removed factor': /a session is alive/,
	'the reset of factors': /a second factor that was removed is asked for/,
	'the end of sessions with a reset': /a session is alive/,
	'the acceptance of an invitation': /an invitation that is over is answered 200/,
	'the end of an invitation with a newer one': /an invitation that is over is answered 200/,
	'the end of sessions with an invitation': /a session is alive/,
	'the taking of right codes': /a code that is right is refused/,
	'the keeping of sessions that wait': /a session that waits is lost/,
	'the end of sessions with a loss': /a session is alive/,
	'the end of tokens with a loss': /a token opens \d+ ms after its end/,
	'the end of sessions on a replica that lags': /a session is alive/,
	'the keeping of sessions on a replica': /is lost|is answered 401/,
	'the saying that a store is away': /is lost|with 401|is 401|is answered 401/,
	'the saying when to come back': /503 without Retry-After/,
};

for (const [plant, violation] of Object.entries(found)) {
	test(`a history finds it where ${plant} does not happen`, async (t) => {
		const { violations } = await violationsOf(plant as Plant, 200_000, violation);
		t.regex(violations.join('\n'), violation);
	});
}

test('a history finds nothing where all happens that is acknowledged', async (t) => {
	const { violations, done } = await violationsOf('nothing', 3000);
	t.deepEqual(violations, []);
	t.true(done > 2000, `${done}`);
});
