import { createHash } from 'node:crypto';
import { SaxesParser } from 'saxes';
import { z } from 'zod';
import { type Person, Unreadable } from './person.ts';
import { parseStrictly } from './strict-json.ts';

const component = 'org.eclipse.kura.internal.useradmin.store.RoleRepositoryStoreImpl';
const userPrefix = 'kura.user.';
const permissionPrefix = 'kura.permission.';

const dictionary = z.record(z.string(), z.unknown()).optional();
const users = z.array(z.looseObject({ name: z.string(), credentials: dictionary, properties: dictionary }));
const groups = z.array(z.looseObject({ name: z.string(), basicMembers: z.array(z.string()).optional() }));

/** Passwords that Kura was delivered with, as it hashes them: everybody knows them. */
const factory = new Set(
	['admin', 'appadmin', 'netadmin', 'user', 'guest', 'kura', 'eclipse', 'password'].map((password) =>
		createHash('sha256').update(password).digest('base64'),
	),
);

/** Kura's `snapshot_….xml`: two properties of one component, each a JSON array. Source: Kura, "Authentication and authorization". */
export function readKura(text: string): readonly Person[] {
	const properties = propertiesOf(text);
	const given = properties.get('users.config');
	if (given === undefined) throw new Unreadable(`there is no users.config of ${component} in it`);
	const held = new Map<string, string[]>();
	for (const { name, basicMembers = [] } of parseStrictly(
		properties.get('groups.config') ?? '[]',
		groups,
		'groups.config',
	)) {
		if (!name.startsWith(permissionPrefix)) continue;
		for (const member of basicMembers) {
			const permissions = held.get(member) ?? [];
			permissions.push(name.slice(permissionPrefix.length));
			held.set(member, permissions);
		}
	}
	return parseStrictly(given, users, 'users.config').map(({ name, credentials, properties: facts }): Person => {
		if (!name.startsWith(userPrefix)) return { name, permissions: [], problem: 'is no identity: kura.user.… is one' };
		const hash = credentials?.['kura.password'];
		const person = { name: name.slice(userPrefix.length), permissions: held.get(name) ?? [] };
		if (hash === undefined) return person;
		if (typeof hash !== 'string') return { ...person, problem: 'has a password in a form that is not known' };
		const mustChange =
			factory.has(hash) || isOwnName(person.name, hash) || facts?.['kura.need.password.change'] === 'true';
		return { ...person, verifier: hash.startsWith('$') ? hash : `$kura-sha256$${hash}`, mustChange };
	});
}

function isOwnName(name: string, hash: string): boolean {
	return createHash('sha256').update(name).digest('base64') === hash;
}

/** Of that component, by name. No entity but the five of XML is known, and none can be declared. */
function propertiesOf(text: string): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	/** Namespaces are left aside: the prefix is whatever it is bound to. */
	const parser = new SaxesParser({ xmlns: false });
	let isInside = false;
	let property: string | undefined;
	let value: string | undefined;
	const localOf = (name: string) => name.replace(/^.*:/, '');
	const fail = (message: string): never => {
		throw new Unreadable(message);
	};
	parser.on('error', () => fail('it is not XML; a snapshot may be encrypted on the disk: download it from Kura'));
	parser.on('doctype', () => fail('it declares a document type, as no snapshot of Kura does'));
	parser.on('opentag', ({ name, attributes }) => {
		const local = localOf(name);
		if (local === 'configuration') isInside = attributes.pid === component;
		if (isInside && local === 'property') property = attributes.name;
		if (property !== undefined && local === 'value') value = '';
	});
	const hear = (more: string) => {
		if (value !== undefined) value += more;
	};
	parser.on('text', hear);
	parser.on('cdata', hear);
	parser.on('closetag', ({ name }) => {
		const local = localOf(name);
		if (local === 'value' && property !== undefined && value !== undefined) {
			if (found.has(property)) fail(`${component} stands in it twice, or one of its properties does`);
			found.set(property, value);
			value = undefined;
		}
		if (local === 'property') property = undefined;
		if (local === 'configuration') isInside = false;
	});
	parser.write(text).close();
	return found;
}
