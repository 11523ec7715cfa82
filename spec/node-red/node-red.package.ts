import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ava, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { ensureConsole } from '../../.ci/prestart.ts';
import { caddy, freePort, haproxy, nginx, startCaddy, startHaproxy, startNginx } from '../_support/proxies.ts';
import { startService } from '../_support/service.ts';
import { blocksOf, fileOf, until } from '../_support/walk.ts';
import { lookAtWebSocket } from '../_support/websocket-looks.ts';
import { installTimeoutMs, whyNoRegistry } from '../clients/tools.ts';
import { signIn } from '../console/scenes.ts';
import { browser, closeBrowser, noBrowser } from '../console/stage.ts';

/*
 * A real Node-RED, with the settings and the rules of docs/node-red.md, in a real Chromium: through our own proxy, nginx,
 * Caddy and HAProxy. Its editor opens with the name of who signed in, deploys, and shows what its WebSocket brings.
 */

const password = 'a long enough secret';
const folder = import.meta.dirname;
const program = join(folder, 'node_modules/node-red/red.js');
const docs = blocksOf(await readFile(join(folder, '../../docs/node-red.md'), 'utf8'));
const blockOf = (file: string) => docs.find((block) => fileOf(block) === file)?.lines.join('\n') ?? '';

const noNodeRed = existsSync(program) ? undefined : await whyNoRegistry();
const missing = noNodeRed ?? noBrowser;

let nodeRed: { port: number; stop(): Promise<void> };

async function startNodeRed(): Promise<typeof nodeRed> {
	const userDir = await mkdtemp(join(tmpdir(), 'latchkey-node-red-'));
	const port = await freePort();
	await writeFile(join(userDir, 'settings.js'), blockOf('settings.js').replace('1880', String(port)));
	const child = spawn(process.execPath, [program, '--userDir', userDir], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, NODE_OPTIONS: '', HOME: userDir },
	});
	const end = () => void child.kill('SIGKILL');
	process.once('exit', end);
	let said = '';
	child.stdout.setEncoding('utf8').on('data', (text) => {
		said += text;
	});
	await until(async () => {
		if (child.exitCode !== null) throw new Error(said);
		return said.includes('Started flows');
	});
	return {
		port,
		async stop() {
			process.off('exit', end);
			const ended = once(child, 'exit');
			child.kill('SIGTERM');
			await ended;
			await rm(userDir, { recursive: true });
		},
	};
}

if (missing === undefined) {
	ava.before(async (t) => {
		t.timeout(installTimeoutMs);
		if (!existsSync(program)) {
			await promisify(execFile)('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
		}
		await ensureConsole();
		nodeRed = await startNodeRed();
	});
}

async function startFront(t: ExecutionContext, start: typeof startNginx | undefined) {
	const { resources, ...settings } = parse(blockOf('latchkey.yaml'));
	const rules = resources.map(({ upstream, ...rule }: { upstream: string }) =>
		start ? rule : { ...rule, upstream: upstream.replace('1880', String(nodeRed.port)) },
	);
	const service = await startService({
		...settings,
		...(start && { trustedProxies: ['127.0.0.1/32'] }),
		resources: rules,
	});
	t.teardown(service.close);
	const ada = await service.add('ada', password, { permissions: ['flows.edit'] });
	const proxy = await start?.({ latchkey: Number(new URL(service.url).port), application: nodeRed.port });
	if (proxy) t.teardown(proxy.stop);
	return { service, ada, site: proxy ? `https://localhost:${proxy.port}` : service.url };
}

/** What the editor keeps in its window: enough to put nodes on a flow. */
interface Editor {
	readonly RED: {
		readonly nodes: {
			import(nodes: readonly object[], how: object): void;
			dirty(is: boolean): void;
			getType(name: string): object | undefined;
			version(): string | null;
		};
		readonly actions: { invoke(name: string): void };
		readonly settings: { readonly user?: { readonly username: string } };
	};
}

/** Says a word every second, shows it, and answers a call of a device. */
const flowOf = (word: string) => {
	const [tab, inject, debug, hook, answer] = ['a', 'b', 'c', 'd', 'e'].map((at) => `${at.repeat(8)}${word}`);
	const at = { z: tab, x: 100, y: 100 };
	return [
		{ id: tab, type: 'tab', label: word },
		{
			...at,
			id: inject,
			type: 'inject',
			props: [{ p: 'payload' }],
			repeat: '1',
			once: true,
			payload: word,
			payloadType: 'str',
			wires: [[debug]],
		},
		{
			...at,
			id: debug,
			type: 'debug',
			active: true,
			tosidebar: true,
			complete: 'payload',
			targetType: 'msg',
			wires: [],
		},
		{ ...at, id: hook, type: 'http in', url: `/${word}`, method: 'post', wires: [[answer]] },
		{ ...at, id: answer, type: 'http response', statusCode: '200', wires: [] },
	];
};

async function deploy(tab: Page, word: string): Promise<void> {
	// The kinds of nodes come first, then the flows of now.
	const isLoaded = () => {
		const { nodes } = (globalThis as unknown as Editor).RED;
		return nodes.getType('http response') !== undefined && nodes.version();
	};
	await tab.waitForFunction(isLoaded);
	await tab.evaluate((nodes) => {
		const { RED } = globalThis as unknown as Editor;
		RED.nodes.import(nodes, {});
		RED.nodes.dirty(true);
		RED.actions.invoke('core:show-debug-tab');
		RED.actions.invoke('core:deploy-flows');
	}, flowOf(word));
	await tab.getByText('Successfully deployed').first().waitFor();
}

for (const [name, installed, start] of [
	['our own proxy', 'latchkey', undefined],
	['nginx', nginx, startNginx],
	['Caddy', caddy, startCaddy],
	['HAProxy', haproxy, startHaproxy],
] as const) {
	const why = installed === undefined ? `${name} is not installed` : missing;
	const title = `a real Node-RED behind ${name} knows who is there, deploys, and is told of what happens`;
	if (why !== undefined) ava.skip(`${title}: ${why}`, () => undefined);
	else {
		ava.serial(title, async (t) => {
			t.timeout(180_000);
			const { service, ada, site } = await startFront(t, start);
			const context = await (await browser()).newContext({
				ignoreHTTPSErrors: true,
				viewport: { width: 1400, height: 900 },
			});
			t.teardown(() => context.close());
			const tab = await context.newPage();
			tab.setDefaultTimeout(40_000);

			await tab.goto(site);
			await signIn(tab, 'ada', password);
			await tab.locator('#red-ui-header-button-deploy').waitFor();
			t.is(await tab.evaluate(() => (globalThis as unknown as Editor).RED.settings.user?.username), 'ada');
			const word = `tick${name.replaceAll(' ', '')}`;
			await deploy(tab, word);
			await tab.locator('.red-ui-debug-msg').filter({ hasText: word }).first().waitFor();

			// What devices call is public; the editor's API is not.
			const stranger = await (await browser()).newContext({ ignoreHTTPSErrors: true });
			t.teardown(() => stranger.close());
			t.is((await stranger.request.post(`${site}/hooks/${word}`, { data: { level: 7 } })).status(), 200);
			for (const path of ['settings', 'flows', 'nodes'])
				t.is((await stranger.request.get(`${site}/${path}`)).status(), 401);

			await service.service.core.sessions.endOf(ada.id, {}, { actor: 'operator', identity: ada.name });
			if (start === undefined) {
				lookAtWebSocket();
				await tab
					.getByText(/Lost connection to server/)
					.first()
					.waitFor();
			}
			await tab.goto(`${site}/?again`);
			await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
		});
	}
}

ava.after.always(async () => {
	await nodeRed?.stop();
	await closeBrowser();
});
