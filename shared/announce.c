#include "shared/announce.h"

struct json *
announce_limits(struct arena *a, const struct config *c)
{
	struct json *o = json_object_in(a);

	json_put_int(o, "max_body_bytes", c->max_body_bytes);
	json_put_int(o, "max_frame_bytes", c->max_frame_bytes);
	json_put_int(o, "max_text_chars", c->max_text_chars);
	json_put_int(o, "max_json_depth", c->max_json_depth);
	json_put_int(o, "max_file_bytes", c->max_file_bytes);
	json_put_int(o, "max_page", c->max_page);
	json_put_int(o, "default_page", c->default_page);
	json_put_int(o, "max_room_members", c->max_room_members);
	json_put_int(o, "max_rooms_per_user", c->max_rooms_per_user);
	json_put_int(o, "max_contacts_per_user", c->max_contacts_per_user);
	json_put_int(o, "max_api_tokens_per_user", c->max_api_tokens_per_user);
	json_put_int(o, "max_rooms_per_connection", c->max_rooms_per_connection);
	json_put_int(o, "call_ring_s", c->call_ring_s);
	json_put_int(o, "max_call_s", c->max_call_s);
	json_put_int(o, "max_call_participants", c->max_call_participants);
	json_put_int(o, "call_grace_s", c->call_grace_s);
	json_put_int(o, "max_signal_bytes", c->max_signal_bytes);
	json_put_int(o, "signals_per_second", c->signals_per_second);
	json_put_int(o, "signals_burst", c->signals_burst);
	json_put_int(o, "max_connections_per_user", c->max_connections_per_user);
	json_put_int(o, "max_connections_per_address", c->max_connections_per_address);
	json_put_int(o, "max_outbox_bytes", c->max_outbox_bytes);
	json_put_int(o, "max_outbox_frames", c->max_outbox_frames);
	json_put_int(o, "presence_room_members", c->presence_room_members);
	json_put_int(o, "messages_per_second", c->messages_per_second);
	json_put_int(o, "messages_burst", c->messages_burst);
	json_put_int(o, "requests_per_second", c->requests_per_second);
	json_put_int(o, "requests_burst", c->requests_burst);
	json_put_int(o, "received_bytes_per_second", config_received_bytes_per_second(c));
	json_put_int(o, "received_bytes_burst", config_received_bytes_burst(c));
	json_put_int(o, "handshakes_per_second", config_handshakes_per_second(c));
	json_put_int(o, "handshakes_burst", config_handshakes_burst(c));
	return o;
}
