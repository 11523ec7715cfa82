/** Whose product this is: as the service has put it into the page. Absent parts: Latchkey's own. */
interface Brand {
	readonly title?: string;
	/** A path here. */
	readonly logo?: string;
	/** For who cannot sign in. */
	readonly help?: { readonly text?: string; readonly url?: string };
}

const told = document.querySelector<HTMLMetaElement>('meta[name="brand"]')?.content;

export const brand: Brand = told === undefined ? {} : JSON.parse(told);

export const productName = brand.title ?? 'Latchkey';
