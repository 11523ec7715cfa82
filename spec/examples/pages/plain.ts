import { latchkey, treasure, wordsOf } from './latchkey.ts';

function find<T extends HTMLElement = HTMLElement>(selector: string): T {
	const element = document.querySelector<T>(selector);
	if (element === null) throw new Error(`there is no ${selector}`);
	return element;
}

const [away, problem, who, ending] = [find('#away'), find('#problem'), find('#who'), find('#ending')];

/** Shows the part of the page that the state is about. While the service is away, the last one stays. */
function draw(): void {
	const { state } = latchkey;
	const shown = state.kind === 'away' ? state.before : state;
	away.hidden = state.kind !== 'away';
	for (const part of document.querySelectorAll<HTMLElement>('[data-state]')) {
		const isShown = part.dataset.state === shown?.kind;
		if (part.hidden && isShown && part instanceof HTMLFormElement) part.reset();
		part.hidden = !isShown;
	}
	if (shown?.kind !== 'signed-in') find('output').textContent = '';
	who.textContent = shown?.kind === 'signed-in' ? shown.session.identity : '';
	ending.hidden = shown?.kind !== 'signed-in' || shown.ending === undefined;
}

async function run(act: () => Promise<unknown>): Promise<void> {
	problem.textContent = '';
	try {
		await act();
	} catch (fault) {
		problem.textContent = wordsOf(fault);
	}
}

function onSubmit(state: string, act: (value: (name: string) => string) => Promise<unknown>): void {
	const form = find<HTMLFormElement>(`form[data-state=${state}]`);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const data = new FormData(form);
		void run(() => act((name) => String(data.get(name))));
	});
}

const onClick = (selector: string, act: () => Promise<unknown>) =>
	find(selector).addEventListener('click', () => void run(act));

onSubmit('signed-out', (value) => latchkey.login(value('name'), value('password')));
onSubmit('must-change', (value) => latchkey.changePassword(value('current'), value('next')));
onSubmit('second-factor', (value) => latchkey.secondFactor({ code: value('code') }));
onClick('#stay', latchkey.stay);
onClick('#leave', latchkey.logout);
onClick('#get', async () => {
	find('output').textContent = await treasure();
});
latchkey.subscribe(draw);
