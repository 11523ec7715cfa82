/** A key, for the browser's tab. */
export const icon =
	"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path fill='%230b7285' d='M5.5 1a4.5 4.5 0 1 0 3.9 6.7H11v2h2v-2h2.5V5H9.9A4.5 4.5 0 0 0 5.5 1m0 2.8a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4'/></svg>";

/** The page's one style sheet; stands in it and is named by its hash in `Content-Security-Policy`. */
export const style = `
:root {
	color-scheme: light dark;
	--page: light-dark(#fff, #14181b);
	--side: light-dark(#f5f7f8, #191e22);
	--line: light-dark(#dde3e6, #2c343a);
	--field: light-dark(#7b878e, #6f7d85);
	--text: light-dark(#1d2529, #dfe6e9);
	--soft: light-dark(#566269, #98a6ad);
	--link: light-dark(#0b6a7d, #5cc8dc);
	--code: light-dark(#eef2f4, #20272c);
	--get: light-dark(#0b6a7d, #5cc8dc);
	--post: light-dark(#2b6e2f, #7fd18a);
	--put: light-dark(#8a5300, #eab45f);
	--delete: light-dark(#b3261e, #ff9a91);
	font: 16px/1.6 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif;
	scroll-padding-top: 1.5rem;
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text) }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
main:focus { outline: none }
.skip { position: absolute; left: -99rem; background: var(--page); padding: .5rem 1rem; z-index: 1 }
.skip:focus { left: 0 }
code, pre, .method, .status { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
code { font-size: .86em; background: var(--code); border-radius: .25em; padding: .1em .3em; overflow-wrap: anywhere }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere }
[hidden] { display: none !important }
.deep { font-weight: 400; text-decoration: none; opacity: 0; padding: 0 .15em }
:is(h2, h3):hover > .deep, .deep:focus-visible { opacity: 1 }
@media (hover: none) { .deep { opacity: .5 } }
h1 { font-size: 2.4rem; margin: 0; letter-spacing: -.02em }
h2 { font-size: 1.6rem; margin: 4rem 0 1rem; padding-top: 1.5rem; border-top: 1px solid var(--line); letter-spacing: -.01em }
h3, .text h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding: 0; border: 0; letter-spacing: 0 }
h4 { font-size: .95rem; margin: 1.75rem 0 .5rem }
p, ul, ol, dl { margin: .75rem 0 }
li { margin: .3rem 0 }
small { color: var(--soft); font-size: .86em }
em { color: var(--soft); font-style: normal; font-size: .82em }
dt { font-weight: 600; margin-top: 1rem }
dt small { font-weight: 400 }
dd { margin: 0 }
dd p { margin: .25rem 0 }
.lead { font-size: 1.2rem; color: var(--soft); margin-top: .25rem }
.text, dl, .schema > p { max-width: 44rem }

nav { background: var(--side); padding: 1rem 1.25rem; font-size: .9rem }
nav ul { list-style: none; margin: 0; padding: 0 }
nav a { color: inherit; text-decoration: none; display: block; padding: .2rem 0 }
nav a:hover { color: var(--link) }
summary { cursor: pointer; padding: .35rem 0; font-weight: 600 }
nav details > ul > li > a { font-weight: 600; margin-top: .5rem }
nav ul ul a { display: grid; grid-template-columns: 3.4rem 1fr; align-items: baseline; line-height: 1.35; padding: .35rem 0 }
nav ul ul li { margin: 0 }
.search { margin: .5rem 0 }
input { width: 100%; font: inherit; color: inherit; background: var(--page); border: 1px solid var(--field); border-radius: .4rem; padding: .4rem .6rem }
#found { margin: 0; color: var(--soft) }
.searching main > :is(header, .intro) { display: none }
.brand { margin: 0 0 .5rem; font-size: 1.05rem; font-weight: 650 }
.brand a { display: inline }
.brand span { color: var(--soft); font-weight: 400; font-size: .85rem }
main { padding: 2rem 1.25rem 6rem; max-width: 78rem }

.method { display: inline-block; font-size: .68rem; font-weight: 700; letter-spacing: .03em; color: var(--get) }
.method.post { color: var(--post) }
.method.put, .method.patch { color: var(--put) }
.method.delete { color: var(--delete) }
.target { margin: .25rem 0 1rem; overflow-wrap: anywhere }
.target .method { font-size: .85rem; margin-right: .35rem }
.target code { background: none; padding: 0; margin-right: .75rem; font-size: .95rem }
.asks { color: var(--soft); font-size: .95rem }

article { margin-top: 3rem }
article + article:not(.schema) { border-top: 1px solid var(--line); padding-top: .5rem }
.schema { margin-top: 2.25rem; max-width: 56rem }
.table { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .92rem; line-height: 1.5 }
th, td { text-align: left; vertical-align: top; padding: .45rem 1rem .45rem 0; border-bottom: 1px solid var(--line) }
thead th { font-weight: 600; font-size: .8rem; color: var(--soft); padding-top: 0 }
td:last-child { padding-right: 0; width: 100% }
td:not(:last-child) { white-space: nowrap }
td em { display: block }
.status { font-weight: 700; font-size: .85rem; color: var(--soft) }
.status.s2 { color: var(--post) }

.samples { display: grid; gap: .75rem; align-content: start; margin-top: 1.5rem }
pre { margin: 0; padding: 1rem; border-radius: .5rem; background: var(--code); font-size: .8rem; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere }
.curl { position: relative }
.curl pre { padding-top: 2.6rem }
.curl button { position: absolute; top: .5rem; right: .5rem; font: inherit; font-size: .78rem; color: inherit; background: var(--page); border: 1px solid var(--field); border-radius: .35rem; padding: .15rem .6rem; cursor: pointer }

@media (min-width: 64rem) {
	body { display: grid; grid-template-columns: 18rem minmax(0, 1fr) }
	nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.75rem 1.5rem; border-right: 1px solid var(--line) }
	summary { display: none }
	nav details > ul > li { margin: .35rem 0 }
	nav ul ul { margin-bottom: 1rem }
	nav ul ul a { padding: .2rem 0 }
	main { padding: 3rem 3.5rem 8rem }
}
@media (min-width: 90rem) {
	.sides { display: grid; grid-template-columns: minmax(0, 1fr) 25rem; gap: 3rem }
	.samples { position: sticky; top: 1.5rem; align-self: start; margin-top: .75rem }
}
@media (max-width: 40rem) {
	h1 { font-size: 2rem }
	thead { position: absolute; left: -99rem }
	tbody tr { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: .6rem 0; border-bottom: 1px solid var(--line) }
	td, td:not(:last-child) { padding: 0; border: 0; white-space: normal }
	td em { display: inline }
	td:nth-child(2):last-child { flex: 1 1 0; width: auto }
}
@media print { nav, .skip { display: none } }
`;
