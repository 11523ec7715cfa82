import type { Command } from 'commander';
import { collect, configOption, jsonOption } from './options.ts';

const rules = () => import('./rules.ts');

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
		.option('--permission <permission>', 'assume that it is held; may be given several times', collect)
		.option('--websocket', 'the request opens a WebSocket')
		.option(...configOption)
		.option(...jsonOption)
		.action(async (method, url, options) => (await rules()).explainRule(method, url, options));
}
