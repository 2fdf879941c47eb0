// scene.js -- a place to look at: a small team with its rooms, messages and pictures, a room of
// a thousand people, a person with a hundred rooms and one who has nothing yet.
//
// It is created over REST on a server of its own, except for the crowd, whose passwords would
// take minutes to hash. It is the same every time, so that two pictures of a screen can be
// compared.

import { Client, PASSWORD } from '../lib/rest.js';
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

const ROOMS = ['Announcements', 'Design', 'Back end', 'Balconies', 'Book club', 'Trains',
	'Lunch', 'Release 1.0', 'Support', 'Объявления', 'Садоводы', 'קבוצת קריאה', 'Photography',
	'A name that goes on and on, since nobody told its maker of narrow columns and small screens'];

// Long things: the last room, its words and its file.
const LONG = ROOMS.length - 1;
const LONG_WORDS = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft, see https://example.org/allotments/2026/minutes/of-the-meeting-about-the-fence-between-the-beds?page=17#the-fence';
const LONG_FILE = 'Minutes of the meeting about the fence between the beds, third draft, with the remarks of everybody.pdf';

// Their address is a trusted one, so that nobody runs into another's limits.
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

// Posts messages, oldest first: [who, text, more].
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

async function a_file(who, name) {
	const file = await upload(who, name, Buffer.alloc(48000));
	return { kind: 'file', data: { file_id: file.id } };
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
		const who = n === LONG ? greta : [boris, chen, elif, greta][n % 4];
		const room = await who.room({ name, kind: n % 5 === 0 ? 'public' : 'group', member_ids: n % 5 === 0 ? [] : [anna.id] });
		if (n % 5 === 0)
			await anna.join(room.id);
		const { seq } = await who.post(room.id, ['See you there.', 'The draft is in the folder.', 'Кто придёт в субботу?',
			'Works on my machine.', 'שלום לכולם', '@anna have a look when you can?'][n % 6]);
		if (n % 3 < 2)
			await anna.call('PUT', `/rooms/${room.id}/read`, { body: { seq } });
		rooms.push(room);
	}
	await greta.post(rooms[LONG].id, LONG_WORDS);
	await greta.post(rooms[LONG].id, 'And the minutes:', await a_file(greta, LONG_FILE));
	await anna.post(rooms[LONG].id, LONG_WORDS);
	for (const [who, text] of [[dalia, 'صباح الخير! هل نلتقي اليوم؟'], [greta, 'A rather long message that says, in the end, only that I shall be late.'],
		[boris, 'Can you hold the ladder at four?']]) {
		const room = await who.room({ kind: 'direct', name: undefined, user_id: anna.id });
		await who.post(room.id, text);
		rooms.push(room);
	}
	await boris.room({ name: 'Cycling on Sundays', kind: 'public', description: 'Slowly, along the river, with cake at the end' });
	return rooms;
}

// A public room of a thousand; its crowd is inserted by SQL.
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

// Long enough for several pages.
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

async function many_rooms(server, { boris, chen, ...friends }, count) {
	const busy = await a_person(server, ['busy', 'Birgit', 'Usy', '']);

	for (let n = 0; n < count; n++) {
		const who = n % 2 ? boris : chen;
		const room = await who.room({ name: `${TOPICS[n % 10]} ${2017 + Math.floor(n / 10)}`,
			kind: 'group', member_ids: [busy.id] });
		if (n % 3 > 0)
			await who.post(room.id, TALK[n % TALK.length]);
	}
	for (const { id } of Object.values(friends))
		await busy.want(201, 'POST', '/contacts', { body: { user_id: id } });
	return busy;
}

// Everything was sent within a second: spreads it over a morning, and longer ago in rooms that
// were created before others.
const spread = (server) => server.sql(`
	CREATE TEMP TABLE ages AS SELECT no AS room_no,
		(max(no) OVER () - no) * (max(no) OVER () - no) * interval '97 s' AS age FROM rooms;
	UPDATE log SET created_at = now() - age - greatest(0, last - seq) * interval '4 min 10 s'
	FROM ages, (SELECT room_no, last_message AS last FROM room_heads) heads
	WHERE heads.room_no = log.room_no AND ages.room_no = log.room_no;
	UPDATE room_heads SET active_at = now() - age FROM ages
	WHERE ages.room_no = room_heads.room_no;
	UPDATE rooms SET created_at = now() - age FROM ages WHERE ages.room_no = rooms.no`);

export class Scene {
	static async on(server, { people: count = 1000, rooms: room_count = 100 } = {}) {
		const people = {};

		for (const one of CAST)
			people[one[0]] = await a_person(server, one);
		for (const [seed, login] of ['anna', 'boris', 'elif', 'farah'].entries())
			await a_face(people[login], seed);
		const busy = await many_rooms(server, people, room_count);
		const rooms = await more_rooms(people);
		const square = await crowd(server, people.anna, count);
		await chatter(server, square, 130);
		const garden = await main_room(people);
		await spread(server);
		const newcomer = await a_person(server, ['newcomer', 'Nina', 'Newman', '']);

		return Object.assign(new Scene(), { server, people, rooms, square, garden, newcomer, busy });
	}
}
