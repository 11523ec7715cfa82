import { formsOf } from '../forms.ts';

export const { number, duration, either, all } = formsOf('ja');
