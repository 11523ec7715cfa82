import type { Brand } from '../../core/brand.ts';
import type { HostName } from '../../core/session.ts';

/** The one spelling of a host: lower case, A-labels, no dot at its end, and its port where it is no default one. */
export type CanonicalHost = Brand<string, 'CanonicalHost'>;

/** As a request names it, or a proxy for it. `undefined`: it cannot be read, or not by everybody in the same way. */
export function canonicalHost(text: string): CanonicalHost | undefined {
	const [, name = '', port] = shape.exec(text.toLowerCase()) ?? [];
	const bare = name.endsWith('.') ? name.slice(0, -1) : name;
	if (bare === '' || /^\.|\.\.|\.$/.test(bare)) return undefined;
	// `127.1` and `0x7f000001` are addresses, too; of IPv6 there are many spellings.
	const host = numeric.test(bare) ? URL.parse(`http://${bare}/`)?.hostname : bare;
	if (host === undefined) return undefined;
	const number = port === undefined ? undefined : Number(port);
	if (number === undefined || number === 80 || number === 443) return host as CanonicalHost;
	return number > 65_535 ? undefined : (`${host}:${number}` as CanonicalHost);
}

/** Its name alone: cookies know no ports. `undefined`: it cannot be read, or not by everybody in the same way. */
export function hostNameOf(text: string): HostName | undefined {
	const host = canonicalHost(text);
	return host && withoutPort(host);
}

export function withoutPort(host: CanonicalHost): HostName {
	return host.replace(/:\d+$/, '') as HostName;
}

const shape = /^([a-z0-9_.-]{1,253}\.?|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?$/;
/** What ends in a number is an address. Rule: URL Standard, "ends in a number checker". */
export const numeric = /^\[|(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/;
