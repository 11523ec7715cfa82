import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Visitor } from './ask.ts';
import type { Figure, Row } from './figures.ts';
import { openGateway } from './gateway.ts';
import { cpuMs, memoryOf } from './programs.ts';

const chunk = Buffer.alloc(64 * 1024, 'x');
const megabyte = 1e6;

/** Resolves to the bytes that came, or that the application says it was sent. */
type Transfer = (url: string, visitor: Visitor, bytes: number) => Promise<number>;

const download: Transfer = (url, { headers }, bytes) =>
	new Promise((resolve, reject) => {
		let came = 0;
		const req = request(`${url}/assets/download?bytes=${bytes}`, { headers, agent: false }, (res) => {
			res.on('data', (some: Buffer) => {
				came += some.length;
			});
			res.on('error', reject).on('end', () => resolve(came));
		});
		req.on('error', reject).end();
	});

const upload: Transfer = (url, { headers }, bytes) =>
	new Promise((resolve, reject) => {
		const how = { method: 'POST', headers: { ...headers, 'Content-Length': String(bytes) }, agent: false as const };
		const req = request(`${url}/assets/upload`, how, (res) => {
			let said = '';
			res.setEncoding('utf8').on('data', (text) => {
				said += text;
			});
			res.on('error', reject).on('end', () => resolve(Number(said)));
		});
		pipeline(Readable.from(chunks(bytes), { objectMode: false }), req).catch(reject);
	});

function* chunks(bytes: number) {
	for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
}

export const streams: Row = {
	name: 'streams',
	says: 'A download and an upload of 1 GB through the reverse proxy',
	async measure(extent) {
		const { short } = extent;
		const bytes = short ? 20 * megabyte : 1000 * megabyte;
		await using gateway = await openGateway(extent);
		const { proxying, nginx, application, visitor, askedVisitor } = gateway;
		const figures: Figure[] = [];
		for (const [what, transfer] of [
			['download', download],
			['upload', upload],
		] as const) {
			const speed = async (url: string, who: Visitor) => {
				const startedAt = performance.now();
				const came = await transfer(url, who, bytes);
				if (came !== bytes) throw new Error(`${what}: ${came} of ${bytes} bytes arrived`);
				return bytes / megabyte / ((performance.now() - startedAt) / 1000);
			};
			await transfer(proxying.url, visitor, Math.min(bytes, 20 * megabyte));
			const before = memoryOf(proxying.pid);
			const cpuBefore = cpuMs(proxying.pid);
			const own = await speed(proxying.url, visitor);
			const cpu = cpuMs(proxying.pid) - cpuBefore;
			const direct = await speed(application.url, visitor);
			const mostMore = Math.max(0, memoryOf(proxying.pid).most - before.most) / megabyte;
			figures.push(
				{ what, unit: 'MB/s', values: [own] },
				{ what: `${what} ÷ without a proxy`, values: [own / direct] },
			);
			if (nginx)
				figures.push({ what: `${what} ÷ through nginx`, values: [own / (await speed(nginx.url, askedVisitor))] });
			figures.push(
				{ what: `${what}: CPU`, unit: 'ms/GB', values: [(cpu * 1000 * megabyte) / bytes] },
				{ what: `${what}: memory beyond the most of before`, unit: 'MB', values: [mostMore] },
			);
		}
		return { figures };
	},
};
