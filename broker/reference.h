/* reference.h -- the reference of the live side, printed from the tables that route and
 * check (commands.h) and those of what clients hear (frame_rows.h). */
#pragma once

#include "shared/json.h"

/* The document, AsyncAPI 3.0; as it is described, Foyer `receives` what clients say. */
struct json *reference_document(struct arena *a);
/* The same for readers, in Markdown: every frame with its fields, and why connections
 * are closed. What stands below "Every frame" in docs/live.md. */
const char *reference_text(struct arena *a);

/* Either of them to standard output. */
void reference_print(void);
void reference_print_text(void);
