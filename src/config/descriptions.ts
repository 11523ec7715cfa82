/**
 * What each setting means, for editors: the words of docs/configuration.md, which a spec compares. A key that holds entries has
 * `[]` behind it.
 */
export const descriptions: Readonly<Record<string, string>> = {
	'http.host': 'where plain http listens; beyond this machine it needs `http.insecure` or `trustedProxies`',
	'http.port': 'its port',
	'http.insecure': 'serve plain http to other machines, without a trusted proxy in front',
	'https.host': 'there is an https port where `https.cert` is set',
	'https.port': 'its port',
	'https.cert': "PEM file: the server's certificate, and behind it those that lead to its CA",
	'https.key': 'PEM file, readable by its owner only',
	'https.clientCa':
		'PEM file: CAs that sign client certificates; with it they are asked for, and requests without one are served; without `https.cert`, for certificates that a trusted proxy forwards',
	'https.clientCrl': 'PEM file: their revocation lists; a missing or outdated list refuses every certificate',
	'https.hsts':
		'seconds for which browsers ask for this host name over https only, on all its ports (`Strict-Transport-Security`); `false`: it is not sent, for a name that other services share over plain http; `0`: browsers forget it',
	'data.dir':
		"the data folder, from where relative paths of `store` count; absent: systemd's `STATE_DIRECTORY`, else the working folder",
	'store.identities':
		'or `postgres://…`; several hosts with commas between them, of which the one that can be written to is used',
	'store.sessions':
		'or `memory:`, which a restart empties, `redis://…`, `redis+sentinel://…`, `redis+cluster://…`, each with `rediss` over TLS: see Several nodes',
	'session.inactivityInterval': 'seconds without a request until a session expires; 0: never',
	'session.absoluteLifetime': 'seconds from login; 0: no limit',
	'session.cookieName': 'where the service is reached by https only, `__Host-JSESSIONID` is better',
	'session.afterPasswordChange': "`end`: a new login is required; `renew`: a fresh session takes the old one's place",
	'session.mostPerIdentity':
		'sessions of one identity that may live at once; the oldest ends. Those that wait for a second factor are counted by themselves: 100',
	'session.bindCertificate':
		'a session opened by certificate is good only over connections that show the same certificate: certificates.md',
	'session.pollingCounts': 'asking for the XSRF token, or asking forward-auth directly, counts as activity',
	'auth.password':
		'login by password over Session V1; what is off answers 404, and Basic is off with it. The logins of `dialects.kismet` and `dialects.insights` stay',
	'auth.certificate': 'login by client certificate; stateless certificates are off with it',
	'auth.sessions':
		'sessions of Session V1, without which every request brings its credential; those of `dialects.kismet` and `dialects.insights` stay',
	'auth.basic': 'HTTP Basic with every request, no session',
	'auth.statelessCertificate': 'a client certificate with every request, no session',
	'auth.tokens':
		'API tokens of machines, in `Authorization: Bearer`: machines.md; off, none is taken and none can be made over HTTP',
	'auth.passkey.enabled':
		'passkeys and security keys, alone and as a second factor: second-factors.md; they need a domain: without `rpId` and `portal.url`, on `localhost` alone',
	'auth.passkey.rpId':
		'the domain that passkeys are registered for; absent: the host of `portal.url`; another one makes all of them useless',
	'auth.passkey.origins':
		'the pages that may use them, letter for letter; absent: that of `portal.url`, else `https://` and `rpId`',
	'auth.passkey.allowAaguids': 'models that can be registered; absent: all',
	'auth.passkey.denyAaguids': 'models that cannot be registered',
	'auth.totp':
		'codes of an app on the phone as second factors (TOTP): second-factors.md; off, none can be set up, and those that are there prove nothing',
	'auth.certificateLevel':
		'the assurance level that a login by certificate gives: 1, or 2 where keys cannot be copied and ask for a PIN, as those of smart cards',
	'auth.certificateAnswer':
		'what a login by certificate answers: `empty` (204) or `body` (200, as a login by password)',
	'secondFactor.required':
		'who must have a second factor: `nobody`, `admins` (holders of `kura.admin`) or `everybody`; a login without one opens a session that can do nothing but set one up; a login by certificate is not asked',
	'secondFactor.requiredFor': 'permissions whose holders must have one, too',
	'secondFactor.sealingKey':
		'seals TOTP secrets: 32 bytes in base64 or hex; several with a space between them, of which the first seals. Absent: a file beside the SQLite database, made when it is needed; with PostgreSQL there is no TOTP without it',
	'secondFactor.issuer':
		'what apps and passkeys call this service; absent: `portal.title`, else the host of `portal.url`, else `Latchkey`',
	'passwordPolicy.minLength': 'code points',
	'passwordPolicy.minLengthAlone':
		'the same where the password is the only factor, for passwords from then on; absent: `minLength` where that is set; else 15 in an installation that this version or a later one has begun, as NIST asks for, and 12 in an older one',
	'passwordPolicy.refuseCommon':
		"refuses passwords that guessers try first, and those with the user's or the product's name in them",
	'passwordPolicy.requireDigits': "Kura's composition rules: a digit",
	'passwordPolicy.requireSpecialCharacters': 'the same for characters that are no letters and no digits',
	'passwordPolicy.requireBothCases': 'the same for small and capital letters',
	'passwordPolicy.temporaryHours':
		'hours that a password is good which somebody else has set and which has to be changed; 0: no end. Those that were set before stay as they are',
	'passwordHash.memory':
		'KiB that one argon2id hash takes; verifiers made with other parameters are made anew at the next login',
	'passwordHash.iterations': 'passes over that memory',
	'passwordHash.parallelism': 'lanes, and threads at the most',
	'passwordHash.concurrency': 'hashes at once in one process; 0: one less than there are cores, at least one',
	'attempts.limit': 'wrong passwords for one name from one source before it has to wait',
	'attempts.window': 'seconds within which they are counted',
	banner:
		'text shown before login; or `{ beforeLogin, afterLogin }`: the second stands in the answer to a login as `message`',
	trustedProxies: 'addresses and CIDRs whose `X-Forwarded-*` and `Client-Cert` headers are believed',
	allowedOrigins: 'other origins, of the same site, whose pages may call the API and the resources (CORS)',
	networks: 'names for `resources[].from`: `{ lan: [10.0.0.0/8] }`',
	upstreamCredentials:
		'names for `resources[].upstreamCredentials`, one way each: `cookie: { name, valueFile }`, `basic: { username, passwordFile }`, `bearerFile`, `clientCertificate: { cert, key, ca }`; in place of the files `value`, `password`, `bearer`',
	'resources[].preset':
		'`kismet` or `kura`: stands for the rules of such a system (Kismet, Kura); `path` is what stands in front of its paths',
	'resources[].hosts': '`wiki.example.org`, `*.lab.example.org`; absent: every host',
	'resources[].path': 'what is protected: this path and all below it, in whatever case; absent: every path',
	'resources[].paths': 'several',
	'resources[].exact': 'only the paths themselves',
	'resources[].suffixes': 'how the last segment of the path ends: `[.cmd]`',
	'resources[].methods': 'absent: every method; `GET` holds `HEAD`, too',
	'resources[].websocket': '`true`: only WebSockets; `false`: all but WebSockets',
	'resources[].from': 'where clients are: addresses, CIDRs, names of `networks`',
	'resources[].permission': 'what opens it; `kura.admin` opens everything',
	'resources[].permissions.any': 'in place of `permission`: one of these opens it',
	'resources[].permissions.all': 'all of these are needed',
	'resources[].access':
		'in place of permissions: `public`: nobody is asked; `authenticated`: everybody who is logged in; `denied`: nobody, `kura.admin` neither',
	'resources[].credentials':
		'which kinds may have opened the session, or come along: `password`, `passkey` (alone), `certificate`, `basic`, `token` (an API token), `jwt` (an access token); absent: every kind',
	'resources[].assuranceLevel': '`2`: with a second factor; absent, or `1`: one factor is enough',
	'resources[].maxAge':
		'seconds since that level was proved last, at the most; a browser is led to prove it again; absent: whenever that was',
	'resources[].upstream': 'the server it stands on, without a path; absent: known to forward-auth only',
	'resources[].host':
		"the `Host` that the upstream sees; absent: the client's, whatever it is, so name it where the upstream has virtual hosts",
	'resources[].upstreamCredentials':
		"what the upstream is shown in place of a client's credentials: a name of `upstreamCredentials`",
	'resources[].upstreamCa': 'PEM file: the CA of an https upstream; absent: those that Node knows',
	'resources[].stripQuery': 'names of query parameters that do not go on: `[user, password]`',
	'resources[].xsrf':
		'absent: `always`, or what the preset says; `unsafe`: only requests that change something need the XSRF token; `origin`: none does, but what changes something must come from a page of the same host',
	'resources[].title':
		'what "My applications" of the console calls it; absent: its address. A public one is listed only with a title',
	'resources[].icon':
		'a file with its picture there: `.svg`, `.png`, `.webp`, `.jpg` or `.ico`, 256 KiB at most; served by Latchkey',
	'resources[].unauthenticated':
		'a browser that opens a page without a session is led to the sign-in page, everything else is 401; `redirect`: every GET is led; `401`: none',
	'portal.url':
		'the page where people sign in; console, docs and administration answer on that host only. Absent: the console, on the host that was asked',
	'portal.title':
		'what pages call the product, beside the logo and in the title of the window; and apps and passkeys the service, where `secondFactor.issuer` says nothing. Absent: Latchkey',
	'portal.logo':
		'a file with its picture there, SVG or PNG by its content, 64 KiB at most; served by Latchkey. Absent: a key',
	'portal.accent':
		"the colour of buttons, links and what is marked, in quotes: `'#0b5f54'`; or one for each of `light` and `dark`. One alone is for the light theme, and made lighter for the dark. It must be read well on every ground and with text on it, else the service does not start and names one near it that does. Absent: green",
	'portal.help':
		'help on the sign-in page for people who cannot sign in: a text, or `text` and `url` (`https://…`, `http://…`, `mailto:…`, `tel:…`)',
	'console.enabled': 'the console; off: what stands behind has its path',
	'console.path': 'where it stands, the documentation below it',
	'docs.enabled': '`/openapi.yaml`, `/openapi.json` and `/docs`',
	'log.level': '`trace`, `debug`, `info`, `warn`, `error`, `fatal`; secrets appear at no level',
	'log.format':
		'of what goes to stdout: `json`, `pretty` for people, or `auto`: `pretty` where that is a terminal, else `json`; `log.auditFile` is JSON always',
	'log.auditFile':
		"a file for the audit's lines, those of the command line's acts among them; absent: the service's go to stdout",
	'audit.keepDays': 'days that lines of the audit can be searched, and the histories of logins with them',
	'audit.mostRows':
		'lines that can be searched, of some 400 bytes on the disk each; where there are more, the most frequent kinds give way, the oldest first',
	'metrics.host': 'where metrics are told; beyond this machine, everybody who reaches the port reads them',
	'metrics.port': '`/metrics`, for Prometheus, on a port of its own: 9464 is usual; absent: there are none',
	'dialects.kismet.enabled': "Kismet's logins",
	'dialects.kismet.username': 'the login set here and nowhere else; `kismet` where only a password is set',
	'dialects.kismet.password':
		'its password; where it is set, each start makes this login, as an administrator, with this password',
	'dialects.kismet.endSessions': 'setting the password ends living Kismet sessions, too',
	'dialects.kismet.queryLogin':
		'keys as `?KISMET=`, and `?user=&password=`, with GET and WebSockets: some clients know no other way, and proxies in front log them',
	'dialects.kismet.roles.admin':
		'the permission of API keys of that role; further roles may stand here, and one that does not is `kismet.<role>`',
	'dialects.kismet.roles.readonly': 'the same',
	'dialects.kismet.roles.scanreport': 'the same',
	'dialects.kismet.roles.datasource': 'the same',
	'dialects.kismet.roles.WEBGPS': 'the same',
	'dialects.kismet.roles.ADSB': 'the same',
	'dialects.kismet.keyLifetimeDays': 'days that an API key lives at the most, and one of duration 0; 366 at the most',
	'dialects.insights.enabled': "1010data's logins",
	'dialects.kuraIdentity.enabled': "Kura's Identity V2",
	'dialects.kuraIdentity.mayGrantAdmin': 'who holds `rest.identity` may make and change administrators, as with Kura',
	'dialects.kuraTokens.enabled': "Kura's Token JWT V1",
	'dialects.kuraTokens.issuer': '`iss` of access tokens; ASCII without spaces',
	'dialects.kuraTokens.keyFile':
		'PEM file with the RSA key, of 2048 bits or more, that signs them, named like the key; absent: one is made at the first start, and kept beside identities',
	'dialects.kuraTokens.accessTokenLifetime': 'seconds; 3600 at the most',
	'dialects.kuraTokens.refreshTokenLifetime': 'seconds until a refresh token has to be used; 86400 at the most',
};
