import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'koa';

/** A file that a build has made, as it is kept in memory. */
export interface BuiltFile {
	readonly bytes: Buffer;
	readonly type: string;
	/** Made when a browser first asks for them. */
	br?: Promise<Buffer>;
	gzip?: Promise<Buffer>;
}

/** Above this many bytes the last tenth of size would cost seconds. */
const largeBytes = 256 * 1024;

/** Answers with the file, compressed where the client takes that. */
export async function send(ctx: Context, file: BuiltFile): Promise<void> {
	ctx.vary('Accept-Encoding');
	const body = await inSmallest(ctx, file);
	ctx.type = file.type;
	ctx.body = body;
}

function inSmallest(ctx: Context, file: BuiltFile): Buffer | Promise<Buffer> {
	if (ctx.acceptsEncodings('br')) {
		ctx.set('Content-Encoding', 'br');
		const quality = file.bytes.length > largeBytes ? 5 : constants.BROTLI_MAX_QUALITY;
		file.br ??= promisify(brotliCompress)(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
		return file.br;
	}
	if (ctx.acceptsEncodings('gzip')) {
		ctx.set('Content-Encoding', 'gzip');
		file.gzip ??= promisify(gzip)(file.bytes, { level: constants.Z_BEST_COMPRESSION });
		return file.gzip;
	}
	return file.bytes;
}

export async function readIfThere(file: URL): Promise<Buffer | undefined> {
	try {
		return await readFile(file);
	} catch (fault) {
		if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw fault;
	}
}
