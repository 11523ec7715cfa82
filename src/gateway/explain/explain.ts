import type { Permission } from '../../core/identity.ts';
import type { Authenticator } from '../../http/authenticator.ts';
import type { Bearer } from '../../http/bearer.ts';
import { canonicalHost } from '../host.ts';
import { flawOf, habitAgainst, splitTarget } from '../path.ts';
import { type FindRule, isDoubt, type Rule } from '../rules.ts';
import { type Asker, flawOfToken, holds, missingInWords, nameOfAsker } from './asker.ts';
import { type DescribedRule, describeRule, type WrittenRules } from './describe.ts';
import type { Question } from './question.ts';
import { type Answered, type Carried, createRehearsal, type Kind, type RehearsalParts } from './rehearse.ts';

/** Why a request passes, or does not. */
export interface Explanation {
	readonly passes: boolean;
	/** One sentence, without a full stop. */
	readonly why: string;
	/** What would have to come along besides; empty where it passes, or where nothing would help. */
	readonly missing: readonly string[];
	/** The rule that decides. Absent: none does. */
	readonly rule?: DescribedRule;
	/** Who answers. `forward-auth`: the rule has no upstream, so another proxy asks. `latchkey`: a path of its own. */
	readonly by: 'reverse-proxy' | 'forward-auth' | 'latchkey';
	/** By how a browser asks, or a program. Empty where Latchkey answers by itself. */
	readonly answers: { readonly [how in Kind]?: Answered };
}

export interface ExplainParts extends Omit<RehearsalParts, 'authenticators' | 'bearer'> {
	readonly written: WrittenRules & { readonly findRule: FindRule };
	/** Whether Latchkey answers a path by itself on a host. */
	isOwn(host: string, path: string): boolean;
	/** The authenticators as they would find who asks, and what its browser or program sends along. */
	assume(who: Asker | undefined, secure: boolean): Promise<Assumed>;
}

export interface Assumed extends Carried {
	readonly authenticators: readonly Authenticator[];
	readonly bearer: Bearer | undefined;
}

/** `who`: `undefined` where nobody is signed in. */
export type Explain = (question: Question, who: Asker | undefined) => Promise<Explanation>;

/** Asks the code that decides, with requests that nobody has sent. Nothing is audited, counted or changed by it. */
export function createExplain(parts: ExplainParts): Explain {
	const { written, isOwn, assume } = parts;

	return async (question, who) => {
		const { host, method, target, websocket, secure, from } = question;
		const path = splitTarget(target)?.path;
		if (path !== undefined && isOwn(host, target.replace(/\?.*$/s, ''))) {
			const why = `Latchkey answers ${path} by itself, and asks no rule`;
			return { passes: false, why, missing: [], by: 'latchkey', answers: {} };
		}
		const found = path && written.findRule({ host, path, method, websocket, address: from ?? '' });
		const rule = isDoubt(found) ? undefined : found;
		const byForwardAuth = rule !== undefined && rule.upstream === undefined && rule.access !== 'denied';
		const by = byForwardAuth ? 'forward-auth' : 'reverse-proxy';
		const rehearse = createRehearsal({ ...parts, ...(await assume(who, secure)) }, by);
		// Without the address of the client there is nothing that could be sent.
		const isWhole = !(isDoubt(found) && found.doubt === 'address');
		const shown: readonly Kind[] = who?.token === undefined ? ['navigation', 'fetch'] : ['program'];
		const kinds: readonly Kind[] = !isWhole ? [] : websocket ? ['websocket'] : shown;
		const answers: { [how in Kind]?: Answered } = {};
		for (const kind of kinds) {
			const answer = await rehearse(question, kind);
			if (answer !== undefined) answers[kind] = answer;
		}
		const decisive = answers.websocket ?? answers.program ?? answers.fetch;
		const passes = decisive?.passes === true;
		const missing = rule === undefined || rule.access === 'denied' ? [] : missingFor(rule, who, answers);
		return {
			passes,
			why: isDoubt(found) || path === undefined ? doubtOf(found) : reasonFor(rule, who, decisive, from),
			missing,
			...(rule && { rule: describeRule(written, rule) }),
			by,
			answers,
		};

		function doubtOf(doubt: typeof found): string {
			if (path === undefined) return `the path ${flawOf(target) ?? 'can be read in several ways'}`;
			if (!isDoubt(doubt)) return '';
			if (doubt.doubt === 'path') {
				const { number, writtenAt } = describeRule(written, doubt.rule);
				return `some systems read this path as one of rule ${number} (${writtenAt}): ${habitAgainst(path)}`;
			}
			if (doubt.doubt === 'address') return 'rules look at the address of the client: say from where it asks';
			return `the host ${canonicalHost(host) === undefined ? `${host} can be read in several ways` : 'is unclear'}`;
		}
	};
}

function reasonFor(
	rule: Rule | undefined,
	who: Asker | undefined,
	answer: Answered | undefined,
	from: string | undefined,
): string {
	if (rule === undefined) return 'no rule matches, and what no rule matches is refused';
	const { access } = rule;
	const passes = answer?.passes === true;
	if (access === 'denied') return 'the rule denies it to everybody, administrators too';
	if (access === 'public' && passes) return 'the rule is public: nobody is asked';
	if (answer?.code === 'method-not-allowed') return 'the rule does not name the method, and few know it';
	if (who === undefined) return 'nobody is signed in';
	const name = nameOfAsker(who);
	if (passes && isOpenToAll(access)) return who.token ? `${name} is taken` : `${name} is signed in`;
	if (passes) return who.token ? `${name} opens what the rule asks for` : `${name} holds what the rule asks for`;
	const flaw = flawOfToken(who, answer?.code, from);
	if (flaw !== undefined) return `${name} ${flaw}`;
	if (who.token && answer?.code === 'session-missing') return 'API tokens are off (auth.tokens)';
	if (who.identity.disabled) return `${name} is disabled, and cannot sign in`;
	if (who.identity.service && who.token === undefined) return `${name} is of a service: ask with its token`;
	if (who.identity.passwordChangeNeeded && answer?.code === 'password-change-needed')
		return `${name} must change the password first`;
	const lacked = lackedOf(access, who).map((each) => each.join(' or '));
	if (lacked.length > 0) return `${name} lacks ${lacked.join(' and ')}`;
	return answer?.message ?? 'it is refused';
}

function isOpenToAll(access: Rule['access']): boolean {
	return typeof access === 'object' && access.any === undefined && access.all === undefined;
}

/** All of it, where a refusal names only the first. One of each list would do. */
function lackedOf(access: Rule['access'], who: Asker | undefined): (readonly Permission[])[] {
	if (typeof access === 'string') return [];
	const isHeld = (permission: Permission) => who !== undefined && holds(who, permission);
	const { any = [], all = [] } = access;
	return [
		...all.filter((permission) => !isHeld(permission)).map((permission) => [permission]),
		...(any.length > 0 && !any.some(isHeld) ? [any] : []),
	];
}

function missingFor(
	{ access, xsrf, assuranceLevel = 1, provedWithinMs }: Rule,
	who: Asker | undefined,
	answers: Explanation['answers'],
): string[] {
	const codes = new Set(Object.values(answers).map(({ code }) => code));
	if (codes.has('method-not-allowed') || (codes.size === 1 && codes.has(undefined))) return [];
	const isSignedIn = who !== undefined && !who.identity.disabled && !who.identity.service;
	const isOfService = who?.identity.service && !who.identity.disabled;
	return [
		...(isSignedIn || who?.token ? [] : [isOfService ? 'an API token' : 'a session: sign in']),
		...lackedOf(access, who).map((each) => (who ? missingInWords(who, each) : `the permission ${each.join(' or ')}`)),
		...(codes.has('password-change-needed') ? ['a new password: change it first'] : []),
		...(codes.has('enrolment-needed') ? ['a second factor: set one up first'] : []),
		...(codes.has('proof-needed')
			? [
					`a proof at level ${assuranceLevel}${assuranceLevel > 1 ? ', with a second factor' : ''}${provedWithinMs === undefined ? '' : `, not older than ${provedWithinMs / 1000} s`}`,
				]
			: []),
		...(answers.navigation?.code === 'xsrf-token-invalid'
			? [`the XSRF token, which only a script can send (xsrf: ${xsrf})`]
			: []),
	];
}
