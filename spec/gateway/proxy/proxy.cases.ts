/*
 * What clients send to an application behind a proxy, in good faith and in bad.
 */

/** What a client may send, which is read as one thing by all. */
export const understood = [
	...['/assets', '/assets/', '/assets/1', '/ASSETS/1', '/%61ssets/1', '/assets/a%20b', '/assets/gr%C3%B6%C3%9Fe'],
	...['/assets/1?x=/../admin&y=%2f;z', '/assets/a%3Fb', '/assets/..a/b..', '/assets/a+b', '/assets/1?'],
];

/** What is read in different ways, or is nobody's to see. */
export const refused = [
	...['/assets/..;/admin', '/assets/%2e%2e/admin', '/assets/../admin', '/assets/.%2E/admin', '/assets/./1'],
	...['//assets/1', '/assets//1', '/assets/%2f1', '/assets%2f..%2fadmin', '/assets/%252e%252e/admin'],
	...['/assets/1;a=b', '/assets/;', '/assets\\..\\admin', '/assets/%5c..%5cadmin', '/assets/%00', '/assets/%ff'],
	...['/assets#', '/assets#/../admin', '/assets/%0d%0aX:1', '/assets/%c0%ae%c0%ae/admin'],
	...['/admin', '/Admin', '/%61dmin', '/admin/', '/admin%20', '/admin.json', '//admin', '/./admin', '/admin;', '/'],
	...['/services/session/v1/../../../assets/1', '/services/session/v1/%2e%2e/%2e%2e/%2e%2e/assets/1'],
	...['/services/session/v1/..;/..;/..;/assets/1', '/services/session/v1/..%2f..%2f..%2fassets/1'],
	...['/assets/../services/session/v1/xsrfToken', '/Services/Session/V1/xsrfToken', '/services/session/v1'],
	...['/services/auth/v1/verify', '/services/auth/v1/verify?permission=rest.assets', '/latchkey/verify', '/metrics'],
	// What the proxy asks about must not become what it asks for.
	...['/admin?permission=rest.assets', '/admin?permission=rest.assets&xsrf=unsafe', '/admin?xsrf=unsafe'],
];

export const spoofed: Record<string, string>[] = [
	...['Remote-User', 'remote-user', 'REMOTE-USER', 'Remote_User', 'remote_user', 'Remote.User'].map((name) => ({
		[name]: 'admin',
	})),
	{ 'Remote-Groups': 'admin' },
	{ Remote_Groups: 'admin' },
	{ 'Remote-Level': 'admin', 'Remote-Methods': 'admin', 'Remote-Proved-At': 'admin' },
	{ 'Remote-Name': 'admin', 'Remote-Email': 'admin' },
	{ 'X-Forwarded-For': 'admin', 'X-Forwarded-Host': 'admin', 'X-Forwarded-Proto': 'admin' },
	{ 'Client-Cert': ':admin:' },
];

/** In front of the session's cookie (`*`), behind it, around it: what an application gets of them. */
export const cookies = [
	{ sent: '*', left: '' },
	{ sent: 'a=b', left: 'a=b' },
	{ sent: '*; a=b', left: 'a=b' },
	{ sent: 'a=b; *', left: 'a=b' },
	{ sent: 'a=b; *; c=d', left: 'a=b; c=d' },
	{ sent: 'a=b;*;c=d', left: 'a=b; c=d' },
	{ sent: 'XJSESSIONID=b; *; JSESSIONID2=d', left: 'XJSESSIONID=b; JSESSIONID2=d' },
	{ sent: '__Host-latchkey-enter-AAAAAAAA=b; *; c=d', left: 'c=d' },
	{ sent: 'a=b; *; __Host-latchkey-enter-AAAAAAAA=b; c=d;latchkey-enter-BBBBBBBB=e', left: 'a=b; c=d' },
	{ sent: 'my-latchkey-enter-x=b; *', left: 'my-latchkey-enter-x=b' },
	{ sent: '__Host-latchkey-passkey=b; *; c=d', left: 'c=d' },
	{ sent: 'a=b; *; latchkey-passkey=b; latchkey-passkey-x=c', left: 'a=b; latchkey-passkey-x=c' },
];

export const hidden = 'GET /admin/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n';
const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

export const smuggled = [
	{
		says: 'a length beside chunks',
		bytes: `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
	},
	{
		says: 'chunks beside a length',
		bytes: `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
	},
	{ says: 'two lengths', bytes: `Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}` },
	{ says: 'a list of lengths', bytes: `Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}` },
	{ says: 'a signed length', bytes: `Content-Length: +${hidden.length}\r\n\r\n${hidden}` },
	{ says: 'a length as its body', bytes: `Content-Length: ${hidden.length}\r\n\r\n${hidden}` },
	{ says: 'a request in a chunk', bytes: `Transfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'chunked, identity', bytes: `Transfer-Encoding: chunked, identity\r\n\r\n${chunk}` },
	{ says: 'gzip, chunked', bytes: `Transfer-Encoding: gzip, chunked\r\n\r\n${chunk}` },
	{ says: 'an unknown coding', bytes: `Transfer-Encoding: xchunked\r\n\r\n${chunk}` },
	{ says: 'two codings', bytes: `Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n${chunk}` },
	{ says: 'a tab before the coding', bytes: `Transfer-Encoding:\tchunked\r\n\r\n${chunk}` },
	{ says: 'a vertical tab before the coding', bytes: `Transfer-Encoding: \x0bchunked\r\n\r\n${chunk}` },
	{ says: 'a space before the colon', bytes: `Transfer-Encoding : chunked\r\n\r\n${chunk}` },
	{ says: 'a space before the name', bytes: ` Transfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'a folded header', bytes: `X: a\r\n Transfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'bare line feeds', bytes: `X: a\nContent-Length: 0\n\n${hidden}` },
	{ says: 'a bare line feed in a header', bytes: `X: a\nTransfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'a bare carriage return', bytes: `X: a\rTransfer-Encoding: chunked\r\n\r\n${chunk}` },
	{ says: 'two hosts', bytes: `Host: evil\r\nContent-Length: 0\r\n\r\n${hidden}` },
	{ says: 'a chunk extension', bytes: `Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\n\r\n${hidden}` },
	{ says: 'a line feed in an extension', bytes: `Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n0\r\n\r\n${hidden}` },
	{ says: 'a trailer', bytes: 'Transfer-Encoding: chunked\r\n\r\n0\r\nRemote-User: admin\r\n\r\n' },
	{ says: 'Expect', bytes: `Expect: 100-continue\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}` },
	{ says: 'h2c', bytes: `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n${hidden}` },
	{
		says: 'h2c beside a WebSocket',
		bytes: `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket, h2c\r\nHTTP2-Settings: AA\r\n\r\n${hidden}`,
	},
	{
		says: 'h2c in front of a WebSocket',
		bytes: `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nUpgrade: websocket\r\nHTTP2-Settings: AA\r\n\r\n${hidden}`,
	},
	{
		says: 'h2c behind a WebSocket',
		bytes: `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n${hidden}`,
	},
	{
		says: 'an upgrade and a body',
		bytes: `Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
	},
];

/** One thing asked for, and another one said. */
export const lies: Record<string, string | string[]>[] = [
	{ 'X-Forwarded-Uri': '/assets/1' },
	{ 'X-Forwarded-Uri': ['/assets/1', '/assets/1'], 'X-Forwarded-Method': 'GET' },
	{ 'X-Original-URI': '/assets/1', 'X-Original-Method': 'GET' },
	{ 'X-Original-URL': 'https://localhost/assets/1' },
	{ 'X-Rewrite-URL': '/assets/1' },
	{ Connection: 'close, X-Forwarded-Uri, X-Forwarded-Method', 'X-Original-URI': '/assets/1' },
];
