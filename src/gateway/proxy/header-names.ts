/*
 * Headers that are more than a message between a client and an application: what servers believe of whoever stands in
 * front of them, and what browsers believe of a whole origin. Names in lower case.
 */

/** Who somebody is, in the words of proxies that sign people in, and of ourselves. */
const identity = [
	'(x-)?remote-|latchkey-|x-identity(-|$)|x-auth(n|z|enticated|entik)?-|(x-)?webauth-|x-authenticated$',
	'(x-)?(ssl-|tls-)?client-(cert|dn|verify|subject|issuer|san|serial|fingerprint)|(x-)?(ssl|tls)-|x-ssl$|x-arr-',
	'cf-|tailscale-|x-pomerium-|x-vouch-|x-goog-(auth|iap)|x-ms-(client-principal|token-)|x-amzn-(oidc|mtls)-',
	'x-(anonymous-)?consumer(-|$)|x-(credential|email|groups?|roles?|principal|login|sso|saml|cas|jwt|oidc|id-token)(-|$)',
	'(x-)?clientcert|wl-proxy-|impersonate-|es-security-runas-|(subject|pairwise|targeted)-id$',
	'(redirect-remote-|auth-|logon-|smuser|sm-|(x-)?iv-|oam-|osso-|kubeflow-|x-trusted-|x-netid$)',
	'(user(-?name|-?id)?|uid|mail|eppn|displayname|affiliation|entitlement|persistent-id)$',
	'x-[a-z-]+-user(-?name|-?id|-?email)?$|x-user(?!-agent$)|x-(endpoint-api|apigateway-api)-userinfo$|x-appengine-|(x-)?shib-|shibboleth-|oidc-|(x-)?mellon-',
];

/** Where a request came from, how, and what it asked for. */
const route = [
	'forwarded(-|$)|client-ip$|proxy-client-|x-forwarded(-|$)|x-original-|x-originating-|x-rewrite-|x-real-|x-(cluster-)?client-ip$|true-client-ip$',
	'fastly-|x-azure-|x-envoy-|x-source-ip$|x-prox(y|ied)|proxy$|proxy-user$|front-end-https$|x-(url-)?scheme$|x-https$',
	'x-proto(col)?$|x-(http-)?host(-override)?$|x-http-(method|path)|x-method-override$|x-script-name$|x-sendfile|x-accel-',
	'x-middleware-|x-invoke-|x-matched-path$|surrogate-capability$',
];

/** From outside they are never passed on. */
export const believedByServers = new RegExp(`^(?:${[...identity, ...route].join('|')})`);

/** Between two neighbours only. Rule: RFC 9110, 7.6.1. `Expect` we answered ourselves; trailers are dropped. */
export const hopByHop = new Set([
	...['connection', 'proxy-connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
	...['proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'http2-settings', 'expect'],
]);

/** In an answer: what holds for the whole origin, which is not that of one application. */
const originWide = new Set([
	...['strict-transport-security', 'public-key-pins', 'public-key-pins-report-only', 'expect-ct', 'alt-svc'],
	...['clear-site-data', 'nel', 'report-to', 'reporting-endpoints', 'accept-ch', 'accept-ch-lifetime', 'critical-ch'],
	...['service-worker-allowed', 'origin-agent-cluster', 'set-login', 'use-as-dictionary'],
	...['sec-session-registration', 'secure-session-registration', 'sec-session-challenge', 'secure-session-challenge'],
]);

/** In an answer: what shared caches go by before they look at `Cache-Control`. */
const forSharedCaches =
	/^(surrogate-control|edge-control|([a-z-]+-)?cdn-cache-control|x-accel-expires|x-litespeed-cache-control)$/;

/** Which origins may read an answer is ours to say: an upstream sees no preflight. */
const cors = 'access-control-';

/** What an upstream cannot say through us. */
export function isKeptBack(lower: string): boolean {
	return originWide.has(lower) || lower.startsWith(cors) || forSharedCaches.test(lower);
}
