import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pemBlocks } from '../certificates/pem.ts';
import { type ReadAgain, readAgain } from '../certificates/reloadable.ts';
import { readContext } from '../certificates/server-tls.ts';
import { readSecret } from '../config/secret-file.ts';
import {
	basicPassword,
	bearerToken,
	cookieValue,
	type UpstreamCredentials as Written,
} from '../config/upstream-credentials.ts';
import { refuseOpenFile } from '../files/private-file.ts';
import type { Shown, UpstreamCredentials, UpstreamTls } from '../gateway/upstream-credentials.ts';

/** What stands in files is kept up to date by `look`. */
export interface Opened<T> {
	readonly value: T;
	/** Reads anew what changed. What cannot be read is told once, and what was read before stays. */
	look(tell: (reason: string) => void): void;
}

function opened<T>(paths: readonly string[], read: () => T): Opened<() => T> {
	let tellNow: (reason: string) => void = () => undefined;
	const held: ReadAgain<T> = readAgain(paths, read, (reason) => tellNow(reason));
	return {
		value: () => held.held,
		look(tell) {
			tellNow = tell;
			held.look();
		},
	};
}

/**
 * Throws, with a message for the operator, where a file cannot be used or is open to others. No message holds what stands
 * in the file.
 */
export function openCredentials(name: string, way: Written): Opened<UpstreamCredentials> {
	const { cookie, basic, bearer, bearerFile } = way;
	const named = { name, cookies: cookie ? [cookie.name] : [] };
	const secretOf = (
		written: string | undefined,
		file: string | undefined,
		shape: RegExp,
		show: (secret: string) => Shown,
	) => {
		const read = () => show(file === undefined ? (written ?? '') : readShaped(file, shape));
		const { value, look } = opened(file === undefined ? [] : [file], read);
		return { value: { ...named, shown: value }, look };
	};
	if (cookie)
		return secretOf(cookie.value, cookie.valueFile, cookieValue, (value) => ({ cookie: `${cookie.name}=${value}` }));
	if (basic)
		return secretOf(basic.password, basic.passwordFile, basicPassword, (password) => ({
			authorization: `Basic ${Buffer.from(`${basic.username}:${password}`).toString('base64')}`,
		}));
	if ((bearer ?? bearerFile) !== undefined)
		return secretOf(bearer, bearerFile, bearerToken, (token) => ({ authorization: `Bearer ${token}` }));
	return { value: { ...named, shown: () => ({}) }, look: () => undefined };
}

function readShaped(file: string, shape: RegExp): string {
	const secret = namely(file, () => readSecret(file));
	refuseOpenFile('secret', file);
	if (!shape.test(secret))
		throw new Error(`${file} holds nothing that can be sent: one line, without spaces at its ends`);
	return secret;
}

/** `undefined`: the upstream is judged by the authorities that Node knows, and sees no certificate of ours. */
export function openUpstreamTls(
	certificate: Written['clientCertificate'],
	upstreamCa: string | undefined,
): Opened<() => UpstreamTls> | undefined {
	const ca = certificate?.ca ?? upstreamCa;
	if (certificate === undefined && ca === undefined) return undefined;
	const paths = [ca, certificate?.cert, certificate?.key].filter((path) => path !== undefined);
	return opened(paths, () => ({
		...(ca !== undefined && { ca: readAuthorities(ca) }),
		...(certificate && readContext(certificate)),
	}));
}

function readAuthorities(file: string): Buffer {
	const bytes = namely(file, () => readFileSync(file));
	const blocks = pemBlocks(bytes, 'CERTIFICATE');
	if (blocks.length === 0) throw new Error(`${file} holds no certificate`);
	for (const block of blocks) new X509Certificate(block);
	return bytes;
}

/** Node's message names the path once more, or the call. */
function namely<T>(file: string, read: () => T): T {
	try {
		return read();
	} catch (cause) {
		const { code, message } = cause as NodeJS.ErrnoException;
		throw new Error(`${file} cannot be read: ${code ?? message}`, { cause });
	}
}
