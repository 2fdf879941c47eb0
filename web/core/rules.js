// rules.js -- checks a login, address or password in the browser, as far as it can. Returns
// the server's error codes (`too_short`, …), or null.
//
// The server decides: it knows which logins are taken or reserved, and which passwords are
// common.

import { code_points } from './text.js';

const LOGIN = /^[\p{L}\p{M}0-9_.-]*[\p{L}\p{M}0-9][\p{L}\p{M}0-9_.-]*$/u;
// Scripts with letters that look alike; the server checks all others too.
const SCRIPTS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u,
	/\p{Script=Armenian}/u, /\p{Script=Hebrew}/u, /\p{Script=Arabic}/u];
const EMAIL = /^[^\s@"(),:;<>[\\\]]+@[^\s@.]+(\.[^\s@.]+)*$/u;
const PASSWORD_BYTES = 1024;

const folded = (text) => (text ?? '').normalize('NFKC').toLowerCase();

export function login_fault(given) {
	const login = given.normalize('NFKC');
	const length = code_points(login);

	if (!LOGIN.test(login))
		return 'characters';
	if (length < 2)
		return 'too_short';
	if (length > 32)
		return 'too_long';
	return SCRIPTS.filter((script) => script.test(login)).length > 1
		? 'mixed_scripts' : null;
}

export function email_fault(email) {
	if (code_points(email) > 254)
		return 'too_long';
	return EMAIL.test(email) ? null : 'format';
}

// others: {login, email}, which the password must not equal.
export function password_fault(given, { login, email } = {}) {
	const password = given.normalize('NFC');
	const folded_one = folded(password);
	const same = [login, email, email?.split('@')[0]];

	if (code_points(password) < 8)
		return 'too_short';
	if (new TextEncoder().encode(password).length > PASSWORD_BYTES)
		return 'too_long';
	return same.some((other) => other && folded(other) === folded_one) ? 'same' : null;
}
