/* parts.h -- the parts of foyer-image. On any failure the process ends: what was found
 * before is already reported (image.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *data;
	size_t len;
};

__attribute__((noreturn)) void give_up(void);
void *get_memory(size_t count, size_t size);

/* ---- strip.c: what tells where a picture was made ------------------------- */

struct metadata {
	int orientation; /* from Exif: 1..8 */
	bool has_place;
};

struct metadata metadata_of(const char *mime, struct bytes file);
/* Writes the same picture without the place to IMAGE_COPY. The orientation stays, and so
 * does what the pixels need (colour profiles). */
void write_without_place(const char *mime, struct bytes file, int orientation);

/* ---- exif.c ----------------------------------------------------------------- */

/* Reads a TIFF structure; false if it is none. */
bool exif_read(struct bytes tiff, struct metadata *out);
bool xmp_has_place(struct bytes xmp);
/* Blanks every place in a file of any format, without moving anything. Returns whether
 * there was one. */
bool blank_places(uint8_t *data, size_t len);
enum { EXIF_SMALL_SIZE = 26 };
/* A TIFF structure that contains only the orientation. */
void exif_small(int orientation, uint8_t out[EXIF_SMALL_SIZE]);

/* ---- decoders: rows of RGBA, from the top ------------------------------------ */

struct canvas;

/* Each passes the size to canvas_size() before decoding anything; that gives up if it is
 * too large. */
void decode_jpeg(struct bytes file, struct canvas *c);
void decode_png(struct bytes file, struct canvas *c);
void decode_gif(struct bytes file, struct canvas *c);
void decode_webp(struct bytes file, struct canvas *c);

/* ---- canvas.c: from rows to a small picture ----------------------------------- */

/* The size of the whole picture, set once, before the rows; then the size in which rows
 * arrive (a decoder may shrink by itself). */
void canvas_size(struct canvas *c, uint32_t width, uint32_t height);
void canvas_begin(struct canvas *c, uint32_t width, uint32_t height);
void canvas_row(struct canvas *c, const uint8_t *rgba);

struct canvas {
	void (*on_size)(struct canvas *c);
	uint32_t full_width, full_height;
	uint32_t width, height; /* of the rows */
	uint32_t factor;	/* this many pixels of a side become one */
	uint32_t small_width, small_height, row;
	uint32_t *sums; /* of one row of small pixels */
	uint8_t *small; /* RGBA */
};

/* Writes the picture, turned and in its final size, as WebP to IMAGE_THUMB. */
void canvas_write(struct canvas *c, int orientation);

/* ---- sound.c, confine.c -------------------------------------------------------- */

int64_t sound_duration_ms(const char *mime, struct bytes file); /* -1: not known */

/* After this: no network, no other programs, no other files. */
void confine(void);
