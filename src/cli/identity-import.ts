import { closeSync, openSync, readSync } from 'node:fs';
import { type KismetKey, tokenOfKismetKey } from '../app/kismet-keys.ts';
import type { Core } from '../app/service.ts';
import type { Config } from '../config/schema.ts';
import { decodeText } from '../config/secret-file.ts';
import { createClock } from '../core/clock.ts';
import {
	foldName,
	type IdentityName,
	type PasswordVerifier,
	parseIdentityName,
	parsePermission,
	reasonAgainst,
} from '../core/identity.ts';
import { type NewApiToken, parseApiTokenName } from '../core/new-api-token.ts';
import type { NewIdentity } from '../core/new-identity.ts';
import { parsePassword } from '../core/password.ts';
import { type Person, Unreadable } from '../moving-in/person.ts';
import { type Kind, readPeople } from '../moving-in/read.ts';
import type { Common } from './identity.ts';
import { Failed, print, say } from './output.ts';
import { openProgress } from './progress.ts';
import { refusalInWords } from './refusals.ts';
import { withCore } from './settings.ts';

export interface ImportOptions extends Common {
	readonly from: Kind;
	readonly dryRun?: boolean;
	/** `GROUP=PERMISSION`. */
	readonly group?: readonly string[];
}

const told = { actor: 'operator' } as const;
/** Bytes: some hundred thousand people. */
const longestFile = 64 * 1024 * 1024;
/** In one transaction. */
const batch = 500;
/** Of a name that is shown. */
const longestShown = 80;

type Judged = { readonly name: string } & (
	| { readonly wanted: NewIdentity; readonly token?: NewApiToken }
	| { readonly because: string }
);

/** Adds everybody in a file of another system who is not there yet. A line for each; rejects with `Failed` where somebody was skipped. */
export async function importIdentities(file: string, options: ImportOptions): Promise<void> {
	const people = peopleIn(file, options);
	await withCore(options.config, async (core, config) => {
		const judged = await judge(people, core, config);
		const wanted = judged.flatMap((each) => ('wanted' in each ? [each.wanted] : []));
		const refused = options.dryRun ? new Map<string, string>() : await addAll(wanted, core);
		if (!options.dryRun) await addTokens(judged, refused, core);
		let skipped = 0;
		for (const each of judged) {
			const because = 'because' in each ? each.because : refused.get(each.name);
			if (because !== undefined) skipped += 1;
			if (because !== undefined) say(`${shown(each.name)}: skipped: ${because}`);
			else
				print(
					`${shown(each.name)}: ${options.dryRun ? 'would be imported' : 'imported'}${'wanted' in each ? noteOf(each.wanted) : ''}`,
				);
		}
		say(`${judged.length - skipped} of ${judged.length} ${options.dryRun ? 'would be imported' : 'imported'}`);
		if (wanted.some(({ passwordVerifier = '' }) => /^\$(2|scrypt|pbkdf2|5|6)/.test(passwordVerifier)))
			say('until each of them has logged in once, every wrong login takes as long as the slowest of their verifiers');
		if (skipped > 0) throw new Failed(`${skipped} skipped`);
	});
}

function peopleIn(file: string, { from, group = [] }: ImportOptions): readonly Person[] {
	const groups = new Map(
		group.map((each): [string, string] => {
			const at = each.lastIndexOf('=');
			if (at < 1) throw new Failed(`--group ${each}: say GROUP=PERMISSION`);
			return [each.slice(0, at), each.slice(at + 1)];
		}),
	);
	if (groups.size > 0 && from !== 'authelia') throw new Failed('--group is for --from authelia');
	const text = decodeText(bytesOf(file), file);
	try {
		return readPeople(from, text, groups);
	} catch (fault) {
		if (fault instanceof Unreadable) throw new Failed(`${file}: ${fault.message}`);
		throw fault;
	}
}

/** No more is read than may be in it, whatever it is. */
function bytesOf(file: string): Buffer {
	const descriptor = openSync(file, 'r');
	try {
		const chunks: Buffer[] = [];
		let length = 0;
		for (;;) {
			const chunk = Buffer.alloc(1024 * 1024);
			const read = readSync(descriptor, chunk);
			if (read === 0) return Buffer.concat(chunks);
			length += read;
			if (length > longestFile) throw new Failed(`${file} is longer than 64 MiB`);
			chunks.push(chunk.subarray(0, read));
		}
	} finally {
		closeSync(descriptor);
	}
}

async function judge(
	people: readonly Person[],
	{ identities, isUsableVerifier }: Core,
	config: Config,
): Promise<Judged[]> {
	const taken = new Set((await identities.list()).map(({ name }) => foldName(name)));
	return people.map((person): Judged => {
		const judged = person.key ? judgeKey(person, person.key, config) : judgeOne(person, isUsableVerifier);
		if ('because' in judged) return judged;
		const folded = foldName(judged.wanted.name);
		if (taken.has(folded)) return { name: person.name, because: 'that name is taken, or looks like one that is' };
		taken.add(folded);
		return judged;
	});
}

function judgeOne(person: Person, isUsable: Core['isUsableVerifier']): Judged {
	const no = (because: string): Judged => ({ name: person.name, because });
	const name = parseIdentityName(person.name);
	if (person.problem !== undefined) return no(person.problem);
	if (name === undefined) return no('Latchkey can have no such name: 1 to 256 printable characters');
	const because = reasonAgainst(name);
	if (because !== undefined) return no(`the name ${because}`);
	const permissions = person.permissions.map((text) => ({ text, permission: parsePermission(text) }));
	const wrong = permissions.find(({ permission }) => permission === undefined);
	if (wrong !== undefined) return no(`${shown(wrong.text)} is no permission (--group GROUP=PERMISSION says another)`);
	const verifier = person.verifier as PasswordVerifier | undefined;
	if (verifier !== undefined && !isUsable(verifier)) return no(verifierInWords(verifier));
	const password = person.password === undefined ? undefined : parsePassword(person.password);
	if (person.password !== undefined && password === undefined) return no('its password is longer than 1024 bytes');
	const expiresInMs = person.expiresAt === undefined ? undefined : Date.parse(person.expiresAt) - createClock().now();
	if (expiresInMs !== undefined && expiresInMs <= 0) return no('its time is over');
	if (person.service && verifier !== undefined) return no('an identity of a service has no password');
	return {
		name: person.name,
		wanted: {
			name,
			permissions: permissions.flatMap(({ permission }) => permission ?? []),
			...(verifier !== undefined && { passwordVerifier: verifier }),
			...(password !== undefined && { password }),
			passwordChangeNeeded: person.mustChange ?? false,
			policy: false,
			...(person.disabled && { disabled: true as const }),
			...(person.service && { service: true as const }),
			...(expiresInMs !== undefined && { expiresInMs }),
		},
	};
}

function verifierInWords(verifier: string): string {
	if (/^(\$apr1\$|\$1\$|\{SHA\}|\{SSHA\})/.test(verifier))
		return 'its password is kept in a weak form, which is not taken over: add it with a new one';
	return 'its verifier is of no kind that is known, or costs too much to try';
}

/** A program that holds what its key opens, and the key. */
function judgeKey(person: Person, key: KismetKey, config: Config): Judged {
	const no = (because: string): Judged => ({ name: person.name, because });
	const token = tokenOfKismetKey(config, person.name, key, createClock().now());
	if (token === undefined || parseApiTokenName(person.name) === undefined)
		return no('its name or its role is none that Latchkey can have');
	if (!/^[0-9A-F]{32}$/.test(key.text)) return no('its key is in a form that is not known');
	if (token.expiresInMs <= 0) return no('its time is over');
	const judged = judgeOne({ ...person, permissions: token.permissions }, () => false);
	return 'wanted' in judged ? { ...judged, token } : judged;
}

/** Those whose key cannot be taken over are not there, either. */
async function addTokens(judged: readonly Judged[], refused: Map<string, string>, { identities, apiTokens }: Core) {
	for (const each of judged) {
		if (!('token' in each) || each.token === undefined || refused.has(each.name)) continue;
		const identity = await identities.findByName(each.wanted.name);
		if (identity === undefined) continue;
		const made = await apiTokens.add(identity, each.token, told);
		if (made.ok) continue;
		await identities.remove(identity.id, told);
		refused.set(each.name, 'its key is here already, under another name');
	}
}

/** Returns why, by name, where somebody else took a name meanwhile or a password could not be hashed. */
async function addAll(wanted: readonly NewIdentity[], { identities }: Core): Promise<Map<string, string>> {
	const refused = new Map<IdentityName, string>();
	const progress = openProgress('identity', wanted.length);
	for (let at = 0; at < wanted.length; at += batch) {
		const each = wanted.slice(at, at + batch);
		for (const [index, outcome] of (await identities.addAll(each, told)).entries()) {
			const name = each[index]?.name;
			if (!outcome.ok && name !== undefined) refused.set(name, refusalInWords(outcome.refusal));
		}
		progress.show(Math.min(at + batch, wanted.length));
	}
	progress.clear();
	return refused;
}

function noteOf({ passwordVerifier, password, passwordChangeNeeded, disabled, service }: NewIdentity): string {
	const notes = [
		...(service || passwordVerifier !== undefined || password !== undefined ? [] : ['without a password']),
		...(passwordChangeNeeded ? ['must change the password'] : []),
		...(disabled ? ['disabled'] : []),
	];
	return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}

/** Whatever stands in a file tells no terminal what to do. */
function shown(text: string): string {
	const cut = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
	return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
