import type { HistoryEvent } from '../core/history.ts';
import { type Common, nameOf, withIdentity } from './identity.ts';
import { print, printJson, say, table } from './output.ts';

/** What was done with the login of an identity, newest first. */
export async function showHistory(given: string, options: Common & { readonly limit?: number }): Promise<void> {
	await withIdentity(nameOf(given), options, async ({ auditTrail }, { id, name }) => {
		const events = await auditTrail.history(id, options.limit ?? 50);
		if (options.json) {
			return printJson({ events: events.map((event) => ({ ...event, at: new Date(event.at).toISOString() })) });
		}
		if (events.length === 0) return say(`nothing is known of ${name}: no login, and no change`);
		print(table(['TIME', 'WHAT', 'OUTCOME', 'HOW', 'FROM', 'BY'], events.map(toRow)));
	});
}

function toRow({ at, act, outcome, reason, method, needs, purpose, address, device, actor }: HistoryEvent): string[] {
	const from = [address, device].filter((each) => each !== undefined).join(' ');
	return [
		new Date(at).toISOString(),
		act,
		outcome === 'ok' ? (needs ? `needs ${needs}` : outcome) : (reason ?? outcome),
		method ?? purpose ?? '-',
		from || '-',
		actor ?? '-',
	];
}
