import type { Context } from 'koa';

/**
 * Judges a request before its body is read, and once more where the body took its time: what was ended or taken meanwhile is
 * over for this request, too. `check`: throws where it is refused.
 */
export async function aroundBody<Checked, Body>(
	{ req }: Context,
	check: () => Promise<Checked>,
	read: () => Promise<Body>,
): Promise<readonly [checked: Checked, body: Body]> {
	const before = await check();
	const isThere = req.complete;
	const body = await read();
	return [isThere ? before : await check(), body];
}
