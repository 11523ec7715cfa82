/*
 * Keys, UUIDs and stamps as bytes: half the size of their text. Only a text in the one form that we write becomes
 * bytes, any other stays text; so two texts are never one value, and every text comes back as it was.
 */

const keyShape = /^[0-9a-f]{64}$/;
const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const stampShape = /^[A-Za-z0-9_-]{32}$/;

export type Packed = Uint8Array<ArrayBuffer> | string;

export function packKey(key: string): Packed {
	return keyShape.test(key) ? Buffer.from(key, 'hex') : key;
}

export function unpackKey(packed: Packed): string {
	return typeof packed === 'string' ? packed : bytes(packed).toString('hex');
}

export function packUuid(uuid: string): Packed {
	return uuidShape.test(uuid) ? Buffer.from(uuid.replaceAll('-', ''), 'hex') : uuid;
}

export function unpackUuid(packed: Packed): string {
	if (typeof packed === 'string') return packed;
	const uuid = bytes(packed);
	const hex = (from: number, to: number) => uuid.toString('hex', from, to);
	// Joined and not added up, which would leave nine small strings behind it in memory.
	return [hex(0, 4), hex(4, 6), hex(6, 8), hex(8, 10), hex(10, 16)].join('-');
}

export function packStamp(stamp: string): Packed {
	return stampShape.test(stamp) ? Buffer.from(stamp, 'base64url') : stamp;
}

export function unpackStamp(packed: Packed): string {
	return typeof packed === 'string' ? packed : bytes(packed).toString('base64url');
}

function bytes(packed: Uint8Array<ArrayBuffer>): Buffer {
	return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
}
