// Knows no XSRF token of its own: the session's id stands in for it, so that the same comparison is made. `FILE`: its database.
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { identity, idleSeconds, listen, name, secret, slowly } from './job.js';

const database = new DatabaseSync(process.env.FILE ?? ':memory:');
database.exec('PRAGMA journal_mode = WAL');
const options = {
	database,
	secret,
	baseURL: 'http://127.0.0.1',
	emailAndPassword: { enabled: true },
	// `updateAge: 0`: the last activity moves on with each request.
	session: { expiresIn: idleSeconds, updateAge: 0 },
	rateLimit: { enabled: false },
	logger: { disabled: true },
	telemetry: { enabled: false },
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);
const person = { email: 'ada@example.org', password: 'four brown bears' };
await auth.api.signUpEmail({ body: { ...person, name } });

function answer(res, status, body, from) {
	const text = JSON.stringify(body);
	const cookies = from?.getSetCookie() ?? [];
	res.writeHead(status, {
		'Content-Type': 'application/json; charset=utf-8',
		'Content-Length': Buffer.byteLength(text),
		...(cookies.length > 0 && { 'Set-Cookie': cookies }),
	});
	res.end(text);
}

async function serve(req, res) {
	if (req.url === '/login') {
		const { headers } = await auth.api.signInEmail({ body: person, returnHeaders: true });
		const cookie = headers.getSetCookie().map((each) => each.split(';')[0]);
		const found = await auth.api.getSession({ headers: new Headers({ cookie: cookie.join('; ') }) });
		return answer(res, 200, { xsrfToken: found.session.id }, headers);
	}
	const headers = new Headers({ cookie: req.headers.cookie ?? '' });
	const { response: found, headers: told } = await auth.api.getSession({ headers, returnHeaders: true });
	if (found === null || req.headers['x-xsrf-token'] !== found.session.id)
		return answer(res, 401, { message: 'no session' });
	if (req.url === '/logout') {
		const out = await auth.api.signOut({ headers, returnHeaders: true });
		return answer(res, 200, {}, out.headers);
	}
	if (req.url.startsWith('/slow')) await slowly();
	if (req.url === '/slow-write') await auth.api.getSession({ headers });
	return answer(res, 200, { ...identity, name: found.user.name }, told);
}

listen(
	createServer((req, res) => {
		serve(req, res).catch((fault) => answer(res, 500, { message: String(fault) }));
	}),
);
