import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from 'koa';
import { hstsFor } from '../request/context.ts';
import { setSecurityHeaders } from './security-headers.ts';

/** Answers with a file to save, as fast as it is read, and with no more of it in memory than is on its way. */
export async function streamFile(
	ctx: Context,
	{ name, type }: { readonly name: string; readonly type: string },
	parts: AsyncIterable<string>,
): Promise<void> {
	const { res } = ctx;
	ctx.respond = false;
	setSecurityHeaders(res, hstsFor(ctx));
	res.writeHead(200, { 'Content-Type': type, 'Content-Disposition': `attachment; filename="${name}"` });
	if (ctx.method === 'HEAD') {
		res.end();
		return;
	}
	try {
		await pipeline(Readable.from(parts), res);
	} catch (fault) {
		// Cut off, so that nobody takes it for the whole.
		res.destroy();
		if ((fault as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw fault;
	}
}
