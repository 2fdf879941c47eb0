#include "fcgi/upload.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/access.h"
#include "fcgi/content.h"
#include "fcgi/file_look.h"
#include "fcgi/file_name.h"
#include "fcgi/file_place.h"
#include "fcgi/file_type.h"
#include "fcgi/multipart.h"
#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/file_url.h"
#include "shared/log.h"
#include "shared/text.h"

/* How much longer a form may be than the file in it. */
enum { PIECE = 16384, FORM_SLACK = 65536 };

/* ---- receiving ----------------------------------------------------------- */

/* A file that is being written. */
struct sink {
	struct req *rq;
	struct upload *up;
	struct sha256 *sha256;
};

static void
drop_temporary(void *handle)
{
	struct upload *up = handle;

	if (up->path)
		unlink(up->path);
	if (up->fd >= 0)
		close(up->fd);
}

static void
drop_sha256(void *handle)
{
	sha256_free(handle);
}

static enum err
sink_open(struct req *rq, const char *name, struct upload *up, struct sink *out)
{
	struct upload *kept = ARENA_NEW(rq->arena, struct upload);

	kept->fd = -1;
	TRY(file_temporary(rq->arena, rq->app->config.files_dir, &kept->path, &kept->fd));
	arena_defer(rq->arena, drop_temporary, kept);
	up->fd = kept->fd;
	up->path = kept->path;
	up->name = file_name_clean(rq->arena, name ? name : "");
	*out = (struct sink){ rq, up, sha256_new() };
	arena_defer(rq->arena, drop_sha256, out->sha256);
	return OK;
}

static enum err
sink_add(struct sink *s, const char *data, size_t len)
{
	sha256_add(s->sha256, data, len);
	s->up->size += (int64_t)len;
	if (s->up->size > s->rq->app->config.max_file_bytes)
		return ERR_TOO_LARGE;
	while (len > 0) {
		ssize_t put = write(s->up->fd, data, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			log_event(LOG_ERROR, "files", LOG_S("what", "write"),
				  LOG_S("error", strerror(errno)));
			return ERR_UNAVAILABLE;
		}
		data += put;
		len -= (size_t)put;
	}
	return OK;
}

static void
sink_close(struct sink *s)
{
	unsigned char digest[SHA256_BYTES];

	sha256_end(s->sha256, digest);
	text_hex(digest, sizeof(digest), s->up->sha256);
}

static enum err
no_file(struct req *rq)
{
	problem_field(&rq->problem, "file", "required", "The file is missing or empty.");
	return ERR_INVALID;
}

static enum err
receive_raw(struct req *rq, const char *name, struct upload *up)
{
	struct sink sink;
	char piece[PIECE];
	size_t len;

	TRY(sink_open(rq, name, up, &sink));
	while ((len = request_read(rq, piece, sizeof(piece))) > 0)
		TRY(sink_add(&sink, piece, len));
	if (up->size < rq->content_length)
		return problem_fail(&rq->problem, ERR_MALFORMED, NULL,
				    "The body ended before its Content-Length.");
	sink_close(&sink);
	return up->size > 0 ? OK : no_file(rq);
}

/* ---- forms --------------------------------------------------------------- */

static size_t
read_request(void *arg, char *buf, size_t len)
{
	return request_read(arg, buf, len);
}

static enum err
receive_part(struct req *rq, struct multipart *m, const struct part *part,
	     struct upload *up)
{
	struct sink sink;
	char piece[PIECE];
	size_t len;

	if (up->fd >= 0) {
		problem_field(&rq->problem, "file", "duplicate",
			      "Must be only one file.");
		return ERR_INVALID;
	}
	TRY(sink_open(rq, part->filename, up, &sink));
	do {
		TRY(multipart_read(m, piece, sizeof(piece), &len));
		TRY(sink_add(&sink, piece, len));
	} while (len > 0);
	sink_close(&sink);
	return OK;
}

/* A part that is no field. One with a file name is most likely the file, under another
 * name. */
static enum err
not_a_field(struct req *rq, const struct part *part, enum err err, const char *detail)
{
	if (!part->filename)
		return problem_fail(&rq->problem, err, NULL, detail);
	problem_field(&rq->problem, part->name, "unknown",
		      "The file has to be in the field `file`.");
	return ERR_INVALID;
}

/* left: the bytes that all fields together may still have. */
static enum err
receive_field(struct req *rq, struct multipart *m, const struct part *part, int64_t *left,
	      struct upload *up)
{
	struct strbuf value = { .arena = rq->arena };
	char piece[1024];
	size_t len;

	strbuf_add(&value, "", 0);
	do {
		TRY(multipart_read(m, piece, sizeof(piece), &len));
		*left -= (int64_t)len;
		if (*left < 0)
			return not_a_field(rq, part, ERR_TOO_LARGE,
					   "The fields beside the file are too long "
					   "together.");
		strbuf_add(&value, piece, len);
	} while (len > 0);
	if (!text_is_utf8(value.data, value.len) || strlen(value.data) != value.len)
		return not_a_field(rq, part, ERR_MALFORMED,
				   "A field is not UTF-8, or it contains U+0000.");
	if (up->pair_count == UPLOAD_PAIRS_MAX)
		return problem_fail(&rq->problem, ERR_INVALID, NULL,
				    "The form has too many fields.");
	up->pairs[up->pair_count++] = (struct body_pair){ part->name, value.data };
	return OK;
}

static enum err
receive_form(struct req *rq, struct upload *up)
{
	struct multipart *m = ARENA_NEW(rq->arena, struct multipart);
	int64_t left = rq->app->config.max_body_bytes;
	struct part part;
	bool more;

	TRY(multipart_open(m, rq->arena, request_header(rq, "CONTENT_TYPE"), read_request,
			   rq));
	for (;;) {
		TRY(multipart_next(m, &part, &more));
		if (!more)
			return OK;
		if (strcmp(part.name, "file") == 0)
			TRY(receive_part(rq, m, &part, up));
		else
			TRY(receive_field(rq, m, &part, &left, up));
	}
}

bool
upload_is_form(const struct req *rq)
{
	return strcmp(rq->content_type, "multipart/form-data") == 0;
}

static enum err
too_large(struct req *rq)
{
	return problem_fail(&rq->problem, ERR_TOO_LARGE, NULL,
			    arena_printf(rq->arena, "A file may have at most %lld bytes.",
					 (long long)rq->app->config.max_file_bytes));
}

enum err
upload_receive(struct req *rq, const char *raw_name, struct upload *out)
{
	bool is_form = upload_is_form(rq);
	int64_t max = rq->app->config.max_file_bytes;
	enum err err;

	*out = (struct upload){ .fd = -1 };
	if (rq->content_length > max &&
	    (!is_form ||
	     rq->content_length - FORM_SLACK - rq->app->config.max_body_bytes > max))
		return too_large(rq);
	err = is_form ? receive_form(rq, out) : receive_raw(rq, raw_name, out);
	if (err == ERR_TOO_LARGE && !rq->problem.detail)
		return too_large(rq);
	if (err == ERR_MALFORMED && !rq->problem.detail)
		return problem_fail(&rq->problem, err, NULL,
				    "The form cannot be parsed, or it ended too early.");
	return err;
}

/* ---- keeping ------------------------------------------------------------- */

static enum err
explained(struct req *rq, enum err err)
{
	if (err == ERR_TOO_LARGE)
		return problem_fail(&rq->problem, err, "quota_exceeded",
				    "With this file, your files would exceed your "
				    "quota.");
	return err == ERR_UNAUTHENTICATED ? access_ended(rq) : err;
}

/* Files first, then the row: a file without a row is swept. */
static enum err
keep(struct req *rq, const struct upload *up, const struct look *look,
     const struct file *facts, const struct file_key *key, struct file *out)
{
	const char *dir = rq->app->config.files_dir;
	const char *path = look->path ? look->path : up->path;
	int from = look->path ? look->fd : up->fd;
	AUTO(fd) int lock = -1;

	TRY(explained(rq, file_fits(rq->app->db, rq->arena, rq->user_id, facts->size,
				    rq->app->config.quota_bytes)));
	TRY(file_lock(rq->arena, dir, false, &lock));
	if (facts->has_thumb)
		TRY(file_keep(rq->arena, dir, look->thumb_path, look->thumb_fd,
			      facts->sha256, FILE_SMALL));
	TRY(file_keep(rq->arena, dir, path, from, facts->sha256, FILE_CONTENT));
	return explained(rq, file_insert(rq->app->db, rq->arena, rq->user_id, facts,
					 rq->app->config.quota_bytes, key, out));
}

enum err
upload_store(struct req *rq, struct upload *up, const struct file_key *key,
	     struct file *out)
{
	struct file facts = { .name = up->name,
			      .sha256 = up->sha256,
			      .mime = file_type_of(rq->arena, up->fd),
			      .size = up->size,
			      .duration_ms = -1 };
	struct look look = {};

	if (file_type_is_looked_at(facts.mime))
		file_look(rq->arena, &rq->app->config, facts.mime, up->fd, &look);
	if (!look.known && file_type_is_image(facts.mime))
		return problem_fail(&rq->problem, ERR_UNAVAILABLE, NULL,
				    "The image could not be processed, which is "
				    "necessary before it can be shown; try again.");
	if (look.path) {
		facts.size = look.size;
		facts.sha256 = look.sha256;
	}
	if (look.known) {
		facts.width = look.width;
		facts.height = look.height;
		facts.duration_ms = look.duration_ms;
		facts.has_thumb = look.thumb_path != NULL;
	}
	return keep(rq, up, &look, &facts, key, out);
}

/* ---- telling ------------------------------------------------------------- */

static void
put_known(struct json *o, const char *name, int64_t value)
{
	if (value > 0)
		json_put_int(o, name, value);
	else
		json_put_null(o, name);
}

static const char *
url(struct req *rq, const struct file *f, enum file_variant variant)
{
	return file_url_signed(rq->arena, rq->app->keys, rq->app->base, f->id, variant,
			       rq->user_id, rq->session_id, clock_now_ms() / 1000);
}

struct json *
upload_json(struct req *rq, const struct file *f)
{
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "id", f->id);
	json_put_text(o, "name", f->name);
	json_put_int(o, "size", f->size);
	json_put_text(o, "mime", f->mime);
	json_put_text(o, "sha256", f->sha256);
	json_put_text(o, "url", url(rq, f, FILE_WHOLE));
	json_put_text(o, "thumb_url", f->has_thumb ? url(rq, f, FILE_THUMB) : NULL);
	put_known(o, "width", f->width);
	put_known(o, "height", f->height);
	if (f->duration_ms >= 0)
		json_put_real(o, "duration", (double)f->duration_ms / 1000);
	else
		json_put_null(o, "duration");
	return o;
}
