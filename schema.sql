-- schema.sql -- the data model, and the constraints that guard it.
--
-- Loaded once into an empty database by the owner (run/cluster.sh, docs). Goals:
-- constraints make sure that no program can store nonsense; the tables of the hot path
-- (log, room_heads, members) are narrow and have no index they do not need; each
-- program has a role that can do its work and no more.
-- Non-goal: business rules. They are in the statements of the *_store.c files.

BEGIN;

-- ---- the instance ------------------------------------------------------------

CREATE TABLE instance (
	only_one       boolean PRIMARY KEY DEFAULT true CHECK (only_one),
	schema_version integer NOT NULL,
	epoch          text NOT NULL DEFAULT gen_random_uuid()::text,
	id_key         bigint NOT NULL
		DEFAULT ('x' || left(replace(gen_random_uuid()::text, '-', ''), 16))::bit(64)::bigint,
	bus_key        uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE  instance IS 'The installation itself; one row.';
COMMENT ON COLUMN instance.only_one IS 'There is exactly one row.';
COMMENT ON COLUMN instance.schema_version IS 'Programs refuse to run on another version (SCHEMA_VERSION in shared/db.h).';
COMMENT ON COLUMN instance.epoch IS 'Part of the epoch that clients see; change it after restoring a dump by hand.';
COMMENT ON COLUMN instance.id_key IS 'Mixes room number and seq into the public ids of messages; never change it.';
COMMENT ON COLUMN instance.bus_key IS 'Authenticates what brokers send each other by Redis (broker/bus_packet.h).';

INSERT INTO instance (schema_version) VALUES (1);

-- How programs read times; the planner inlines it.
CREATE FUNCTION ms(at timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (date_part('epoch', at) * 1000)::bigint;
COMMENT ON FUNCTION ms IS 'Milliseconds since 1970.';

-- ---- people ------------------------------------------------------------------

CREATE TABLE users (
	id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	login        text NOT NULL CHECK (char_length(login) BETWEEN 2 AND 32),
	login_key    text NOT NULL UNIQUE,
	first_name   text CHECK (char_length(first_name) BETWEEN 1 AND 64),
	last_name    text CHECK (char_length(last_name) BETWEEN 1 AND 64),
	first_key    text,
	last_key     text,
	bio          text CHECK (char_length(bio) BETWEEN 1 AND 1000),
	avatar       uuid,
	status       text NOT NULL DEFAULT 'online'
		CHECK (status IN ('online', 'away', 'busy', 'offline')),
	status_text  text CHECK (char_length(status_text) BETWEEN 1 AND 140),
	last_seen_at timestamptz,
	seen_frozen  boolean NOT NULL DEFAULT false,
	settings     jsonb NOT NULL DEFAULT
		'{"show_last_seen": "everyone", "send_receipts": true, "who_can_write": "everyone", "who_can_add": "everyone"}',
	is_admin     boolean NOT NULL DEFAULT false,
	disabled_at  timestamptz,
	created_at   timestamptz(3) NOT NULL DEFAULT now(),
	-- A name has a search key, and none without a name.
	CHECK ((first_name IS NULL) = (first_key IS NULL)),
	CHECK ((last_name IS NULL) = (last_key IS NULL))
);
COMMENT ON TABLE  users IS 'People, as others may see them. What only they may see is in accounts.';
COMMENT ON COLUMN users.id IS 'Public id; sub of the access token.';
COMMENT ON COLUMN users.login IS 'As it was typed, NFKC.';
COMMENT ON COLUMN users.login_key IS 'The login, case-folded: unique, and used for lookups.';
COMMENT ON COLUMN users.first_name IS 'Optional.';
COMMENT ON COLUMN users.last_name IS 'Optional.';
COMMENT ON COLUMN users.first_key IS 'The first name, case-folded: its search key.';
COMMENT ON COLUMN users.last_key IS 'The same for the last name.';
COMMENT ON COLUMN users.bio IS 'A few words about oneself.';
COMMENT ON COLUMN users.avatar IS 'Random id of the public avatar image.';
COMMENT ON COLUMN users.status IS 'The status the person chose to show while connected (presence); offline: appear offline.';
COMMENT ON COLUMN users.status_text IS 'A few words beside the status.';
COMMENT ON COLUMN users.last_seen_at IS 'Written lazily: at most once in five minutes.';
COMMENT ON COLUMN users.seen_frozen IS 'The person chose to appear offline: last_seen_at is not updated.';
COMMENT ON COLUMN users.settings IS 'Privacy settings; keys are checked by the program.';
COMMENT ON COLUMN users.is_admin IS 'May administrate the instance.';
COMMENT ON COLUMN users.disabled_at IS 'Disabled by an administrator: nobody signs in.';
COMMENT ON COLUMN users.created_at IS 'When the account was made.';

-- Finding people by any part of a login or name, in any script: every suffix is a
-- row, and any part is the prefix of a suffix. A search is then a range of one index
-- that ends when the page is full, however many people match. Trigrams cannot match
-- one or two letters (most Chinese words), and collect all matches before returning
-- the first.
CREATE TABLE user_words (
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	word    text COLLATE "C" NOT NULL CHECK (char_length(word) BETWEEN 1 AND 64),
	inside  boolean NOT NULL,
	PRIMARY KEY (user_id, word)
);
CREATE UNIQUE INDEX user_words_order ON user_words (inside, word, user_id);
COMMENT ON TABLE  user_words IS 'Search keys of people: the suffixes of login and name. Maintained by a trigger.';
COMMENT ON COLUMN user_words.user_id IS 'Who.';
COMMENT ON COLUMN user_words.word IS 'A suffix of login or name, case-folded; at most 64 characters.';
COMMENT ON COLUMN user_words.inside IS 'Begins inside a word: listed after matches at the start of a word.';

CREATE FUNCTION index_user() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	name   text := concat_ws(' ', NEW.first_key, NEW.last_key);
	-- Both "ann lee" and "lee ann" find Ann Lee.
	turned text := concat_ws(' ', NEW.first_key, NEW.last_key,
		CASE WHEN NEW.last_key IS NOT NULL THEN NEW.first_key END);
BEGIN
	DELETE FROM user_words WHERE user_id = NEW.id;
	INSERT INTO user_words (user_id, word, inside)
	SELECT NEW.id, substr(k.key, i, 64),
		bool_and(i > 1 AND substr(k.key, i - 1, 1) NOT IN (' ', '-', '_', '.', ''''))
	FROM (VALUES (NEW.login_key, NEW.login_key), (name, turned)) k (part, key),
		generate_series(1, char_length(k.part)) i
	WHERE substr(k.key, i, 1) <> ' '
	GROUP BY 2;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION index_user IS 'Maintains user_words.';
CREATE TRIGGER user_index AFTER INSERT ON users
	FOR EACH ROW EXECUTE FUNCTION index_user();
CREATE TRIGGER user_reindex AFTER UPDATE ON users FOR EACH ROW
	WHEN ((OLD.login_key, OLD.first_key, OLD.last_key)
		IS DISTINCT FROM (NEW.login_key, NEW.first_key, NEW.last_key))
	EXECUTE FUNCTION index_user();

CREATE TABLE accounts (
	user_id         uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
	email           text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
	email_key       text NOT NULL UNIQUE,
	email_confirmed boolean NOT NULL DEFAULT false,
	password_hash   text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
	password_at     timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON TABLE  accounts IS 'The private half of a person. Only the role of auth.fcgi reads password hashes.';
COMMENT ON COLUMN accounts.user_id IS 'Whose.';
COMMENT ON COLUMN accounts.email IS 'As it was typed; shown to its owner only.';
COMMENT ON COLUMN accounts.email_key IS 'The e-mail address, case-folded: unique, and used for lookups.';
COMMENT ON COLUMN accounts.email_confirmed IS 'A link sent to it was opened.';
COMMENT ON COLUMN accounts.password_hash IS 'Argon2id, PHC string.';
COMMENT ON COLUMN accounts.password_at IS 'When the password was last set.';

CREATE TABLE sessions (
	id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id            uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	refresh_hash       bytea NOT NULL UNIQUE CHECK (octet_length(refresh_hash) = 32),
	previous_hash      bytea UNIQUE CHECK (octet_length(previous_hash) = 32),
	rotated_at         timestamptz(3) NOT NULL DEFAULT now(),
	refresh_expires_at timestamptz(3) NOT NULL,
	expires_at         timestamptz(3) NOT NULL,
	created_at         timestamptz(3) NOT NULL DEFAULT now(),
	last_used_at       timestamptz(3) NOT NULL DEFAULT now(),
	address            text CHECK (char_length(address) <= 64),
	user_agent         text CHECK (char_length(user_agent) <= 256),
	CHECK (refresh_expires_at <= expires_at)
) WITH (fillfactor = 80);
CREATE INDEX sessions_user ON sessions (user_id, created_at);
CREATE INDEX sessions_refresh_expires_at ON sessions (refresh_expires_at);
COMMENT ON TABLE  sessions IS 'One sign-in on one device. Ending a session removes its row.';
COMMENT ON COLUMN sessions.id IS 'sid of the access token.';
COMMENT ON COLUMN sessions.user_id IS 'Whose.';
COMMENT ON COLUMN sessions.refresh_hash IS 'SHA-256 of the refresh token that is good now.';
COMMENT ON COLUMN sessions.previous_hash IS 'SHA-256 of the one it replaced: good for a grace, until its successor is first used.';
COMMENT ON COLUMN sessions.rotated_at IS 'When previous_hash was first replaced; the grace counts from here.';
COMMENT ON COLUMN sessions.refresh_expires_at IS 'The refresh token is no longer taken after this. A day on, the session may be swept.';
COMMENT ON COLUMN sessions.expires_at IS 'The session ends whatever is refreshed.';
COMMENT ON COLUMN sessions.created_at IS 'When somebody signed in.';
COMMENT ON COLUMN sessions.last_used_at IS 'Written at most once a minute.';
COMMENT ON COLUMN sessions.address IS 'Where the sign-in came from.';
COMMENT ON COLUMN sessions.user_agent IS 'What the sign-in came from.';

CREATE TABLE spent_refresh_tokens (
	token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
	session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
	spent_at   timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX spent_refresh_tokens_session ON spent_refresh_tokens (session_id, spent_at);
COMMENT ON TABLE  spent_refresh_tokens IS 'Refresh tokens that were replaced: if one is presented again, it or its successor was stolen.';
COMMENT ON COLUMN spent_refresh_tokens.token_hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN spent_refresh_tokens.session_id IS 'The session that ends if it is used.';
COMMENT ON COLUMN spent_refresh_tokens.spent_at IS 'May be swept after the lifetime of a refresh token.';

CREATE TABLE api_tokens (
	id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
	token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
	scopes       text[] NOT NULL
		CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'post', 'admin']),
	room_id      uuid,
	created_at   timestamptz(3) NOT NULL DEFAULT now(),
	last_used_at timestamptz(3),
	expires_at   timestamptz(3)
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, created_at);
COMMENT ON TABLE  api_tokens IS 'Secrets for scripts. Revoking one removes its row.';
COMMENT ON COLUMN api_tokens.id IS 'Public id; used in place of a session id.';
COMMENT ON COLUMN api_tokens.user_id IS 'Whose.';
COMMENT ON COLUMN api_tokens.name IS 'What its owner calls it.';
COMMENT ON COLUMN api_tokens.token_hash IS 'SHA-256 of the secret, which is shown once.';
COMMENT ON COLUMN api_tokens.scopes IS 'What it may do: read, post, admin.';
COMMENT ON COLUMN api_tokens.room_id IS 'Valid for this room only. No foreign key: removing the room must neither widen nor delete the token.';
COMMENT ON COLUMN api_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN api_tokens.last_used_at IS 'Written at most once a minute.';
COMMENT ON COLUMN api_tokens.expires_at IS 'Invalid after this.';

CREATE TABLE tickets (
	token_hash   bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
	session_id   uuid REFERENCES sessions ON DELETE CASCADE,
	api_token_id uuid REFERENCES api_tokens ON DELETE CASCADE,
	expires_at   timestamptz(3) NOT NULL,
	CHECK (num_nonnulls(session_id, api_token_id) = 1)
);
CREATE INDEX tickets_session ON tickets (session_id);
CREATE INDEX tickets_api_token ON tickets (api_token_id);
CREATE INDEX tickets_expires_at ON tickets (expires_at);
COMMENT ON TABLE  tickets IS 'Secrets for one use, shown in URLs. Using one removes its row.';
COMMENT ON COLUMN tickets.token_hash IS 'SHA-256 of the ticket.';
COMMENT ON COLUMN tickets.session_id IS 'The sign-in it stands for.';
COMMENT ON COLUMN tickets.api_token_id IS 'Or the API token, with its scopes.';
COMMENT ON COLUMN tickets.expires_at IS 'Invalid after this; may then be swept.';

CREATE TABLE signin_addresses (
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	address text NOT NULL CHECK (char_length(address) BETWEEN 1 AND 64),
	last_at timestamptz(3) NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, address)
);
CREATE INDEX signin_addresses_last_at ON signin_addresses (last_at);
COMMENT ON TABLE  signin_addresses IS 'Addresses from which a person has signed in: failed attempts by others do not lock them out there.';
COMMENT ON COLUMN signin_addresses.user_id IS 'Who.';
COMMENT ON COLUMN signin_addresses.address IS 'As limits count it: IPv6 by its /64.';
COMMENT ON COLUMN signin_addresses.last_at IS 'The last sign-in. May be swept after a year.';

CREATE TABLE revoked_sessions (
	session_id uuid PRIMARY KEY,
	at         timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX revoked_sessions_at ON revoked_sessions (at);
COMMENT ON TABLE  revoked_sessions IS 'Sessions that ended; every long-lived process polls the newest. May be swept after the lifetime of an access token.';
COMMENT ON COLUMN revoked_sessions.session_id IS 'The session that ended.';
COMMENT ON COLUMN revoked_sessions.at IS 'When it ended.';

-- Whatever ends a session (sign-out, a removed user, an administrator's DELETE)
-- takes effect everywhere: no program can forget to announce it.
CREATE FUNCTION note_session_end() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO revoked_sessions (session_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION note_session_end IS 'Notes an ended session in revoked_sessions.';
CREATE TRIGGER session_end AFTER DELETE ON sessions
	FOR EACH ROW EXECUTE FUNCTION note_session_end();
CREATE TRIGGER api_token_end AFTER DELETE ON api_tokens
	FOR EACH ROW EXECUTE FUNCTION note_session_end();

-- API tokens stay, but connections that use one are closed now.
CREATE FUNCTION end_disabled() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	DELETE FROM sessions WHERE user_id = NEW.id;
	INSERT INTO revoked_sessions (session_id)
	SELECT id FROM api_tokens WHERE user_id = NEW.id
	ON CONFLICT (session_id) DO UPDATE SET at = now();
	RETURN NULL;
END $$;
COMMENT ON FUNCTION end_disabled IS 'Signs out a disabled user.';
CREATE TRIGGER user_disabled AFTER UPDATE OF disabled_at ON users FOR EACH ROW
	WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL)
	EXECUTE FUNCTION end_disabled();

CREATE TABLE mail_secrets (
	token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
	user_id    uuid REFERENCES users ON DELETE CASCADE,
	purpose    text NOT NULL CHECK (purpose IN ('password', 'email')),
	email      text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
	email_key  text NOT NULL,
	created_at timestamptz(3) NOT NULL DEFAULT now(),
	expires_at timestamptz(3) NOT NULL
);
CREATE INDEX mail_secrets_user ON mail_secrets (user_id);
CREATE INDEX mail_secrets_expires_at ON mail_secrets (expires_at);
COMMENT ON TABLE  mail_secrets IS 'Secrets in links that were mailed. Using one removes its row.';
COMMENT ON COLUMN mail_secrets.token_hash IS 'SHA-256 of the secret.';
COMMENT ON COLUMN mail_secrets.user_id IS 'Whose; null: nobody has this address. The row is written all the same, so that both cases take as long.';
COMMENT ON COLUMN mail_secrets.purpose IS 'password: choose a new one; email: confirm the address.';
COMMENT ON COLUMN mail_secrets.email IS 'Where it was sent: what a confirmation confirms.';
COMMENT ON COLUMN mail_secrets.email_key IS 'The same, case-folded.';
COMMENT ON COLUMN mail_secrets.created_at IS 'When it was created.';
COMMENT ON COLUMN mail_secrets.expires_at IS 'Invalid after this; may then be swept.';

-- Not users yet: they reserve no name, cannot be found, and reveal nowhere whether
-- their address belongs to an account.
CREATE TABLE pending_accounts (
	token_hash    bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
	login         text NOT NULL CHECK (char_length(login) BETWEEN 2 AND 32),
	login_key     text NOT NULL,
	first_name    text CHECK (char_length(first_name) BETWEEN 1 AND 64),
	last_name     text CHECK (char_length(last_name) BETWEEN 1 AND 64),
	first_key     text,
	last_key      text,
	email         text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
	email_key     text NOT NULL,
	password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
	invite        text,
	created_at    timestamptz(3) NOT NULL DEFAULT now(),
	expires_at    timestamptz(3) NOT NULL
);
CREATE INDEX pending_accounts_login ON pending_accounts (login_key, created_at);
CREATE INDEX pending_accounts_expires_at ON pending_accounts (expires_at);
COMMENT ON TABLE  pending_accounts IS 'Registrations whose link has not been opened yet; opening it turns the row into a user.';
COMMENT ON COLUMN pending_accounts.token_hash IS 'SHA-256 of the secret in the link.';
COMMENT ON COLUMN pending_accounts.login IS 'As users.login; several may want the same, the first to confirm gets it.';
COMMENT ON COLUMN pending_accounts.login_key IS 'As users.login_key.';
COMMENT ON COLUMN pending_accounts.first_name IS 'As users.first_name.';
COMMENT ON COLUMN pending_accounts.last_name IS 'As users.last_name.';
COMMENT ON COLUMN pending_accounts.first_key IS 'As users.first_key.';
COMMENT ON COLUMN pending_accounts.last_key IS 'As users.last_key.';
COMMENT ON COLUMN pending_accounts.email IS 'Where the link was sent; if the address has an account already, a warning is sent instead.';
COMMENT ON COLUMN pending_accounts.email_key IS 'The same, case-folded.';
COMMENT ON COLUMN pending_accounts.password_hash IS 'Argon2id, PHC string.';
COMMENT ON COLUMN pending_accounts.invite IS 'The invite it used; the use is returned if nobody confirms.';
COMMENT ON COLUMN pending_accounts.created_at IS 'When it was created.';
COMMENT ON COLUMN pending_accounts.expires_at IS 'Invalid after this; may then be swept.';

CREATE TABLE registration_invites (
	code       text PRIMARY KEY CHECK (octet_length(code) BETWEEN 8 AND 64),
	created_by uuid REFERENCES users ON DELETE SET NULL,
	max_uses   integer CHECK (max_uses >= 1),
	uses       integer NOT NULL DEFAULT 0 CHECK (uses >= 0),
	created_at timestamptz(3) NOT NULL DEFAULT now(),
	expires_at timestamptz(3),
	CHECK (uses <= max_uses)
);
CREATE INDEX registration_invites_by ON registration_invites (created_by);
COMMENT ON TABLE  registration_invites IS 'Invites for registration: invite. Revoking one removes its row.';
COMMENT ON COLUMN registration_invites.code IS 'The secret.';
COMMENT ON COLUMN registration_invites.created_by IS 'The administrator who made it.';
COMMENT ON COLUMN registration_invites.max_uses IS 'How often it may be used; null: without limit.';
COMMENT ON COLUMN registration_invites.uses IS 'How often it was used.';
COMMENT ON COLUMN registration_invites.created_at IS 'When it was made.';
COMMENT ON COLUMN registration_invites.expires_at IS 'Invalid after this.';

CREATE TABLE removed_accounts (
	user_id        uuid PRIMARY KEY,
	erase_messages boolean NOT NULL,
	removed_at     timestamptz(3) NOT NULL DEFAULT now(),
	walked_no      bigint NOT NULL DEFAULT 0,
	walked_key     text NOT NULL DEFAULT ''
);
CREATE INDEX removed_accounts_at ON removed_accounts (removed_at, user_id);
COMMENT ON TABLE  removed_accounts IS 'Removed accounts whose memberships and messages are still being cleared away.';
COMMENT ON COLUMN removed_accounts.user_id IS 'The id the person had.';
COMMENT ON COLUMN removed_accounts.erase_messages IS 'Their messages are deleted too.';
COMMENT ON COLUMN removed_accounts.removed_at IS 'When the account was removed.';
COMMENT ON COLUMN removed_accounts.walked_no IS 'Progress of erasing: rooms before this one are done.';
COMMENT ON COLUMN removed_accounts.walked_key IS 'And in this room, messages up to this client_id.';

-- ---- who knows whom ----------------------------------------------------------

CREATE TABLE contacts (
	user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	contact_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	nickname     text CHECK (char_length(nickname) BETWEEN 1 AND 64),
	nickname_key text,
	blocked      boolean NOT NULL DEFAULT false,
	created_at   timestamptz(3) NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, contact_id),
	CHECK (user_id <> contact_id),
	CHECK ((nickname IS NULL) = (nickname_key IS NULL))
);
CREATE INDEX contacts_of ON contacts (contact_id, user_id);
CREATE INDEX contacts_blocked ON contacts (contact_id, user_id) WHERE blocked;
COMMENT ON TABLE  contacts IS 'Contacts and blocks.';
COMMENT ON COLUMN contacts.user_id IS 'Whose list it is.';
COMMENT ON COLUMN contacts.contact_id IS 'Who is in it.';
COMMENT ON COLUMN contacts.nickname IS 'What the list''s owner calls them; shown to nobody else.';
COMMENT ON COLUMN contacts.nickname_key IS 'The nickname without case, by which the list is ordered.';
COMMENT ON COLUMN contacts.blocked IS 'Neither of the two can reach the other any more.';
COMMENT ON COLUMN contacts.created_at IS 'When they were added.';

-- ---- rooms -------------------------------------------------------------------

CREATE TYPE room_kind AS ENUM ('public', 'group', 'direct');
CREATE TYPE member_role AS ENUM ('member', 'admin', 'owner');

CREATE TABLE rooms (
	no          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (no BETWEEN 1 AND 1::bigint << 60),
	id          uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
	kind        room_kind NOT NULL,
	name        text CHECK (char_length(name) BETWEEN 1 AND 100),
	name_key    text,
	description text CHECK (char_length(description) BETWEEN 1 AND 1000),
	avatar      uuid,
	join_by_id  boolean NOT NULL DEFAULT true,
	max_members integer NOT NULL CHECK (max_members >= 1),
	settings    jsonb NOT NULL DEFAULT '{"slow_mode_s": 0, "history": "all"}',
	is_lobby    boolean NOT NULL DEFAULT false,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	CHECK ((name IS NULL) = (name_key IS NULL)),
	CHECK (NOT is_lobby OR kind = 'public'),
	CHECK (kind = 'direct' OR name IS NOT NULL),
	CHECK (kind <> 'direct' OR (max_members = 2 AND NOT join_by_id))
);
CREATE INDEX rooms_public ON rooms (created_at DESC, no DESC) WHERE kind = 'public';
CREATE UNIQUE INDEX rooms_lobby ON rooms (is_lobby) WHERE is_lobby;
COMMENT ON TABLE  rooms IS 'Rooms: what changes rarely. What changes with every event is in room_heads.';
COMMENT ON COLUMN rooms.no IS 'The room''s number: short key of the log, never shown, never reused.';
COMMENT ON COLUMN rooms.id IS 'Public id. A direct room''s is derived from the two people, so that they have only one.';
COMMENT ON COLUMN rooms.kind IS 'public: listed, anyone may join; group: not listed; direct: two people.';
COMMENT ON COLUMN rooms.name IS 'Absent in direct rooms.';
COMMENT ON COLUMN rooms.name_key IS 'The name, case-folded: search key of public rooms.';
COMMENT ON COLUMN rooms.description IS 'What the room is for.';
COMMENT ON COLUMN rooms.avatar IS 'Random id of the public avatar image.';
COMMENT ON COLUMN rooms.join_by_id IS 'Of a group: anybody who knows the id may join.';
COMMENT ON COLUMN rooms.max_members IS 'Maximum number of memberships, with the owner, without banned ones.';
COMMENT ON COLUMN rooms.settings IS 'slow_mode_s, history; keys are checked by the program.';
COMMENT ON COLUMN rooms.is_lobby IS 'The lobby: every new user is a member. At most one room, which needs neither owner nor members.';
COMMENT ON COLUMN rooms.created_at IS 'When it was made.';

-- Public rooms are found in the same way as people (user_words), for the same reasons.
CREATE TABLE room_words (
	room_id uuid NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
	word    text COLLATE "C" NOT NULL CHECK (char_length(word) BETWEEN 1 AND 64),
	inside  boolean NOT NULL,
	PRIMARY KEY (room_id, word)
);
CREATE UNIQUE INDEX room_words_order ON room_words (inside, word, room_id);
COMMENT ON TABLE  room_words IS 'Search keys of public rooms: the suffixes of the name. Maintained by a trigger.';
COMMENT ON COLUMN room_words.room_id IS 'Which.';
COMMENT ON COLUMN room_words.word IS 'A suffix of the name, case-folded; at most 64 characters.';
COMMENT ON COLUMN room_words.inside IS 'Begins inside a word: listed after matches at the start of a word.';

CREATE FUNCTION index_room() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	DELETE FROM room_words WHERE room_id = NEW.id;
	INSERT INTO room_words (room_id, word, inside)
	SELECT NEW.id, substr(NEW.name_key, i, 64), bool_and(i > 1
		AND substr(NEW.name_key, i - 1, 1) NOT IN (' ', '-', '_', '.', '''', '/', '#', '(', ':'))
	FROM generate_series(1, char_length(NEW.name_key)) i
	WHERE substr(NEW.name_key, i, 1) <> ' '
	GROUP BY 2;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION index_room IS 'Maintains room_words.';
CREATE TRIGGER room_index AFTER INSERT ON rooms FOR EACH ROW
	WHEN (NEW.kind = 'public') EXECUTE FUNCTION index_room();
CREATE TRIGGER room_reindex AFTER UPDATE ON rooms FOR EACH ROW
	WHEN (NEW.kind = 'public' AND OLD.name_key IS DISTINCT FROM NEW.name_key)
	EXECUTE FUNCTION index_room();

-- Narrow, without an index on anything that changes, and half empty, so that
-- every update is a HOT update in its own page even while a backup's snapshot
-- is open.
CREATE TABLE room_heads (
	room_no      bigint PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
	seq          bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
	messages     bigint NOT NULL DEFAULT 0 CHECK (messages >= 0),
	first_seq    bigint NOT NULL DEFAULT 1,
	last_message bigint NOT NULL DEFAULT 0,
	active_at    timestamptz(3) NOT NULL DEFAULT now(),
	member_count integer NOT NULL DEFAULT 0 CHECK (member_count >= 0)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE  room_heads IS 'The end of each room''s log. Its row lock orders everything that happens in the room.';
COMMENT ON COLUMN room_heads.room_no IS 'The room.';
COMMENT ON COLUMN room_heads.seq IS 'Number of the last event.';
COMMENT ON COLUMN room_heads.messages IS 'Number of messages, deleted ones included (ordinal of the last one); unread counts derive from it.';
COMMENT ON COLUMN room_heads.first_seq IS 'The oldest event that is still kept.';
COMMENT ON COLUMN room_heads.last_message IS 'seq of the last message, 0 for none.';
COMMENT ON COLUMN room_heads.active_at IS 'When the last message was written; initially, when the room was made.';
COMMENT ON COLUMN room_heads.member_count IS 'Memberships that are not banned; kept within rooms.max_members under the lock.';

-- No foreign key to users: a removed account leaves each room by an event, under the
-- lock of its head, some time later (removed_accounts).
CREATE TABLE members (
	room_no       bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
	user_id       uuid NOT NULL,
	role          member_role NOT NULL DEFAULT 'member',
	banned        boolean NOT NULL DEFAULT false,
	muted_until   timestamptz(3),
	notify        text NOT NULL DEFAULT 'all' CHECK (notify IN ('all', 'mentions', 'none')),
	joined_at     timestamptz(3) NOT NULL DEFAULT now(),
	joined_seq    bigint NOT NULL DEFAULT 0,
	read_seq      bigint NOT NULL DEFAULT 0,
	read_messages bigint NOT NULL DEFAULT 0,
	delivered_seq bigint NOT NULL DEFAULT 0,
	posted_at     timestamptz(3),
	PRIMARY KEY (room_no, user_id),
	CHECK (NOT banned OR role = 'member'),
	-- One owner a room; deferrable, so that one statement can hand over.
	CONSTRAINT members_owner EXCLUDE USING btree (room_no WITH =)
		WHERE (role = 'owner') DEFERRABLE
) WITH (fillfactor = 70);
-- For the room list, the one query that crosses rooms.
CREATE INDEX members_user ON members (user_id, room_no);
COMMENT ON TABLE  members IS 'Who is in which room, and how far they have read.';
COMMENT ON COLUMN members.room_no IS 'The room.';
COMMENT ON COLUMN members.user_id IS 'The person; may have been removed a moment ago.';
COMMENT ON COLUMN members.role IS 'owner (one a room), admin or member.';
COMMENT ON COLUMN members.banned IS 'The row keeps the person from returning; it does not count as a membership.';
COMMENT ON COLUMN members.muted_until IS 'May read but not write until then.';
COMMENT ON COLUMN members.notify IS 'What the person wants to be notified of.';
COMMENT ON COLUMN members.joined_at IS 'When the person joined.';
COMMENT ON COLUMN members.joined_seq IS 'The event with which they joined.';
COMMENT ON COLUMN members.read_seq IS 'Read up to here; never moves back. Posting moves it to one''s own message.';
COMMENT ON COLUMN members.read_messages IS 'Number of messages up to read_seq. Unread: room_heads.messages minus this, minus those deleted since.';
COMMENT ON COLUMN members.delivered_seq IS 'Delivered to one of the person''s devices up to here.';
COMMENT ON COLUMN members.posted_at IS 'Last message here, for slow mode.';

CREATE TABLE former_members (
	room_no     bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
	user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	muted_until timestamptz(3),
	posted_at   timestamptz(3),
	PRIMARY KEY (room_no, user_id),
	CHECK (num_nonnulls(muted_until, posted_at) > 0)
);
CREATE INDEX former_members_user ON former_members (user_id);
COMMENT ON TABLE  former_members IS 'People who left while muted or during slow mode''s wait, so that leaving and rejoining evades neither.';
COMMENT ON COLUMN former_members.room_no IS 'The room.';
COMMENT ON COLUMN former_members.user_id IS 'Who left it.';
COMMENT ON COLUMN former_members.muted_until IS 'As it was in members; restored when they rejoin.';
COMMENT ON COLUMN former_members.posted_at IS 'The same.';

CREATE TABLE room_invites (
	code       text PRIMARY KEY CHECK (octet_length(code) BETWEEN 8 AND 64),
	room_no    bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
	created_by uuid REFERENCES users ON DELETE SET NULL,
	max_uses   integer CHECK (max_uses >= 1),
	uses       integer NOT NULL DEFAULT 0 CHECK (uses >= 0),
	created_at timestamptz(3) NOT NULL DEFAULT now(),
	expires_at timestamptz(3),
	CHECK (uses <= max_uses)
);
CREATE INDEX room_invites_room ON room_invites (room_no, created_at);
CREATE INDEX room_invites_by ON room_invites (created_by);
CREATE INDEX room_invites_expires_at ON room_invites (expires_at);
COMMENT ON TABLE  room_invites IS 'Invites to rooms. Revoking one removes its row.';
COMMENT ON COLUMN room_invites.code IS 'The secret.';
COMMENT ON COLUMN room_invites.room_no IS 'The room.';
COMMENT ON COLUMN room_invites.created_by IS 'Who made it.';
COMMENT ON COLUMN room_invites.max_uses IS 'How often it may be used; null: without limit.';
COMMENT ON COLUMN room_invites.uses IS 'How often it was used.';
COMMENT ON COLUMN room_invites.created_at IS 'When it was made.';
COMMENT ON COLUMN room_invites.expires_at IS 'Invalid after this; a day after the last permitted use. Swept then.';

CREATE TABLE removed_rooms (
	room_no    bigint PRIMARY KEY,
	room_id    uuid NOT NULL,
	removed_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX removed_rooms_at ON removed_rooms (removed_at);
COMMENT ON TABLE  removed_rooms IS 'Removed rooms whose log is still to be deleted.';
COMMENT ON COLUMN removed_rooms.room_no IS 'The room''s number.';
COMMENT ON COLUMN removed_rooms.room_id IS 'Its id.';
COMMENT ON COLUMN removed_rooms.removed_at IS 'When it was removed.';

CREATE FUNCTION note_room_removal() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO removed_rooms (room_no, room_id) VALUES (OLD.no, OLD.id);
	RETURN NULL;
END $$;
COMMENT ON FUNCTION note_room_removal IS 'Queues the log of a removed room for deletion.';
CREATE TRIGGER room_removal AFTER DELETE ON rooms
	FOR EACH ROW EXECUTE FUNCTION note_room_removal();

CREATE TABLE direct_rooms_gone (
	room_id uuid PRIMARY KEY,
	seq     bigint NOT NULL
);
COMMENT ON TABLE  direct_rooms_gone IS 'Where the log of a removed direct room ended: if the two open another, it has the same id and continues from there.';
COMMENT ON COLUMN direct_rooms_gone.room_id IS 'The id of both rooms.';
COMMENT ON COLUMN direct_rooms_gone.seq IS 'The last room_heads.seq.';

CREATE FUNCTION note_direct_room_end() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO direct_rooms_gone (room_id, seq)
	SELECT OLD.id, h.seq FROM room_heads h WHERE h.room_no = OLD.no
		AND 2 = (SELECT count(*) FROM members m JOIN users u ON u.id = m.user_id
			WHERE m.room_no = OLD.no)
	ON CONFLICT (room_id) DO UPDATE SET seq = excluded.seq;
	RETURN OLD;
END $$;
COMMENT ON FUNCTION note_direct_room_end IS 'Keeps where the log of a direct room ended, if both people still exist.';
CREATE TRIGGER direct_room_end BEFORE DELETE ON rooms
	FOR EACH ROW WHEN (OLD.kind = 'direct') EXECUTE FUNCTION note_direct_room_end();

-- ---- the room log ------------------------------------------------------------

CREATE TYPE event_type AS ENUM ('message', 'edited', 'deleted', 'reaction', 'member', 'room');
CREATE TYPE message_kind AS ENUM
	('text', 'image', 'file', 'audio', 'video', 'location', 'system');

-- The truth. No foreign keys (they halve the speed of appending and guard
-- nothing that the head's lock does not), and a message's public id is made
-- from room_no and seq, so it needs neither column nor index.
CREATE TABLE log (
	room_no     bigint NOT NULL,
	seq         bigint NOT NULL CHECK (seq >= 1),
	ordinal     bigint NOT NULL,
	created_at  timestamptz(3) NOT NULL,
	target_seq  bigint,
	fingerprint bigint,
	actor_id    uuid,
	subject_id  uuid,
	type        event_type NOT NULL,
	kind        message_kind,
	client_id   text CHECK (octet_length(client_id) BETWEEN 1 AND 64),
	text        text,
	data        jsonb,
	edited_at   timestamptz(3),
	deleted_at  timestamptz(3),
	mentions    uuid[],
	PRIMARY KEY (room_no, seq),
	CHECK ((type = 'message') = (kind IS NOT NULL)),
	CHECK (type <> 'message' OR client_id IS NOT NULL)
);
CREATE UNIQUE INDEX log_key ON log (room_no, actor_id, client_id) WHERE client_id IS NOT NULL;
-- Deleted messages are not unread. A row enters the index only when one is deleted.
CREATE INDEX log_deleted ON log (room_no, seq) WHERE deleted_at IS NOT NULL;
CREATE INDEX log_messages ON log (room_no, seq) WHERE type = 'message';
-- Recent joins and leaves in any room (broker/membership.h); contains no messages.
CREATE INDEX log_members ON log (created_at) WHERE type = 'member';
COMMENT ON TABLE  log IS 'Everything that happened in each room, in one gapless order.';
COMMENT ON COLUMN log.room_no IS 'The room.';
COMMENT ON COLUMN log.seq IS 'Position in the room''s order, from 1; the order of commits.';
COMMENT ON COLUMN log.ordinal IS 'Number of messages in the room up to and including this event.';
COMMENT ON COLUMN log.created_at IS 'When it was written.';
COMMENT ON COLUMN log.target_seq IS 'Of a message: the one it replies to. Of an edit, deletion or reaction: its message.';
COMMENT ON COLUMN log.fingerprint IS 'Hash of the request that made a message: the same key with another request is refused.';
COMMENT ON COLUMN log.actor_id IS 'Who did it; the sender of a message.';
COMMENT ON COLUMN log.subject_id IS 'Of a member event: whom it is about.';
COMMENT ON COLUMN log.type IS 'What happened.';
COMMENT ON COLUMN log.kind IS 'Of a message.';
COMMENT ON COLUMN log.client_id IS 'The sender''s key, one message each; otherwise one of our own, which begins with ~.';
COMMENT ON COLUMN log.text IS 'Of a message: its current text, null once deleted. Edits have none.';
COMMENT ON COLUMN log.data IS 'Of a message: file or location. Of a member event: {action, role, muted_until}. Of a room event: what changed.';
COMMENT ON COLUMN log.edited_at IS 'Of a message.';
COMMENT ON COLUMN log.deleted_at IS 'Of a message: a tombstone since then.';
COMMENT ON COLUMN log.mentions IS 'Of a message: the people its text mentions; null: nobody.';

-- Mentions by person, so that unread ones are counted by one index range.
CREATE TABLE mentions (
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	room_no bigint NOT NULL,
	seq     bigint NOT NULL CHECK (seq >= 1),
	PRIMARY KEY (user_id, room_no, seq)
);
CREATE INDEX mentions_message ON mentions (room_no, seq);
COMMENT ON TABLE  mentions IS 'Who is mentioned where; changed under the lock of the room''s head.';
COMMENT ON COLUMN mentions.user_id IS 'Who.';
COMMENT ON COLUMN mentions.room_no IS 'The room.';
COMMENT ON COLUMN mentions.seq IS 'The message.';

-- The current reactions; their history is in the log. Like messages they stay when a
-- person is removed. Those of a removed room are deleted with its log, a piece at a
-- time, and so are mentions and file_links.
CREATE TABLE reactions (
	room_no    bigint NOT NULL,
	seq        bigint NOT NULL CHECK (seq >= 1),
	emoji      text COLLATE "C" NOT NULL CHECK (octet_length(emoji) BETWEEN 1 AND 40),
	user_id    uuid NOT NULL,
	created_at timestamptz(3) NOT NULL,
	PRIMARY KEY (room_no, seq, emoji, user_id)
);
CREATE INDEX reactions_user ON reactions (user_id);
COMMENT ON TABLE  reactions IS 'Current reactions; changed under the lock of the room''s head.';
COMMENT ON COLUMN reactions.room_no IS 'The room.';
COMMENT ON COLUMN reactions.seq IS 'The message.';
COMMENT ON COLUMN reactions.emoji IS 'One row for each person and emoji.';
COMMENT ON COLUMN reactions.user_id IS 'Who; may have been removed since.';
COMMENT ON COLUMN reactions.created_at IS 'When; a message''s emoji are shown oldest first.';

-- ---- the lobby ---------------------------------------------------------------

-- A membership of the lobby, whose head is locked, that is new or has changed, and its event.
CREATE FUNCTION tell_lobby(lobby bigint, person uuid, action text, role member_role)
	RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
	INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, subject_id, type, data)
	SELECT room_no, seq + 1, messages, statement_timestamp(), person, person, 'member',
		jsonb_build_object('action', action, 'role', role, 'muted_until', null)
	FROM room_heads WHERE room_no = lobby;
	UPDATE room_heads SET seq = seq + 1,
		member_count = member_count + (action = 'joined')::int
	WHERE room_no = lobby RETURNING seq;
$$;
COMMENT ON FUNCTION tell_lobby IS 'Appends a member event to the log of the lobby.';
REVOKE EXECUTE ON FUNCTION tell_lobby FROM PUBLIC;

CREATE FUNCTION come_to_lobby(lobby bigint, person uuid, as_what member_role)
	RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
	INSERT INTO members (room_no, user_id, role, joined_seq, read_seq, read_messages,
		delivered_seq)
	SELECT room_no, person, as_what, seq + 1, seq + 1, messages, seq + 1
	FROM room_heads WHERE room_no = lobby;
	SELECT tell_lobby(lobby, person, 'joined', as_what);
$$;
COMMENT ON FUNCTION come_to_lobby IS 'Makes a new user a member of the lobby.';
REVOKE EXECUTE ON FUNCTION come_to_lobby FROM PUBLIC;

-- Part of the statement that creates an account, so that no account misses the lobby;
-- called at its end, so that the room is locked only for the commit. Each statement in
-- here sees what was committed while the previous one waited. If several transactions
-- try to make the room, one does and the others wait for it.
CREATE FUNCTION join_lobby(person uuid, named text, key text, OUT room_id uuid, OUT last_seq bigint)
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	lobby bigint;
BEGIN
	IF person IS NULL OR named IS NULL THEN
		RETURN;
	END IF;
	LOOP
		SELECT r.no, r.id INTO lobby, room_id
		FROM rooms r JOIN room_heads h ON h.room_no = r.no
		WHERE r.is_lobby FOR UPDATE OF h;
		EXIT WHEN FOUND;
		INSERT INTO rooms (kind, name, name_key, max_members, is_lobby)
		VALUES ('public', named, key, 1000000, true)
		ON CONFLICT (is_lobby) WHERE is_lobby DO NOTHING RETURNING no INTO lobby;
		CONTINUE WHEN NOT FOUND;
		INSERT INTO room_heads (room_no) VALUES (lobby);
		PERFORM come_to_lobby(lobby, u.id, 'owner') FROM (SELECT id FROM users
			WHERE is_admin AND disabled_at IS NULL ORDER BY created_at, id LIMIT 1) u;
	END LOOP;
	last_seq := come_to_lobby(lobby, person, 'member');
END $$;
COMMENT ON FUNCTION join_lobby IS 'Makes a new user a member of the lobby, and makes the lobby if there is none; returns the room and its last seq.';
REVOKE EXECUTE ON FUNCTION join_lobby FROM PUBLIC;

CREATE FUNCTION own_lobby() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	lobby bigint;
BEGIN
	SELECT h.room_no INTO lobby FROM rooms r JOIN room_heads h ON h.room_no = r.no
	WHERE r.is_lobby FOR UPDATE OF h;
	UPDATE members m SET role = 'owner', muted_until = NULL
	WHERE m.room_no = lobby AND m.user_id = NEW.id AND NOT m.banned
		AND NOT EXISTS (SELECT FROM members o WHERE o.room_no = lobby AND o.role = 'owner');
	IF FOUND THEN
		PERFORM tell_lobby(lobby, NEW.id, 'role', 'owner');
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION own_lobby IS 'A lobby without an owner gets a newly made administrator who is in it.';
CREATE TRIGGER user_own_lobby AFTER UPDATE OF is_admin ON users FOR EACH ROW
	WHEN (NEW.is_admin AND NOT OLD.is_admin) EXECUTE FUNCTION own_lobby();

-- ---- searching messages -------------------------------------------------------

-- Filled behind the log, from the log alone (fcgi/search_index.c): appending pays
-- nothing for it, and it can be emptied at any time, to be filled again. A message is
-- identified by its place: its time in milliseconds, followed by 20 bits of its seq.
-- Greater is thus newer, whenever it was indexed. Two messages of different rooms may
-- share a place.
CREATE TABLE search_words (
	no    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	word  text COLLATE "C" NOT NULL UNIQUE CHECK (char_length(word) BETWEEN 1 AND 64),
	stem  text COLLATE "C" NOT NULL,
	grams integer[] NOT NULL
);
CREATE INDEX search_words_stem ON search_words (stem);
CREATE INDEX search_words_grams ON search_words USING gin (grams) WITH (fastupdate = off);
COMMENT ON TABLE  search_words IS 'Every word that occurs in a message. Grows much more slowly than the log.';
COMMENT ON COLUMN search_words.no IS 'Its number as a term.';
COMMENT ON COLUMN search_words.word IS 'Case-folded and normalised.';
COMMENT ON COLUMN search_words.stem IS 'Its stem, shared with its inflected forms.';
COMMENT ON COLUMN search_words.grams IS 'Hashes of its pairs and triples of characters.';

CREATE TABLE search_index (
	place   bigint NOT NULL,
	room_no bigint NOT NULL,
	seq     bigint NOT NULL,
	terms   integer[] NOT NULL,
	PRIMARY KEY (place, room_no, seq)
);
COMMENT ON TABLE  search_index IS 'Messages and their terms.';
COMMENT ON COLUMN search_index.place IS 'Time and seq (above); the order of results.';
COMMENT ON COLUMN search_index.room_no IS 'The room.';
COMMENT ON COLUMN search_index.seq IS 'The message.';
COMMENT ON COLUMN search_index.terms IS 'Words (search_words.no); negative: its room and its author.';

-- The inverted index, in lists of at most 200, so that the newest places of a term are
-- one row, and a rare term is one row in all. A full list is split in halves, so that
-- the newest list of a frequent term is never short.
CREATE TABLE search_lists (
	term   integer NOT NULL,
	first  bigint NOT NULL,
	places bigint[] NOT NULL CHECK (cardinality(places) BETWEEN 1 AND 200),
	PRIMARY KEY (term, first)
) WITH (fillfactor = 80);
COMMENT ON TABLE  search_lists IS 'The places of each term.';
COMMENT ON COLUMN search_lists.term IS 'A word, a room or an author, as in search_index.terms.';
COMMENT ON COLUMN search_lists.first IS 'The list covers the places from here up to the next list''s first; the lowest list begins with 0.';
COMMENT ON COLUMN search_lists.places IS 'Places of messages with the term, in no order.';

CREATE TABLE search_heads (
	room_no bigint PRIMARY KEY,
	seq     bigint NOT NULL
);
COMMENT ON TABLE  search_heads IS 'How far each room is indexed.';
COMMENT ON COLUMN search_heads.room_no IS 'The room; may be removed already, with its rows still to be swept.';
COMMENT ON COLUMN search_heads.seq IS 'All events up to here are in search_index.';

-- ---- files -------------------------------------------------------------------

-- Contents are stored once; each upload is a file of its own, with its own id and name.
CREATE TABLE blobs (
	sha256      bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
	size        bigint NOT NULL CHECK (size >= 0),
	mime        text NOT NULL CHECK (octet_length(mime) BETWEEN 3 AND 127),
	width       integer CHECK (width > 0),
	height      integer CHECK (height > 0),
	duration_ms bigint CHECK (duration_ms >= 0),
	has_thumb   boolean NOT NULL DEFAULT false,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	unused_since timestamptz(3)
);
CREATE INDEX blobs_unused ON blobs (unused_since) WHERE unused_since IS NOT NULL;
COMMENT ON TABLE  blobs IS 'Contents, each stored once, as files below files_dir.';
COMMENT ON COLUMN blobs.sha256 IS 'Of the content as it is stored; determines its path.';
COMMENT ON COLUMN blobs.size IS 'Bytes.';
COMMENT ON COLUMN blobs.mime IS 'Detected from the content.';
COMMENT ON COLUMN blobs.width IS 'Pixels, of an image that could be decoded.';
COMMENT ON COLUMN blobs.height IS 'Pixels.';
COMMENT ON COLUMN blobs.duration_ms IS 'Of audio or video, if it could be determined.';
COMMENT ON COLUMN blobs.has_thumb IS 'A preview image is stored beside it.';
COMMENT ON COLUMN blobs.created_at IS 'When it was first stored.';
COMMENT ON COLUMN blobs.unused_since IS 'Possibly unreferenced since then: the sweep checks it.';

CREATE TABLE files (
	id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id    uuid REFERENCES users ON DELETE SET NULL,
	sha256     bytea NOT NULL REFERENCES blobs,
	name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
	created_at timestamptz(3) NOT NULL DEFAULT now(),
	unused_since timestamptz(3) DEFAULT now()
);
CREATE INDEX files_user ON files (user_id, created_at);
CREATE INDEX files_sha256 ON files (sha256);
CREATE INDEX files_unused ON files (unused_since) WHERE unused_since IS NOT NULL;
COMMENT ON TABLE  files IS 'Uploads.';
COMMENT ON COLUMN files.id IS 'Public id.';
COMMENT ON COLUMN files.user_id IS 'Who uploaded it; null once the account is removed.';
COMMENT ON COLUMN files.sha256 IS 'Its content.';
COMMENT ON COLUMN files.name IS 'As the uploader calls it.';
COMMENT ON COLUMN files.created_at IS 'When it was created.';
COMMENT ON COLUMN files.unused_since IS 'Possibly in no message since then: the sweep checks it. Maintained by triggers.';

CREATE TABLE file_links (
	room_no bigint NOT NULL,
	seq     bigint NOT NULL CHECK (seq >= 1),
	file_id uuid NOT NULL REFERENCES files ON DELETE CASCADE,
	PRIMARY KEY (room_no, seq)
);
CREATE INDEX file_links_file ON file_links (file_id);
COMMENT ON TABLE  file_links IS 'The file of each message; a deleted message has none.';
COMMENT ON COLUMN file_links.room_no IS 'The room.';
COMMENT ON COLUMN file_links.seq IS 'The message.';
COMMENT ON COLUMN file_links.file_id IS 'The file.';

-- A sweep of the same file waits for the row written here, or skips it.
CREATE FUNCTION note_file_link() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		UPDATE files SET unused_since = NULL WHERE id = NEW.file_id;
	ELSE
		UPDATE files SET unused_since = now() WHERE id = OLD.file_id;
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION note_file_link IS 'Maintains files.unused_since.';
CREATE TRIGGER file_link AFTER INSERT OR DELETE ON file_links
	FOR EACH ROW EXECUTE FUNCTION note_file_link();

CREATE TABLE avatars (
	id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	sha256     bytea NOT NULL REFERENCES blobs,
	created_at timestamptz(3) NOT NULL DEFAULT now(),
	replaced_at timestamptz(3)
);
CREATE INDEX avatars_sha256 ON avatars (sha256);
CREATE INDEX avatars_replaced ON avatars (replaced_at) WHERE replaced_at IS NOT NULL;
COMMENT ON TABLE  avatars IS 'Images that anybody who knows the id may fetch: users.avatar and rooms.avatar.';
COMMENT ON COLUMN avatars.id IS 'Random and new with each change, so that an id always shows the same image.';
COMMENT ON COLUMN avatars.sha256 IS 'The image.';
COMMENT ON COLUMN avatars.created_at IS 'When it was set.';
COMMENT ON COLUMN avatars.replaced_at IS 'Unused since then; swept a day later. Maintained by triggers.';

CREATE FUNCTION note_avatar_end() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE avatars SET replaced_at = now() WHERE id = OLD.avatar;
	RETURN NULL;
END $$;
-- For every role: setting an avatar needs no right to read the tables.
CREATE FUNCTION may_read_file(file uuid, person uuid) RETURNS boolean
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
	SELECT coalesce((SELECT f.user_id = person FROM files f WHERE f.id = file), false)
		OR coalesce((SELECT true FROM file_links l JOIN rooms r ON r.no = l.room_no
			JOIN members m ON m.room_no = l.room_no
				AND m.user_id = person AND NOT m.banned
			WHERE l.file_id = file AND (r.settings->>'history' = 'all'
				OR l.seq >= m.joined_seq) LIMIT 1), false)
$$;
COMMENT ON FUNCTION may_read_file IS 'Did the person upload it, or see a message that carries it?';

CREATE FUNCTION make_avatar(file uuid, person uuid) RETURNS uuid
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
	INSERT INTO avatars (sha256) SELECT f.sha256 FROM files f
	JOIN blobs b ON b.sha256 = f.sha256 AND b.has_thumb
	WHERE f.id = file AND may_read_file(file, person) RETURNING id
$$;
COMMENT ON FUNCTION make_avatar IS 'An avatar of an image that the person may read; null otherwise.';

COMMENT ON FUNCTION note_avatar_end IS 'Maintains avatars.replaced_at.';
CREATE TRIGGER user_avatar_change AFTER UPDATE ON users FOR EACH ROW
	WHEN (OLD.avatar IS DISTINCT FROM NEW.avatar AND OLD.avatar IS NOT NULL)
	EXECUTE FUNCTION note_avatar_end();
CREATE TRIGGER user_avatar_end AFTER DELETE ON users FOR EACH ROW
	WHEN (OLD.avatar IS NOT NULL) EXECUTE FUNCTION note_avatar_end();
CREATE TRIGGER room_avatar_change AFTER UPDATE ON rooms FOR EACH ROW
	WHEN (OLD.avatar IS DISTINCT FROM NEW.avatar AND OLD.avatar IS NOT NULL)
	EXECUTE FUNCTION note_avatar_end();
CREATE TRIGGER room_avatar_end AFTER DELETE ON rooms FOR EACH ROW
	WHEN (OLD.avatar IS NOT NULL) EXECUTE FUNCTION note_avatar_end();

-- ---- calls -------------------------------------------------------------------

-- No foreign keys to users, as in members: a removed account stays in the call logs of
-- the others.
CREATE TABLE calls (
	id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	room_no      bigint NOT NULL REFERENCES rooms ON DELETE CASCADE,
	kind         text NOT NULL CHECK (kind IN ('audio', 'video')),
	state        text NOT NULL DEFAULT 'ringing' CHECK (state IN
		('ringing', 'active', 'ended', 'declined', 'missed', 'cancelled')),
	initiator_id uuid NOT NULL,
	started_at   timestamptz(3) NOT NULL DEFAULT now(),
	ring_until   timestamptz(3) NOT NULL,
	end_by       timestamptz(3) NOT NULL,
	answered_at  timestamptz(3),
	ended_at     timestamptz(3),
	version      bigint NOT NULL DEFAULT 1,
	action       text NOT NULL DEFAULT 'start' CHECK (action IN
		('start', 'accept', 'decline', 'cancel', 'hangup', 'missed', 'left', 'ended')),
	acted_by     uuid,
	CHECK ((ended_at IS NULL) = (state IN ('ringing', 'active'))),
	CHECK ((answered_at IS NOT NULL) = (state IN ('active', 'ended'))),
	CHECK (started_at <= ring_until AND ring_until <= end_by)
);
CREATE INDEX calls_room ON calls (room_no, started_at DESC, id DESC);
CREATE UNIQUE INDEX calls_open ON calls (room_no) WHERE ended_at IS NULL;
CREATE INDEX calls_ended ON calls (ended_at) WHERE ended_at IS NOT NULL;
COMMENT ON TABLE  calls IS 'The call log, and the open calls. Changing a call or its participants requires the lock of its row.';
COMMENT ON COLUMN calls.id IS 'Public id.';
COMMENT ON COLUMN calls.room_no IS 'Where; at most one open call a room.';
COMMENT ON COLUMN calls.kind IS 'audio or video.';
COMMENT ON COLUMN calls.state IS 'ringing, then active or one of the ends; active, then ended.';
COMMENT ON COLUMN calls.initiator_id IS 'Who called; may have been removed since.';
COMMENT ON COLUMN calls.started_at IS 'When it began to ring.';
COMMENT ON COLUMN calls.ring_until IS 'If nobody has answered by then, it is missed.';
COMMENT ON COLUMN calls.end_by IS 'The call ends then at the latest.';
COMMENT ON COLUMN calls.answered_at IS 'When the first one accepted.';
COMMENT ON COLUMN calls.ended_at IS 'When it ended, in whatever way.';
COMMENT ON COLUMN calls.version IS 'One more with each change of the call or of somebody''s part in it.';
COMMENT ON COLUMN calls.action IS 'The last change: what a person did, or, if nobody did anything, missed, left or ended.';
COMMENT ON COLUMN calls.acted_by IS 'Who did that; null: the clock, or a change of its participants'' accounts.';

CREATE TABLE call_participants (
	call_id    uuid NOT NULL REFERENCES calls ON DELETE CASCADE,
	user_id    uuid NOT NULL,
	called_at  timestamptz(3) NOT NULL,
	state      text NOT NULL CHECK (state IN
		('ringing', 'joined', 'declined', 'missed', 'busy', 'left')),
	session_id uuid,
	joined_at  timestamptz(3),
	left_at    timestamptz(3),
	seen_at    timestamptz(3),
	PRIMARY KEY (call_id, user_id),
	CHECK (state <> 'joined'
		OR (session_id IS NOT NULL AND joined_at IS NOT NULL AND left_at IS NULL))
);
CREATE INDEX call_participants_user ON call_participants (user_id, called_at DESC, call_id DESC);
CREATE UNIQUE INDEX call_participants_joined ON call_participants (user_id) WHERE state = 'joined';
COMMENT ON TABLE  call_participants IS 'Who was called, and who took part. A person has joined one call at most.';
COMMENT ON COLUMN call_participants.call_id IS 'The call.';
COMMENT ON COLUMN call_participants.user_id IS 'Who; may have been removed since.';
COMMENT ON COLUMN call_participants.called_at IS 'Copy of calls.started_at: a person''s call log is ordered by it.';
COMMENT ON COLUMN call_participants.state IS 'ringing (or busy: was in another call), then joined, declined or missed; joined, then left. ringing and joined only while the call is open.';
COMMENT ON COLUMN call_participants.session_id IS 'The sign-in or API token they joined by: the device that is in the call.';
COMMENT ON COLUMN call_participants.joined_at IS 'When they first accepted; the initiator when it began.';
COMMENT ON COLUMN call_participants.left_at IS 'When they left, in whatever way.';
COMMENT ON COLUMN call_participants.seen_at IS 'When a broker last saw the joined device connected. Null: never, it takes part by REST alone.';

-- ---- who runs here ----------------------------------------------------------

CREATE UNLOGGED TABLE brokers (
	id        uuid PRIMARY KEY,
	seen_at   timestamptz NOT NULL DEFAULT now(),
	hears_bus boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);
COMMENT ON TABLE  brokers IS 'Brokers that run on this database; one that is silent for 15 seconds counts as dead (shared/brokers.h).';
COMMENT ON COLUMN brokers.id IS 'Of one process; random, chosen at its start.';
COMMENT ON COLUMN brokers.seen_at IS 'Written every few seconds.';
COMMENT ON COLUMN brokers.hears_bus IS 'It is connected to the brokers'' Redis at this time.';

-- Unlogged: after a crash of the database brokers write it again.
CREATE UNLOGGED TABLE presence (
	user_id   uuid NOT NULL,
	broker_id uuid NOT NULL,
	away      boolean NOT NULL,
	PRIMARY KEY (user_id, broker_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE  presence IS 'Who is connected to which broker. Written by the broker when that changes; a row counts as long as its broker lives.';
COMMENT ON COLUMN presence.user_id IS 'Who; may have been removed a moment ago.';
COMMENT ON COLUMN presence.broker_id IS 'The broker.';
COMMENT ON COLUMN presence.away IS 'None of their devices there has been used for some time.';

-- ---- requests that make something --------------------------------------------

CREATE TABLE idempotency_keys (
	user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	route       text NOT NULL,
	key         text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 64),
	fingerprint bigint NOT NULL,
	thing_id    uuid NOT NULL,
	status      smallint NOT NULL,
	created_at  timestamptz(3) NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, route, key)
);
CREATE INDEX idempotency_keys_thing ON idempotency_keys (thing_id);
COMMENT ON TABLE  idempotency_keys IS 'What was made under each Idempotency-Key. Messages have their key in log.client_id.';
COMMENT ON COLUMN idempotency_keys.user_id IS 'Whose key.';
COMMENT ON COLUMN idempotency_keys.route IS 'Method and path.';
COMMENT ON COLUMN idempotency_keys.key IS 'The client''s key.';
COMMENT ON COLUMN idempotency_keys.fingerprint IS 'Hash of the request: the same key with another request is refused.';
COMMENT ON COLUMN idempotency_keys.thing_id IS 'What was made.';
COMMENT ON COLUMN idempotency_keys.status IS 'The first answer''s HTTP status.';
COMMENT ON COLUMN idempotency_keys.created_at IS 'When it was created.';

CREATE FUNCTION forget_call_keys() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	DELETE FROM idempotency_keys k USING gone WHERE k.thing_id = gone.id;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION forget_call_keys IS 'Removes the keys of calls that go with their room.';
CREATE TRIGGER call_end AFTER DELETE ON calls REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION forget_call_keys();

-- For auth.fcgi, which has no other access to rooms.
CREATE FUNCTION is_in_room(person uuid, room uuid) RETURNS boolean
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
	SELECT EXISTS (SELECT FROM rooms r JOIN members m ON m.room_no = r.no
		WHERE r.id = room AND m.user_id = person AND NOT m.banned)
$$;
COMMENT ON FUNCTION is_in_room IS 'Is this person a member of this room?';
REVOKE EXECUTE ON FUNCTION is_in_room FROM PUBLIC;

-- Lets programs that may not delete from the log do so for removed rooms.
CREATE FUNCTION clear_removed_rooms(at_most bigint) RETURNS boolean
	LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
	WITH room AS MATERIALIZED (
		SELECT room_no, room_id FROM removed_rooms ORDER BY room_no LIMIT 1
	), piece AS MATERIALIZED (
		SELECT room.room_no, room.room_id, max(l.seq) AS last, count(l.seq) < at_most AS is_last
		FROM room LEFT JOIN LATERAL (SELECT seq FROM log
			WHERE log.room_no = room.room_no ORDER BY seq LIMIT at_most) l ON true
		GROUP BY 1, 2
	), events AS (
		DELETE FROM log x USING piece p WHERE x.room_no = p.room_no AND x.seq <= p.last
	), reacted AS (
		DELETE FROM reactions x USING piece p WHERE x.room_no = p.room_no AND x.seq <= p.last
	), mentioned AS (
		DELETE FROM mentions x USING piece p WHERE x.room_no = p.room_no AND x.seq <= p.last
	), linked AS (
		DELETE FROM file_links x USING piece p WHERE x.room_no = p.room_no AND x.seq <= p.last
	), keys AS (
		DELETE FROM idempotency_keys k USING piece p WHERE k.thing_id = p.room_id AND p.is_last
	), done AS (
		DELETE FROM removed_rooms d USING piece p WHERE d.room_no = p.room_no AND p.is_last
	) SELECT EXISTS (SELECT FROM piece)
$$;
COMMENT ON FUNCTION clear_removed_rooms IS 'Deletes a piece of the log of a removed room, with everything that belongs to its messages, and finally the idempotency keys of the room. Returns whether there was a room.';
REVOKE EXECUTE ON FUNCTION clear_removed_rooms FROM PUBLIC;

-- ---- roles: least privilege --------------------------------------------------
-- On a host that lets nobody create roles, everything runs as the owner.

DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['foyer_auth', 'foyer_api', 'foyer_broker'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I LOGIN', r);
		END IF;
	END LOOP;

	GRANT SELECT ON instance TO foyer_auth, foyer_api, foyer_broker;

	GRANT SELECT, INSERT, UPDATE, DELETE ON users, accounts, sessions, spent_refresh_tokens,
		tickets, signin_addresses TO foyer_auth;
	GRANT SELECT, DELETE ON revoked_sessions TO foyer_auth;

	GRANT SELECT, INSERT, UPDATE, DELETE ON api_tokens, mail_secrets, pending_accounts, registration_invites,
		removed_accounts TO foyer_auth;
	GRANT SELECT, UPDATE (last_used_at) ON api_tokens TO foyer_api, foyer_broker;
	GRANT SELECT (id), DELETE ON avatars TO foyer_auth;
	GRANT SELECT (id, no) ON rooms TO foyer_auth;
	GRANT EXECUTE ON FUNCTION is_in_room, join_lobby TO foyer_auth;
	GRANT SELECT, UPDATE (walked_no, walked_key), DELETE ON removed_accounts TO foyer_api;
	GRANT EXECUTE ON FUNCTION clear_removed_rooms TO foyer_api;

	GRANT SELECT ON users TO foyer_api, foyer_broker;
	GRANT UPDATE (first_name, last_name, first_key, last_key, bio, avatar, settings, status,
		status_text, last_seen_at, seen_frozen) ON users TO foyer_api;
	GRANT UPDATE (status, status_text, last_seen_at, seen_frozen) ON users TO foyer_broker;
	GRANT SELECT (user_id, email, email_confirmed) ON accounts TO foyer_api;
	GRANT SELECT ON user_words, room_words TO foyer_api;
	GRANT SELECT (id, user_id, created_at, last_used_at, expires_at), UPDATE (last_used_at)
		ON sessions TO foyer_auth, foyer_api, foyer_broker;
	GRANT SELECT ON revoked_sessions TO foyer_api;
	GRANT SELECT, DELETE ON revoked_sessions, tickets TO foyer_broker;

	GRANT SELECT, INSERT, UPDATE, DELETE ON rooms, room_heads, members, former_members TO foyer_api;
	GRANT SELECT ON direct_rooms_gone TO foyer_api;
	GRANT SELECT, INSERT, UPDATE ON log TO foyer_api;
	GRANT SELECT, INSERT, DELETE ON reactions TO foyer_api;
	GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO foyer_api;

	GRANT SELECT, INSERT, UPDATE, DELETE ON contacts, room_invites, mentions, blobs, files,
		file_links, avatars, calls, call_participants TO foyer_api;
	GRANT SELECT, INSERT, UPDATE, DELETE ON search_words, search_index, search_lists,
		search_heads TO foyer_api;
	GRANT SELECT ON contacts, blobs, files TO foyer_broker;
	GRANT SELECT, INSERT, DELETE ON mentions, file_links TO foyer_broker;
	GRANT SELECT, INSERT, UPDATE ON calls, call_participants TO foyer_broker;

	GRANT SELECT ON rooms TO foyer_broker;
	GRANT SELECT, INSERT, UPDATE, DELETE ON brokers, presence TO foyer_broker;
	GRANT SELECT ON brokers, presence TO foyer_api;
	GRANT SELECT, UPDATE ON room_heads TO foyer_broker;
	GRANT SELECT, INSERT, UPDATE ON members TO foyer_broker;
	GRANT SELECT, DELETE ON former_members TO foyer_broker;
	GRANT SELECT, INSERT, UPDATE, DELETE ON log TO foyer_broker;
	GRANT SELECT, INSERT, DELETE ON reactions TO foyer_broker;
	GRANT SELECT, DELETE ON removed_rooms TO foyer_broker;
EXCEPTION WHEN insufficient_privilege THEN
	RAISE NOTICE 'this role may not make roles: everything runs as the owner';
END $$;

COMMIT;
