/* reference.h -- the reference of the live side, printed from the tables that route and
 * check frames (commands.h) and those of the frames to clients (frame_rows.h). */
#pragma once

#include "shared/json.h"

/* The AsyncAPI 3.0 document; from Foyer's view, so it `receives` what clients send. */
struct json *reference_document(struct arena *a);
/* The same for readers, in Markdown: every frame with its fields, and why connections
 * are closed. It stands below "Every frame" in docs/live.md. */
const char *reference_text(struct arena *a);

/* Print either to standard output. */
void reference_print(void);
void reference_print_text(void);
