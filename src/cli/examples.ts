import type { Command } from 'commander';

/** Command lines that `--help` shows, by the command that they are examples of. A spec runs each against its parser. */
export const examples: Readonly<Record<string, readonly string[]>> = {
	serve: ['latchkey serve --config /etc/latchkey/latchkey.yaml', 'LATCHKEY_HTTP_PORT=9090 latchkey serve --workers 2'],
	health: ['latchkey health --ready && echo "send requests"'],
	'identity add': [
		'latchkey identity add ada --permission rest.assets',
		'openssl rand -base64 18 | tee ada.txt | latchkey identity add ada --password-stdin --must-change-password',
		'latchkey identity add robot --no-password',
		'latchkey identity add ci --service --for 30d',
	],
	'identity set-password': ['latchkey identity set-password ada --must-change-password'],
	'identity grant': ['latchkey identity grant ada rest.assets ops.*'],
	'identity list': ["latchkey identity list --json | jq -r '.[].name'"],
	'identity import': ['latchkey identity import users.yml --from authelia --dry-run'],
	'session list': ['latchkey session list --identity ada'],
	'session end': ['latchkey session end --identity ada', 'latchkey session end --all --yes'],
	'token add': ['latchkey token add ci --permission rest.assets --for 30d --network 10.0.0.0/8'],
	'token end': ['latchkey token end --identity ci'],
	'store backup': ['latchkey store backup /var/backups/latchkey.backup'],
	'store move': [
		'latchkey store move --from sqlite:data/latchkey.db --to env:POSTGRES_URL --to redis://127.0.0.1:6379',
	],
	'config check': ['latchkey config check --config latchkey.yaml'],
	'config template': ['latchkey config template > latchkey.yaml'],
	'rules explain': ['latchkey rules explain GET https://gate.example.org/wiki/ --as ada'],
	'audit list': [
		'latchkey audit list --identity ada --from 2026-11-01',
		"latchkey audit list --outcome refused --address '192.0.2.*' --limit 200 --json",
	],
	'audit tail': [
		'latchkey audit tail --follow',
		'latchkey audit tail --identity ada --act login --lines 50',
		'journalctl -u latchkey -o cat | latchkey audit tail -',
	],
	'certificates dev': ['latchkey certificates dev --out certs --client robot'],
	'hash-password': ['latchkey hash-password'],
	completion: [
		'source <(latchkey completion bash)',
		'latchkey completion fish > ~/.config/fish/completions/latchkey.fish',
	],
};

const environment = `
Environment:
  LATCHKEY_CONFIG   the configuration file, where --config does not name one
  LATCHKEY_…        a setting: http.port is LATCHKEY_HTTP_PORT, log.auditFile is LATCHKEY_LOG_AUDIT_FILE;
                    with _FILE behind it, a file that holds the value
  LATCHKEY_DATA_DIR the folder from where relative paths of stores count
  NO_COLOR          no colours

Exit status: 0 done, 1 refused or failed, 2 wrong usage.`;

/** Below the options of each command, and what holds for all below those of the program. */
export function addExamples(root: Command): void {
	root.addHelpText('after', environment);
	for (const [path, lines] of Object.entries(examples)) {
		let command: Command | undefined = root;
		for (const name of path.split(' ')) command = command?.commands.find((each) => each.name() === name);
		command?.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
	}
}
