// scene.js -- a place to look at: a small team with its rooms, what it said there, its
// pictures, a room of a thousand, somebody with a hundred rooms and somebody who has nothing yet.
//
// Made over REST on a server of its own, but for the crowd, whose passwords would take
// minutes to hash. The same every time, so that two pictures of a screen can be compared.

import { Client, PASSWORD, actor } from '../lib/rest.js';
import { upload } from '../lib/files.js';
import { drawn } from './drawn.js';

const CAST = [
	['anna', 'Anna', 'Lindqvist', 'Kitchen, garden, everything in between.'],
	['boris', 'Boris', 'Petrov', ''],
	['chen', 'Chen', 'Wei', 'Back end. Ask me about queues.'],
	['dalia', 'داليا', 'حداد', ''],
	['elif', 'Elif', 'Yıldız', 'Design, on Thursdays also coffee.'],
	['farah', 'Farah', 'Okonkwo', ''],
	['greta', 'Greta', 'von Hohenzollern-Sigmaringen zu Nebenan', ''],
	['hugo', 'Hugo', 'Moreau', ''],
];

const ROOMS = ['Announcements', 'Design', 'Back end', 'Kitchen garden', 'Book club', 'Trains',
	'Lunch', 'Release 1.0', 'Support', 'Объявления', 'Садоводы', 'קבוצת קריאה', 'Photography',
	'A name that goes on and on, since nobody told its maker of narrow columns and small screens'];

// With their address among the trusted ones, nobody meets another's limits.
async function a_person(server, [login, first_name, last_name, bio]) {
	const who = new Client(server);

	who.login = login;
	who.pair = await who.want(201, 'POST', '/auth/register', {
		body: { login, email: `${login}@example.org`, password: PASSWORD, first_name, last_name },
	});
	who.token = who.pair.access_token;
	who.id = who.pair.user.id;
	if (bio)
		await who.want(200, 'PUT', '/users/me', { body: { bio } });
	return who;
}

async function a_face(who, seed) {
	const file = await upload(who, `${who.login}.png`, await drawn('face', 256, 256, seed));
	await who.want(200, 'PUT', '/users/me', { body: { avatar: file.id } });
}

// What was said, oldest first: [who, text, more].
async function talk(room, lines) {
	const said = {};

	for (const [who, text, { as, reply_to, ...more } = {}] of lines) {
		const message = await who.post(room.id, text, {
			...more, ...(reply_to ? { reply_to: said[reply_to].id } : {}),
		});
		if (as)
			said[as] = message;
	}
	return said;
}

async function a_picture(who, name, seed, alt) {
	const file = await upload(who, name, await drawn('hills', 1200, 800, seed));
	return { kind: 'image', data: { file_id: file.id, alt } };
}

async function main_room(people) {
	const { anna, boris, chen, elif, farah } = people;
	const room = await anna.room({
		name: 'Kitchen garden', kind: 'group', description: 'What grows, what does not, and who waters on Sunday',
		member_ids: [boris, chen, elif, farah].map((who) => who.id),
	});
	const said = await talk(room, [
		[boris, 'Morning! The tomatoes survived the night.'],
		[boris, 'All but one.'],
		[anna, 'Which one? 😅', { as: 'which' }],
		[boris, 'The one that we named after the printer.', { reply_to: 'which' }],
		[elif, 'I took this on the way in:'],
		[elif, 'Fog over the allotments', await a_picture(elif, 'allotments.png', 7, 'Hills in the morning fog, one above the other')],
		[chen, 'The watering plan is a cron job now:\n```\n0 7 * * 1-5  water --bed tomatoes --litres 6\n0 8 * * 6    water --all\n```'],
		[farah, 'Nobody on Sunday, then? https://example.org/rota says it is my turn. I can come at nine.', { as: 'sunday' }],
		[anna, '@farah Sunday would be lovely, thank you!', { reply_to: 'sunday' }],
		[chen, '👍'],
		[elif, 'I will bring the good scissors, and `twine`.'],
	]);

	for (const who of [anna, boris, elif])
		await who.call('PUT', `/messages/${said.sunday.id}/reactions/${encodeURIComponent('❤️')}`);
	await chen.call('PUT', `/messages/${said.sunday.id}/reactions/${encodeURIComponent('🌱')}`);
	return room;
}

async function more_rooms({ anna, boris, chen, dalia, elif, greta }) {
	const rooms = [];

	for (const [n, name] of ROOMS.entries()) {
		const who = [boris, chen, elif, greta][n % 4];
		const room = await who.room({ name, kind: n % 5 === 0 ? 'public' : 'group', member_ids: n % 5 === 0 ? [] : [anna.id] });
		if (n % 5 === 0)
			await anna.join(room.id);
		await who.post(room.id, ['See you there.', 'The draft is in the folder.', 'Кто придёт в субботу?',
			'Works on my machine.', 'שלום לכולם', '@anna have a look when you can?'][n % 6]);
		rooms.push(room);
	}
	for (const [who, text] of [[dalia, 'صباح الخير! هل نلتقي اليوم؟'], [greta, 'A rather long message that says, in the end, only that I shall be late.'],
		[boris, 'Can you hold the ladder at four?']]) {
		const room = await who.room({ kind: 'direct', name: undefined, user_id: anna.id });
		await who.post(room.id, text);
		rooms.push(room);
	}
	return rooms;
}

// A public room of a thousand, its crowd by SQL.
async function crowd(server, owner, count) {
	const room = await owner.room({ name: 'Town square', kind: 'public', max_members: 2000 });

	await server.sql(`
		WITH people AS (
			INSERT INTO users (login, login_key, first_name, first_key, last_name, last_key)
			SELECT 'walker' || n, 'walker' || n, name, lower(name), 'No. ' || n, 'no. ' || n
			FROM generate_series(1, ${count}) n, LATERAL (SELECT
				(ARRAY['Ada','Bo','Cy','Dee','Eli','Flo','Gus','Hal'])[1 + n % 8] AS name) names
			RETURNING id)
		INSERT INTO members (room_no, user_id, role)
		SELECT no, people.id, 'member' FROM people, rooms WHERE rooms.id = '${room.id}';
		UPDATE room_heads SET member_count = member_count + ${count}
		WHERE room_no = (SELECT no FROM rooms WHERE id = '${room.id}')`);
	return room;
}

// Long enough to be read page by page.
const TALK = ['Does anybody know when the market opens?', 'At eight, on Saturdays at seven.', 'Thanks!',
	'The fountain is dry again.', 'I have written to the town about it, twice by now; let us see whether the third letter is read.',
	'Third time lucky 🙂'];

async function chatter(server, room, count) {
	const lines = TALK.map((text) => `'${text}'`).join();

	await server.sql(`
		WITH h AS (UPDATE room_heads SET seq = seq + ${count}, messages = messages + ${count},
			last_message = seq + ${count}
			WHERE room_no = (SELECT no FROM rooms WHERE id = '${room.id}') RETURNING *),
		read AS (UPDATE members m SET read_seq = h.seq, read_messages = h.messages FROM h
			WHERE m.room_no = h.room_no),
		who AS (SELECT array_agg(user_id) ids FROM (SELECT user_id FROM members, h
			WHERE members.room_no = h.room_no ORDER BY user_id LIMIT 5) AS five)
		INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, kind, client_id, text)
		SELECT h.room_no, h.seq - ${count} + n, h.messages - ${count} + n, now(),
			who.ids[1 + n % cardinality(who.ids)], 'message', 'text', '~' || n,
			(ARRAY[${lines}])[1 + n % ${TALK.length}]
		FROM h, who, generate_series(1, ${count}) n`);
}

const TOPICS = ['Allotment', 'Bicycles', 'Choir', 'Drama', 'Estate', 'Football', 'Greenhouse', 'Harvest', 'Ideas', 'Jam'];

async function a_hundred_rooms(server, { boris, chen }) {
	const busy = await a_person(server, ['busy', 'Birgit', 'Usy', '']);

	for (let n = 0; n < 100; n++) {
		const who = n % 2 ? boris : chen;
		const room = await who.room({ name: `${TOPICS[n % 10]} ${2017 + Math.floor(n / 10)}`,
			kind: 'group', member_ids: [busy.id] });
		if (n % 3 > 0)
			await who.post(room.id, TALK[n % TALK.length]);
	}
	return busy;
}

// Everything was said within a second: let it have been said over a morning.
const spread = (server) => server.sql(`
	UPDATE log SET created_at = now() - (heads.seq - log.seq) * interval '4 min 10 s'
		- (log.room_no % 40) * (log.room_no % 40) * interval '97 s'
	FROM room_heads heads WHERE heads.room_no = log.room_no`);

export class Scene {
	static async on(server, { people: count = 1000 } = {}) {
		const people = {};

		for (const one of CAST)
			people[one[0]] = await a_person(server, one);
		for (const [seed, login] of ['anna', 'boris', 'elif', 'farah'].entries())
			await a_face(people[login], seed);
		const rooms = await more_rooms(people);
		const square = await crowd(server, people.anna, count);
		await chatter(server, square, 130);
		const garden = await main_room(people);
		const busy = await a_hundred_rooms(server, people);
		await spread(server);
		const newcomer = await actor(server, 'newcomer');

		return Object.assign(new Scene(), { server, people, rooms, square, garden, newcomer, busy });
	}
}
