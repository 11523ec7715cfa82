import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type Answer, type Asking, ask, base, login } from './ask.ts';
import { install } from './process.ts';

/*
 * kill -9 at random moments under load, again and again on the same SQLite file, with a history of what was
 * acknowledged: no login is lost, no logout and no change undone, and the audit has told of all of it.
 */

const short = process.env.LONG === 'short';
const cycles = short ? 10 : 200;
const people = 6;

interface Kept {
	readonly cookie: string;
	readonly xsrf: string;
	state: 'alive' | 'over' | 'unsure';
}

class Person {
	readonly name: string;
	/** The present one; two where a change was asked for and the answer was lost. */
	passwords: string[];
	retired: string[] = [];
	sessions: Kept[] = [];
	changes = { acknowledged: 0, unsure: 0 };
	/** Keys of sessions whose login, and whose logout, was acknowledged. */
	readonly told = { login: new Set<string>(), logout: new Set<string>() };
	readonly violations: string[] = [];
	#agent = new Agent({ keepAlive: true });
	#url = '';
	#serial = 0;

	constructor(name: string) {
		this.name = name;
		this.passwords = [`first password of ${name[0]}`];
	}

	goTo(url: string) {
		this.#agent.destroy();
		this.#agent = new Agent({ keepAlive: true });
		this.#url = url;
	}

	/** One random step; false where the answer was lost. */
	async act(): Promise<boolean> {
		const alive = this.sessions.filter(({ state }) => state === 'alive');
		const dice = Math.random();
		try {
			if (alive.length === 0 || (dice < 0.35 && alive.length < 6)) await this.#login();
			else if (dice < 0.65) await this.#look(alive[Math.floor(Math.random() * alive.length)]);
			else if (dice < 0.9) await this.#logout(alive[Math.floor(Math.random() * alive.length)]);
			else await this.#changePassword(alive[0]);
			return true;
		} catch {
			return false;
		}
	}

	/** After a restart: everything that was acknowledged is as it was left. */
	async verify() {
		for (const kept of this.sessions) {
			const { status } = await this.#ask('GET', `${base}/xsrfToken`, kept);
			if (kept.state === 'alive' && status !== 200) this.#accuse(`a login was lost: ${status}`);
			if (kept.state === 'over' && status !== 401) this.#accuse(`what had ended is back: ${status}`);
			if (kept.state === 'unsure') kept.state = status === 200 ? 'alive' : 'over';
		}
		for (const retired of this.retired.slice(-2)) {
			if ((await this.#tryPassword(retired)).status !== 401) this.#accuse('an old password is back');
		}
		const answers = await Promise.all(
			this.passwords.map(async (word) => ({ word, answer: await this.#tryPassword(word) })),
		);
		const right = answers.filter(({ answer }) => answer.status === 200);
		if (right.length !== 1) this.#accuse(`${right.length} passwords are right`);
		const [present] = right;
		if (present === undefined) return;
		this.retired.push(...this.passwords.filter((word) => word !== present.word));
		if (this.passwords.length > 1) this.changes.unsure += 1;
		this.passwords = [present.word];
		this.sessions = this.sessions.slice(-20);
	}

	#accuse(what: string) {
		this.violations.push(`${this.name}: ${what}`);
	}

	#ask(method: string, path: string, kept?: Kept, body?: object): Promise<Answer> {
		const headers = kept ? { Cookie: `JSESSIONID=${kept.cookie}`, 'X-XSRF-Token': kept.xsrf } : {};
		const asking: Asking = { agent: this.#agent, headers, ...(body && { body }) };
		return ask(this.#url, method, path, asking);
	}

	async #tryPassword(password: string) {
		const answer = await login(this.#url, this.name, password, { agent: this.#agent });
		const cookie = answer.cookie();
		if (answer.status === 200 && cookie) this.told.login.add(keyOf(cookie));
		return answer;
	}

	async #login() {
		const [password = ''] = this.passwords;
		const answer = await this.#tryPassword(password);
		if (answer.status !== 200) return this.#accuse(`the right password: ${answer.status}`);
		const kept: Kept = { cookie: answer.cookie() ?? '', xsrf: '', state: 'alive' };
		this.sessions.push(kept);
		const { body } = await this.#ask('GET', `${base}/xsrfToken`, kept);
		Object.assign(kept, { xsrf: JSON.parse(body).xsrfToken });
	}

	async #look(kept: Kept | undefined) {
		if (!kept) return;
		const { status } = await this.#ask('GET', `${base}/xsrfToken`, kept);
		if (status !== 200) this.#accuse(`a living session: ${status}`);
	}

	async #logout(kept: Kept | undefined) {
		if (!kept?.xsrf) return;
		kept.state = 'unsure';
		const { status } = await this.#ask('POST', `${base}/logout`, kept);
		if (status !== 204) return this.#accuse(`a logout: ${status}`);
		kept.state = 'over';
		this.told.logout.add(keyOf(kept.cookie));
	}

	async #changePassword(kept: Kept | undefined) {
		if (!kept?.xsrf) return;
		const [currentPassword = ''] = this.passwords;
		this.#serial += 1;
		const newPassword = `another password of ${this.name[0]} ${this.#serial}`;
		this.passwords = [currentPassword, newPassword];
		const living = this.sessions.filter(({ state }) => state === 'alive');
		for (const each of living) each.state = 'unsure';
		const { status } = await this.#ask('POST', `${base}/changePassword`, kept, { currentPassword, newPassword });
		if (status !== 204) return this.#accuse(`a change: ${status}`);
		for (const each of living) each.state = 'over';
		this.changes.acknowledged += 1;
		this.passwords = [newPassword];
		this.retired.push(currentPassword);
	}
}

const keyOf = (cookie: string) => createHash('sha256').update(`kura:${cookie}`).digest('hex');

test.serial(
	`${cycles} times kill -9 under load: nothing that was acknowledged is lost, undone or untold`,
	async (t) => {
		const installation = install({ attempts: { limit: 1_000_000 }, log: { auditFile: 'audit.jsonl' } });
		t.teardown(() => installation.remove());
		const all = Array.from({ length: people }, (_, at) => new Person(`${'abcdef'[at]}-person`));
		for (const { name, passwords } of all) {
			const added = await installation.run(['identity', 'add', name, '--password-stdin', '--no-policy'], passwords[0]);
			t.is(added.status, 0, added.stderr);
		}
		const starts: number[] = [];
		let steps = 0;
		for (let cycle = 0; cycle < cycles; cycle += 1) {
			const serving = await installation.start();
			starts.push(serving.startMs);
			for (const person of all) person.goTo(serving.url);
			await Promise.all(all.map((person) => person.verify()));
			let running = true;
			const acting = all.map(async (person) => {
				while (running && (await person.act())) steps += 1;
			});
			await sleep(30 + Math.random() * 300);
			await serving.end('SIGKILL');
			running = false;
			await Promise.all(acting);
			t.deepEqual(
				all.flatMap(({ violations }) => violations),
				[],
			);
		}
		const serving = await installation.start();
		for (const person of all) person.goTo(serving.url);
		await Promise.all(all.map((person) => person.verify()));
		t.is(await serving.end('SIGTERM'), 0);
		t.deepEqual(
			all.flatMap(({ violations }) => violations),
			[],
		);

		const audit = readFileSync(join(installation.folder, 'audit.jsonl'), 'utf8').trim().split('\n');
		const events = audit.map((line) => JSON.parse(line) as Record<string, string>);
		const done = (act: string) => events.filter((event) => event.act === act && event.outcome === 'ok');
		const sessionsOf = (act: string) => new Set(done(act).map(({ session }) => session));
		const [logins, logouts] = [sessionsOf('login'), sessionsOf('logout')];
		const untold = all.flatMap(({ told }) => [
			...[...told.login].filter((key) => !logins.has(key)).map((key) => `login ${key}`),
			...[...told.logout].filter((key) => !logouts.has(key)).map((key) => `logout ${key}`),
		]);
		t.deepEqual(untold, []);
		for (const { name, changes } of all) {
			const told = done('password-change').filter(({ identity }) => identity === name).length;
			t.true(told >= changes.acknowledged && told <= changes.acknowledged + changes.unsure, `${name}: ${told} changes`);
		}
		const acknowledged = all.reduce((sum, { told }) => sum + told.login.size + told.logout.size, 0);
		const slowest = Math.max(...starts);
		t.log(`${cycles} kills, ${steps} steps, ${acknowledged} acknowledged logins and logouts, all told`);
		t.log(
			`starts: ${Math.round(starts.toSorted((a, b) => a - b)[starts.length >> 1] ?? 0)} ms, ${Math.round(slowest)} at most`,
		);
		if (!short) t.true(slowest <= 2000 * Number(process.env.PATIENCE ?? 1));
	},
);
