import { html } from '../../http/response/html.ts';
import type { PageWords } from './words.ts';

export const ja: PageWords = {
	reference: (id) => `参照番号 ${id}`,
	notAllowed: '許可されていません',
	signedInAs: (name) => html`${name} としてサインインしています。`,
	permissionNeeded: (permission) => html`権限 ${permission} が必要です。`,
	signInAsSomebodyElse: '別のユーザーとしてサインイン',
	otherWayNeeded: (ways) => html`別の方法でのサインインが必要です: ${ways}。`,
	signInAnotherWay: '別の方法でサインイン',
	credentials: {
		password: 'パスワード',
		passkey: 'パスキー',
		certificate: '証明書',
		token: 'API トークン',
		basic: 'Basic 認証',
		jwt: 'アクセストークン',
	},
	mayHaveArrived: '送信した内容が届いたかどうかは不明です。前のページに戻り、まず確認してください。',
	tryAgain: '再試行',
	refused: '拒否されました',
	notFound: ['ここには何もありません', 'このアドレスにページはありません。'],
	notOpen: ['開かれていません', 'このアドレスを開くことを許可するルールはありません。'],
	crossSite: ['ここからはできません', '別のサイトのページからの要求だったため、実行しませんでした。'],
	ticketRefused: [
		'ここではサインインしていません',
		'この経路は使用済みか、時間切れか、別のブラウザーで始められたものです。表示したいページを開き直してください。',
	],
	badGateway: ['接続できません', 'アプリケーションに現在接続できません。'],
	gatewayTimeout: ['応答がありません', 'アプリケーションが時間内に応答しませんでした。'],
	unavailable: ['少々お待ちください', 'サービスは一時的に利用できません。'],
	unexpected: ['問題が発生しました', '予期しないエラーが発生しました。'],
	signInToSee: [
		'サインインが必要です',
		'ページのこの部分は保護されています。別のタブでサインインしてから、このページを再読み込みしてください。',
	],
	openInNewTab: '新しいタブで開く',
	xsrfNeededTitle: '転送されませんでした',
	xsrfNeeded: (forPages, forForms) =>
		html`このアドレスには XSRF トークンが必要ですが、ブラウザーはページやフォームでは自動的に送信しません。このサービスの運用担当者は、ルールにページ用の ${forPages}、またはフォームにも対応する ${forForms} を指定できます。`,
};
