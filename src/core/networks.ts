import { isIP } from 'node:net';

/** Addresses from the first to the last one, IPv4 behind all of IPv6. */
export interface Network {
	readonly first: bigint;
	readonly last: bigint;
}

const v4From = 1n << 128n;
const mappedFrom = 0xffffn << 32n;

/** An address or a CIDR; `undefined` where it is none. IPv4 within IPv6 (`::ffff:10.0.0.1`) is IPv4. */
export function parseNetwork(text: string): Network | undefined {
	const [address = '', bits, ...more] = text.split('/');
	const at = numberOf(address);
	if (at === undefined || more.length > 0) return undefined;
	const isMapped = address.includes(':') && at >= v4From;
	const width = address.includes(':') ? 128 : 32;
	const length = bits === undefined ? width : Number(bits);
	if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || length > width || (isMapped && length < 96))) return undefined;
	const size = 1n << BigInt(width - length);
	const first = at - (at % size);
	return { first, last: first + size - 1n };
}

/** The place of an address among all; `undefined` where it is none. */
export function numberOf(address: string): bigint | undefined {
	const family = isIP(address);
	if (family === 4) return v4From + BigInt(v4Of(address));
	if (family !== 6) return undefined;
	const [unzoned = ''] = address.split('%');
	const [, groups = '', dotted] = /^(.*?)((?:\d+\.){3}\d+)?$/.exec(unzoned) ?? [];
	const tail =
		dotted === undefined ? '' : `${(v4Of(dotted) >>> 16).toString(16)}:${(v4Of(dotted) & 0xffff).toString(16)}`;
	const [left = '', right] = `${groups}${tail}`.split('::');
	const [before, after] = [left, right ?? ''].map((part) => part.split(':').filter((group) => group !== '')) as [
		string[],
		string[],
	];
	const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
	const number = all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
	return number >> 32n === mappedFrom >> 32n ? v4From + (number & 0xffff_ffffn) : number;
}

function v4Of(address: string): number {
	return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function holdsForAddress(networks: readonly Network[] | undefined, address: bigint): boolean {
	return networks === undefined || networks.some(({ first, last }) => first <= address && address <= last);
}

/** One address of each kind that these networks can tell apart. */
export function addressWitnesses(networks: Iterable<Network>): bigint[] {
	const end = v4From + (1n << 32n);
	const starts = new Set([0n, v4From]);
	for (const { first, last } of networks) starts.add(first).add(last + 1n);
	return [...starts].filter((start) => start < end);
}

/** `10.0.0.0/8`; an address alone where it is only one. */
export function textOfNetwork({ first, last }: Network): string {
	const isV4 = first >= v4From;
	const width = isV4 ? 32 : 128;
	const bits = width - (last - first).toString(2).length + (last === first ? 1 : 0);
	const address = isV4 ? textOfV4(Number(first - v4From)) : textOfV6(first);
	return bits === width ? address : `${address}/${bits}`;
}

function textOfV4(number: number): string {
	return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}

function textOfV6(number: bigint): string {
	const groups = number.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
	return URL.parse(`http://[${groups.join(':')}]/`)?.hostname.slice(1, -1) ?? '';
}
