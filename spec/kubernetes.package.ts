import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { Agent, get, request } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../src/config/read.ts';
import { type ChildServer, serve } from './_support/command-line.ts';
import { readImage } from './_support/image.ts';
import { freePort, hasProgram, until } from './_support/server.ts';
import { newSharedSettings } from './_support/servers.ts';
import { noSharedStores } from './_support/shared-stores.ts';
import { startUpstream } from './_support/upstream.ts';

/*
 * No cluster runs where this is tested. So the manifests are held against each other and against what the product takes,
 * and then two nodes are started as they say, asked by their probes, and replaced one after the other as a Deployment does.
 */

const root = join(import.meta.dirname, '..');
const folder = join(root, 'spec/examples/kubernetes');
const read = (file: string): unknown => parse(readFileSync(join(folder, file), 'utf8'));

const labels = z.record(z.string(), z.string());
const selector = z.strictObject({ matchLabels: labels });
const probe = z.strictObject({
	httpGet: z.strictObject({ path: z.string(), port: z.string(), scheme: z.literal('HTTPS') }),
	periodSeconds: z.int(),
	timeoutSeconds: z.int(),
	failureThreshold: z.int(),
});
const container = z.strictObject({
	name: z.string(),
	image: z.string(),
	args: z.array(z.string()),
	env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
	ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })),
	startupProbe: probe,
	livenessProbe: probe,
	readinessProbe: probe,
	lifecycle: z.strictObject({
		preStop: z.strictObject({ exec: z.strictObject({ command: z.tuple([z.literal('sleep'), z.coerce.number()]) }) }),
	}),
	securityContext: z.strictObject({
		allowPrivilegeEscalation: z.literal(false),
		readOnlyRootFilesystem: z.literal(true),
		capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
	}),
	resources: z.strictObject({ requests: labels, limits: labels }),
	volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.literal(true) })),
});
const deployment = z
	.strictObject({
		apiVersion: z.literal('apps/v1'),
		kind: z.literal('Deployment'),
		metadata: z.strictObject({ name: z.literal('latchkey'), labels }),
		spec: z.strictObject({
			replicas: z.literal(2),
			selector,
			strategy: z.strictObject({
				type: z.literal('RollingUpdate'),
				rollingUpdate: z.strictObject({ maxSurge: z.literal(1), maxUnavailable: z.literal(0) }),
			}),
			template: z.strictObject({
				metadata: z.strictObject({ labels, annotations: labels }),
				spec: z.strictObject({
					automountServiceAccountToken: z.literal(false),
					enableServiceLinks: z.literal(false),
					securityContext: z.strictObject({
						runAsNonRoot: z.literal(true),
						runAsUser: z.int(),
						runAsGroup: z.int(),
						fsGroup: z.int(),
						seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
					}),
					topologySpreadConstraints: z.array(
						z.strictObject({
							maxSkew: z.literal(1),
							topologyKey: z.string(),
							whenUnsatisfiable: z.literal('ScheduleAnyway'),
							labelSelector: selector,
						}),
					),
					terminationGracePeriodSeconds: z.int(),
					containers: z.tuple([container]),
					volumes: z.array(
						z.strictObject({
							name: z.string(),
							configMap: z.strictObject({ name: z.string() }).optional(),
							secret: z.strictObject({ secretName: z.string(), defaultMode: z.int() }).optional(),
						}),
					),
				}),
			}),
		}),
	})
	.parse(read('base/deployment.yaml'));
const generator = z.array(
	z.strictObject({ name: z.string(), type: z.literal('kubernetes.io/tls').optional(), files: z.array(z.string()) }),
);
const site = z
	.looseObject({ resources: z.array(z.string()), configMapGenerator: generator, secretGenerator: generator })
	.parse(read('site/kustomization.yaml'));
const service = z
	.looseObject({
		spec: z.looseObject({
			selector: labels,
			ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.string() })),
		}),
	})
	.parse(read('base/service.yaml'));

const image = readImage(root);
const pod = deployment.spec.template.spec;
const [node] = pod.containers;
const page = readFileSync(join(root, 'docs/kubernetes.md'), 'utf8');
/** In the clone: where the copy is, npx knows no latchkey, and would ask the registry for one. */
const [, makeCertificates = ''] =
	/npx latchkey (certificates dev --out )\.\.\/latchkey-kubernetes\/site\/\.secrets\/certs\)/.exec(page) ?? [];
const [, makeSecrets = ''] = /^```sh\n(install -d -m 700 \.secrets\n[\s\S]*?)```$/m.exec(page) ?? [];

test('each file is named by its kustomization, and each object that is named is made', (t) => {
	const named = z.looseObject({ resources: z.array(z.string()) }).parse(read('base/kustomization.yaml')).resources;
	t.deepEqual([...named, 'kustomization.yaml'].sort(), readdirSync(join(folder, 'base')).sort());
	t.deepEqual(site.resources, ['../base']);
	const mounted = pod.volumes.map(({ configMap, secret }) => configMap?.name ?? secret?.secretName);
	const made = [...site.configMapGenerator, ...site.secretGenerator].map(({ name }) => name);
	t.deepEqual(mounted, made);
	t.deepEqual(
		node.volumeMounts.map(({ name }) => name),
		pod.volumes.map(({ name }) => name),
	);
});

test('all objects mean the same pods, and each port that is named is there', (t) => {
	const own = deployment.spec.template.metadata.labels;
	const budget = z.looseObject({ spec: z.strictObject({ minAvailable: z.literal(1), selector }) });
	const policy = z.looseObject({
		spec: z.looseObject({
			podSelector: selector,
			ingress: z.array(z.looseObject({ ports: z.array(z.strictObject({ port: z.string() })) })),
		}),
	});
	const allowed = policy.parse(read('base/network-policy.yaml')).spec;
	for (const each of [
		deployment.spec.selector.matchLabels,
		...pod.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels),
		service.spec.selector,
		budget.parse(read('base/disruption-budget.yaml')).spec.selector.matchLabels,
		allowed.podSelector.matchLabels,
	])
		t.deepEqual(each, own);
	const ports = node.ports.map(({ name }) => name);
	const used = [
		...service.spec.ports.map(({ targetPort }) => targetPort),
		...[node.startupProbe, node.livenessProbe, node.readinessProbe].map(({ httpGet }) => httpGet.port),
		...allowed.ingress.flatMap((rule) => rule.ports.map(({ port }) => port)),
	];
	for (const port of used) t.true(ports.includes(port), port);
	t.deepEqual(ports, ['https', 'metrics']);
	const metrics = node.ports.find(({ name }) => name === 'metrics')?.containerPort;
	t.is(deployment.spec.template.metadata.annotations['prometheus.io/port'], String(metrics));
});

test('the pod runs as the image does, and its keys are readable by its own group alone', (t) => {
	const { runAsUser, runAsGroup, fsGroup } = pod.securityContext;
	t.is(`${runAsUser}:${runAsGroup}`, image.user);
	t.is(fsGroup, runAsGroup);
	for (const { secret } of pod.volumes) if (secret) t.is(secret.defaultMode, 0o440, secret.secretName);
	t.deepEqual(node.args, image.command.slice(1));
});

test('probes ask whether it lives and whether it is ready, and a stop takes no longer than it is given', (t) => {
	t.is(node.startupProbe.httpGet.path, '/health/live');
	t.is(node.livenessProbe.httpGet.path, '/health/live');
	t.is(node.readinessProbe.httpGet.path, '/health/ready');
	const [, hookSeconds] = node.lifecycle.preStop.exec.command;
	// A second in which connections are still taken, and nine for requests under way.
	t.true(pod.terminationGracePeriodSeconds >= hookSeconds + 10 + 3, 'and some to spare');
	t.true(hookSeconds >= 5);
});

interface Place {
	readonly folder: string;
	/** The site, with the secrets that the documented commands make. */
	readonly site: string;
}

async function siteWithSecrets(t: ExecutionContext): Promise<Place> {
	const place = await mkdtemp(join(tmpdir(), 'latchkey-kubernetes-'));
	t.teardown(() => rm(place, { recursive: true }));
	await cp(folder, place, { recursive: true });
	const launcher = join(root, 'src/launcher.js');
	t.notRegex(makeSecrets, /npx/);
	const told = `'${process.execPath}' '${launcher}' ${makeCertificates}.secrets/certs\n${makeSecrets}`;
	execFileSync('bash', ['-ec', `umask 077\n${told}`], {
		cwd: join(place, 'site'),
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	return { folder: place, site: join(place, 'site') };
}

const kubectl = 'kubectl';
const noKubectl = hasProgram(kubectl) ? '' : ': kubectl is not installed';
(noKubectl ? test.skip : test)(`kubectl puts the site together${noKubectl}`, async (t) => {
	const place = await siteWithSecrets(t);
	const { status, stdout, stderr } = spawnSync(kubectl, ['kustomize', place.site], { encoding: 'utf8' });
	t.is(status, 0, stderr);
	const objects = stdout
		.split(/^---$/m)
		.map((text) => parse(text) as { kind: string; metadata: { namespace: string } });
	t.deepEqual(objects.map(({ kind }) => kind).sort(), [
		...['ConfigMap', 'Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Secret', 'Secret', 'Service'],
	]);
	for (const { kind, metadata } of objects) t.is(metadata.namespace, 'latchkey', kind);
	t.regex(stdout, /defaultMode: 288/);
});

/** The files of a pod, in a folder that stands for its root; what it runs with. */
async function filesOf(place: Place, name: string, replaced: Readonly<Record<string, string>>) {
	const at = join(place.folder, name);
	const here = (text: string) =>
		Object.entries(replaced).reduce(
			(so, [there, local]) => so.replaceAll(there, local),
			text.replaceAll(/\/(run\/secrets|etc\/latchkey)\//g, `${at}/$1/`),
		);
	const files = new Map([...site.configMapGenerator, ...site.secretGenerator].map((one) => [one.name, one.files]));
	for (const { name: volume, mountPath } of node.volumeMounts) {
		const { configMap, secret } = pod.volumes.find((each) => each.name === volume) ?? {};
		await mkdir(join(at, mountPath), { recursive: true });
		for (const file of files.get(configMap?.name ?? secret?.secretName ?? '') ?? []) {
			const target = join(at, mountPath, basename(file));
			await writeFile(target, here(await readFile(join(place.site, file), 'utf8')));
			// Root's and the group's; without being root, the file is one's own.
			if (secret) await chmod(target, process.getuid?.() === 0 ? secret.defaultMode : 0o400);
		}
	}
	const env = Object.fromEntries([
		...Object.entries(image.environment),
		...node.env.map(({ name: variable, value }) => [variable, here(value)] as const),
	]);
	return { at, env: { ...env, LATCHKEY_CONFIG: here(env.LATCHKEY_CONFIG ?? '') } };
}

test('Latchkey takes the settings, each from one place', async (t) => {
	const { at, env } = await filesOf(await siteWithSecrets(t), 'one', {});
	const config = readConfig({ file: env.LATCHKEY_CONFIG, env });
	t.regex(config.store.identities, /^postgres:\/\/latchkey:[0-9a-f]{48}@postgres\/latchkey$/);
	t.regex(config.store.sessions, /^redis:\/\/:[0-9a-f]{48}@valkey:6379$/);
	t.is(config.http.host, '127.0.0.1', 'nothing without TLS leaves the pod');
	t.like(config.https, { host: '0.0.0.0', cert: join(at, 'run/secrets/tls/tls.crt') });
	const ports = new Map(node.ports.map(({ name, containerPort }) => [name, containerPort]));
	t.is(config.https?.port, ports.get('https'));
	t.is(config.metrics.port, ports.get('metrics'));
	t.is(config.metrics.host, '0.0.0.0');
	t.truthy(config.secondFactor.sealingKey);
});

interface Node extends ChildServer {
	readonly port: number;
}

/** As kubelet asks: whatever the certificate says. */
const answers = ({ port }: Node, { httpGet: { path } }: z.infer<typeof probe>) =>
	new Promise<boolean>((resolve) => {
		get({ host: '127.0.0.1', port, path, agent: false, rejectUnauthorized: false }, ({ statusCode = 0 }) =>
			resolve(statusCode >= 200 && statusCode < 400),
		).once('error', () => resolve(false));
	});

/** Stands for the Service: passes each connection to the next node that is ready. */
async function startService(t: ExecutionContext) {
	const endpoints: Node[] = [];
	let next = 0;
	const server = createServer((client) => {
		next += 1;
		const to = endpoints[next % endpoints.length];
		const upstream = connect(to?.port ?? 0, '127.0.0.1');
		client.pipe(upstream).pipe(client);
		client.once('error', () => upstream.destroy());
		upstream.once('error', () => client.destroy());
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	return { endpoints, port: (server.address() as AddressInfo).port };
}

(noSharedStores ? test.skip : test)(
	`two nodes start as the manifests say, and are replaced one after the other: no request is dropped, no session is lost${noSharedStores ? `: ${noSharedStores}` : ''}`,
	async (t) => {
		t.timeout(240_000);
		const place = await siteWithSecrets(t);
		const waiting: ServerResponse[] = [];
		const wiki = await startUpstream((req, res) => {
			if (req.url === '/wiki/late') waiting.push(res);
			else res.end('the wiki');
		});
		t.teardown(wiki.close);
		const { sessions, identities } = await (await newSharedSettings())();
		await writeFile(join(place.site, '.secrets/sessions'), sessions);
		await writeFile(join(place.site, '.secrets/identities'), identities);

		const started: Node[] = [];
		t.teardown(() => Promise.all(started.map((one) => one.stop())).then(() => undefined));
		async function startNode(): Promise<Node> {
			const replaced = { 'http://wiki.wiki.svc.cluster.local': wiki.url };
			const { at, env } = await filesOf(place, `node${started.length}`, replaced);
			const port = await freePort();
			const own = {
				LATCHKEY_HTTP_PORT: String(await freePort()),
				...{ LATCHKEY_HTTPS_HOST: '127.0.0.1', LATCHKEY_HTTPS_PORT: String(port) },
				...{ LATCHKEY_METRICS_HOST: '127.0.0.1', LATCHKEY_METRICS_PORT: String(await freePort()) },
			};
			const one = { ...(await serve(at, { env: { ...env, ...own }, args: node.args.slice(1) })), port };
			started.push(one);
			for (const ask of [node.startupProbe, node.livenessProbe, node.readinessProbe]) {
				await until(async () => {
					if (!(await answers(one, ask))) throw new Error(`${ask.httpGet.path}: ${one.said.stdout}${one.said.stderr}`);
				});
			}
			return one;
		}
		const balanced = await startService(t);
		balanced.endpoints.push(await startNode(), await startNode());

		const ca = await readFile(join(place.site, '.secrets/certs/ca.pem'));
		const api = '/services/session/v1';
		interface Answer {
			readonly status: number;
			readonly text: string;
			readonly cookie: string;
		}
		const ask = (
			method: string,
			path: string,
			headers = {},
			body?: string,
			agent: Agent | false = false,
			port = balanced.port,
		) =>
			new Promise<Answer>((resolve, reject) => {
				const to = { host: 'localhost', port, ca, agent, method, path } as const;
				request(
					{ ...to, headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) } },
					async (res) => {
						try {
							const text = Buffer.concat(await res.toArray()).toString();
							const [cookie = ''] = (res.headers['set-cookie'] ?? [])[0]?.split(';') ?? [];
							resolve({ status: res.statusCode ?? 0, text, cookie });
						} catch (cut) {
							reject(cut);
						}
					},
				)
					.once('error', reject)
					.end(body);
			});
		const password = (await readFile(join(place.site, '.secrets/admin-password'), 'utf8')).trim();
		async function signIn() {
			const body = JSON.stringify({ username: 'admin', password });
			const { status, text, cookie } = await ask('POST', `${api}/login/password`, {}, body);
			t.is(status, 200, text);
			const { xsrfToken } = JSON.parse((await ask('GET', `${api}/xsrfToken`, { Cookie: cookie })).text);
			return { Cookie: cookie, 'X-XSRF-Token': String(xsrfToken) };
		}
		const people = [await signIn(), await signIn(), await signIn(), await signIn()];

		// Light load: some on connections that stay, some on a new one each time.
		let isOver = false;
		let answered = 0;
		const dropped: unknown[] = [];
		const load = people.map(async (session, nth) => {
			const agent = nth % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : false;
			while (!isOver) {
				const path = answered % 3 === 0 ? '/wiki/page' : `${api}/currentIdentity`;
				const got = await ask('GET', path, session, undefined, agent).catch((fault: Error) => ({
					status: 0,
					text: String(fault),
				}));
				answered += 1;
				if (got.status !== 200) dropped.push(`${path}: ${got.status} ${got.text}`);
				await sleep(10);
			}
			if (agent) agent.destroy();
		});
		/** Until so many more were answered. */
		const more = (count: number) => {
			const enough = answered + count;
			return until(async () => {
				if (answered < enough) throw new Error(`${answered} of ${enough} answered`);
			});
		};
		await more(40);

		for (const old of [...balanced.endpoints]) {
			balanced.endpoints.push(await startNode());
			await more(40);
			// A connection that was made before, with an answer that takes its time.
			const late = ask('GET', '/wiki/late', people[0], undefined, false, old.port);
			await until(async () => {
				if (waiting.length === 0) throw new Error('not there yet');
			});
			// The hook runs while balancers hear of it; then comes SIGTERM.
			balanced.endpoints.splice(balanced.endpoints.indexOf(old), 1);
			await more(20);
			old.signal('SIGTERM');
			await until(async () => {
				if (await answers(old, node.readinessProbe)) throw new Error('SIGTERM is not heard yet');
			});
			waiting.pop()?.end('late');
			t.like(await late, { status: 200, text: 'late' });
			t.deepEqual(await old.ended, { status: 0, signal: null });
			await more(40);
		}
		isOver = true;
		await Promise.all(load);
		t.deepEqual(dropped, []);
		t.log(`${answered} answered, 0 dropped`);
		for (const session of people) t.is((await ask('GET', `${api}/currentIdentity`, session)).status, 200);
	},
);
