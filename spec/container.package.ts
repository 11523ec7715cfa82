import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { makeDevCertificates } from '../src/cli/certificates.ts';
import { cleanEnvironment, openWorkplace, serve } from './_support/command-line.ts';
import { readImage } from './_support/image.ts';
import { freePort } from './_support/server.ts';
import { soon } from './store/soon.ts';

/*
 * The image without an engine: what the Dockerfile says is read, and its command is started in a folder that stands for
 * the container's root.
 */

const root = join(import.meta.dirname, '..');
const image = readImage(root);
const page = readFileSync(join(root, 'docs/containers.md'), 'utf8');
/** The words of its two `docker run`. */
const runs = [...page.matchAll(/^docker run ((?:.*\\\n)*.*)$/gm)].map(([, words = '']) =>
	words.replaceAll('\\\n', '').split(/\s+/),
);

const valuesOf = (words: readonly string[] = [], option: string) =>
	words.flatMap((word, at) => (word === option ? [(words[at + 1] ?? '').replaceAll('"', '')] : []));

test('the image runs as a number, keeps no volume without a name, and says what it is', (t) => {
	t.is(image.user, '1000:1000');
	t.false(image.instructions.some(([name]) => name === 'VOLUME'));
	const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	t.like(image.labels, {
		'org.opencontainers.image.title': 'Latchkey',
		'org.opencontainers.image.version': version,
		'org.opencontainers.image.licenses': license,
	});
	t.deepEqual(image.command, ['latchkey', 'serve']);
	t.deepEqual(image.healthcheck, ['latchkey', 'health']);
});

test('the image sets no setting by variable, since that would win over a mounted file', (t) => {
	const ours = Object.keys(image.environment).filter((name) => name.startsWith('LATCHKEY_'));
	t.deepEqual(ours, ['LATCHKEY_CONFIG']);
	const [, file = ''] =
		image.instructions.find(
			([name, words]) => name === 'COPY' && words.endsWith(image.environment.LATCHKEY_CONFIG ?? ''),
		) ?? [];
	t.true(existsSync(join(root, file.split(' ')[0] ?? '')), file);
});

test('what the image copies is there, and reaches the engine', (t) => {
	const lets = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
	const patterns = lets.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
	const reaches = (file: string) =>
		patterns.some((each) => file === each || file.startsWith(`${each}/`) || matches(each, file));
	const matches = (pattern: string, file: string) =>
		new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(file);
	for (const [name, words] of image.instructions) {
		if (name !== 'COPY' || words.startsWith('--from') || words === '. .') continue;
		for (const file of words.split(' ').slice(0, -1)) {
			t.true(existsSync(join(root, file)), file);
			t.true(reaches(file), `${file} is kept from the engine by .dockerignore`);
		}
	}
});

test('the list of packages that the image carries names each one that the service runs with, and no other', async (t) => {
	t.timeout(240_000);
	const runs = image.instructions.filter(([name]) => name === 'RUN').map(([, words]) => words);
	const install = runs.find((words) => words.startsWith('npm ci --omit=dev'))?.split(' && ')[0] ?? '';
	const list = runs.find((words) => words.includes('npm sbom')) ?? '';
	const file = list.split(' > ')[1] ?? '';
	for (const told of [install, list, `/app/${file}`]) t.true(page.includes(told), told);
	t.true(
		image.instructions.some(([name, words]) => name === 'COPY' && words === `--from=production /app/${file} ${file}`),
	);
	const place = await mkdtemp(join(tmpdir(), 'latchkey-sbom-'));
	t.teardown(() => rm(place, { recursive: true }));
	for (const copied of ['package.json', 'package-lock.json', '.npmrc'])
		await cp(join(root, copied), join(place, copied));
	await promisify(execFile)('sh', ['-ec', `${install}\n${list}`], { cwd: place, env: cleanEnvironment() });

	const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const sbom = JSON.parse(readFileSync(join(place, file), 'utf8'));
	const component = { type: 'application', purl: `pkg:npm/latchkey@${version}` };
	t.like(sbom, { bomFormat: 'CycloneDX', metadata: { component } });
	for (const { name, hashes, licenses } of sbom.components as Component[])
		t.true(hashes?.length > 0 && licenses?.length > 0, name);
	const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages as Record<string, Locked>;
	const installed = Object.entries(lock).filter(([path]) => path !== '' && existsSync(join(place, path)));
	t.true(installed.length > 100);
	t.deepEqual(
		installed.filter(([, { dev }]) => dev),
		[],
	);
	const name = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
	const wanted = new Set(installed.map(([path, { version: of }]) => `${name(path)}@${of}`));
	const listed = (sbom.components as Component[]).map(({ name: of, version }) => `${of}@${version}`);
	t.deepEqual(listed.sort(), [...wanted].sort());
});

interface Component {
	readonly name: string;
	readonly version: string;
	readonly hashes: readonly unknown[];
	readonly licenses: readonly unknown[];
}
interface Locked {
	readonly version: string;
	readonly dev?: boolean;
}

/** A folder in the place of the container's root, with the image's files and a volume at /data. */
async function container(t: ExecutionContext, env: Record<string, string>) {
	const place = await openWorkplace();
	t.teardown(place.remove);
	await rm(place.file);
	const inside = (path: string) => join(place.folder, path);
	await mkdir(inside('data'));
	await mkdir(inside('etc/latchkey'), { recursive: true });
	await cp(join(root, '.ci/container.yaml'), inside('etc/latchkey/latchkey.yaml'));
	const port = String(await freePort());
	const here: Record<string, string> = {
		...Object.fromEntries(
			Object.entries(image.environment).map(([name, value]) => [name, value.replace(/^\//, `${place.folder}/`)]),
		),
		...env,
		LATCHKEY_HTTP_PORT: port,
	};
	t.is(image.folder, '/', 'relative paths of stores count from there');
	const isHealthy = () => place.runBinary(image.healthcheck.slice(1), { env: here });
	return { place, inside, here, isHealthy };
}

test('the documented `docker run`: it serves, keeps its data in the volume, and is healthy', async (t) => {
	const [plain] = runs;
	t.true(valuesOf(plain, '--volume').includes('latchkey:/data'));
	t.deepEqual(valuesOf(plain, '--publish'), ['127.0.0.1:8080:8080']);
	for (const word of ['--init', '--read-only', '--cap-drop', '--security-opt']) t.true(plain?.includes(word), word);
	const env = Object.fromEntries(valuesOf(plain, '--env').map((pair) => pair.split('=')));
	const { place, inside, here, isHealthy } = await container(t, env);
	t.is((await isHealthy()).status, 1, 'not yet');
	const server = await serve(place.folder, { env: { ...here, KUBERNETES_SERVICE_HOST: '10.96.0.1' } });
	t.teardown(server.stop);
	t.true(await soon(async () => /^ +inside this container .* identity add admin /m.test(server.said.stderr)));
	t.notRegex(server.said.stderr, /npx|on this machine/);
	t.deepEqual(await isHealthy(), { status: 0, stdout: 'live\n', stderr: '' });
	t.true(existsSync(inside('data/latchkey.db')));
	t.is((await place.runBinary(['identity', 'list'], { env: here })).stderr, 'there are no identities yet\n');
	await server.stop();
	t.is((await server.ended).status, 0);
});

test('without being asked for, plain http beyond the container is refused, with the way out', async (t) => {
	const { place, here } = await container(t, {});
	const { status, stderr } = await place.runBinary(['serve'], { env: here });
	t.is(status, 1);
	t.regex(stderr, /http\.host: plain http beyond this machine needs http\.insecure: true, or trustedProxies/);
});

test('the documented `docker run` with https: the mounted configuration counts, and the data stays in the volume', async (t) => {
	const [, https] = runs;
	t.deepEqual(valuesOf(https, '--volume'), [
		'latchkey:/data',
		'$PWD/latchkey.yaml:/etc/latchkey/latchkey.yaml:ro',
		'$PWD/certs:/etc/latchkey/certs:ro',
	]);
	const { place, inside, here, isHealthy } = await container(t, { LATCHKEY_HTTPS_PORT: String(await freePort()) });
	const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
	await writeFile(inside('etc/latchkey/latchkey.yaml'), yaml);
	await makeDevCertificates({ out: inside('etc/latchkey/certs'), clients: [] });
	const server = await serve(place.folder, { env: here });
	t.teardown(server.stop);
	const status = await new Promise((resolve, reject) => {
		const ca = readFileSync(inside('etc/latchkey/certs/ca.pem'));
		const to = { host: 'localhost', port: here.LATCHKEY_HTTPS_PORT, path: '/health/live', ca, agent: false };
		get(to, (res) => resolve(res.resume().statusCode)).once('error', reject);
	});
	t.is(status, 200);
	t.is((await isHealthy()).status, 0);
	t.true(existsSync(inside('data/latchkey.db')));
	t.false(existsSync(inside('etc/latchkey/data')));
});
