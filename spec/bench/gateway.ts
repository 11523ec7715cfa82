import { join } from 'node:path';
import { nginx } from '../_support/proxies.ts';
import type { Visitor } from './ask.ts';
import type { Extent } from './figures.ts';
import { install, permission, signIn } from './latchkey.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { loadCore, type Started, startNode } from './programs.ts';
import { once } from './run.ts';

/** An application behind Latchkey, and the same application behind nginx that asks Latchkey. */
export interface Gateway extends AsyncDisposable {
	readonly proxying: Started;
	/** The Latchkey that nginx asks. */
	readonly asked: Started;
	readonly nginx: Nginx | undefined;
	readonly application: Started;
	/** Of the session at the one, and at the other. */
	readonly visitor: Visitor;
	readonly askedVisitor: Visitor;
}

export const noNginx = nginx === undefined ? 'nginx is not installed' : undefined;

/** One for each row, so that each measures a process of its own; one for all in the short form. */
export async function openGateway({ short }: Extent): Promise<Gateway> {
	return short ? { ...(await sharedGateway()), [Symbol.asyncDispose]: async () => undefined } : startGateway();
}

const sharedGateway = once(startGateway, (gateway) => gateway[Symbol.asyncDispose]());

async function startGateway(): Promise<Gateway> {
	const application = await startNode([join(import.meta.dirname, 'behind.ts')], { core: loadCore });
	const resource = { path: '/assets', permission };
	const direct = await install({ resources: [{ ...resource, upstream: application.url }] });
	const beside = await install({ resources: [resource], trustedProxies: ['127.0.0.1/32'] });
	const [proxying, asked] = [await direct.start(), await beside.start()];
	const proxy = nginx === undefined ? undefined : await startNginx(nginx, asked.url, application.url);
	return {
		proxying,
		asked,
		nginx: proxy,
		application,
		visitor: await signIn(proxying.url),
		askedVisitor: await signIn(asked.url),
		async [Symbol.asyncDispose]() {
			await proxy?.stop();
			await Promise.all([proxying.stop(), asked.stop(), application.stop()]);
			await Promise.all([direct.remove(), beside.remove()]);
		},
	};
}
