import test from 'ava';
import { nginx, njs, startNginx } from '../_support/proxies.ts';
import { bindsSessions } from './proxy/bound.contract.ts';
import { asksAboutAll } from './proxy/proxy.contract.ts';
import { keepsSecrets } from './proxy/secrets.contract.ts';

if (nginx === undefined) {
	test.skip('an application behind nginx: it is not installed', () => undefined);
} else {
	asksAboutAll(test, 'nginx', startNginx);
	keepsSecrets(test, 'nginx', startNginx);
	if (njs === undefined) test.skip('behind nginx, certificates are forwarded: njs is not installed', () => undefined);
	else bindsSessions(test, 'nginx', startNginx);
}
