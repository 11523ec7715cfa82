// Runs in the page of the API, where it stands as it is written here. Without it, everything can be read all the same.
const contents = document.querySelector('nav details');
const search = document.querySelector('#search');
const found = document.querySelector('#found');
const articles = [...document.querySelectorAll('article')];
/** What is searched: titles, paths, names of operations and of fields. */
const texts = new Map(
	articles.map((article) => {
		const named = [...article.querySelectorAll('h3, .target, td:first-child code')];
		return [article, named.map(({ textContent }) => textContent.toLowerCase()).join(' ')];
	}),
);
const wide = matchMedia('(min-width: 64rem)');

/** On a phone the list of operations is folded until somebody wants it. */
function fold() {
	contents.open = wide.matches || search.value !== '';
}

function showFound() {
	const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
	const isFound = (article) => words.every((word) => texts.get(article).includes(word));
	for (const article of articles) {
		article.hidden = !isFound(article);
		const link = contents.querySelector(`a[href="#${article.id}"]`);
		if (link) link.parentElement.hidden = article.hidden;
	}
	for (const section of document.querySelectorAll('main > section')) {
		const inside = [...section.querySelectorAll('article')];
		section.hidden = words.length > 0 && inside.every((article) => article.hidden);
		const link = contents.querySelector(`a[href="#${section.id}"]`);
		if (link) link.parentElement.hidden = section.hidden;
	}
	document.body.classList.toggle('searching', words.length > 0);
	const count = articles.filter((article) => !article.hidden).length;
	found.textContent = words.length === 0 ? '' : count === 0 ? 'Nothing found.' : `${count} found.`;
	fold();
}

search.closest('.search').hidden = false;
search.addEventListener('input', showFound);
search.addEventListener('keydown', ({ key }) => {
	if (key !== 'Escape') return;
	search.value = '';
	showFound();
});
document.addEventListener('keydown', (event) => {
	if (event.key !== '/' || event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
	event.preventDefault();
	search.focus();
});

wide.addEventListener('change', fold);
fold();
contents.addEventListener('click', ({ target }) => {
	if (target.closest('a') && !wide.matches) contents.open = false;
});
// A link leads to what a search has hidden, too.
addEventListener('hashchange', () => {
	const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
	if (!target?.closest('[hidden]')) return;
	search.value = '';
	showFound();
	target.scrollIntoView();
});

for (const command of document.querySelectorAll('.curl')) {
	const text = command.querySelector('pre');
	// The service that is asked is the one that this page is read at.
	text.textContent = text.textContent.replace('http://127.0.0.1:8080', location.origin);
	const button = command.querySelector('button');
	button.hidden = false;
	button.addEventListener('click', async () => {
		try {
			await navigator.clipboard.writeText(text.textContent);
			button.textContent = 'Copied';
		} catch {
			getSelection().selectAllChildren(text);
			button.textContent = 'Press Ctrl+C';
		}
		setTimeout(() => {
			button.textContent = 'Copy';
		}, 2000);
	});
}
