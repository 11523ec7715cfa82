import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { ensureConsole } from '../../.ci/prestart.ts';
import { createHandClock, type HandClock } from '../_support/hand-clock.ts';
import { type Settings, startService, type TestService } from '../_support/service.ts';

/*
 * The console in a real Chromium, before a real service. Whatever is shown: nothing is asked of another host, nothing
 * offends the Content-Security-Policy, and no script fails; `offences` says where that is not so.
 */

/** The same engine; without the parts that draw windows, a context costs a fifth. */
const programs = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const executablePath = programs.find((path) => existsSync(path));
/** Why nothing can be shown here; `undefined` where it can. */
export const noBrowser = executablePath === undefined ? `there is neither ${programs.join(' nor ')} here` : undefined;

export interface Stage {
	readonly service: TestService;
	/** The service's clock. The page's own is Playwright's: `page.clock`. */
	readonly clock: HandClock;
	/** Of the https endpoint, where there is one. */
	readonly secureUrl: string;
	readonly context: BrowserContext;
	readonly page: Page;
	/** Opens the console, in this tab or another one. */
	open(where?: { page?: Page; path?: string; url?: string }): Promise<Page>;
	newPage(): Promise<Page>;
	/** What must not happen and did. */
	readonly offences: string[];
	close(): Promise<void>;
}

const behindMs = 14 * 60_000;
/** Less than AVA waits for a test: what was waited for is worth more than that it was late. */
const patienceMs = 55_000;

let launched: Promise<Browser> | undefined;

export function browser(): Promise<Browser> {
	launched ??= chromium.launch({
		...(executablePath !== undefined && { executablePath }),
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			// Domains of specs are all this machine.
			'--host-resolver-rules=MAP *.example.org 127.0.0.1, MAP *.example.net 127.0.0.1',
		],
	});
	return launched;
}

export async function closeBrowser(): Promise<void> {
	await (await launched)?.close();
	launched = undefined;
}

/** What a stage is made of: a service of these settings, or one that runs already. */
export interface Setting {
	readonly settings?: Settings;
	readonly service?: TestService;
	readonly options?: BrowserContextOptions;
}

/** A service, and an empty tab before it. */
export async function setStage({ settings, service: given, options = {} }: Setting): Promise<Stage> {
	if (!(await ensureConsole())) throw new Error('the console cannot be built');
	// A little behind, so that what a test winds forward is not yet to come in the browser.
	const clock = createHandClock(Date.now() - behindMs);
	const service = given ?? (await startService(settings, clock));
	const context = await (await browser()).newContext({ viewport: { width: 1200, height: 800 }, ...options });
	context.setDefaultTimeout(patienceMs);
	const offences: string[] = [];
	const hosts = new Set([...service.service.urls.map((url) => new URL(url).hostname), 'localhost']);

	context.on('request', (request) => {
		const { protocol, hostname } = new URL(request.url());
		if (protocol !== 'data:' && !hosts.has(hostname)) offences.push(`asked another host: ${request.url()}`);
	});
	context.on('weberror', (fault) => offences.push(`a script failed: ${fault.error().stack}`));
	context.on('console', (message) => {
		const text = message.text();
		if (/Content.Security.Policy|Refused to/i.test(text)) offences.push(text);
	});

	const page = await context.newPage();
	return {
		service,
		clock,
		secureUrl: service.service.urls[1] ?? '',
		context,
		page,
		offences,
		newPage: () => context.newPage(),
		async open({ page: in_ = page, path = '/', url = service.url } = {}) {
			await in_.goto(url + path);
			await in_.locator('h1').waitFor();
			return in_;
		},
		async close() {
			await context.close();
			await service.close();
		},
	};
}
