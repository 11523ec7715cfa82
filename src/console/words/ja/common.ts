import type { Words } from '../words.ts';
import { duration } from './forms.ts';

export const common: Words['common'] = {
	language: '言語',
	spoken: '言語を日本語に切り替えました。',
	console: 'コンソール',
	noticeOfService: 'このサービスからのお知らせ',
	moment: '少々お待ちください…',
	tryAgain: '再試行',
	tryAgainIn: (seconds) => `${duration(seconds)}後にもう一度お試しください。`,
	tryAgainNow: 'もう一度お試しいただけます。',
	goOn: '次へ',
	cancel: 'キャンセル',
	confirm: '確認',
	save: '保存',
	done: '完了',
	remove: '削除',
	removeOf: (name) => `${name} を削除`,
	rename: '名前を変更',
	renameOf: (name) => `${name} の名前を変更`,
	signIn: 'サインイン',
	signOut: 'サインアウト',
	signInAsSomebodyElse: '別のユーザーとしてサインイン',
	copy: 'コピー',
	copied: 'コピーしました。',
	userName: 'ユーザー名',
	name: '名前',
	password: 'パスワード',
	you: '自分',
	none: 'ありません。',
	neverUsed: '未使用',
	hasEndedAlready: 'すでに終了しています。',
	removedIdentity: '削除されたアカウント',
	deviceOn: (browser, system) => `${browser}（${system}）`,
	unknownDevice: '不明',
	justNow: 'たった今',
	thenClock: (clock) => `（${clock}）`,
};

const notCopied = (what: string) =>
	`ブラウザーが${what}をコピーできませんでした。テキストを選択して手動でコピーしてください。`;

export const secrets: Words['secrets'] = {
	token: { label: 'トークン', copy: 'トークンをコピー', notCopied: notCopied('トークン') },
	password: { label: '設定したパスワード', copy: 'パスワードをコピー', notCopied: notCopied('パスワード') },
	link: { label: 'リンク', copy: 'リンクをコピー', notCopied: notCopied('リンク') },
	recoveryCodes: {
		label: 'リカバリーコード',
		copy: 'リカバリーコードをコピー',
		notCopied: notCopied('リカバリーコード'),
	},
};

export const tabs: Words['tabs'] = {
	applications: 'アプリケーション',
	sessions: '自分のセッション',
	password: 'パスワード',
	security: 'セキュリティ',
	tokens: 'API トークン',
	history: '履歴',
	identities: 'アカウント',
	'all-sessions': 'すべてのセッション',
	explain: 'アクセス',
	audit: '監査',
	signedInAs: 'サインイン中:',
};
