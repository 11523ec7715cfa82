import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openClientTrust } from '../../src/certificates/client-trust.ts';
import { createClock } from '../../src/core/clock.ts';
import {
	type CertificateWishes,
	cRLSign,
	type Issued,
	keyCertSign,
	nameConstraints,
	newCa,
	newSelfSigned,
} from '../_support/certificates.ts';
import { startJudgingServer } from '../_support/judging-server.ts';

/* Ways from a certificate to a CA that signed itself: every one is tried, in whatever order the CAs stand in the file. */

const folder = mkdtempSync(join(tmpdir(), 'latchkey-paths-'));
const server = await newSelfSigned({ subject: [{ CN: ['localhost'] }] });
const caOf = (name: string, more: CertificateWishes = {}): CertificateWishes => ({
	...{ subject: [{ CN: [name] }], authority: true, purposes: null, keyUsage: keyCertSign | cRLSign },
	...more,
});

const root = await newCa('Root');
const expired = await newCa('Expired root', { fromDays: -30, untilDays: -1 });
const middle = await root.issue(caOf('Middle'));
/** The same CA, by name and key, of a root that has expired: as after a renewal. */
const middleOfExpired = await expired.issue(caOf('Middle', { keysOf: middle }));
const leaf = await middle.issue({ subject: [{ CN: ['ada'] }] });
/** Roots that signed each other. */
const other = await newCa('Other root');
const rootByOther = await other.issue(caOf('Root', { keysOf: root }));
const otherByRoot = await root.issue(caOf('Other root', { keysOf: other }));
const leafOfRoot = await root.issue({ subject: [{ CN: ['ada'] }] });

const files: readonly (readonly [says: string, leaf: Issued, cas: readonly Issued[]])[] = [
	['a CA of two parents, one of which has expired', leaf, [middleOfExpired, expired, middle, root]],
	['a root that another one signed, too', leafOfRoot, [rootByOther, root, other]],
	['two roots that signed each other', leafOfRoot, [rootByOther, otherByRoot, other, root]],
	[
		'a renewed root of the same name and key',
		leafOfRoot,
		[await newCa('Root', { keysOf: root, untilDays: -1, fromDays: -9 }), root],
	],
];

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function orders<T>(items: readonly T[]): T[][] {
	if (items.length < 2) return [[...items]];
	return items.flatMap((item, at) => orders(items.toSpliced(at, 1)).map((others) => [item, ...others]));
}

let made = 0;
function judge(shown: Issued, cas: readonly Issued[], crl?: string) {
	made += 1;
	const put = (name: string, content: string) => {
		const file = join(folder, `${made}-${name}`);
		writeFileSync(file, content);
		return file;
	};
	const told: string[] = [];
	const log = {
		info() {},
		error: (fields: object, text: string) => void told.push(`${text}: ${JSON.stringify(fields)}`),
	};
	const clientCa = put('ca.pem', cas.map(({ cert }) => cert).join(''));
	const trust = openClientTrust(
		{ clientCa, ...(crl !== undefined && { clientCrl: put('crl.pem', crl) }) },
		{ clock: createClock(), log },
	);
	return { judged: trust.judge(shown.der), told };
}

for (const [says, shown, cas] of files) {
	test(`${says}: trusted in every order of the file`, (t) => {
		for (const order of orders(cas)) t.like(judge(shown, order).judged, { kind: 'trusted', name: 'ada' });
	});

	test(`${says}: in the handshake, too`, async (t) => {
		for (const order of [cas, cas.toReversed()]) {
			const judging = await startJudgingServer({ server, ca: order });
			try {
				t.like(await judging.ask({ cert: shown.cert, key: shown.key }), { kind: 'trusted', name: 'ada' });
			} finally {
				judging.close();
			}
		}
	});
}

test('where no way leads to a root that is valid, nobody is trusted', (t) => {
	for (const order of orders([middleOfExpired, expired, rootByOther, otherByRoot])) {
		const lonely = [...order, other, root];
		t.deepEqual(judge(leaf, lonely).judged, { kind: 'refused', flaw: 'untrusted' });
	}
});

test('a certificate that is taken back is refused, however many ways there are', async (t) => {
	const cas = [rootByOther, root, other];
	const lists = await Promise.all([root.list({ revoked: [leafOfRoot] }), other.list()]);
	for (const order of orders(cas)) {
		t.deepEqual(judge(leafOfRoot, order, lists.join('')).judged, { kind: 'refused', flaw: 'revoked' });
	}
});

for (const curve of ['secp112r1', 'secp160r1', 'prime192v1']) {
	test(`a key on a curve that TLS refuses is refused in Client-Cert, too: ${curve}`, (t) => {
		const der = ofCurve(curve);
		t.deepEqual(judge({ der } as Issued, [root]).judged, { kind: 'refused', flaw: 'untrusted' });
	});
}

for (const curve of ['prime256v1', 'secp384r1', 'secp521r1', 'brainpoolP256r1']) {
	test(`a key on a strong curve is taken: ${curve}`, (t) => {
		const der = ofCurve(curve);
		t.like(judge({ der } as Issued, [root]).judged, { kind: 'trusted', name: 'ada' });
	});
}

/** A certificate of `root` over a key on this curve, DER. */
function ofCurve(curve: string): Buffer {
	const cwd = mkdtempSync(join(folder, 'curve-'));
	const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
	writeFileSync(join(cwd, 'ca.pem'), root.cert);
	writeFileSync(join(cwd, 'ca.key'), root.key);
	writeFileSync(join(cwd, 'ext'), 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n');
	const key = ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes', '-keyout', 'k', '-out', 'csr'];
	openssl('req', '-new', '-sha256', ...key, '-subj', '/CN=ada');
	const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '7', '-days', '9', '-sha256', '-extfile', 'ext'];
	return openssl('x509', '-req', '-in', 'csr', ...by, '-outform', 'DER');
}

test('a CA with name constraints is named when the file is read: the certificates that it signed are refused', async (t) => {
	const constrained = await newCa('Constrained', { more: [nameConstraints] });
	const { judged, told } = judge(await constrained.issue({}), [root, constrained]);
	t.deepEqual(judged, { kind: 'refused', flaw: 'untrusted' });
	t.is(told.length, 1);
	t.regex(told[0] ?? '', /refused: .*CN=Constrained.*name constraints/);
	t.like(judge(leafOfRoot, [root, constrained]).judged, { kind: 'trusted' }, 'and nobody else');
});
