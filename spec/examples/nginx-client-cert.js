// For nginx's module njs: the certificate that a client showed, as RFC 9440 says. Empty where it showed none.
function header(request) {
	const pem = request.variables.ssl_client_raw_cert;
	return pem ? `:${pem.replace(/-----[^-]+-----|\s/g, '')}:` : '';
}

// biome-ignore lint/style/noDefaultExport: njs imports no other.
export default { header };
