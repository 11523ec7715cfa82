import type { Command } from 'commander';
import { collect, configOption, jsonOption } from './options.ts';

const rules = () => import('./rules.ts');
const config = () => import('./config.ts');

/** `latchkey config …` */
export function addConfigCommands(root: Command): void {
	const about = root.command('config').description('the configuration');
	about
		.command('check')
		.description('say whether the configuration can be used, and what is wrong with it')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await config()).checkConfig(options));
	about
		.command('show')
		.description('print the settings in force, and where each comes from')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await config()).showConfig(options));
	about
		.command('template')
		.description('print a configuration file in which every setting stands with its default, explained')
		.action(async () => (await config()).printTemplate());
	about
		.command('schema')
		.description('print a JSON Schema of the file, for editors')
		.action(async () => (await config()).printSchema());
}

/** `latchkey rules …` */
export function addRuleCommands(root: Command): void {
	const about = root.command('rules').description('what is protected, and who may pass');
	about
		.command('show')
		.description('print the rules in the order in which they are asked, with the line of each')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (options) => (await rules()).showRules(options));
	about
		.command('explain <method> <url>')
		.description('say which rule decides, and whether it lets the request through; status 0: it does, 1: not')
		.option('--from <address>', 'the address of the client')
		.option('--as <name>', 'the identity that asks (default: nobody, who is not signed in)')
		.option('--token <id>', 'ask with this API token')
		.option('--permission <permission>', 'assume that it is held; may be given several times', collect)
		.option('--websocket', 'the request opens a WebSocket')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (method, url, options) => (await rules()).explainRule(method, url, options));
}
