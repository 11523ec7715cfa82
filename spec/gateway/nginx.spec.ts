import test from 'ava';
import { nginx, startNginx } from '../_support/proxies.ts';
import { asksAboutAll } from './proxy/proxy.contract.ts';
import { keepsSecrets } from './proxy/secrets.contract.ts';

if (nginx === undefined) {
	test('an application behind nginx', (t) => {
		t.log('skipped: nginx is not installed');
		t.pass();
	});
} else {
	asksAboutAll(test, 'nginx', startNginx);
	keepsSecrets(test, 'nginx', startNginx);
}
