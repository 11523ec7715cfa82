import test from 'ava';
import { startSecureService } from '../_support/secure-service.ts';

/*
 * A trusted proxy may speak TLS to us, with a certificate of its own. That says nothing of its clients: of what comes
 * through it, only the forwarded certificate counts.
 */

const service = await startSecureService({
	trustedProxies: ['127.0.0.1'],
	auth: { statelessCertificate: true },
	resources: [{ path: '/assets', permission: 'rest.assets', xsrf: 'unsafe' }],
});
for (const name of ['edge', 'robot']) await service.add(name, undefined, { permissions: ['rest.assets'] });
const [edge, robot] = await Promise.all([service.certificateOf('edge'), service.certificateOf('robot')]);
test.after.always(() => service.close());

const base = '/services/session/v1';
const asked = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/assets/1' };

/** Who that is taken for, by a login and by forward-auth: their statuses, and the name. */
async function takenFor(headers: Record<string, string>, from?: string) {
	const as = { as: edge, ...(from !== undefined && { from }) };
	const login = await service.ask('POST', `${base}/login/certificate`, { ...as, headers });
	const verify = await service.ask('GET', '/services/auth/v1/verify?permission=rest.assets', {
		...as,
		headers: from === undefined ? { ...headers, ...asked } : headers,
	});
	return [login.status, verify.status, verify.headers['remote-user']];
}

test('the certificate of a trusted proxy’s own connection signs nobody in', async (t) => {
	t.deepEqual(await takenFor({}), [401, 401, undefined]);
	t.deepEqual(await takenFor({ 'Client-Cert': '::' }), [401, 401, undefined]);
	t.deepEqual(await takenFor({ 'Client-Cert': '' }), [401, 401, undefined]);
});

test('the certificate that it forwards does', async (t) => {
	const header = `:${robot.der.toString('base64')}:`;
	t.deepEqual(await takenFor({ 'Client-Cert': header }), [204, 200, 'robot']);
});

test('a client that is no proxy is the one that its own certificate names, whatever it forwards', async (t) => {
	const header = `:${robot.der.toString('base64')}:`;
	t.deepEqual(await takenFor({}, '127.0.0.2'), [204, 200, 'edge']);
	t.deepEqual(await takenFor({ 'Client-Cert': header }, '127.0.0.2'), [204, 200, 'edge']);
});
