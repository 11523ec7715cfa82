import { type Common, nameOf, withIdentity } from './identity.ts';
import { counted, Failed, print, printJson, say, table } from './output.ts';
import { refusalInWords } from './refusals.ts';

/** What an identity shows besides its password; or takes all of it away, for somebody who has lost it. */
export async function showFactors(given: string, options: Common & { readonly reset?: true }): Promise<void> {
	await withIdentity(nameOf(given), options, async ({ factorParts: { secondFactors } }, { id, name }) => {
		if (options.reset) {
			const done = await secondFactors.reset(id, { actor: 'operator' });
			if (!done.ok) throw new Failed(`${name}: ${refusalInWords(done.refusal)}`);
			say(`${counted(done.value, 'second factor')} of ${name} removed; its sessions have ended`);
			return;
		}
		const factors = await secondFactors.list(id);
		const recoveryCodesLeft = await secondFactors.recoveryCodesLeft(id);
		const shown = factors.map((each) => ({
			id: each.id,
			name: each.name,
			kind: each.kind === 'totp' ? 'totp' : 'passkey',
			state: each.disabledAt === undefined ? 'on' : 'off',
		}));
		if (options.json) return printJson({ factors: shown, recoveryCodesLeft });
		if (shown.length === 0) return say(`${name} has no second factor`);
		print(
			table(
				['ID', 'KIND', 'STATE', 'NAME'],
				shown.map((each) => [each.id, each.kind, each.state, each.name]),
			),
		);
		say(`${counted(recoveryCodesLeft, 'recovery code')} left`);
	});
}
