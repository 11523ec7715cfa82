import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { all, either, number } from './forms.ts';

export const allSessions: Words['allSessions'] = {
	title: 'すべてのセッション',
	lead: '誰がどこでサインインしているかを示します。',
	find: '名前、端末、アドレス',
	newest: (most) => `最新の ${number(most)} 件です。ほかにもあります。`,
	shown: (shown, found) =>
		`${number(found)} 件中、最新の ${number(shown)} 件を表示しています。上の欄で検索してください。`,
	none: '該当するセッションはありません。',
};

export const identities: Words['identities'] = {
	title: 'アカウント',
	lead: 'サインインできる人とプログラム、およびそれぞれが開けるものです。',
	new: '新しいアカウント',
	found: '見つかったアカウント',
	none: '該当するアカウントはありません。',
	pages: 'ページ',
	page: (count) => `${number(count)} ページ`,
	previous: '前のページ',
	next: '次のページ',
	counted: (count) => `${number(count)} 件のアカウント`,
	countedAndMore: (count) => `${number(count)} 件のアカウント（次のページに続きます）`,
	noPermissions: '権限なし',
	more: (count) => `ほか ${number(count)} 件`,
	neverSignedIn: 'サインインなし',
	signedIn: (ago) => phrase`サインイン: ${ago}`,
	find: '名前で検索',
	permission: '権限',
	show: '表示',
	states: {
		'': 'すべて',
		disabled: '無効',
		'must-change-password': 'パスワード変更が必要',
		'certificate-only': '証明書のみ',
		'second-factor': '2 要素認証あり',
		'no-second-factor': 'パスワードのみ',
	},
	order: '並び順',
	sorts: {
		name: '名前',
		'-last-sign-in': '最近サインインした順',
		'last-sign-in': 'サインインが古い順',
		'-created': '新しい順',
		created: '古い順',
	},
	badges: {
		disabled: '無効',
		program: 'プログラム',
		certificateOnly: '証明書のみ',
		passwordExpired: 'パスワード期限切れ',
		mustChange: 'パスワード変更が必要',
	},
};

export const newIdentity: Words['newIdentity'] = {
	title: '新しいアカウント',
	badName: 'ユーザー名に使用できるのは表示可能な文字で、前後に空白は使用できません。',
	byCertificate: '証明書でのみサインインする',
	permissions: '開けるもの',
	create: '作成',
	created: (name) => `${name} はサインインできるようになりました。`,
};

export const identity: Words['identity'] = {
	createdSignedIn: (created, signedIn) => phrase`作成: ${created}、サインイン: ${signedIn}`,
	createdNever: (created) => phrase`作成: ${created}、サインインなし`,
	permissions: '権限',
	permissionsOf: (name) => `${name} の権限`,
	mayOpen: (name) => `${name} が開けるもの`,
	permissionsSaved: (name) => `${name} の権限を保存しました。`,
	giveUpTitle: '管理者の権限を手放しますか？',
	giveUp: '手放す',
	giveUpText: (permission) => phrase`${permission} がないと、自分で元に戻すことはできません。`,
	access: 'アクセス',
	isDisabled: (name) => `${name} は無効になっており、サインインできません。`,
	disabling: (name) => `${name} を無効にすると、セッションは終了します。権限とパスワードは保持されます。`,
	enable: '有効にする',
	disable: '無効にする',
	enabled: (name) => `${name} は再びサインインできます。`,
	disabled: (name) => `${name} はサインインできなくなりました。セッションは終了しました。`,
	removal: '削除',
	removing: (name) =>
		`${name} を削除すると、セッションは終了し、権限は失われます。後で同じ名前で追加されたものは、新しいアカウントです。`,
	removeTitle: (name) => `${name} を削除しますか？`,
	removeText: 'この操作は取り消せません。',
	removed: (name) => `${name} を削除しました。`,
	sessions: 'セッション',
	noSessions: 'どこでもサインインしていません。',
	noFactor: (name) => `${name} の 2 つ目の要素はなくなりました。セッションは終了しました。`,
	removeAll: 'すべて削除',
	removeFactorsTitle: (name) => `${name} の 2 つ目の要素を削除しますか？`,
	removeFactorsText:
		'すべてを失った人のためのものです。別のものが設定されるまで、パスワードだけでサインインできるようになります。依頼者が本人であることを必ず確認してください。',
	password: 'パスワード',
	ownPassword: (page) => phrase`自分のパスワードは「${page}」で変更します。`,
	noPassword: 'パスワードはなく、証明書でサインインします。',
	setAnother: '別のパスワードを設定',
	setOne: 'パスワードを設定',
	requireChange: '変更を求める',
	changeRequired: (name) => `${name} はサインイン時にパスワードの変更が必要です。`,
	setPasswordOf: (name) => `${name} のパスワードを設定`,
	passwordSet: (name) => `${name} のパスワードを設定しました。セッションは終了しました。`,
};

const once = '一度だけ使用でき、以前のリンクは無効になります。';

export const inviting: Words['inviting'] = {
	title: '招待',
	first: `ほかの誰も知らないパスワードを本人が設定するためのリンクです。${once}`,
	password: `パスワードを忘れた人のためのリンクです。使用されるまで、現在のパスワードは有効です。${once}`,
	factor: `2 つ目の要素をすべて失った人のためのリンクです。パスワードを入力すると新しいものを設定でき、以前のものはすべて置き換わります。${once}`,
	invite: (name) => `${name} を招待`,
	for: '目的',
	purposes: {
		'new-password': '新しいパスワード',
		'new-factor': '2 つ目の要素の再設定',
	},
	hours: '時間数',
	hoursWrong: '時間数を 1～168 で入力してください。',
	make: 'リンクを作成',
	goodUntil: (moment, name) =>
		phrase`${moment} まで有効です。再度表示されることはありません。${name} だけが読める方法で送ってください。`,
	qr: 'リンクの QR コード',
};

export const permissions: Words['permissions'] = {
	others: 'その他',
	othersHint: '空白で区切って入力します（例: rest.assets）。',
	unknown: (names) => `${names} を使用するルールはありません。プロキシが名前で求めない限り、ここでは何も開きません。`,
	admin: 'すべてを開き、Latchkey を管理します',
	unnamed: '使用するルールはありません',
	more: (count) => `ほか ${number(count)} 件`,
};

export const rules: Words['rules'] = {
	everyHost: 'すべてのホスト',
	everyPath: 'すべてのパス',
	any: (names) => either(names),
	all: (names) => all(names),
	for: (whom) => `対象: ${whom}`,
};

export const explain: Words['explain'] = {
	title: 'アクセスの説明',
	lead: 'リクエストがどのルールで判断され、ブラウザーが何を受け取るかを示します。実際には何も送信されません。',
	method: 'メソッド',
	address: 'アドレス',
	addressHint: (https, wss) => phrase`例: ${https}。WebSocket の場合は ${wss}。`,
	who: 'リクエストする人',
	whoHint: 'アカウントの名前。空欄の場合はサインインしていない人です。',
	shows: '提示するもの',
	session: 'セッション',
	token: (name, id) => `API トークン ${name} (${id})`,
	from: '接続元',
	fromHint: 'ルールが接続元を確認する場合の、クライアントのアドレスです。',
	explain: '説明を表示',
	explanation: '説明',
	passes: '通過',
	stops: '拒否',
	rule: 'ルール',
	pageGets: 'ページへの応答',
	scriptGets: 'スクリプトへの応答',
	programGets: 'プログラムへの応答',
	webSocketGets: 'WebSocket への応答',
	missing: '不足しているもの',
	whatAnswers: (upstream) => phrase`${upstream} の応答`,
	redirect: (status, location) => phrase`${status}、移動先: ${location}`,
};

export const audit: Words['audit'] = {
	title: '監査',
	lead: '誰が何をしたかをログのとおりに表示します。閲覧も記録されます。',
	person: 'ユーザー',
	act: '操作',
	outcome: '結果',
	outcomes: { '': 'すべて', ok: '許可', refused: '拒否' },
	address: 'アドレス',
	from: '開始日時',
	to: '終了日時',
	search: '検索',
	found: '見つかった行',
	none: '該当する行はありません。',
	counted: (count) => `${number(count)} 行`,
	because: (reason) => `拒否: ${reason}`,
	csv: 'CSV でエクスポート',
	ndjson: 'NDJSON でエクスポート',
};
