import test from 'ava';
import { clientAuth, newCa } from '../_support/certificates.ts';
import { caddy, startCaddy } from '../_support/proxies.ts';
import { bindsSessions } from './proxy/bound.contract.ts';
import { asksAboutAll } from './proxy/proxy.contract.ts';
import { keepsSecrets } from './proxy/secrets.contract.ts';
import { type Echo, valuesOf } from './proxy/servers.ts';

if (caddy === undefined) {
	test.skip('an application behind Caddy: it is not installed', () => undefined);
} else {
	const front = asksAboutAll(test, 'Caddy', startCaddy);
	keepsSecrets(test, 'Caddy', startCaddy);
	bindsSessions(test, 'Caddy', startCaddy);
	const certificateOf = async (name: string, ca = front().ca) => {
		const { cert, key, der } = await ca.issue({ subject: [{ CN: [name] }], purposes: [clientAuth] });
		return { cert, key, header: `:${der.toString('base64')}:` };
	};
	const flaws = () => front().service.lines.filter(({ flaw }) => flaw !== undefined);

	test.serial('behind Caddy, a client certificate logs in, and opens what its identity may use', async (t) => {
		const visitor = front().visitor(await certificateOf('bar'));
		t.is((await visitor.loginByCertificate()).status, 204);
		const { headers } = (await visitor.send('/assets/1')).body as Echo;
		t.deepEqual(valuesOf(headers, 'remote-user'), ['bar']);
		const event = front()
			.service.audit()
			.findLast(({ act }) => act === 'login');
		t.is(event?.method, 'certificate');
		t.is(event?.address, '127.0.0.2');
	});

	test.serial(
		'behind Caddy, a client certificate opens without a session, and the application does not see it',
		async (t) => {
			const visitor = front().visitor(await certificateOf('bar'));
			const { headers } = (await visitor.send('/assets/1')).body as Echo;
			t.deepEqual(valuesOf(headers, 'remote-user'), ['bar']);
			t.deepEqual(valuesOf(headers, 'client-cert'), []);
		},
	);

	test.serial('behind Caddy, the certificate of the connection counts, whatever a header says', async (t) => {
		const other = await certificateOf('foo');
		const visitor = front().visitor(await certificateOf('bar'));
		for (const name of ['Client-Cert', 'client-cert', 'CLIENT-CERT']) {
			const { headers } = (await visitor.send('/assets/1', { headers: { [name]: other.header } })).body as Echo;
			t.deepEqual(valuesOf(headers, 'remote-user'), ['bar']);
		}
		t.is((await visitor.loginByCertificate({ 'Client-Cert': other.header })).status, 204);
		t.like((await visitor.send('/services/session/v1/currentIdentity')).body, { name: 'bar' });
	});

	test.serial('behind Caddy, a certificate of a CA that is not ours opens nothing, and the log says why', async (t) => {
		const visitor = front().visitor(await certificateOf('bar', await newCa('Another CA')));
		t.is((await visitor.loginByCertificate()).status, 401);
		t.is((await visitor.send('/assets/1')).status, 401);
		t.is(flaws().at(-1)?.flaw, 'untrusted');
	});

	test.serial('behind Caddy, who has no certificate is not taken for one with a bad one', async (t) => {
		const before = flaws().length;
		t.is((await front().visitor().loginByCertificate()).status, 401);
		t.is((await front().visitor().send('/assets/1')).status, 401);
		t.deepEqual(flaws().slice(before), []);
	});
}
