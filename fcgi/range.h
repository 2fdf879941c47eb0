/* range.h -- which bytes a Range header asks for (RFC 9110, section 14). */
#pragma once

#include <stdint.h>

enum range_kind {
	RANGE_ALL,  /* none, several, or an unknown unit: send everything */
	RANGE_PART, /* one */
	RANGE_NONE, /* outside the content */
};

/* header: NULL none. size: of the whole content. out_from, out_len are set for
 * RANGE_PART. */
enum range_kind range_parse(const char *header, int64_t size, int64_t *out_from,
			    int64_t *out_len);
