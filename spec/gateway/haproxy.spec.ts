import test from 'ava';
import { haproxy, startHaproxy } from '../_support/proxies.ts';
import { bindsSessions } from './proxy/bound.contract.ts';
import { asksAboutAll } from './proxy/proxy.contract.ts';
import { keepsSecrets } from './proxy/secrets.contract.ts';

if (haproxy === undefined) {
	test.skip('an application behind HAProxy: it is not installed', () => undefined);
} else {
	asksAboutAll(test, 'HAProxy', startHaproxy);
	keepsSecrets(test, 'HAProxy', startHaproxy);
	bindsSessions(test, 'HAProxy', startHaproxy);
}
