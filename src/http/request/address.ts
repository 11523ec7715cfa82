import { isIP, SocketAddress } from 'node:net';

/**
 * An address as proxies write it: `:port` and brackets are cut off, and every spelling of one address becomes the same
 * text. `undefined` where it is none.
 */
export function addressOf(written: string): string | undefined {
	// Most are: nothing to cut off.
	if (isIP(written) === 4) return written;
	// Not with what stands in front of the last ones: it would look at each run of them again and again.
	const text = written.replace(/^[\t ]+|(?<![\t ])[\t ]+$/g, '');
	const [, v4] = /^([\d.]+):\d{1,5}$/.exec(text) ?? [];
	const [, v6] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text) ?? [];
	const address = v4 ?? v6 ?? text;
	if (isIP(address) === 4) return v6 === undefined ? address : undefined;
	if (isIP(address) !== 6) return undefined;
	// The zone names an interface of whoever wrote it.
	const [unzoned = ''] = address.split('%');
	const canonical = new SocketAddress({ address: unzoned, family: 'ipv6' }).address;
	return canonical.startsWith('::ffff:') && canonical.includes('.') ? canonical.slice(7) : canonical;
}

/** Whether a `Host` header names this machine by a name that only itself has. */
export function isLoopbackHost(host: string): boolean {
	const name = host.replace(/:\d+$/, '');
	return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

export function isLoopback(address: string): boolean {
	return address === '::1' || address.startsWith('127.');
}
