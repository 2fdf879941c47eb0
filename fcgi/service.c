/* service.c -- the installation's description, its health, and the reference. */
#include <string.h>

#include "fcgi/accounts_store.h"
#include "fcgi/mail.h"
#include "fcgi/openapi.h"
#include "fcgi/tables.h"
#include "shared/announce.h"
#include "shared/wake.h"

/* What a client may rely on, by name; names are only ever added. */
static const char *const features[] = {
	"accounts",  "rooms",	    "members", "messages", "log",
	"live",	     "idempotency", "people",  "files",	   "edit",
	"reactions", "read",	    "calls",   "events",   "activity",
};

static struct json *
live(struct req *rq)
{
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "url", arena_printf(rq->arena, "%s/ws", rq->app->base));
	json_put_bool(o, "up", wake_is_up(rq->app->wake));
	return o;
}

/* The epoch is known once the database was reached. */
static const char *
epoch(struct req *rq)
{
	const struct db_instance *instance = db_instance(rq->app->db);

	if (!*instance->epoch && service_ping(rq->app->db, rq->arena) != OK)
		return NULL;
	return *instance->epoch ? instance->epoch : NULL;
}

static enum err
get_status(struct req *rq, struct reply *out)
{
	const struct config *c = &rq->app->config;
	struct json *o = json_object_in(rq->arena), *words = json_array_in(rq->arena);

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		json_push_text(words, features[i]);
	json_put_text(o, "name", "Foyer");
	json_put_text(o, "version", FOYER_VERSION);
	json_put_text(o, "epoch", epoch(rq));
	json_put(o, "live", live(rq));
	json_put(o, "limits", announce_limits(rq->arena, c));
	if (mail_works(c))
		json_push_text(words, "mail");
	json_put(o, "features", words);
	json_put_int(o, "poll_interval_s", c->poll_interval_s);
	json_put_text(o, "registration", c->registration);
	json_put_bool(o, "confirm_email", strcmp(c->confirm_email, "on") == 0);
	reply_json(rq, out, 200, o);
	return OK;
}

/* Alive: this process answers. */
static enum err
get_liveness(struct req *rq, struct reply *out)
{
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "status", "ok");
	reply_json(rq, out, 200, o);
	return OK;
}

/* Ready: the database answers. Without a broker the API still works, so its absence is
 * reported but is no failure. */
static enum err
get_readiness(struct req *rq, struct reply *out)
{
	struct json *o = json_object_in(rq->arena);
	enum err e = service_ping(rq->app->db, rq->arena);

	if (e != OK)
		return problem_retry(
			&rq->problem, ERR_UNAVAILABLE, NULL,
			e == ERR_INTERNAL
				? "The database schema does not fit this program."
				: "The database cannot be reached.",
			1);
	json_put_text(o, "status", "ok");
	json_put_text(o, "database", "up");
	json_put_text(o, "broker", wake_is_up(rq->app->wake) ? "up" : "down");
	reply_json(rq, out, 200, o);
	return OK;
}

static enum err
get_openapi(struct req *rq, struct reply *out)
{
	reply_json_tagged(rq, out,
			  openapi_document(rq->arena, &rq->app->config, all_tables));
	return OK;
}

const struct route service_routes[] = {
	{ GET, "/status", AUTH_NONE, LIMIT_REQUESTS, 1, ROUTE_EVERYWHERE,
	  HANDLER(get_status), .tag = "service",
	  .summary = "Get the version, limits and features", .status = 200,
	  .gives = "Status" },
	{ GET, "/health", AUTH_NONE, LIMIT_NONE, 0, ROUTE_EVERYWHERE,
	  HANDLER(get_readiness), .tag = "service",
	  .summary = "Check whether the service works",
	  .about = "Also at /health and /status, outside /api.", .status = 200,
	  .gives = "Health" },
	{ GET, "/health/ready", AUTH_NONE, LIMIT_NONE, 0, ROUTE_EVERYWHERE | ROUTE_ALIAS,
	  HANDLER_AS(get_readiness, "get_health_ready"), .tag = "service",
	  .summary = "The same as /health", .status = 200, .gives = "Health" },
	{ GET, "/health/live", AUTH_NONE, LIMIT_NONE, 0, ROUTE_EVERYWHERE,
	  HANDLER(get_liveness), .tag = "service",
	  .summary = "Check whether the process answers at all", .status = 200,
	  .gives = "Health" },
	{ GET, "/openapi.json", AUTH_NONE, LIMIT_REQUESTS, 5, ROUTE_TAGGED,
	  HANDLER(get_openapi), .tag = "service", .summary = "Get this document",
	  .status = 200, .gives = "Document" },
	{},
};
