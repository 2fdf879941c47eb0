// jwt.js -- tokens made by hand, valid ones and every kind of invalid one.

import { createHmac } from 'node:crypto';

function part(value) {
	return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
		.toString('base64url');
}

export function parse(token) {
	const [header, claims] = token.split('.').slice(0, 2)
		.map((p) => JSON.parse(Buffer.from(p, 'base64url').toString()));
	return { header, claims };
}

export function sign(header, claims, key, hash = 'sha256') {
	const signed = `${part(header)}.${part(claims)}`;
	return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

// The same token with other claims or another header, signed as the server would sign it.
export function remake(server, token, { header = {}, claims = {}, key, hash } = {}) {
	const old = parse(token);
	const ours = server.keys().find((k) => k.kid === old.header.kid);

	return sign({ ...old.header, ...header }, { ...old.claims, ...claims }, key ?? ours.key, hash);
}
