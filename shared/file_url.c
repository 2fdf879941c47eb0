#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "shared/digest.h"
#include "shared/file_url.h"
#include "shared/keys.h"
#include "shared/text.h"

enum { HOUR_S = 3600 };

const char *const file_variant_names[] = {
	[FILE_WHOLE] = "whole",
	[FILE_THUMB] = "thumb",
	NULL,
};

/* Nothing else that the key signs (access tokens) begins like this. */
static const char *
signature_of(struct arena *a, const struct key *key, const char *file_id,
	     enum file_variant variant, const struct file_grant *g)
{
	const char *text = arena_printf(a, "foyer file 1\n%s\n%s\n%s\n%s\n%" PRId64,
					file_id, file_variant_names[variant],
					g->user_id.text, g->session_id.text, g->until_s);
	unsigned char mac[SHA256_BYTES];

	hmac_sha256(key->sign.data, key->sign.len, text, strlen(text), mac);
	return text_base64url(a, mac, sizeof(mac));
}

const char *
file_url_plain(struct arena *a, const char *base, const char *file_id,
	       enum file_variant variant)
{
	return arena_printf(a, "%s/files/%s%s", base, file_id,
			    variant == FILE_THUMB ? "?variant=thumb" : "");
}

const char *
file_url_signed(struct arena *a, const struct keys *k, const char *base,
		const char *file_id, enum file_variant variant, const char *user_id,
		const char *session_id, int64_t now_s)
{
	const char *plain = file_url_plain(a, base, file_id, variant);
	struct file_grant g = { .until_s = (now_s / HOUR_S + 2) * HOUR_S };

	if (!k->signer || uuid_parse(user_id, &g.user_id) != OK ||
	    uuid_parse(session_id, &g.session_id) != OK)
		return plain;
	return arena_printf(
		a, "%s%cuser=%s&session=%s&until=%" PRId64 "&key=%s&signature=%s", plain,
		strchr(plain, '?') ? '&' : '?', g.user_id.text, g.session_id.text,
		g.until_s, k->signer->kid,
		signature_of(a, k->signer, file_id, variant, &g));
}

enum err
file_url_check(struct arena *a, const struct keys *k, const char *file_id,
	       enum file_variant variant, const struct file_grant *grant, int64_t now_s)
{
	const struct key *key = keys_find(k, grant->key);

	if (!key || !key->sign.data || grant->until_s <= now_s ||
	    !text_equal_secret(signature_of(a, key, file_id, variant, grant),
			       grant->signature))
		return ERR_NOT_FOUND;
	return OK;
}
