// files.js -- forms and files as clients send and fetch them.

import { createHash } from 'node:crypto';

import { an_address } from './rest.js';

export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

// Builds a form by hand, so that it can be malformed.
export function form(parts, { boundary = 'b0undary', end = '--\r\n' } = {}) {
	const pieces = parts.flatMap(([headers, body]) => [
		`--${boundary}\r\n${headers}\r\n\r\n`, body, '\r\n']);
	return {
		type: `multipart/form-data; boundary=${boundary}`,
		body: Buffer.concat([...pieces, `--${boundary}${end}`].map((p) => Buffer.from(p))),
	};
}

export const file_part = (name, body, field = 'file') =>
	[`Content-Disposition: form-data; name="${field}"; filename="${name}"`, body];

export const text_part = (name, value) => [`Content-Disposition: form-data; name="${name}"`, value];

export const upload = (who, name, body) =>
	who.want(201, 'POST', '/files', form([file_part(name, body)]));

// Fetches a file's bytes and headers. url: a path of the API, or an address from an answer.
export async function fetched(server, url, { who, method = 'GET', headers = {} } = {}) {
	const address = /^\/(files|avatars)/.test(url) ? server.api + url : server.origin + url;
	const reply = await fetch(address, {
		method,
		headers: {
			'X-Forwarded-For': who?.address ?? an_address(),
			...(who ? { Authorization: `Bearer ${who.token}` } : {}),
			...headers,
		},
	});
	return { status: reply.status, headers: reply.headers, body: Buffer.from(await reply.arrayBuffer()) };
}
