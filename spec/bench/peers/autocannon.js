// The load where there is no wrk. Takes its orders as JSON from stdin, and answers likewise.
import autocannon from 'autocannon';

let orders = '';
for await (const chunk of process.stdin) orders += chunk;
const { url, connections, seconds, overallRate, requests } = JSON.parse(orders);
const result = await autocannon({ url, connections, duration: seconds, overallRate, requests, timeout: 60 });
process.stdout.write(
	JSON.stringify({ requests: result.requests.total, seconds: result.duration, failed: result.non2xx + result.errors }),
);
