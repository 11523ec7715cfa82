import type { Words } from '../words.ts';
import { number } from './forms.ts';

export const several: Words['several'] = {
	region: '選択',
	select: (name) => `${name} を選択`,
	page: 'このページをすべて選択',
	all: '見つかったものをすべて選択',
	found: (count) => `これまでに ${number(count)} 件`,
	selected: (count) => `${number(count)} 件を選択中`,
	none: '選択を解除',
	do: '操作',
	acts: {
		disable: '無効にする',
		enable: '有効にする',
		'end-sessions': 'セッションを終了',
		grant: '権限を付与',
		revoke: '権限を取り消す',
		remove: '削除',
	},
	permission: '権限の名前',
	goOn: '次へ',
	title: (act, count) => `${act}: ${number(count)} 件`,
	effects: {
		disable: 'サインインできなくなり、セッションは終了します。権限とパスワードは残ります。',
		enable: '再びサインインできます。',
		'end-sessions': 'すべての場所でサインアウトされ、再びサインインできます。',
		grant: '今ある権限に加えて、次の権限を持ちます:',
		revoke: '次の権限を失います:',
		remove: 'セッションとトークンは終了し、すべての情報が消去されます。元に戻せません。',
	},
	more: (count) => `ほか ${number(count)} 件`,
	yourself: 'ご自身も含まれています。ご自身の管理権限とこのセッションは失われません。',
	progress: (done, of) => `${number(of)} 件中 ${number(done)} 件完了`,
	done: (count) => `${number(count)} 件完了しました。`,
	refused: (count) => `次の ${number(count)} 件は実行されませんでした:`,
	ownIdentity: 'ご自身のアカウントです。',
};

export const renaming: Words['renaming'] = {
	name: '名前',
	text: (name) =>
		`名前を変えると、${name} は新しい名前でのみサインインします。セッションは終了し、権限、パスワード、API トークンは残ります。`,
	rename: '名前を変更',
	form: (name) => `${name} の名前を変更`,
	to: '新しいユーザー名',
	ownText: 'サインアウトされ、新しい名前でサインインします。',
	renamed: (from, to) => `${from} は ${to} になりました。`,
};

export const everybody: Words['everybody'] = {
	end: 'すべてのセッションを終了',
	title: '全員のセッションを終了しますか？',
	text: '人もプログラムも、全員がサインインし直す必要があります。API トークンは有効なままです。',
	keep: '自分のこのセッションは残す',
};

export const help: Words['help'] = {
	link: 'ヘルプ',
};
