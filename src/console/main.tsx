import { render } from 'preact';
import { App } from './app.tsx';
import { wantedLanguage } from './words/languages.ts';
import { declareLanguage, loadLanguage, Speaking } from './words/speaking.tsx';

const root = document.getElementById('console');
// Nothing is drawn in another language before.
const first = await loadLanguage(wantedLanguage());
declareLanguage(first.code);
if (root !== null) {
	render(
		<Speaking first={first}>
			<App />
		</Speaking>,
		root,
	);
}
