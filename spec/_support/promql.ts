/*
 * Enough of PromQL to tell an expression from something that only looks like one, and to say which metrics and labels it
 * asks for. Source: Prometheus, "Querying basics", "Operators" and "Functions".
 */

export interface Selector {
	readonly metric: string;
	readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
	/** Labels by which what is made of it is grouped, or legends are written. */
	readonly groupedBy: readonly string[];
}

type Type = 'scalar' | 'instant' | 'range';

const aggregations = new Set(['sum', 'max', 'min', 'avg', 'count']);
const functions: Readonly<Record<string, readonly Type[]>> = {
	rate: ['range'],
	increase: ['range'],
	changes: ['range'],
	absent: ['instant'],
	histogram_quantile: ['scalar', 'instant'],
};
const sets = new Set(['and', 'or', 'unless']);
const comparisons = new Set(['==', '!=', '>', '<', '>=', '<=']);
const arithmetic = new Set(['+', '-', '*', '/', '%', '^']);

const token =
	/\s*("(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?(?:ms|[smhdwy])?|[a-zA-Z_:][\w:]*|=~|!~|[!=<>]=|[-+*/%^(){}[\],=<>])/y;

/** Throws where it is none. */
export function selectorsOf(text: string): Selector[] {
	const tokens = tokensOf(text);
	const found: Selector[] = [];
	let at = 0;

	const peek = () => tokens[at] ?? '';
	function take(wanted?: string): string {
		const got = peek();
		if (got === '' || (wanted !== undefined && got !== wanted))
			throw wrong(`${wanted ?? 'more'} expected, got "${got}"`);
		at += 1;
		return got;
	}
	const wrong = (why: string) => new SyntaxError(`${text}: ${why}`);

	function name(): string {
		const got = take();
		if (!/^[a-zA-Z_]\w*$/.test(got)) throw wrong(`"${got}" is no label`);
		return got;
	}
	function duration(): void {
		const got = take();
		if (!/^\d+(ms|[smhdwy])$/.test(got)) throw wrong(`"${got}" is no duration`);
	}
	function range(): Type {
		take('[');
		duration();
		take(']');
		return 'range';
	}
	function labels(): string[] {
		take('(');
		const list = [name()];
		while (peek() === ',') {
			take();
			list.push(name());
		}
		take(')');
		return list;
	}

	function expression(groupedBy: readonly string[]): Type {
		let left = operand(groupedBy);
		while (sets.has(peek()) || comparisons.has(peek()) || arithmetic.has(peek())) {
			const operator = take();
			if (peek() === 'on' || peek() === 'ignoring') {
				take();
				labels();
			}
			const right = operand(groupedBy);
			if (left === 'range' || right === 'range') throw wrong(`${operator} has a range beside it`);
			if (left === 'scalar' && right === 'scalar' && !arithmetic.has(operator))
				throw wrong(`${operator} of two numbers`);
			if (sets.has(operator) && (left === 'scalar' || right === 'scalar')) throw wrong(`${operator} of a number`);
			left = left === 'scalar' ? right : left;
		}
		return left;
	}

	function operand(groupedBy: readonly string[]): Type {
		if (peek() === '-') take();
		return primary(groupedBy);
	}

	function primary(groupedBy: readonly string[]): Type {
		const got = take();
		if (got === '(') {
			const type = expression(groupedBy);
			take(')');
			return type;
		}
		if (/^\d+(\.\d+)?$/.test(got)) return 'scalar';
		if (aggregations.has(got)) {
			const before = peek() === 'by' && take() ? labels() : [];
			take('(');
			if (expression([...groupedBy, ...before]) !== 'instant') throw wrong(`${got} of what is no instant vector`);
			take(')');
			return 'instant';
		}
		const wanted = functions[got];
		if (wanted !== undefined) {
			take('(');
			for (const [nth, type] of wanted.entries()) {
				if (nth > 0) take(',');
				if (expression(groupedBy) !== type) throw wrong(`${got} takes a ${type}`);
			}
			take(')');
			return 'instant';
		}
		if (!/^[a-zA-Z_:][\w:]*$/.test(got) || peek() === '(') throw wrong(`"${got}" is unknown`);
		found.push({ metric: got, matchers: peek() === '{' ? matchers() : [], groupedBy });
		const type = peek() === '[' ? range() : 'instant';
		if (peek() === 'offset') {
			take();
			duration();
		}
		return type;
	}

	function matchers(): Selector['matchers'] {
		const list: { label: string; operator: string; value: string }[] = [];
		take('{');
		while (peek() !== '}') {
			if (list.length > 0) take(',');
			const [label, operator, value] = [name(), take(), take()];
			if (!['=', '!=', '=~', '!~'].includes(operator) || !value.startsWith('"'))
				throw wrong(`${label}${operator}${value}`);
			list.push({ label, operator, value: JSON.parse(value) as string });
		}
		take('}');
		return list;
	}

	if (expression([]) !== 'instant') throw wrong('no instant vector');
	if (at < tokens.length) throw wrong(`"${peek()}" is too much`);
	return found;
}

function tokensOf(text: string): string[] {
	const tokens: string[] = [];
	const left = text.trimEnd();
	token.lastIndex = 0;
	while (token.lastIndex < left.length) {
		const from = token.lastIndex;
		const [, got = ''] = token.exec(left) ?? [];
		if (got === '') throw new SyntaxError(`${text}: not understood from "${left.slice(from)}"`);
		tokens.push(got);
	}
	return tokens;
}
