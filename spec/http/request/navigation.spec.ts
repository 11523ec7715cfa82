import type { IncomingHttpHeaders } from 'node:http';
import test from 'ava';
import { type Navigation, navigationOf } from '../../../src/http/request/navigation.ts';

/*
 * Whether a person waits to see a page: the only requests that are ever led to the sign-in page. As browsers and programs
 * of today send them.
 */

const html = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
const tab = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none', accept: html };
const by = (mode: string, destination: string, site = 'same-origin') => ({
	'sec-fetch-mode': mode,
	'sec-fetch-dest': destination,
	'sec-fetch-site': site,
});
const old = { accept: html };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const upload = { 'content-type': 'multipart/form-data; boundary=x' };

const table: readonly (readonly [string, string | undefined, IncomingHttpHeaders, Navigation])[] = [
	// Pages in a tab.
	['an address typed', 'GET', tab, 'page'],
	[
		'a link followed on the same site',
		'GET',
		{ ...tab, 'sec-fetch-site': 'same-origin', 'sec-fetch-user': '?1' },
		'page',
	],
	['a link followed on another site', 'GET', { ...tab, 'sec-fetch-site': 'cross-site' }, 'page'],
	['a page reloaded', 'GET', { ...tab, 'cache-control': 'max-age=0', 'upgrade-insecure-requests': '1' }, 'page'],
	['location.href of a script', 'GET', by('navigate', 'document'), 'page'],
	['no Sec-Fetch-Dest', 'GET', { 'sec-fetch-mode': 'navigate' }, 'page'],
	['a page whose browser takes anything', 'GET', { ...tab, accept: '*/*' }, 'page'],
	['a picture opened in a tab', 'GET', { ...tab, accept: 'image/png' }, 'page'],
	['its head', 'HEAD', tab, 'page'],
	['a form sent by GET', 'GET', { ...tab, 'sec-fetch-user': '?1' }, 'page'],
	['a page with the cookies of others', 'GET', { ...tab, cookie: 'a=b' }, 'page'],
	// Pages, by browsers that send no Sec-Fetch-*.
	['an older Safari', 'GET', old, 'page'],
	['an older Firefox', 'GET', { accept: 'text/html, application/xhtml+xml;q=0.9,*/*;q=0.8' }, 'page'],
	['text/html alone', 'GET', { accept: 'text/html' }, 'page'],
	['text/html in capitals', 'GET', { accept: 'TEXT/HTML' }, 'page'],
	['text/html behind another', 'GET', { accept: 'application/xhtml+xml , text/html;level=1' }, 'page'],
	['text/html a little', 'GET', { accept: 'text/html;q=0.001' }, 'page'],
	['lynx', 'GET', { accept: 'text/html, text/plain, text/sgml, text/css, */*;q=0.01' }, 'page'],
	['its head', 'HEAD', old, 'page'],
	// Forms.
	['a form', 'POST', { ...tab, ...form }, 'form'],
	['a form with a file', 'POST', { ...tab, ...upload }, 'form'],
	['a form of another site', 'POST', { ...tab, ...form, 'sec-fetch-site': 'cross-site' }, 'form'],
	['a form with nothing in it', 'POST', tab, 'form'],
	['a form of an older browser', 'POST', { ...old, ...form }, 'form'],
	['a form with a file, of an older browser', 'POST', { ...old, ...upload }, 'form'],
	['a form as text, of an older browser', 'POST', { ...old, 'content-type': 'text/plain' }, 'form'],
	['JSON by who takes HTML', 'POST', { ...old, 'content-type': 'application/json' }, 'none'],
	['a type that only begins like one', 'POST', { ...old, 'content-type': 'text/plainer' }, 'none'],
	['nothing by who takes HTML', 'POST', old, 'none'],
	['a form into a frame', 'POST', { ...by('navigate', 'iframe'), ...form }, 'frame'],
	// Frames.
	['an iframe', 'GET', by('navigate', 'iframe'), 'frame'],
	['an iframe of another site', 'GET', by('navigate', 'iframe', 'cross-site'), 'frame'],
	['a frame', 'GET', by('navigate', 'frame'), 'frame'],
	['a fenced frame', 'GET', by('navigate', 'fencedframe'), 'frame'],
	['an object', 'GET', by('navigate', 'object'), 'none'],
	['an embed', 'GET', by('navigate', 'embed'), 'none'],
	// What pages load.
	['fetch', 'GET', by('cors', 'empty'), 'none'],
	['fetch that takes HTML', 'GET', { ...by('cors', 'empty'), accept: html }, 'none'],
	['fetch of the same origin only', 'GET', by('same-origin', 'empty'), 'none'],
	['fetch without CORS', 'GET', by('no-cors', 'empty', 'cross-site'), 'none'],
	['fetch that posts a form', 'POST', { ...by('cors', 'empty'), ...form, accept: html }, 'none'],
	['a beacon', 'POST', { ...by('no-cors', 'empty'), 'content-type': 'text/plain;charset=UTF-8' }, 'none'],
	['XMLHttpRequest of an older browser', 'GET', { accept: '*/*' }, 'none'],
	[
		'jQuery of an older browser',
		'GET',
		{ accept: 'text/html, */*; q=0.01', 'x-requested-with': 'XMLHttpRequest' },
		'none',
	],
	['htmx', 'GET', { ...by('cors', 'empty'), accept: '*/*', 'hx-request': 'true' }, 'none'],
	['EventSource', 'GET', { ...by('cors', 'empty'), accept: 'text/event-stream' }, 'none'],
	['EventSource of an older browser', 'GET', { accept: 'text/event-stream' }, 'none'],
	['a picture', 'GET', { ...by('no-cors', 'image'), accept: 'image/avif,image/webp,*/*;q=0.8' }, 'none'],
	['a script', 'GET', by('no-cors', 'script'), 'none'],
	['a module', 'GET', by('cors', 'script'), 'none'],
	['a style sheet', 'GET', { ...by('no-cors', 'style'), accept: 'text/css,*/*;q=0.1' }, 'none'],
	['a font', 'GET', by('cors', 'font'), 'none'],
	['a video', 'GET', { ...by('no-cors', 'video'), range: 'bytes=0-' }, 'none'],
	['a manifest', 'GET', by('cors', 'manifest'), 'none'],
	['a worker', 'GET', by('same-origin', 'worker'), 'none'],
	['a service worker', 'GET', { ...by('same-origin', 'serviceworker'), 'service-worker': 'script' }, 'none'],
	['a service worker that says to navigate', 'GET', { ...tab, 'service-worker': 'script' }, 'none'],
	['a WebSocket', 'GET', { ...by('websocket', 'empty'), upgrade: 'websocket', 'sec-websocket-version': '13' }, 'none'],
	['a WebSocket of an older browser', 'GET', { ...old, upgrade: 'websocket' }, 'none'],
	['a WebSocket that a proxy asks about', 'GET', { ...old, 'sec-websocket-version': '13' }, 'none'],
	['a link fetched for later', 'GET', { ...by('no-cors', 'empty'), 'sec-purpose': 'prefetch', accept: html }, 'none'],
	['a page fetched for later', 'GET', { ...tab, 'sec-purpose': 'prefetch' }, 'none'],
	['a page drawn for later', 'GET', { ...tab, 'sec-purpose': 'prefetch;prerender' }, 'none'],
	['a page fetched for later by an older browser', 'GET', { ...old, purpose: 'prefetch' }, 'none'],
	['a page fetched for later by an older Firefox', 'GET', { ...old, 'x-moz': 'prefetch' }, 'none'],
	['no mode', 'GET', { 'sec-fetch-site': 'none', accept: html }, 'none'],
	['a mode said twice', 'GET', { ...tab, 'sec-fetch-mode': 'navigate, navigate' }, 'none'],
	['a mode in capitals', 'GET', { ...tab, 'sec-fetch-mode': 'Navigate' }, 'none'],
	// Programs.
	['curl', 'GET', { accept: '*/*', 'user-agent': 'curl/8.5.0' }, 'none'],
	['wget', 'GET', { accept: '*/*' }, 'none'],
	['no Accept at all', 'GET', {}, 'none'],
	['an empty Accept', 'GET', { accept: '' }, 'none'],
	['Java', 'GET', { accept: 'text/html; q=0, */*; q=.2' }, 'none'],
	['who does not want HTML', 'GET', { accept: 'application/json, text/html;q=0.000' }, 'none'],
	['axios', 'GET', { accept: 'application/json, text/plain, */*' }, 'none'],
	['XHTML alone', 'GET', { accept: 'application/xhtml+xml' }, 'none'],
	['any text', 'GET', { accept: 'text/*' }, 'none'],
	['a type that only begins like it', 'GET', { accept: 'text/html5' }, 'none'],
	['a browser with Basic credentials', 'GET', { ...tab, authorization: 'Basic YTpi' }, 'none'],
	['a program with a token, that takes HTML', 'GET', { ...old, authorization: 'Bearer x' }, 'none'],
	['X-Requested-With of anybody', 'GET', { ...tab, 'x-requested-with': 'org.example.app' }, 'none'],
	// Other methods.
	['PUT', 'PUT', tab, 'none'],
	['PATCH', 'PATCH', tab, 'none'],
	['DELETE', 'DELETE', tab, 'none'],
	['OPTIONS', 'OPTIONS', tab, 'none'],
	['get, which is none', 'get', tab, 'none'],
	['a method that a proxy did not tell', undefined, tab, 'none'],
];

for (const [nth, [says, method, headers, expected]] of table.entries()) {
	test(`${nth + 1}. ${method ?? 'no method'}: ${says}: ${expected}`, (t) => {
		t.is(navigationOf(method, headers), expected);
	});
}

test('the table has its rows', (t) => {
	t.true(table.length >= 60);
});
