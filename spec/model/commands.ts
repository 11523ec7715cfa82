import { deepStrictEqual as same } from 'node:assert';
import { createHash, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import type { ApiTokenId } from '../../src/core/api-token.ts';
import type { Permission } from '../../src/core/identity.ts';
import type { Password } from '../../src/core/password.ts';
import type { Answer } from '../requirements/ask.ts';
import type { Child, Held, HeldTicket, HeldToken, Machine, Person } from './machine.ts';
import { applications, names, portal, type Real } from './real.ts';

/*
 * Every verb of every protocol, each once as the machine has it and once as the service does it. A number picks a
 * session: any there ever was, also one that is long over, since anybody who has seen its cookie may show it again.
 */

export type Command = fc.AsyncCommand<Machine, Real>;
type Step = (machine: Machine, real: Real) => Promise<void>;

const base = '/services/session/v1';
const told = { actor: 'operator' } as const;
export const passwords = ['four brown bears', 'seven green frogs', 'nine purple owls'] as const;
const weak = 'short';
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

function command(says: string, run: Step, may: (machine: Machine) => boolean = () => true): Command {
	return { check: may, run, toString: () => says };
}

function pick(machine: Machine, at: number, dialect?: Held['dialect']): Held | undefined {
	const all = machine.sessions.filter((held) => dialect === undefined || held.dialect === dialect);
	return all[all.length - 1 - (at % all.length)];
}

const has = (dialect?: Held['dialect']) => (machine: Machine) => pick(machine, 0, dialect) !== undefined;

/** A command about a session that was picked. */
function about(
	says: string,
	at: number,
	dialect: Held['dialect'] | undefined,
	run: (held: Held, ...on: Parameters<Step>) => Promise<void>,
) {
	return command(
		`${says}(${at})`,
		async (machine, real) => {
			const held = pick(machine, at, dialect);
			if (held) await run(held, machine, real);
		},
		has(dialect),
	);
}

function carried(held: Held | undefined): Record<string, string> {
	return held ? { Cookie: held.cookie, 'X-XSRF-Token': held.xsrf } : {};
}

const basic = (name: string, word: string) => ({
	Authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}`,
});

async function keep(held: Held, answer: Answer, cookieName: string, real: Real): Promise<void> {
	const value = answer.cookie(cookieName);
	if (!value) throw new Error(`no ${cookieName} in ${JSON.stringify(answer.rawHeaders)}`);
	held.cookie = `${cookieName}=${value}`;
	if (held.dialect !== 'kura') return;
	const { status, body } = await real.ask('GET', `${base}/xsrfToken`, { Cookie: held.cookie });
	same(status, 200);
	held.xsrf = JSON.parse(body).xsrfToken;
}

/** What a session of any protocol opens of the treasure. */
function treasureFor(held: Held, machine: Machine): number {
	if (!machine.lives(held) || held.locked) return 401;
	// Who may not see it has done nothing that keeps a session alive.
	if (!held.person.allowed) return 403;
	machine.use(held);
	return 200;
}

/** A login by Basic at a place that needs one: as the status of the place, with the session that it opens. */
async function byBasic(
	answer: Answer,
	name: string,
	word: string,
	machine: Machine,
	real: Real,
): Promise<Person | undefined> {
	const person = machine.proved(name, word);
	if (person === undefined) same(answer.status, 401);
	else if (person.mustChange) same(answer.status, 403);
	else {
		await keep(machine.open(person, 'kismet', 'password'), answer, 'KISMET', real);
		return person;
	}
	same(answer.cookie('KISMET'), undefined);
	return undefined;
}

const kuraLogin = (name: string, word: string, at: number | undefined) =>
	command(`login(${name}, ${word}, ${at})`, async (machine, real) => {
		const presented = at === undefined ? undefined : pick(machine, at, 'kura');
		const body = { username: name, password: word };
		const answer = await real.ask('POST', `${base}/login/password`, carried(presented), body);
		if (presented) presented.kept = false;
		const person = machine.proved(name, word);
		same(answer.status, person ? 200 : 401);
		if (person === undefined) return;
		const held = machine.open(person, 'kura', 'password');
		same(JSON.parse(answer.body).passwordChangeNeeded, held.locked);
		await keep(held, answer, 'JSESSIONID', real);
	});

/** With the password that is the right one at that moment, so that there are sessions to speak of. */
const comeIn = (name: string, dialect: Held['dialect']) =>
	command(
		`come in(${name}, ${dialect})`,
		async (machine, real) => {
			const word = machine.people.get(name)?.password ?? '';
			const by = {
				kura: () => kuraLogin(name, word, undefined),
				kismet: () => checkSession(name, word, undefined),
				insights: () => insightsLogin(name, word, undefined),
			};
			await by[dialect]().run(machine, real);
		},
		(machine) => machine.people.get(name)?.password !== undefined,
	);

const certificateLogin = (name: string, at: number | undefined) =>
	command(`certificate(${name}, ${at})`, async (machine, real) => {
		const presented = at === undefined ? undefined : pick(machine, at, 'kura');
		const headers = { ...carried(presented), 'Client-Cert': real.certificateOf(name) };
		const answer = await real.ask('POST', `${base}/login/certificate`, headers);
		if (presented) presented.kept = false;
		const person = machine.people.get(name);
		same(answer.status, person && !person.disabled ? 204 : 401);
		if (person && !person.disabled) await keep(machine.open(person, 'kura', 'certificate'), answer, 'JSESSIONID', real);
	});

const xsrfToken = (at: number) =>
	about('xsrfToken', at, 'kura', async (held, machine, real) => {
		const { status, body } = await real.ask('GET', `${base}/xsrfToken`, { Cookie: held.cookie });
		same(status, machine.lives(held) ? 200 : 401);
		if (status === 200) same(JSON.parse(body).xsrfToken, held.xsrf);
	});

const currentIdentity = (at: number, of: number, token: 'own' | 'none' | 'other') =>
	about(`currentIdentity by ${token} token of ${of}`, at, 'kura', async (held, machine, real) => {
		const other = pick(machine, of, 'kura');
		const xsrf = token === 'own' ? held.xsrf : token === 'none' ? '' : (other?.xsrf ?? '');
		const { status, body } = await real.ask('GET', `${base}/currentIdentity`, {
			Cookie: held.cookie,
			'X-XSRF-Token': xsrf,
		});
		const right = machine.lives(held) && xsrf === held.xsrf && !held.locked;
		same(status, right ? 200 : 401);
		if (!right) return;
		machine.use(held);
		const { name, allowed, mustChange } = held.person;
		same(JSON.parse(body), { name, passwordChangeNeeded: mustChange, permissions: allowed ? ['treasure'] : [] });
	});

const changePassword = (at: number, current: string, next: string) =>
	about(`changePassword ${current} to ${next}`, at, 'kura', async (held, machine, real) => {
		const body = { currentPassword: current, newPassword: next };
		const { status } = await real.ask('POST', `${base}/changePassword`, carried(held), body);
		if (!machine.lives(held)) return same(status, 401);
		machine.use(held);
		const { person } = held;
		if (person.password !== current) return same(status, 401);
		if (next === current || next === weak) return same(status, 400);
		same(status, 204);
		machine.change(person, next, false);
	});

const logout = (at: number) =>
	about('logout', at, 'kura', async (held, machine, real) => {
		const { status } = await real.ask('POST', `${base}/logout`, carried(held));
		same(status, machine.lives(held) ? 204 : 401);
		held.kept = false;
	});

const resource = (at: number, path: string) =>
	about(`GET ${path}`, at, undefined, async (held, machine, real) => {
		const { status } = await real.ask('GET', path, carried(held));
		same(status, treasureFor(held, machine));
	});

const listOwn = (at: number) =>
	about('sessions', at, 'kura', async (held, machine, real) => {
		const { status, body } = await real.ask('GET', `${base}/sessions`, carried(held));
		const right = machine.lives(held) && !held.locked;
		same(status, right ? 200 : 401);
		if (!right) return;
		machine.use(held);
		const living = machine.keptOf(held.person).filter((each) => !machine.isExpired(each));
		const shown = JSON.parse(body).sessions as { dialect: string; current: boolean }[];
		same(
			shown.map(({ dialect }) => dialect).reverse(),
			living.map(({ dialect }) => dialect),
		);
		same(shown.filter(({ current }) => current).length, 1);
	});

const endOthers = (at: number) =>
	about('end the others', at, 'kura', async (held, machine, real) => {
		const { status, body } = await real.ask('DELETE', `${base}/sessions`, carried(held));
		const right = machine.lives(held) && !held.locked;
		same(status, right ? 200 : 401);
		if (!right) return;
		machine.use(held);
		same(
			JSON.parse(body).ended,
			machine.endOf(held.person, (each) => each === held),
		);
	});

const checkSession = (name: string, word: string, at: number | undefined) =>
	command(`check_session(${name}, ${word}, ${at})`, async (machine, real) => {
		const presented = at === undefined ? undefined : pick(machine, at, 'kismet');
		const headers = { ...carried(presented), ...basic(name, word) };
		const answer = await real.ask('GET', '/session/check_session', headers);
		if (presented && machine.lives(presented)) {
			machine.use(presented);
			same([answer.status, answer.cookie('KISMET')], [200, undefined]);
		} else if (await byBasic(answer, name, word, machine, real)) same(answer.status, 200);
	});

const checkLogin = (name: string, word: string, at: number | undefined) =>
	command(`check_login(${name}, ${word}, ${at})`, async (machine, real) => {
		const presented = at === undefined ? undefined : pick(machine, at, 'kismet');
		const answer = await real.ask('GET', '/session/check_login', { ...carried(presented), ...basic(name, word) });
		const person = machine.proved(name, word);
		if (person && presented && machine.lives(presented)) {
			machine.use(presented);
			if (presented.person === person) return same([answer.status, answer.cookie('KISMET')], [200, undefined]);
		}
		if (await byBasic(answer, name, word, machine, real)) same(answer.status, 200);
	});

const treasureByBasic = (name: string, word: string, path: string) =>
	command(`Basic(${name}, ${word}) ${path}`, async (machine, real) => {
		const answer = await real.ask('GET', path, basic(name, word));
		const person = await byBasic(answer, name, word, machine, real);
		if (person) same(answer.status, person.allowed ? 200 : 403);
	});

const setPassword = (at: number, next: string) =>
	about(`set_password to ${next}`, at, 'kismet', async (held, machine, real) => {
		const body = new URLSearchParams({ username: held.person.name, password: next }).toString();
		const { status } = await real.ask('POST', '/session/set_password', { Cookie: held.cookie, ...form }, body);
		if (!machine.lives(held)) return same(status, 401);
		// A refused request has done nothing that keeps a session alive.
		if (machine.now - held.openedAt > proofMs) return same(status, 403);
		if (held.stamp !== held.person.stamp) return same(status, 401);
		machine.use(held);
		if (next === weak) return same(status, 400);
		same(status, 200);
		machine.changeByKismet(held.person, next);
	});

const insightsLogin = (name: string, word: string, kill: string | undefined) =>
	command(`!login(${name}, ${word}, ${kill})`, async (machine, real) => {
		const body = new URLSearchParams({ uid: name, pw: word, ...(kill && { kill }) }).toString();
		const answer = await real.ask('POST', '/prime-14.01/api/!login', form, body);
		const person = machine.proved(name, word);
		if (person === undefined || person.mustChange) {
			same(answer.cookie('session'), undefined);
			return same(answer.status >= 401 && answer.status <= 403, true);
		}
		same(answer.status, 200);
		const before = machine
			.keptOf(person)
			.find((held) => held.dialect === 'insights' && held.stamp === person.stamp && !machine.isExpired(held));
		const held = machine.open(person, 'insights', 'password');
		await keep(held, answer, 'session', real);
		held.sid = JSON.parse(answer.body).sid;
		if (before) same(before.sid === held.sid, kill !== 'yes');
	});

const insightsLogout = (at: number) =>
	about('!logout', at, 'insights', async (held, machine, real) => {
		const { status } = await real.ask('POST', '/prime-14.01/api/!logout', { Cookie: held.cookie });
		same(status, machine.lives(held) ? 200 : 401);
		held.kept = false;
	});

/** A cookie put together from two sessions opens nothing. */
const mixed = (at: number, of: number) =>
	about(`a cookie mixed with that of ${of}`, at, 'insights', async (held, machine, real) => {
		const other = pick(machine, of, 'insights');
		if (other === undefined || other.cookie === held.cookie) return;
		const [[uid, sid], [, , epw]] = [held.cookie.split('|'), other.cookie.split('|')];
		if (other.sid === held.sid && other.person.name === held.person.name) return;
		const { status } = await real.ask('GET', '/treasure', { Cookie: [uid, sid, epw].join('|') });
		same(status, 401);
		// The service has looked at the session that the token belongs to.
		machine.lives(other);
	});

const pickOf = <T>(all: readonly T[], at: number): T | undefined => all[all.length - 1 - (at % all.length)];

function aboutToken(says: string, at: number, run: (token: HeldToken, ...on: Parameters<Step>) => Promise<void>) {
	return command(
		`${says}(${at})`,
		async (machine, real) => {
			const token = pickOf(machine.tokens, at);
			if (token) await run(token, machine, real);
		},
		({ tokens }) => tokens.length > 0,
	);
}

/** What a token opens of the treasure: no session, and nothing that keeps one alive. */
function treasureByToken(token: HeldToken, machine: Machine): number {
	if (!machine.tokenLives(token)) return 401;
	return token.opens && token.person.allowed ? 200 : 403;
}

const proofMs = 300_000;
const dayMs = 86_400_000;

interface WantedToken {
	readonly opens: boolean;
	readonly endsWithPassword: boolean;
}

function keepToken(
	machine: Machine,
	person: Person,
	made: { readonly id: string; readonly token: string },
	{ opens, endsWithPassword }: WantedToken,
	lifetimeMs: number,
) {
	machine.tokens.push({
		id: made.id,
		authorization: `Bearer ${made.token}`,
		...{ person, opens },
		stamp: endsWithPassword ? person.stamp : undefined,
		expiresAt: machine.now + lifetimeMs,
		kept: true,
	});
}

const makeToken = (at: number, wanted: WantedToken) =>
	about(`make a token that opens ${wanted.opens}`, at, 'kura', async (held, machine, real) => {
		const { opens, endsWithPassword } = wanted;
		const body = { name: 'a job', permissions: opens ? ['treasure'] : [], expiresInDays: 1, endsWithPassword };
		const { status, body: text } = await real.ask('POST', `${base}/tokens`, carried(held), body);
		if (!machine.lives(held) || held.locked) return same(status, 401);
		if (machine.now - held.openedAt > proofMs) return same(status, 403);
		machine.use(held);
		if (opens && !held.person.allowed) return same(status, 403);
		same(status, 201);
		keepToken(machine, held.person, JSON.parse(text), wanted, dayMs);
	});

/** By an operator, who gives it any end. */
const issueToken = (name: string, wanted: WantedToken, lifetimeMs: number) =>
	command(
		`token add(${name}, ${wanted.opens}, ${lifetimeMs})`,
		async (machine, real) => {
			const person = machine.people.get(name);
			if (person === undefined) return;
			await real.operate(name, async (_, identity) => {
				const { opens, endsWithPassword } = wanted;
				const permissions = opens ? ['treasure' as Permission] : [];
				const made = await real.apiTokens.add(
					identity,
					{ name: 'a job', permissions, expiresInMs: lifetimeMs, endsWithPassword },
					told,
				);
				same(made.ok, !opens || person.allowed);
				if (!made.ok) return undefined;
				const { token, text } = made.value;
				keepToken(machine, person, { id: token.id, token: text }, wanted, lifetimeMs);
				return made;
			});
		},
		someone(name),
	);

const useToken = (at: number, path: string) =>
	aboutToken(`token at ${path}`, at, async (token, machine, real) => {
		const { status } = await real.ask('GET', path, { Authorization: token.authorization });
		same(status, treasureByToken(token, machine));
	});

/** It is judged by the token alone, and the session is not used. */
const useTokenWithSession = (at: number, of: number) =>
	aboutToken(`token with session ${of}`, at, async (token, machine, real) => {
		const headers = { ...carried(pick(machine, of)), Authorization: token.authorization };
		const { status } = await real.ask('POST', '/treasure', headers);
		same(status, treasureByToken(token, machine));
	});

const whoIsToken = (at: number) =>
	aboutToken('currentIdentity by token', at, async (token, machine, real) => {
		const headers = { Authorization: token.authorization };
		const { status, body } = await real.ask('GET', `${base}/currentIdentity`, headers);
		same(status, machine.tokenLives(token) ? 200 : 401);
		if (status !== 200) return;
		const { name, allowed } = token.person;
		const { permissions, ...who } = JSON.parse(body);
		same([who.name, permissions], [name, token.opens && allowed ? ['treasure'] : []]);
	});

const listTokens = (at: number) =>
	about('tokens', at, 'kura', async (held, machine, real) => {
		const { status, body } = await real.ask('GET', `${base}/tokens`, carried(held));
		const right = machine.lives(held) && !held.locked;
		same(status, right ? 200 : 401);
		if (!right) return;
		machine.use(held);
		const ids = (JSON.parse(body).tokens as { id: string }[]).map(({ id }) => id).sort();
		same(
			ids,
			machine
				.keptTokensOf(held.person)
				.map(({ id }) => id)
				.sort(),
		);
	});

const endToken = (at: number, of: number) =>
	aboutToken(`end token by session ${of}`, at, async (token, machine, real) => {
		const held = pick(machine, of, 'kura');
		if (held === undefined) return;
		const { status } = await real.ask('DELETE', `${base}/tokens/${token.id}`, carried(held));
		if (!machine.lives(held) || held.locked) return same(status, 401);
		machine.use(held);
		// Somebody else's is not there.
		const isTheirs = token.kept && token.person === held.person;
		same(status, isTheirs ? 204 : 404);
		if (isTheirs) token.kept = false;
	});

const endTokens = (at: number) =>
	about('end all tokens', at, 'kura', async (held, machine, real) => {
		const { status, body } = await real.ask('DELETE', `${base}/tokens`, carried(held));
		const right = machine.lives(held) && !held.locked;
		same(status, right ? 200 : 401);
		if (!right) return;
		machine.use(held);
		same(JSON.parse(body).ended, machine.endTokensOf(held.person));
	});

/** `token end` of an operator. */
const operatorEndsToken = (at: number) =>
	aboutToken('token end', at, async (token, _machine, real) => {
		same(await real.apiTokens.end(token.id as ApiTokenId, undefined, told), token.kept);
		token.kept = false;
	});

const ticketLifetimeMs = 30_000;

/** What a trusted proxy says of a request to a host. */
const atHost = (host: string) => ({ 'X-Forwarded-Host': host, 'X-Forwarded-Proto': 'https' });

/** A browser that another host has led to the portal, where somebody is signed in. */
const leadOn = (at: number, host: string) =>
	about(`hand over to ${host}`, at, 'kura', async (held, machine, real) => {
		const nonce = randomBytes(16).toString('base64url');
		const enter = createHash('sha256').update(nonce).digest('base64url');
		const headers = { ...carried(held), 'X-Forwarded-Host': portal };
		const body = { url: `https://${host}/treasure`, enter };
		const { status, body: text } = await real.ask('POST', `${base}/continue`, headers, body);
		if (!machine.lives(held) || held.locked) return same(status, 401);
		machine.use(held);
		if (!held.person.allowed) return same(status, 403);
		same(status, 200);
		const { pathname, search } = new URL(JSON.parse(text).url);
		const cookie = `__Host-latchkey-enter-${enter.slice(0, 8)}=${nonce}`;
		machine.tickets.push({
			...{ parent: held, host, issuedAt: machine.now },
			...{ path: pathname + search, nonce: cookie, isUsed: false },
		});
	});

/** Whatever is wrong with it, a ticket is used up. */
const enter = (at: number, wrong: 'host' | 'browser' | undefined) =>
	command(
		`enter(${at}, ${wrong})`,
		async (machine, real) => {
			const ticket = pickOf(machine.tickets, at) as HeldTicket;
			const { parent, issuedAt, isUsed } = ticket;
			const [host] = applications.filter((each) => (each === ticket.host) !== (wrong === 'host'));
			const Cookie = wrong === 'browser' ? 'a=b' : ticket.nonce;
			const answer = await real.ask('GET', ticket.path, { ...atHost(host ?? ''), Cookie });
			const isInTime = machine.now - issuedAt <= ticketLifetimeMs;
			ticket.isUsed = true;
			const isRight = !isUsed && wrong === undefined && isInTime && machine.lives(parent);
			same(answer.status, isRight ? 303 : 400);
			if (!isRight) return same(answer.cookie(), undefined);
			const cookie = `JSESSIONID=${answer.cookie()}`;
			const token = await real.ask('GET', `${base}/xsrfToken`, { ...atHost(ticket.host), Cookie: cookie });
			same(token.status, 200);
			machine.children.push({ parent, host: ticket.host, cookie, xsrf: JSON.parse(token.body).xsrfToken });
		},
		({ tickets }) => tickets.length > 0,
	);

/** Both at once, as browsers do it. */
const handOver = (at: number, host: string) =>
	about(`comes to ${host}`, at, 'kura', async (_held, machine, real) => {
		const before = machine.tickets.length;
		await leadOn(at, host).run(machine, real);
		if (machine.tickets.length > before) await enter(0, undefined).run(machine, real);
	});

function aboutChild(says: string, at: number, run: (child: Child, ...on: Parameters<Step>) => Promise<void>) {
	return command(
		`${says}(${at})`,
		async (machine, real) => {
			const child = pickOf(machine.children, at);
			if (child) await run(child, machine, real);
		},
		({ children }) => children.length > 0,
	);
}

const shown = ({ host, cookie, xsrf }: Child) => ({ ...atHost(host), Cookie: cookie, 'X-XSRF-Token': xsrf });

/** To use it is to use its parent. */
const childSees = (at: number, path: string) =>
	aboutChild(`child at ${path}`, at, async (child, machine, real) => {
		const { status } = await real.ask('GET', path, shown(child));
		same(status, treasureFor(child.parent, machine));
	});

/** On another host, and on the channel of the parent, it is nothing. */
const childElsewhere = (at: number, isPlain: boolean) =>
	aboutChild(`child elsewhere, plain ${isPlain}`, at, async (child, _machine, real) => {
		const other = applications.find((each) => each !== child.host) ?? '';
		const { status } = await real.ask('GET', '/treasure', { Cookie: child.cookie, ...(!isPlain && atHost(other)) });
		same(status, 401);
	});

/** It opens what it leads to, and changes nothing of whose it is. */
const childChanges = (at: number, current: string, next: string) =>
	aboutChild(`child changes ${current}`, at, async (child, machine, real) => {
		const body = { currentPassword: current, newPassword: next };
		const { status } = await real.ask('POST', `${base}/changePassword`, shown(child), body);
		same(status, machine.lives(child.parent) ? 403 : 401);
	});

/** Signed out at any host, all ask again. */
const childLogout = (at: number) =>
	aboutChild('child logs out', at, async (child, machine, real) => {
		const { status } = await real.ask('POST', `${base}/logout`, shown(child));
		same(status, machine.lives(child.parent) ? 204 : 401);
		child.parent.kept = false;
	});

const someone = (name: string) => (machine: Machine) => machine.people.has(name);

const operate = (
	says: string,
	name: string,
	onMachine: (machine: Machine, person: Person) => void,
	onReal: Parameters<Real['operate']>[1],
) =>
	command(
		`${says}(${name})`,
		async (machine, real) => {
			const person = machine.people.get(name);
			if (person === undefined) return;
			await real.operate(name, onReal);
			onMachine(machine, person);
		},
		someone(name),
	);

const reset = (name: string, word: string, mustChange: boolean) =>
	operate(
		`reset to ${word}${mustChange ? ', to be changed' : ''}`,
		name,
		(machine, person) => machine.change(person, word, mustChange),
		(identities, { id }) =>
			identities.setPassword(id, word as Password, { passwordChangeNeeded: mustChange, policy: false }, told),
	);

const force = (name: string) =>
	operate(
		'must change',
		name,
		(machine, person) => machine.change(person, person.password, true),
		(identities, { id }) => identities.requirePasswordChange(id, told),
	);

const disable = (name: string, disabled: boolean) =>
	operate(
		disabled ? 'disable' : 'enable',
		name,
		(machine, person) => machine.disable(person, disabled),
		(identities, { id }) => identities.setDisabled(id, disabled, told),
	);

const allow = (name: string, allowed: boolean) =>
	operate(
		allowed ? 'grant' : 'revoke',
		name,
		(_, person) => {
			person.allowed = allowed;
		},
		(identities, { id }) => identities[allowed ? 'grant' : 'revoke'](id, ['treasure' as Permission], told),
	);

const remove = (name: string) =>
	operate(
		'remove',
		name,
		(machine, person) => machine.remove(person),
		(identities, { id }) => identities.remove(id, told),
	);

const add = (name: string, password: string | undefined, mustChange: boolean) =>
	command(
		`add(${name}, ${password}, ${mustChange})`,
		async (machine, real) => {
			await real.add(name, password, mustChange);
			machine.add(name, password, mustChange);
		},
		(machine) => !machine.people.has(name),
	);

const wind = (ms: number) =>
	command(`wind(${ms})`, async (machine, real) => {
		machine.now += ms;
		real.wind(ms);
	});

const sweep = () =>
	command('sweep', async (machine, real) => {
		await real.sessions.sweep();
		await real.apiTokens.sweep();
		machine.sweep();
	});

/** At the end: every session and every token there ever was, shown once more. */
export async function compareAll(machine: Machine, real: Real): Promise<void> {
	for (const held of machine.sessions) {
		const { status } = await real.ask('GET', '/treasure', carried(held));
		same(status, treasureFor(held, machine), `${held.dialect} session of ${held.person.name}`);
	}
	for (const child of machine.children) {
		const { status } = await real.ask('GET', '/treasure', shown(child));
		same(status, treasureFor(child.parent, machine), `handed over to ${child.host}`);
	}
	for (const token of machine.tokens) {
		const { status } = await real.ask('GET', '/treasure', { Authorization: token.authorization });
		same(status, treasureByToken(token, machine), `token of ${token.person.name}`);
	}
}

export function commands({ inactivity, lifetime }: Machine['limits']): fc.Arbitrary<Command>[] {
	const name = fc.constantFrom(...names);
	const any = fc.constantFrom(...names, 'nobody');
	const word = fc.constantFrom(...passwords, passwords[0], passwords[0]);
	const next = fc.constantFrom(...passwords, weak);
	const at = fc.nat(9);
	const maybe = fc.option(at, { nil: undefined });
	const path = fc.constantFrom('/treasure', '/services/auth/v1/verify?permission=treasure');
	const ms = fc.constantFrom(
		1,
		1000,
		inactivity - 1,
		inactivity,
		inactivity + 1,
		lifetime - inactivity,
		lifetime,
		lifetime + 1,
	);
	const wanted = fc.record({ opens: fc.boolean(), endsWithPassword: fc.boolean() });
	const tokenMs = fc.constantFrom(1000, inactivity, lifetime, dayMs);
	const host = fc.constantFrom(...applications);
	const login = fc.tuple(any, word, maybe).map((all) => kuraLogin(...all));
	const see = fc.tuple(at, path).map((all) => resource(...all));
	const me = fc.tuple(at, at, fc.constantFrom('own' as const, 'own' as const, 'none' as const, 'other' as const));
	const arrive = fc.tuple(name, fc.constantFrom('kura', 'kura', 'kismet', 'insights')).map((all) => comeIn(...all));
	return [
		...[arrive, arrive, arrive, arrive, arrive],
		login,
		fc.tuple(name, maybe).map((all) => certificateLogin(...all)),
		at.map(xsrfToken),
		me.map((all) => currentIdentity(...all)),
		fc.tuple(at, word, next).map((all) => changePassword(...all)),
		at.map(logout),
		see,
		see,
		see,
		at.map(listOwn),
		at.map(endOthers),
		fc.tuple(any, word, maybe).map((all) => checkSession(...all)),
		fc.tuple(any, word, maybe).map((all) => checkLogin(...all)),
		fc.tuple(any, word, path).map((all) => treasureByBasic(...all)),
		fc.tuple(at, next).map((all) => setPassword(...all)),
		fc.tuple(any, word, fc.constantFrom('yes', 'possess', undefined)).map((all) => insightsLogin(...all)),
		fc.tuple(any, word, fc.constantFrom('yes', 'possess', undefined)).map((all) => insightsLogin(...all)),
		at.map(insightsLogout),
		fc.tuple(at, at).map((all) => mixed(...all)),
		fc.tuple(name, word, fc.boolean()).map((all) => reset(...all)),
		name.map(force),
		fc.tuple(name, fc.boolean()).map((all) => disable(...all)),
		fc.tuple(name, fc.boolean()).map((all) => allow(...all)),
		name.map(remove),
		fc.tuple(name, fc.option(word, { nil: undefined }), fc.boolean()).map((all) => add(...all)),
		ms.map(wind),
		ms.map(wind),
		fc.constant(undefined).map(sweep),
		fc.tuple(at, wanted).map((all) => makeToken(...all)),
		fc.tuple(name, wanted, tokenMs).map((all) => issueToken(...all)),
		fc.tuple(at, path).map((all) => useToken(...all)),
		fc.tuple(at, path).map((all) => useToken(...all)),
		fc.tuple(at, at).map((all) => useTokenWithSession(...all)),
		at.map(whoIsToken),
		at.map(listTokens),
		fc.tuple(at, at).map((all) => endToken(...all)),
		at.map(endTokens),
		at.map(operatorEndsToken),
		fc.tuple(at, host).map((all) => leadOn(...all)),
		fc.tuple(at, host).map((all) => handOver(...all)),
		fc.tuple(at, host).map((all) => handOver(...all)),
		fc.tuple(at, host).map((all) => handOver(...all)),
		fc
			.tuple(at, fc.constantFrom(undefined, undefined, undefined, 'host' as const, 'browser' as const))
			.map((all) => enter(...all)),
		fc.tuple(at, path).map((all) => childSees(...all)),
		fc.tuple(at, fc.boolean()).map((all) => childElsewhere(...all)),
		fc.tuple(at, word, next).map((all) => childChanges(...all)),
		at.map(childLogout),
	];
}
