// rules.js -- what the server will say of a login, an address or a password, as far as a
// browser can know it: the same words (`too_short`, …), null where nothing is wrong.
//
// The server has the last word: it knows which logins are taken or reserved, and which
// passwords are guessed first.

import { code_points } from './text.js';

const LOGIN = /^[\p{L}\p{M}0-9_.-]*[\p{L}\p{M}0-9][\p{L}\p{M}0-9_.-]*$/u;
// Scripts that have letters looking alike; the server knows all the others.
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

// others: {login, email}, which it must not be.
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
