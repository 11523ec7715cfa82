import { type Storm, slowdownOf, stormOfLogins } from './event-loop.ts';
import { quantile, type Row } from './figures.ts';

/** On both cores: whose they are is the question. */
export const storm: Row = {
	name: 'storm',
	says: 'A session check while 32 logins are always under way',
	async measure({ rounds, seconds }) {
		const storms: Storm[] = [];
		await stormOfLogins(seconds, rounds, (each) => storms.push(each));
		const p99 = (of: (each: Storm) => readonly number[]) => storms.map((each) => quantile(of(each), 0.99));
		return {
			figures: [
				{ what: '99th percentile ÷ at rest', values: storms.map(slowdownOf), goal: { atMost: 2.2 } },
				{ what: '99th percentile at rest', unit: 'ms', values: p99(({ rest }) => rest) },
				{ what: '99th percentile during logins', unit: 'ms', values: p99(({ during }) => during) },
				{ what: 'logins that were not served', values: storms.map(({ lost }) => lost), goal: { atMost: 0 } },
			],
		};
	},
};
