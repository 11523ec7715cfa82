export default {
	latchkey: {
		input: './openapi.yaml',
		output: {
			target: './api.ts',
			client: 'fetch',
			override: { mutator: { path: './own-fetch.ts', name: 'ownFetch', extension: '.js' } },
		},
	},
};
