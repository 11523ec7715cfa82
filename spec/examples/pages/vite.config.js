import vue from '@vitejs/plugin-vue';

export default {
	plugins: [vue()],
	// Served at the root of an origin of its own, or below a path of Latchkey's.
	base: './',
	build: { rolldownOptions: { input: ['plain.html', 'react.html', 'vue.html'] } },
};
