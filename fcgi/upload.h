/* upload.h -- receiving a file from a request, and storing it.
 *
 *	TRY(upload_receive(rq, NULL, &up));
 *	TRY(upload_store(rq, &up, &key, &file));
 *
 * However large the file is, memory does not grow with it: it is copied from the request
 * into a temporary file in pieces. A file that is received but not stored is removed with
 * the request's arena; what a killed process leaves in tmp is swept. */
#pragma once

#include <stdint.h>

#include "fcgi/files_store.h"
#include "fcgi/request.h"
#include "shared/digest.h"

enum { UPLOAD_PAIRS_MAX = 24 };

struct upload {
	int fd; /* of the temporary file; -1: the form had none */
	const char *path;
	const char *name; /* clean */
	int64_t size;
	char sha256[2 * SHA256_BYTES + 1];
	/* The form's other fields, for body_read_pairs(). */
	size_t pair_count;
	struct body_pair pairs[UPLOAD_PAIRS_MAX];
};

/* Is the body a form with files in it? */
bool upload_is_form(const struct req *rq);

/* Reads the body. In a form: the part `file`, and other fields of max_body_bytes
 * together. Any other body is the file itself, named raw_name (NULL: "file").
 * ERR_TOO_LARGE as soon as the length is known. */
enum err upload_receive(struct req *rq, const char *raw_name, struct upload *out);

/* Examines the file, moves it to its place, and makes it an upload of rq->user_id.
 * ERR_TOO_LARGE (quota_exceeded) if it exceeds the quota; otherwise as file_insert(). */
enum err upload_store(struct req *rq, struct upload *up, const struct file_key *key,
		      struct file *out);

/* In the contract's form, with URLs signed for the caller. */
struct json *upload_json(struct req *rq, const struct file *f);
