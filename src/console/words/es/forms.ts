import { formsOf } from '../forms.ts';

export const { number, counted, duration, either, all } = formsOf('es');
