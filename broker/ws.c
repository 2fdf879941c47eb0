/* ws.c -- see ws.h. libwebsockets 4.1, and what it takes to live with it:
 *
 * - It is lent our loop. Of its timers only those of single connections are used, and
 *   ws_tick() makes them run; its pings are off (wheel.h does that).
 * - fd_limit_per_thread is not set: below the process's limit it makes the library
 *   search all connections at each event. acceptor.c stays below the limit instead.
 * - Frames leave by send(), and what the socket does not take goes verbatim through
 *   LWS_WRITE_RAW, to be kept: there are no extensions, and every write is whole
 *   frames, so that its own pongs come only between frames. Its own path to send()
 *   takes a third of what a delivery costs us outside the kernel.
 * - The close frame is ours too. The library would not send one while something is
 *   still buffered.
 * - Whenever a connection ends it looks at all connections (a check for its own bugs,
 *   enabled in Debian's build): 10,000 that end at one moment take a second. So if many
 *   sockets are readable, we first check whether they were closed; closed ones are
 *   kept from the library until it is their turn (conns_bury()). */
#include "broker/ws.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/wire.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/text.h"

enum {
	RX_SIZE = 2048,	  /* read at once; allocated for each connection */
	HEAD_SIZE = 1024, /* of the handshakes that we write for it */
	HANDSHAKE_S = 5,
	UNSEEN_A_TURN = 16, /* sockets read without checking whether they were closed */
	READS_ON = 256,	    /* more reads a turn, of sockets with much input */
};

struct ws {
	struct broker *broker;
	struct lws_context *context;
	struct lws_vhost *vhost;
	const struct hello *hello; /* of the socket being adopted */
	int read_count;		   /* sockets that were readable in this turn */
	struct link talkative;	   /* sockets that may have more input */
};

struct socket {
	struct ws *ws;
	struct lws *wsi;
	int fd;
	struct conn *conn;
	struct loop_watch *watch; /* runs before the library's own */
	struct link in_talkative;
	size_t read_len; /* since the loop reported it, or it was read on */
};

/* ---- what the library calls ---------------------------------------------- */

static struct socket *
socket_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

static struct ws *
ws_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* On a further request on the connection the header table may be gone, and with it what
 * `in` points to: look the header up again. */
static int
confirm_upgrade(struct lws *wsi)
{
	char upgrade[16];

	if (lws_hdr_copy(wsi, upgrade, sizeof(upgrade), WSI_TOKEN_UPGRADE) <= 0)
		return -1;
	return strcasecmp(upgrade, "websocket") == 0 ? 0 : -1;
}

static const struct wire_ops ws_wire;

/* Both watches, the library's and ours before it. */
static void
read_or_not(struct socket *s, bool read)
{
	if (!read)
		list_remove(&s->in_talkative);
	lws_rx_flow_control(s->wsi, read);
	loop_watch_for(s->watch, read, false);
}

static bool
has_ended(const struct socket *s)
{
	char byte;
	ssize_t n = recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* The library has not read it yet. */
static void
on_readable(void *arg, bool readable, bool writable)
{
	struct socket *s = arg;
	struct broker *b = s->ws->broker;

	(void)readable;
	(void)writable;
	s->read_len = 0;
	if (s->ws->read_count++ < UNSEEN_A_TURN && !conns_have_dying(&b->conns))
		return;
	if (!has_ended(s))
		return;
	read_or_not(s, false);
	conn_on_hangup(s->conn);
}

static int
established(struct lws *wsi)
{
	struct ws *ws = ws_of(wsi);
	struct socket *s;

	if (!ws->hello) /* not a socket that we gave it */
		return -1;
	s = xcalloc(1, sizeof(*s));
	s->ws = ws;
	s->wsi = wsi;
	s->fd = lws_get_socket_fd(wsi);
	list_init(&s->in_talkative);
	s->watch = loop_watch(ws->broker->loop, s->fd, on_readable, s);
	loop_watch_early(s->watch);
	loop_watch_for(s->watch, true, false);
	lws_set_opaque_user_data(wsi, s);
	s->conn = conn_new(ws->broker, &ws_wire, s, ws->hello);
	return 0;
}

static void
gone(struct lws *wsi)
{
	struct socket *s = socket_of(wsi);

	lws_set_opaque_user_data(wsi, NULL);
	if (!s)
		return;
	loop_unwatch(s->watch);
	list_remove(&s->in_talkative);
	conn_on_gone(s->conn);
	free(s);
}

/* Non-zero: hang up, our own close frame is out already. The library echoes the code
 * that it got, even half a code, which is not one (RFC 6455, section 5.5.1). */
static int
goodbye(const struct socket *s, size_t code_len)
{
	if (!conn_is_open(s->conn))
		return -1;
	conn_on_goodbye(s->conn);
	if (code_len != 1)
		return 0;
	lws_close_reason(s->wsi, LWS_CLOSE_STATUS_PROTOCOL_ERR, NULL, 0);
	return -1;
}

static void
on_receive(struct socket *s, const char *data, size_t len)
{
	struct lws *wsi = s->wsi;

	s->read_len += len;
	if (s->read_len >= RX_SIZE / 2)
		list_add(&s->ws->talkative, &s->in_talkative);
	conn_on_data(s->conn, data, len, lws_is_final_fragment(wsi),
		     lws_frame_is_binary(wsi), lws_remaining_packet_payload(wsi));
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	struct socket *s = wsi ? socket_of(wsi) : NULL;
	struct conn *c = s ? s->conn : NULL;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return confirm_upgrade(wsi);
	case LWS_CALLBACK_HTTP:
		return -1;
	case LWS_CALLBACK_ESTABLISHED:
		return established(wsi);
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		gone(wsi);
		return 0;
	default:
		break;
	}
	if (!c)
		return 0;
	if (reason == LWS_CALLBACK_RECEIVE)
		on_receive(s, in, len);
	else if (reason == LWS_CALLBACK_RECEIVE_PONG)
		conn_on_pong(c);
	else if (reason == LWS_CALLBACK_SERVER_WRITEABLE && !lws_partial_buffered(wsi))
		conn_on_writable(c);
	else if (reason == LWS_CALLBACK_WS_PEER_INITIATED_CLOSE)
		return goodbye(s, len);
	return 0;
}

/* ---- the wire ------------------------------------------------------------ */

static enum wire_sent
wire_send(void *wire, const void *frames, size_t len)
{
	const struct socket *s = wire;
	unsigned char *rest = (unsigned char *)(uintptr_t)frames; /* it only reads them */
	ssize_t sent = 0;

	if (!lws_partial_buffered(s->wsi))
		sent = send(s->fd, frames, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent == (ssize_t)len)
		return WIRE_SENT;
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return WIRE_BROKEN;
	if (sent > 0) {
		rest += sent;
		len -= (size_t)sent;
	}
	if (lws_write(s->wsi, rest, len, LWS_WRITE_RAW) < 0)
		return WIRE_BROKEN;
	return lws_partial_buffered(s->wsi) ? WIRE_KEPT : WIRE_SENT;
}

static void
wire_tell(void *wire, enum wire_wish wish)
{
	struct socket *s = wire;

	switch (wish) {
	case WIRE_HOLD:
	case WIRE_FLOW:
		read_or_not(s, wish == WIRE_FLOW);
		break;
	case WIRE_CLOSE: /* without flushing what is buffered */
		shutdown(s->fd, SHUT_RDWR);
		lws_set_timeout(s->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
		break;
	}
}

static int
wire_fd(const void *wire)
{
	const struct socket *s = wire;

	return lws_partial_buffered(s->wsi) ? -1 : s->fd;
}

static const struct wire_ops ws_wire = {
	.send = wire_send,
	.tell = wire_tell,
	.fd = wire_fd,
};

/* ---- coming and going ---------------------------------------------------- */

static const struct lws_protocols protocols[] = {
	{ .name = HELLO_PROTOCOL,
	  .callback = on_event,
	  .rx_buffer_size = RX_SIZE,
	  .tx_packet_size = OUTBOX_WRITE_MAX },
	{},
};

static void
on_log(int level, const char *line)
{
	(void)level;
	log_event(LOG_WARN, "lws", LOG_S("message", line));
}

enum err
ws_open(struct broker *b, struct ws **out)
{
	static const lws_retry_bo_t no_pings;
	void *loops[] = { loop_native(b->loop) };
	struct ws *ws = xcalloc(1, sizeof(*ws));
	const struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.vhost_name = "foyer",
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBEV,
		.foreign_loops = loops,
		.retry_and_idle_policy = &no_pings,
		.pt_serv_buf_size = OUTBOX_WRITE_MAX,
		.max_http_header_data = HEAD_SIZE,
		.timeout_secs = HANDSHAKE_S,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.user = ws,
	};

	ws->broker = b;
	list_init(&ws->talkative);
	lws_set_log_level(LLL_ERR, on_log);
	ws->context = lws_create_context(&info);
	if (!ws->context) {
		log_event(LOG_ERROR, "lws.context");
		free(ws);
		return ERR_INTERNAL;
	}
	ws->vhost = lws_get_vhost_by_name(ws->context, "foyer");
	*out = ws;
	return OK;
}

void
ws_close(struct ws *ws)
{
	if (!ws)
		return;
	lws_context_destroy(ws->context);
	free(ws);
}

void
ws_adopt(struct ws *ws, int fd, const struct hello *hello, const char *rest,
	 size_t rest_len)
{
	struct strbuf head = { .arena = ws->broker->turn };

	strbuf_printf(&head,
		      "GET /ws HTTP/1.1\r\n"
		      "Host: foyer\r\n"
		      "Upgrade: websocket\r\n"
		      "Connection: Upgrade\r\n"
		      "Sec-WebSocket-Version: 13\r\n"
		      "Sec-WebSocket-Key: %s\r\n"
		      "%s\r\n",
		      hello->ws_key,
		      hello->names_protocol ? "Sec-WebSocket-Protocol: " HELLO_PROTOCOL
					      "\r\n"
					    : "");
	strbuf_add(&head, rest, rest_len);
	ws->hello = hello;
	lws_set_log_level(0, on_log); /* it logs every such socket as an error */
	lws_adopt_socket_vhost_readbuf(ws->vhost, fd, head.data, head.len);
	lws_set_log_level(LLL_ERR, on_log);
	ws->hello = NULL;
}

static void
read_again(struct socket *s)
{
	struct lws_pollfd readable = { .fd = lws_get_socket_fd(s->wsi),
				       .events = LWS_POLLIN,
				       .revents = LWS_POLLIN };

	list_remove(&s->in_talkative);
	s->read_len = 0;
	lws_service_fd(s->ws->context, &readable); /* may end the connection */
}

void
ws_read_on(struct ws *ws)
{
	struct link *first;

	for (int i = 0; i < READS_ON && (first = list_first(&ws->talkative)); i++)
		read_again(CONTAINER(first, struct socket, in_talkative));
}

void
ws_turn_ends(struct ws *ws)
{
	ws->read_count = 0;
	LIST_EACH(&ws->talkative, item)
		list_remove(item); /* the loop reports them again */
}

void
ws_tick(struct ws *ws)
{
	lws_cancel_service(ws->context);
}
