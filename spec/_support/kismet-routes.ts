/*
 * The routes of a current Kismet, with the roles that each asks for, as its source registers them: what presets and the
 * Kismet of our specs are held against. `:x` is a segment, `.*` any ending. `WS`: a WebSocket.
 */

export interface KismetRoute {
	/** `public`; `any`: everybody who is logged in; else the roles that open it, besides `admin`. */
	readonly roles: readonly string[];
	readonly methods: readonly string[];
	readonly path: string;
}

const text = `
public      GET      /session/check_setup_ok
public      POST     /session/set_password
any         GET      /session/check_session
admin       GET,POST /session/check_login
admin       GET,POST /auth/apikey/list.*
admin       POST     /auth/apikey/generate.cmd
admin       POST     /auth/apikey/revoke.cmd
admin       WS       /debug/echo.ws
public      GET      /dynamic.json
public      GET      /dynamic.js
public      GET,POST /system/user_status.*
readonly    GET,POST /system/status.*
readonly    GET,POST /system/timestamp.*
readonly    GET      /system/tracked_fields.html
readonly    GET,POST /plugins/all_plugins.*
readonly    GET,POST /channels/channels.*
readonly    WS       /eventbus/events.ws
readonly    GET,POST /messagebus/all_messages.*
readonly    GET,POST /messagebus/last-time/:timestamp/messages.*
readonly    GET,POST /packetchain/packet_stats.*
readonly    GET,POST /packetchain/packet_rate.*
readonly    GET,POST /packetchain/packet_peak.*
readonly    GET,POST /packetchain/packet_error.*
readonly    GET,POST /packetchain/packet_dupe.*
readonly    GET,POST /packetchain/packet_queue.*
readonly    GET,POST /packetchain/packet_drop.*
readonly    GET,POST /packetchain/packet_processed.*
readonly    GET,POST /alerts/definitions.*
readonly    GET,POST /alerts/all_alerts.*
readonly    GET,POST /alerts/last-time/:timestamp/alerts.*
readonly    GET,POST /alerts/wrapped/last-time/:timestamp/alerts.*
readonly    GET,POST /alerts/by-id/:id/alert.*
admin       POST     /alerts/definitions/define_alert.cmd
admin       POST     /alerts/raise_alert.cmd
readonly    GET,POST /datasource/all_sources.*
readonly    GET,POST /datasource/defaults.*
readonly    GET,POST /datasource/types.*
admin       GET,POST /datasource/list_interfaces.*
admin       POST     /datasource/add_source.cmd
readonly    GET,POST /datasource/by-uuid/:uuid/source.*
admin       POST     /datasource/by-uuid/:uuid/set_channel.cmd
admin       GET,POST /datasource/by-uuid/:uuid/set_hop.cmd
admin       GET,POST /datasource/by-uuid/:uuid/open_source.cmd
admin       GET,POST /datasource/by-uuid/:uuid/close_source.cmd
admin       GET,POST /datasource/by-uuid/:uuid/disable_source.cmd
admin       GET,POST /datasource/by-uuid/:uuid/pause_source.cmd
admin       GET,POST /datasource/by-uuid/:uuid/resume_source.cmd
datasource  WS       /datasource/remote/remotesource.ws
readonly    GET      /datasource/pcap/by-uuid/:uuid/packets.pcapng
readonly    GET      /datasource/pcap/all_sources.pcapng
readonly,ADSB WS     /datasource/by-uuid/:uuid/adsb_raw.ws
readonly    GET      /pcap/all_packets.pcapng
readonly    GET,POST /devices/views/all_views.*
readonly    GET,POST /devices/views/:view/devices.*
readonly    GET,POST /devices/views/:view/last-time/:timestamp/devices.*
readonly    WS       /devices/views/:view/monitor.ws
readonly    WS       /devices/monitor.ws
readonly    POST     /devices/multimac/devices.*
readonly    POST     /devices/multikey/devices.*
readonly    POST     /devices/multikey/as-object/devices.*
readonly    GET,POST /devices/all_devices.ekjson
readonly    GET,POST /devices/by-key/:key/device.*
readonly    GET,POST /devices/by-mac/:mac/devices.*
readonly    GET,POST /devices/last-time/:timestamp/devices.*
readonly    GET      /devices/pcap/by-key/:key/packets.pcapng
admin       POST     /devices/by-key/:key/set_name.cmd
admin       POST     /devices/by-key/:key/set_tag.cmd
readonly    GET,POST /phy/all_phys.*
readonly    GET,POST /phy/phy80211/clients-of/:key/clients.*
readonly    GET,POST /phy/phy80211/related-to/:key/devices.*
readonly    GET,POST /phy/phy80211/ssids/views/ssids.*
readonly    GET,POST /phy/phy80211/ssids/by-hash/:hash/ssid.*
readonly    GET      /phy/phy80211/pcap/by-bssid/:mac/packets.pcapng
readonly    GET      /phy/phy80211/by-key/:key/pcap/handshake.pcap
readonly    GET      /phy/phy80211/by-key/:key/pcap/handshake-pmkid.pcap
readonly    GET      /phy/phy80211/by-key/:key/device/:mac/pcap/handshake.pcap
readonly    GET,POST /phy/phy80211/ssidscan/status.*
admin       POST     /phy/phy80211/ssidscan/config.cmd
scanreport  POST     /phy/phy80211/scan/scan_report.*
scanreport  POST     /phy/phybluetooth/scan/scan_report.*
readonly    GET,POST /phy/phyuav/manuf_matchers.*
readonly    GET,POST /phy/ADSB/map_data.*
readonly,ADSB WS     /phy/ADSB/beast.ws
readonly,ADSB WS     /phy/ADSB/raw.ws
datasource  WS       /phy/ADSB/by-uuid/:uuid/proxy.ws
readonly    GET,POST /gps/drivers.*
readonly    GET,POST /gps/all_gps.*
readonly    GET,POST /gps/location.*
admin       POST     /gps/add_gps.cmd
admin       GET,POST /gps/by-uuid/:uuid/remove_gps.cmd
WEBGPS      POST     /gps/web/update.cmd
WEBGPS      WS       /gps/web/update.ws
WEBGPS      POST     /gps/meta/:name/update.cmd
WEBGPS      WS       /gps/meta/:name/update.ws
readonly    GET,POST /logging/drivers.*
readonly    GET,POST /logging/active.*
admin       GET,POST /logging/by-uuid/:uuid/stop.cmd
admin       GET,POST /logging/by-class/:class/start.cmd
admin       POST     /logging/kismetdb/pcap/drop.cmd
readonly    GET,POST /logging/kismetdb/pcap/:title.pcapng
admin       POST     /logging/pcapng_ring/snapshot/:label.cmd
admin       POST     /poi/create_poi.cmd
readonly    GET,POST /poi/list_poi.*
readonly    GET,POST /streams/all_streams.*
readonly    GET,POST /streams/by-id/:id/stream_info.*
admin       GET,POST /streams/by-id/:id/close_stream.*
readonly    GET,POST /filters/packet/all_filters.*
readonly    GET,POST /filters/packet/:filter/filter.*
admin       POST     /filters/packet/:filter/set_default.cmd
admin       POST     /filters/packet/:filter/:block/set_filter.cmd
admin       POST     /filters/packet/:filter/:block/remove_filter.cmd
readonly    GET,POST /filters/class/all_filters.*
readonly    GET,POST /filters/class/:filter/filter.*
admin       POST     /filters/class/:filter/set_default.cmd
admin       POST     /filters/class/:filter/:phy/set_filter.cmd
admin       POST     /filters/class/:filter/:phy/remove_filter.cmd
admin       GET,POST /what/a/plugin/registers
`;

export const kismetRoutes: readonly KismetRoute[] = text
	.trim()
	.split('\n')
	.map((line) => {
		const [roles = '', methods = '', path = ''] = line.split(/ +/);
		return { roles: roles.split(','), methods: methods.split(','), path };
	});
