// A machine with a client certificate: logs in, fetches something protected, logs out.
// usage: node machine.js https://localhost:8443 certs/ca.pem certs/robot.pem certs/robot-key.pem /services/assets/v1
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';

const [url, ca, cert, key, path] = process.argv.slice(2);
const api = `${url}/services/session/v1`;
const agent = new Agent({ keepAlive: true, ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) });
const headers = {};

/** Node's `fetch` shows no certificates; `https.request` does. */
async function ask(method, target) {
	const response = await new Promise((resolve, reject) => {
		request(target, { method, agent, headers }).on('response', resolve).on('error', reject).end();
	});
	const body = await text(response);
	if (response.statusCode >= 400) throw new Error(`${method} ${target}: ${response.statusCode} ${body}`);
	const [cookie] = response.headers['set-cookie'] ?? [];
	if (cookie !== undefined) headers.Cookie = cookie.split(';', 1)[0];
	return body;
}

await ask('POST', `${api}/login/certificate`);
headers['X-XSRF-Token'] = JSON.parse(await ask('GET', `${api}/xsrfToken`)).xsrfToken;
process.stdout.write(await ask('GET', url + path));
await ask('POST', `${api}/logout`);
agent.destroy();
