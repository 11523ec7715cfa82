import type { Preset } from './preset.ts';

/*
 * A current Kismet. Roles do not include one another there, but for `admin`, which opens everything. What is public goes on
 * without the upstream's credentials, so Kismet judges it like any stranger's: its first login cannot be set with our key.
 * Rules: Kismet, `register_route`, `register_unauth_route`, `register_websocket_route`.
 */

const admin = ['kismet.admin'];
const or = (permission: string) => [permission, ...admin];

export const kismet: Preset = {
	// Its page knows nothing of tokens.
	xsrf: 'origin',
	stripQuery: ['user', 'password', 'KISMET'],
	cookies: ['KISMET'],
	rules: [
		{
			paths: ['/', '/index.html', '/favicon.ico', '/dynamic.json', '/dynamic.js'],
			hold: 'exact',
			who: 'public',
		},
		{ paths: ['/session/check_setup_ok', '/session/set_password'], hold: 'exact', who: 'public' },
		{ paths: ['/system/user_status.*'], hold: 'shapes', who: 'public' },
		{ paths: ['/js', '/css', '/images', '/plugin'], who: 'public' },
		{ paths: ['/session/check_session'], hold: 'exact', who: 'authenticated' },
		{ paths: ['/session/check_login', '/debug/echo.ws'], hold: 'exact', who: admin, changes: true },
		{ paths: ['/auth/apikey'], who: admin, changes: true },
		{
			paths: ['/datasource/list_interfaces.*', '/streams/by-id/*/close_stream.*'],
			hold: 'shapes',
			who: admin,
			changes: true,
		},
		{
			paths: ['/phy/phy80211/scan/scan_report.*', '/phy/phybluetooth/scan/scan_report.*'],
			hold: 'shapes',
			methods: ['POST'],
			who: or('kismet.scanreport'),
		},
		{ paths: ['/gps/web/update.cmd', '/gps/web/update.ws'], hold: 'exact', who: or('kismet.webgps'), changes: true },
		{
			paths: ['/gps/meta/*/update.cmd', '/gps/meta/*/update.ws'],
			hold: 'shapes',
			who: or('kismet.webgps'),
			changes: true,
		},
		{ paths: ['/datasource/remote/remotesource.ws'], hold: 'exact', who: or('kismet.datasource') },
		{ paths: ['/phy/ADSB/by-uuid/*/proxy.ws'], hold: 'shapes', who: or('kismet.datasource') },
		{
			paths: ['/phy/ADSB/beast.ws', '/phy/ADSB/raw.ws', '/datasource/by-uuid/*/adsb_raw.ws'],
			hold: 'shapes',
			who: ['kismet.adsb', ...or('kismet.readonly')],
		},
		// Some of them by GET, too.
		{ suffixes: ['.cmd'], who: admin, changes: true },
		// A POST carries a list of fields, and reads.
		{
			suffixes: ['.json', '.ekjson', '.itjson', '.prettyjson', '.pcapng', '.pcap', '.html', '.ws'],
			who: or('kismet.readonly'),
			changes: false,
		},
		// What is left are routes of plugins, which Kismet gives to its administrator.
		{ who: admin, changes: true },
	],
};
