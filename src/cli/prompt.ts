import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Failed } from './output.ts';

/** The status of a program that Ctrl-C ends: 128, and the number of SIGINT. */
const interrupted = 130;

/** Somebody sits there, who can be asked. What is asked goes to stderr: stdout is for data. */
export function isAtTerminal(): boolean {
	return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks, where somebody sits at a terminal; a program that calls has made up its mind. Throws Failed where the answer is not yes. */
export async function confirm(question: string): Promise<void> {
	if (!isAtTerminal()) return;
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	try {
		const isMeant = /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
		if (!isMeant) throw new Failed('nothing was done');
	} finally {
		terminal.close();
	}
}

/** A line that is typed at the terminal and shown nowhere. Ctrl-C ends the process; Ctrl-D is an empty line. */
async function askSecret(question: string): Promise<string> {
	const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
	const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
	process.stderr.write(question);
	try {
		return await new Promise((resolve) => {
			terminal.once('line', resolve).once('close', () => resolve(''));
			terminal.once('SIGINT', () => {
				process.stderr.write('\n');
				process.exit(interrupted);
			});
		});
	} finally {
		terminal.close();
		process.stderr.write('\n');
	}
}

/** Twice, since nobody sees what is typed. Empty: none is to be set. Throws Failed where the two differ. */
export async function askNewPassword(question: string): Promise<string> {
	const password = await askSecret(`${question}: `);
	if (password !== '' && (await askSecret('Again: ')) !== password) throw new Failed('the two passwords differ');
	return password;
}
