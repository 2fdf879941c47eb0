/* files.c -- uploads and downloads.
 *
 * A download needs a token, or a URL that we signed (shared/file_url.h). The right to
 * read is checked in the database each time: a URL opens no more than its person could
 * open with a token. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fcgi/access.h"
#include "fcgi/file_name.h"
#include "fcgi/file_place.h"
#include "fcgi/file_type.h"
#include "fcgi/range.h"
#include "fcgi/tables.h"
#include "fcgi/upload.h"
#include "shared/clock.h"
#include "shared/file_url.h"
#include "shared/log.h"
#include "shared/text.h"
#include "shared/token.h"

/* ---- uploading ------------------------------------------------------------- */

struct upload_query {
	struct body_head head;
	const char *name;
};

static const struct body upload_query =
	BODY(struct upload_query,
	     FIELD_TEXT(struct upload_query, name, OPTIONAL, 1, 1000,
			.about = "The file's name, if the body is the file itself."));

static enum err
post_file(struct req *rq, struct reply *out)
{
	const struct upload_query *in = rq->query;
	struct upload up;
	struct file_key key;
	struct file file;
	enum err err;

	TRY(request_key(rq, &key.key));
	TRY(upload_receive(rq, in->name, &up));
	TRY(problem_fields_check(&rq->problem));
	if (up.fd < 0)
		problem_field(&rq->problem, "file", "required",
			      "The file is missing or empty.");
	for (size_t i = 0; i < up.pair_count; i++)
		problem_field(&rq->problem, up.pairs[i].name, "unknown",
			      "There is no such field.");
	TRY(problem_fields_check(&rq->problem));
	key.fingerprint = fingerprint((const char *const[]){ up.name, up.sha256 }, 2);
	err = file_of_key(rq->app->db, rq->arena, rq->user_id, &key, &file);
	if (err == ERR_NOT_FOUND)
		err = upload_store(rq, &up, &key, &file);
	if (err == ERR_CONFLICT)
		return problem_fail(&rq->problem, ERR_INVALID, "idempotency_mismatch",
				    "This Idempotency-Key was used for another file.");
	TRY(err);
	reply_created(rq, out, upload_json(rq, &file), "/files/%s", file.id);
	return OK;
}

/* ---- sending --------------------------------------------------------------- */

static void
close_file(void *handle)
{
	struct reply_file *f = handle;

	close(f->fd);
}

/* A content that the database has and the disk lacks: it was restored without its
 * files. */
static enum err
open_place(struct req *rq, const char *place, struct reply_file **out)
{
	const char *dir = rq->app->config.files_dir;
	const char *path = arena_printf(rq->arena, "%s/%s", dir, place);
	struct reply_file *f = ARENA_NEW(rq->arena, struct reply_file);
	struct stat st;

	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) != 0) {
		log_event(LOG_ERROR, "files", LOG_S("what", "open"), LOG_S("path", path),
			  LOG_S("error", strerror(errno)));
		if (f->fd >= 0)
			close(f->fd);
		return ERR_NOT_FOUND;
	}
	arena_defer(rq->arena, close_file, f);
	*out = f;
	f->len = st.st_size;
	return OK;
}

/* The Range header, if it applies: only to a GET, and under If-Range only if the content
 * is the same. NULL: send everything. */
static const char *
part_wanted(struct req *rq, const char *etag)
{
	const char *still = request_header(rq, "HTTP_IF_RANGE");

	if (rq->head_only || (still && strcmp(still, etag) != 0))
		return NULL;
	return request_header(rq, "HTTP_RANGE");
}

/* The web server sends whole files if it can. It does not send parts, so that they are
 * the same behind every web server, nor does it send when it would compare with the
 * file's time on the disk. */
static void
hand_over(struct req *rq, const char *place, struct reply_file *f)
{
	const struct config *c = &rq->app->config;

	if (rq->head_only || strcmp(c->sendfile, "none") == 0 ||
	    request_header(rq, "HTTP_IF_MODIFIED_SINCE"))
		return;
	if (strcmp(c->sendfile, "x-accel") == 0) {
		f->sendfile_header = "X-Accel-Redirect";
		f->sendfile_value =
			arena_printf(rq->arena, "%s/%s", c->sendfile_path, place);
	} else {
		f->sendfile_header = "X-Sendfile";
		f->sendfile_value = arena_printf(rq->arena, "%s/%s", c->files_dir, place);
	}
}

/* For a client that knows no ETag. */
static bool
is_unchanged(struct req *rq, int64_t changed_s)
{
	const char *since = request_header(rq, "HTTP_IF_MODIFIED_SINCE");
	struct tm tm = {};

	return since && !request_header(rq, "HTTP_IF_NONE_MATCH") &&
	       strptime(since, "%a, %d %b %Y %H:%M:%S GMT", &tm) &&
	       timegm(&tm) >= changed_s;
}

/* One of the two forms of a content, and its headers. changed_s is the time of the
 * upload, not of storing the content, which may be another user's upload. */
struct sent {
	const char *place, *type, *etag;
	int64_t changed_s;
};

static void
set_range(struct req *rq, const char *range, struct reply_file *f, struct reply *out)
{
	int64_t size = f->len;

	switch (range_parse(range, size, &f->from, &f->len)) {
	case RANGE_PART:
		out->status = 206;
		out->content_range =
			arena_printf(rq->arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
				     f->from, f->from + f->len - 1, size);
		break;
	case RANGE_NONE:
		out->file = NULL;
		reply_range_not_satisfiable(rq, out, size);
		break;
	case RANGE_ALL:
		f->from = 0;
		f->len = size;
		break;
	}
}

static enum err
send_file(struct req *rq, struct reply *out, const struct sent *s)
{
	const char *range = part_wanted(rq, s->etag);
	struct reply_file *f;

	out->etag = s->etag;
	if (reply_is_fresh(rq, s->etag) || is_unchanged(rq, s->changed_s)) {
		out->status = 304;
		return OK;
	}
	TRY(open_place(rq, s->place, &f));
	f->changed_s = s->changed_s;
	out->status = 200;
	out->type = s->type;
	out->file = f;
	if (range)
		set_range(rq, range, f, out);
	else
		hand_over(rq, s->place, f);
	return OK;
}

/* ---- downloading ----------------------------------------------------------- */

struct download_query {
	struct body_head head;
	int variant;
	struct uuid user, session;
	int64_t until;
	const char *key, *signature;
};

static const struct body download_query =
	BODY(struct download_query,
	     FIELD_ENUM(struct download_query, variant, OPTIONAL, file_variant_names,
			.about = "thumb: a small version of an image."),
	     FIELD_ID(struct download_query, user, OPTIONAL,
		      .about = "Part of a signed URL, like the parameters below."),
	     FIELD_ID(struct download_query, session, OPTIONAL),
	     FIELD_INT(struct download_query, until, OPTIONAL, 0, INT64_MAX),
	     FIELD_KEY(struct download_query, key, OPTIONAL),
	     FIELD_TEXT(struct download_query, signature, OPTIONAL, 1, 100));

/* Who is asking, by a signed URL or by a token. */
static enum err
find_reader(struct req *rq, const struct download_query *in, struct file_reader *out)
{
	struct file_grant grant = { .user_id = in->user,
				    .session_id = in->session,
				    .until_s = in->until,
				    .key = in->key,
				    .signature = in->signature };

	if (!in->signature) {
		TRY(access_check(rq, AUTH_READ));
		*out = (struct file_reader){ .user_id = rq->user_id,
					     .room_only = rq->room_only };
		return OK;
	}
	if (!in->key || !body_given(&download_query, in, user) ||
	    !body_given(&download_query, in, session))
		return ERR_NOT_FOUND;
	TRY(file_url_check(rq->arena, rq->app->keys, rq->arg[0],
			   (enum file_variant)in->variant, &grant,
			   clock_now_ms() / 1000));
	rq->user_id = in->user.text; /* for the log */
	*out = (struct file_reader){ .user_id = in->user.text,
				     .session_id = in->session.text };
	return OK;
}

static enum err
get_file(struct req *rq, struct reply *out)
{
	const struct download_query *in = rq->query;
	bool is_thumb = in->variant == FILE_THUMB;
	struct file_reader reader;
	struct file f;
	const char *type;

	TRY(find_reader(rq, in, &reader));
	TRY(file_find(rq->app->db, rq->arena, rq->arg[0], &reader, &f));
	if (is_thumb && !f.has_thumb)
		return ERR_NOT_FOUND;
	type = is_thumb ? "image/webp" : f.mime;
	TRY(send_file(rq, out,
		      &(struct sent){
			      .place = file_place(rq->arena, f.sha256,
						  is_thumb ? FILE_SMALL : FILE_CONTENT),
			      .type = type,
			      .etag = arena_printf(rq->arena, "\"%.32s%s\"", f.sha256,
						   is_thumb ? "-t" : ""),
			      .changed_s = f.created_at / 1000,
		      }));
	out->cache_control =
		reader.session_id ? "private, max-age=3600" : "private, no-cache";
	out->disposition = file_name_disposition(
		rq->arena, is_thumb ? arena_printf(rq->arena, "%s.webp", f.name) : f.name,
		file_type_is_inline(type));
	return OK;
}

static enum err
get_avatar(struct req *rq, struct reply *out)
{
	struct file f;

	TRY(avatar_find(rq->app->db, rq->arena, rq->arg[0], &f));
	TRY(send_file(rq, out,
		      &(struct sent){
			      .place = file_place(rq->arena, f.sha256, FILE_SMALL),
			      .type = "image/webp",
			      .etag = arena_printf(rq->arena, "\"%s\"", rq->arg[0]),
			      .changed_s = f.created_at / 1000,
		      }));
	out->cache_control = "public, max-age=31536000, immutable";
	out->disposition = "inline";
	return OK;
}

const struct route files_routes[] = {
	{ POST, "/files", AUTH_POST, LIMIT_REQUESTS, 5,
	  .flags = ROUTE_BOUND | ROUTE_UPLOAD | ROUTE_KEYED, .query = &upload_query,
	  HANDLER(post_file), .tag = "files", .summary = "Upload a file",
	  .about = "Send multipart/form-data with the part `file`, or the file itself "
		   "as the body, with `?name=`. The server detects the type from the "
		   "content, and removes the place where an image was made. Put the id "
		   "into the data of a message, or use it as an avatar; a file that is "
		   "not used is removed after a day. 413: too_large or quota_exceeded.",
	  .status = 201, .gives = "File" },
	{ GET, "/files/{id}", AUTH_OPTIONAL, LIMIT_REQUESTS, 1,
	  .flags = ROUTE_TAGGED | ROUTE_BYTES, .query = &download_query,
	  HANDLER(get_file), .tag = "files", .summary = "Download a file",
	  .about = "With a token, or without one by the signed URLs `url` and "
		   "`thumb_url`, which are valid for at least an hour, while their "
		   "session lives and their user may read the file. Supports Range "
		   "(206, 416).",
	  .status = 200, FAILS(401, 403, 404) },
	{ GET, "/avatars/{id}", AUTH_NONE, LIMIT_NONE, 0,
	  .flags = ROUTE_TAGGED | ROUTE_BYTES, HANDLER(get_avatar), .tag = "files",
	  .summary = "Get the image of an avatar",
	  .about = "For everybody who knows its id. It never changes.", .status = 200,
	  FAILS(404) },
	{},
};
