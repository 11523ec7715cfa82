import test from 'ava';
import { caddy, startCaddy } from '../_support/proxies.ts';
import { asksAboutAll } from './proxy.contract.ts';

if (caddy === undefined) {
	test('an application behind Caddy', (t) => {
		t.log('skipped: Caddy is not installed');
		t.pass();
	});
} else {
	asksAboutAll(test, 'Caddy', startCaddy);
}
