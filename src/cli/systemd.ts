import { execFile } from 'node:child_process';

/**
 * Tells systemd that the service listens, or that it stops, where it asks for it (`Type=notify`). By `systemd-notify`: Node has
 * no datagram sockets in the file system. Never rejects: whom systemd does not hear, it ends and says so.
 */
export async function tellSystemd(state: 'READY=1' | 'STOPPING=1'): Promise<void> {
	if (!process.env.NOTIFY_SOCKET) return;
	await new Promise((resolve) => execFile('systemd-notify', [state], { timeout: 3000 }, resolve));
}
