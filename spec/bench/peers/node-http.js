import { createServer } from 'node:http';
import { identity, listen } from './job.js';

listen(
	createServer((_req, res) => {
		const body = JSON.stringify(identity);
		res.writeHead(200, {
			'Content-Type': 'application/json; charset=utf-8',
			'Content-Length': Buffer.byteLength(body),
		});
		res.end(body);
	}),
);
