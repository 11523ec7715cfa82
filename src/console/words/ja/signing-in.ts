import { phrase } from '../phrase.ts';
import type { Words } from '../words.ts';
import { duration, number } from './forms.ts';

export const setup: Words['setup'] = {
	title: 'Latchkey のセットアップ',
	lead: 'まだ誰もサインインできません。最初のアカウントとして管理者を作成してください。ほかのアカウントは管理者が作成できます。',
	token: 'セットアップトークン',
	tokenHint: 'サービスの起動時に表示されています。一度だけ使用できます。',
	create: '管理者を作成',
	wrongToken: 'セットアップトークンが正しくありません。サービスの起動時に表示されています。',
	alreadyDone: 'ほかの人がすでにセットアップを完了しました。ページを再読み込みしてサインインしてください。',
};

export const signIn: Words['signIn'] = {
	title: 'サインイン',
	notices: {
		'signed-out': 'サインアウトしました。',
		'password-changed': 'パスワードを変更しました。新しいパスワードでサインインしてください。',
		'set-up': '管理者を作成しました。設定したパスワードでサインインしてください。',
	},
	or: 'または',
	form: 'パスワードでサインイン',
	wrong: 'ユーザー名またはパスワードが正しくありません。',
	byPasskey: 'パスキーでサインイン',
	unknownPasskey: 'このパスキーはここでは登録されていません。',
	byCertificate: '証明書でサインイン',
	byCertificateAt: (port) => `証明書でサインイン（ポート ${port}）`,
	certificateNotTrusted:
		'ここで信頼されている証明書がブラウザーから提示されませんでした。ブラウザーが証明書を尋ねるのは一度だけです。もう一度尋ねられるようにするには、ブラウザーのすべてのウィンドウを閉じてください。',
	noWay: 'このサービスでは、ここからサインインする方法がありません。',
	openAnew: '証明書でサインインするには、このページを開き直してください。',
	cookieNotKept:
		'認証には成功しましたが、ブラウザーにセッションが保存されませんでした。ここで Cookie を許可してください。以前に https でサインインした場合は、もう一度 https を使用してください。',
	wentAway: '認証には成功しましたが、その後サービスが応答しなくなりました。ページを再読み込みして続けてください。',
	greeting: 'サインインしました',
	signedInAs: (name) => phrase`${name} としてサインインしています。`,
};

export const somebodyElse: Words['somebodyElse'] = {
	title: (name) => `現在のユーザーは ${name} です`,
	text: (name, before) =>
		phrase`別のタブで、${before} に代わって ${name} がサインインしました。セッションはブラウザーのすべてのタブで共通です。`,
	goOnAs: (name) => `${name} として続ける`,
};

export const onward: Words['onward'] = {
	notProvedTitle: '本人確認が必要です',
	notProved: 'このページを表示するには本人確認が必要です。',
	notAllowedTitle: '許可されていません',
	unknownTitle: '不明なアドレス',
	unknown: 'このアドレスは、このサービスの移動先に含まれていません。',
	hereOnlyTitle: 'ここでのみサインインしています',
	hereOnly: (there, here) =>
		`${there} からすぐに戻されました。ブラウザーは ${here} のセッション Cookie をそこに提示していません。`,
	switch: '先にサインアウトし、その後そのページに戻ります。',
	signOutAndGoOn: 'サインアウトして続ける',
	stay: 'ここに留まる',
};

export const invitation: Words['invitation'] = {
	title: '招待',
	overTitle: 'この招待は無効です',
	over: '使用済みか、新しい招待に置き換えられたか、期限が切れています。新しい招待を依頼してください。',
	toSignIn: 'サインインページへ',
	factorTitle: '2 つ目の要素の再設定',
	factorLead: (name) =>
		phrase`これは ${name} への招待です。まずパスワードを入力し、次にご自身だけが持っているものを設定してください。失われたものと置き換わります。`,
	newPasswordTitle: '新しいパスワードの設定',
	firstPasswordTitle: 'パスワードの設定',
	passwordLead: (name) => phrase`これは ${name} への招待です。設定するパスワードは、ほかの誰にも知られません。`,
	signsOut: (me) => `現在 ${me} としてサインインしています。続けるとサインアウトされます。`,
	showPassword: 'パスワードの入力',
	notYours: 'パスワードが正しくありません。',
	sameAgain: 'それは変更前のパスワードです。別のものを選んでください。',
	submit: 'パスワードを設定してサインイン',
};

export const secondFactor: Words['secondFactor'] = {
	title: 'あと一歩です',
	form: '2 つ目のステップ',
	code: 'アプリのコード',
	codeHint: '6 桁の数字です。30 秒ごとに新しいコードになります。',
	codeWrong:
		'コードが正しくないか、使用済みです。次のコードをお待ちください。スマートフォンの時計が合っている必要があります。',
	codeMalformed: 'コードは 6 桁の数字です。',
	recoveryCode: 'リカバリーコード',
	recoveryHint: '印刷または保存したもののいずれかです。それぞれ一度だけ使用できます。',
	recoveryWrong: 'リカバリーコードが正しくないか、使用済みです。',
	recoveryMalformed: 'リカバリーコードは 16 文字の英数字です。',
	usePasskey: '設定したパスキーまたはセキュリティキーを使用してください。',
	passkey: 'パスキーを使用',
	passkeyRefused: 'このパスキーはここでは受け付けられません。',
	passkeyUnusable:
		'このブラウザーではパスキーを使用できません。別の端末でサインインするか、管理者にお問い合わせください。',
	noneUsable: '現在使用できる 2 つ目の要素がありません。管理者にリセットを依頼してください。',
	codesLeft: (left) =>
		left === 0
			? '最後のリカバリーコードでした。「セキュリティ」で新しく作成してください。'
			: `残りのリカバリーコードは ${number(left)} 個です。`,
	otherWays: {
		certificate: '代わりに証明書を提示',
		password: '代わりにパスワードを使用',
		passkey: '代わりにパスキーを使用',
		totp: '代わりにアプリのコードを使用',
		recoveryCode: '紛失した場合: リカバリーコードを使用',
	},
	enrolmentTitle: '2 つ目の要素の設定',
	enrolmentLead: 'ここではパスワードだけでは不十分です。まず、ご自身だけが持っているものを設定してください。',
	replaces: (names) => `これまでのものと置き換わります: ${names}`,
};

export const passkeys: Words['passkeys'] = {
	taken: 'この端末はすでに設定されています。',
	notHere: 'このアドレスではパスキーを使用できません。',
	cancelled: 'パスキーは使用されませんでした。キャンセルされたか、時間切れです。',
};

const proofLead = 'サインインから時間が経っているか、この操作により強い確認が必要です。';

export const proof: Words['proof'] = {
	title: '本人確認',
	needsPasskey: '続けるにはパスキーが必要ですが、このブラウザーではここで使用できません。',
	needsFactor: '続けるには 2 つ目の要素が必要ですが、設定されていません。「セキュリティ」で設定してください。',
	needsSignIn: '続けるには、サインアウトしてからもう一度サインインしてください。',
	lead: `${proofLead}実行する前に本人確認を行ってください。`,
	leadCertificate: `${proofLead}実行する前に、もう一度証明書を提示してください。`,
	leadPasskey: `${proofLead}実行する前に、パスキーを使用してください。`,
	form: '本人確認フォーム',
	certificateNotShown: 'サインインに使用した証明書がブラウザーから提示されませんでした。',
};

export const sessionEnd: Words['sessionEnd'] = {
	endingTitle: 'まもなくセッションが終了します',
	endingIn: (seconds) => `${duration(seconds)}後`,
	bySilence: (endingIn) => phrase`しばらく操作がなかったため、${endingIn}にサインアウトされます。`,
	byAge: (endingIn) =>
		phrase`セッションの有効期間には上限があるため、使用中でも${endingIn}にサインアウトされます。入力した内容は残り、この場でもう一度サインインできます。`,
	stay: 'サインインを維持',
	signOutNow: '今すぐサインアウト',
	endedTitle: 'セッションが終了しました',
	ended:
		'しばらく操作がなかったか、別の場所で終了されました。入力した内容は残っています。もう一度サインインして続けてください。',
};
