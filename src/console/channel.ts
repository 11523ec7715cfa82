import { openTabs } from '../client/tabs.ts';

export type { Told } from '../client/tabs.ts';
export const { tell: tellOtherTabs, whenTold: whenAnotherTabTells } = openTabs();
