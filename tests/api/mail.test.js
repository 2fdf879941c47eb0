// Mails: a forgotten password, a new e-mail address, and how letters are written.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Mailbox } from '../lib/mailbox.js';
import { a_login, actor, Client, PASSWORD, sign_in } from '../lib/rest.js';
import { end_private_servers, LOOSE, private_server } from '../lib/server.js';
import { until } from '../lib/wait.js';

const OTHER = 'another long secret, 17';
const box = new Mailbox();
let server, nobody;

before(async () => {
	server = await private_server({
		name: 'mail',
		env: { ...LOOSE, ...box.env, FOYER_MAILS_PER_HOUR: '4', FOYER_MAIL_REQUESTS_PER_HOUR: '6' },
	});
	nobody = () => new Client(server);
});
after(async () => {
	await end_private_servers();
	box.remove();
});

function forgot(email, client = nobody()) {
	return client.call('POST', '/auth/password/forgot', { body: { email } });
}

function reset(token, new_password = OTHER, client = nobody()) {
	return client.call('POST', '/auth/password/reset', { body: { token, new_password } });
}

function login(who, password) {
	return nobody().call('POST', '/auth/login', { body: { login: who.login, password } });
}

async function letter_for(who) {
	assert.equal((await forgot(who.email)).status, 202);
	return box.next(who.email);
}

describe('a letter', () => {
	it('has the headers that it should, and a link with the secret after the #', async () => {
		const ann = await actor(server);
		const { headers, raw, text, link, what, secret } = await letter_for(ann);
		assert.deepEqual(Object.keys(headers).sort(), ['auto-submitted',
			'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id',
			'mime-version', 'subject', 'to']);
		assert.equal(headers.to, `<${ann.email}>`);
		assert.equal(headers.from, 'Foyer <foyer@127.0.0.1>');
		assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
		assert.match(headers.date, /^\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
		assert.ok(Math.abs(Date.parse(headers.date) - Date.now()) < 3600e3);
		assert.match(headers['message-id'], /^<[\w-]+@127\.0\.0\.1>$/);
		assert.equal(what, 'reset');
		assert.equal(link, `${server.url}/#reset=${secret}`);
		assert.match(secret, /^[\w-]{43}$/);
		assert.ok(text.includes(ann.login));
		assert.ok(raw.split('\n').every((line) => line.length < 998));
	});

	it('is given to the command as it is, with nothing of ours beside it', async () => {
		const letter = await letter_for(await actor(server));
		assert.equal(box.beside(letter, 'args'), '-t\n-i\n-f\nfoyer@127.0.0.1');
		assert.doesNotMatch(box.beside(letter, 'env'), /FOYER|HTTP|REMOTE|SCRIPT/);
		assert.doesNotMatch(box.beside(letter, 'fds'), /socket:/);
	});

	it('leaves no dead process behind', async () => {
		await letter_for(await actor(server));
		for (const pid of server.workers('auth'))
			assert.deepEqual(server.children(pid), []);
	});

	it('is stored as a hash only', async () => {
		const { secret } = await letter_for(await actor(server));
		assert.equal(await server.sql(`SELECT count(*) FROM mail_secrets s
			WHERE s::text LIKE '%${secret}%'`), '0');
	});
});

describe('a forgotten password', () => {
	it('is replaced by the link, and every session ends', async () => {
		const ann = await actor(server);
		const phone = await sign_in(server, ann);
		const { secret } = await letter_for(ann);
		const reply = await reset(secret);
		assert.equal(reply.status, 204, reply.text);
		assert.equal((await login(ann, PASSWORD)).status, 401);
		assert.equal((await login(ann, OTHER)).status, 200);
		for (const device of [ann, phone]) {
			await nobody().refused(401, 'token_invalid', 'POST', '/auth/refresh', {
				body: { refresh_token: device.pair.refresh_token },
			});
			await until(async () => (await device.call('GET', '/rooms')).status === 401, 'the end');
		}
	});

	it('a link works once, and takes the others with it', async () => {
		const ann = await actor(server);
		const [one, two] = [await letter_for(ann), await letter_for(ann)];
		assert.equal((await reset(one.secret)).status, 204);
		for (const { secret } of [one, two])
			await nobody().refused(404, 'not_found', 'POST', '/auth/password/reset', {
				body: { token: secret, new_password: 'a third long secret, 4' },
			});
		assert.equal((await login(ann, OTHER)).status, 200);
	});

	it('of one link used several times at once one wins', async () => {
		const ann = await actor(server);
		const { secret } = await letter_for(ann);
		const replies = await Promise.all([0, 1, 2, 3].map((i) => reset(secret, `${OTHER}${i}`)));
		assert.deepEqual(replies.map((r) => r.status).sort(), [204, 404, 404, 404]);
		const won = replies.findIndex((r) => r.status === 204);
		assert.equal((await login(ann, `${OTHER}${won}`)).status, 200);
	});

	it('a link is worthless once the password was changed otherwise', async () => {
		const ann = await actor(server);
		const { secret } = await letter_for(ann);
		await ann.want(204, 'PUT', '/auth/password', {
			body: { old_password: PASSWORD, new_password: OTHER },
		});
		assert.equal((await reset(secret, 'a third long secret, 4')).status, 404);
		assert.equal((await login(ann, OTHER)).status, 200);
	});

	it('a link is good for 30 minutes', async () => {
		const ann = await actor(server);
		const { secret } = await letter_for(ann);
		const left = `SELECT round(extract(epoch FROM expires_at - created_at)) FROM mail_secrets
			WHERE user_id = '${ann.id}'`;
		assert.equal(await server.sql(left), '1800');
		await server.sql(`UPDATE mail_secrets SET expires_at = now() WHERE user_id = '${ann.id}'`);
		assert.equal((await reset(secret)).status, 404);
		assert.equal((await login(ann, PASSWORD)).status, 200);
	});

	it('a password that breaks a rule is 422 and does not use the link up', async () => {
		const ann = await actor(server);
		const { secret } = await letter_for(ann);
		for (const bad of ['short', 'password123', ann.login, ann.email.toUpperCase()]) {
			const reply = await reset(secret, bad);
			assert.equal(reply.status, 422, bad);
			assert.deepEqual(reply.body.errors.map((e) => e.field), ['new_password']);
		}
		assert.equal((await reset(secret)).status, 204);
	});

	it('a link that never was is 404, and what is no body is 422', async () => {
		assert.equal((await reset('x'.repeat(43))).status, 404);
		const reply = await nobody().refused(422, 'invalid', 'POST', '/auth/password/reset', {
			body: { what: 1 },
		});
		assert.deepEqual(reply.fields, ['new_password', 'token', 'what']);
	});

	it('an unknown address gets the same answer, as much work, and no letter', async () => {
		const ann = await actor(server);
		const stranger = `${a_login()}@example.org`;
		const rows = () => server.sql('SELECT count(*) FROM mail_secrets').then(Number);
		const before_all = await rows();
		const unknown = await forgot(stranger);
		const between = await rows();
		const known = await forgot(ann.email);
		assert.equal(unknown.status, 202);
		assert.equal(known.status, 202);
		assert.equal(unknown.text, '');
		assert.equal(known.text, '');
		const names = (reply) => [...reply.headers.keys()].sort();
		assert.deepEqual(names(unknown), names(known));
		assert.equal(between - before_all, 1);
		assert.equal(await rows() - between, 1);
		await box.next(ann.email);
		assert.deepEqual(box.to(stranger), []);
	});

	it('goes to the address of the account, however it was typed', async () => {
		const ann = await actor(server);
		assert.equal((await forgot(ann.email.toUpperCase())).status, 202);
		await box.next(ann.email);
		assert.deepEqual(box.to(ann.email.toUpperCase()), []);
	});

	it('of somebody disabled is not mailed', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		await server.sql(`UPDATE users SET disabled_at = now() WHERE id = '${ann.id}'`);
		assert.equal((await forgot(ann.email)).status, 202);
		await letter_for(bob);
		assert.deepEqual(box.to(ann.email), []);
	});

	it('is mailed to one address so often an hour, and nobody hears when it is not', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		for (let i = 0; i < 6; i++)
			assert.equal((await forgot(ann.email)).status, 202);
		for (let i = 0; i < 4; i++)
			await box.next(ann.email);
		await letter_for(bob);
		assert.equal(box.to(ann.email).length, 4);
	});

	it('is asked for by one address so often an hour, whoever it names', async () => {
		const from = nobody();
		const said = [];
		for (let i = 0; i < 7; i++)
			said.push((await forgot(`${a_login()}@example.org`, from)).status);
		assert.deepEqual(said, [...Array(6).fill(202), 429]);
	});

	for (const email of ['nobody', 'a@b.example\nBcc: c@d.example', 'a@b.example, c@d.example',
		'<a@b.example>', '"a b"@c.example', '', 7, null])
		it(`${JSON.stringify(email)} is 422`, async () => {
			const reply = await nobody().refused(422, 'invalid', 'POST', '/auth/password/forgot', {
				body: { email },
			});
			assert.deepEqual(reply.fields, ['email']);
		});
});

describe('another e-mail address', () => {
	const put = (who, body) => who.call('PUT', '/users/me', { body });

	it('takes the password, and is there at once', async () => {
		const ann = await actor(server);
		const email = `${a_login()}@example.net`;
		const reply = await put(ann, { email, password: PASSWORD, bio: 'x' });
		assert.equal(reply.status, 200, reply.text);
		assert.equal(reply.body.email, email);
		assert.equal(reply.body.email_confirmed, false);
		assert.equal(reply.body.bio, 'x');
		await nobody().want(200, 'POST', '/auth/login', { body: { email, password: PASSWORD } });
		await nobody().refused(401, 'invalid_credentials', 'POST', '/auth/login', {
			body: { email: ann.email, password: PASSWORD },
		});
	});

	it('without the password is 422, with a wrong one 403, and nothing changes', async () => {
		const ann = await actor(server);
		const email = `${a_login()}@example.net`;
		const without = await ann.refused(422, 'invalid', 'PUT', '/users/me', {
			body: { email, bio: 'x' },
		});
		assert.deepEqual(without.fields, ['password']);
		await ann.refused(403, 'wrong_password', 'PUT', '/users/me', {
			body: { email, bio: 'x', password: 'not this one, no' },
		});
		const me = await ann.get('/users/me');
		assert.equal(me.email, ann.email);
		assert.equal(me.bio, null);
	});

	it('a wrong password counts as a failed sign-in', async () => {
		const ann = await actor(server);
		const thief = new Client(server, { token: ann.token });
		const said = [];
		for (let i = 0; i < 11; i++)
			said.push((await put(thief, { email: ann.email, password: `wrong one ${i}` })).status);
		assert.deepEqual(said, [...Array(10).fill(403), 429]);
	});

	it('that somebody has is 409 email_taken', async () => {
		const [ann, bob] = [await actor(server), await actor(server)];
		await ann.refused(409, 'email_taken', 'PUT', '/users/me', {
			body: { email: bob.email.toUpperCase(), password: PASSWORD, bio: 'x' },
		});
		assert.equal((await ann.get('/users/me')).bio, null);
	});

	it('makes links that went to the former one worthless', async () => {
		const ann = await actor(server);
		const { secret } = await letter_for(ann);
		const email = `${a_login()}@example.net`;
		assert.equal((await put(ann, { email, password: PASSWORD })).status, 200);
		assert.equal((await reset(secret)).status, 404);
	});

	for (const email of ['nobody', null, 7])
		it(`${email} is 422`, async () => {
			const ann = await actor(server);
			const reply = await ann.refused(422, 'invalid', 'PUT', '/users/me', {
				body: { email, password: PASSWORD },
			});
			assert.deepEqual(reply.fields, ['email']);
		});
});

describe('the features', () => {
	it('say that mail is sent', async () => {
		const status = await nobody().get('/status');
		assert.ok(status.features.includes('mail'));
		assert.equal(status.confirm_email, false);
	});
});

describe('a sendmail that fails, hangs or is not there', () => {
	it('keeps nobody waiting, and the log says so', async () => {
		const broken = new Mailbox({ script: 'exit 75' });
		// behind plain CGI only a log file of its own outlives the answer
		const log = path.join(broken.folder, 'log');
		const other = await private_server({
			name: 'nomail', env: { ...LOOSE, ...broken.env, FOYER_LOG_FILE: log },
		});
		const ann = await actor(other);
		const reply = await new Client(other).call('POST', '/auth/password/forgot', {
			body: { email: ann.email },
		});
		assert.equal(reply.status, 202);
		await until(() => /event=mail.failed status=75/.test(fs.readFileSync(log, 'utf8')), 'a line in the log');
		fs.rmSync(broken.command); // the command is missing now
		await new Client(other).refused(403, 'mail_off', 'POST', '/auth/password/forgot', {
			body: { email: ann.email },
		});
		const status = await new Client(other).get('/status');
		assert.equal(status.features.includes('mail'), false);
		broken.remove();
	});
});
