#include "broker/frame.h"
#include "broker/ring.h"
#include "tests/unit/test.h"

/* Appends a frame of len bytes in all. */
static void
append(struct arena *a, struct ring *r, size_t len)
{
	uint8_t head[FRAME_HEAD_MAX];
	size_t head_len = frame_head(len - (len < 128 ? 2 : len < 65540 ? 4 : 10), head);
	uint8_t *frame = arena_alloc(a, len);

	memcpy(frame, head, head_len);
	assert_int_equal(frame_size(frame), len);
	ring_append(r, frame, len);
}

static size_t
read_all(struct ring *r, struct ring_cursor *c)
{
	const uint8_t *at;
	size_t len, sum = 0;

	while ((len = ring_peek(r, c, &at)) > 0) {
		ring_advance(r, c, len);
		sum += len;
	}
	return sum;
}

static void
a_cursor_reads_what_comes_after_it(void **state)
{
	struct ring r;
	struct ring_cursor early, late;

	ring_init(&r, 5);
	ring_attach(&r, &early, 5);
	append(*state, &r, 100);
	append(*state, &r, 200);
	ring_attach_end(&r, &late);
	append(*state, &r, 300);
	assert_int_equal(ring_lag(&r, &early), 600);
	assert_int_equal(ring_lag(&r, &late), 300);
	assert_int_equal(read_all(&r, &early), 600);
	assert_int_equal(early.seq, 8);
	assert_int_equal(read_all(&r, &late), 300);
	assert_int_equal(late.seq, 8);
	ring_detach(&r, &early);
	ring_detach(&r, &late);
	ring_done(&r);
}

static void
several_rest_at_the_end_of_nothing(void **state)
{
	struct ring r;
	struct ring_cursor c[3];

	ring_init(&r, 1);
	for (int i = 0; i < 3; i++)
		ring_attach_end(&r, &c[i]);
	ring_detach(&r, &c[0]);
	append(*state, &r, 50);
	assert_int_equal(read_all(&r, &c[1]), 50);
	ring_detach(&r, &c[1]);
	assert_int_equal(read_all(&r, &c[2]), 50);
	ring_detach(&r, &c[2]);
	ring_done(&r);
}

static void
a_frame_is_found_by_its_number(void **state)
{
	struct ring r;

	ring_init(&r, 1);
	for (int i = 1; i <= 400; i++)
		append(*state, &r, 100);
	for (int seq = 1; seq <= 401; seq++) {
		struct ring_cursor c;

		assert_true(ring_covers(&r, seq));
		ring_attach(&r, &c, seq);
		assert_int_equal(c.seq, seq);
		assert_int_equal(ring_lag(&r, &c), (401 - seq) * 100);
		ring_detach(&r, &c);
	}
	assert_false(ring_covers(&r, 0));
	assert_false(ring_covers(&r, 402));
	ring_done(&r);
}

static void
what_nobody_needs_goes_but_for_the_newest(void **state)
{
	struct ring r;

	ring_init(&r, 1);
	for (int i = 0; i < 10000; i++)
		append(*state, &r, 1000);
	assert_true(r.bytes >= RING_KEEP);
	assert_true(r.bytes <= 3 * RING_KEEP);
	assert_true(ring_covers(&r, r.first_seq));
	assert_true(r.first_seq > 9000);
	ring_done(&r);
}

static void
a_cursor_keeps_what_it_has_not_read(void **state)
{
	struct ring r;
	struct ring_cursor slow;

	ring_init(&r, 1);
	ring_attach(&r, &slow, 1);
	for (int i = 0; i < 2000; i++)
		append(*state, &r, 1000);
	assert_int_equal(ring_lag(&r, &slow), 2000000);
	assert_int_equal(read_all(&r, &slow), 2000000);
	assert_int_equal(slow.seq, 2001);
	assert_true(r.bytes <= 3 * RING_KEEP); /* and then it is freed */
	ring_detach(&r, &slow);
	ring_done(&r);
}

static void
a_frame_larger_than_a_chunk_is_one_piece(void **state)
{
	struct ring r;
	struct ring_cursor c;
	const uint8_t *at;

	ring_init(&r, 1);
	ring_attach_end(&r, &c);
	append(*state, &r, 100);
	append(*state, &r, 200000);
	append(*state, &r, 100);
	assert_int_equal(ring_peek(&r, &c, &at), 100);
	ring_advance(&r, &c, 100);
	assert_int_equal(ring_peek(&r, &c, &at), 200000);
	ring_advance(&r, &c, 200000);
	assert_int_equal(ring_peek(&r, &c, &at), 100);
	ring_advance(&r, &c, 100);
	assert_int_equal(c.seq, 4);
	ring_detach(&r, &c);
	ring_done(&r);
}

static void
what_is_hidden_is_for_no_newcomer(void **state)
{
	struct ring r;

	ring_init(&r, 1);
	for (int i = 0; i < 10; i++)
		append(*state, &r, 100);
	ring_hide(&r, 4);
	ring_hide(&r, 2);
	assert_false(ring_covers(&r, 4));
	assert_true(ring_covers(&r, 5));
	ring_done(&r);
}

static void
an_emptied_ring_goes_on_with_its_cursors(void **state)
{
	struct ring r;
	struct ring_cursor c[2];

	ring_init(&r, 1);
	ring_attach_end(&r, &c[0]);
	ring_attach_end(&r, &c[1]);
	append(*state, &r, 100);
	read_all(&r, &c[0]);
	read_all(&r, &c[1]);
	ring_empty(&r);
	ring_rest(&r, &c[0]);
	ring_rest(&r, &c[1]);
	assert_int_equal(r.bytes, 0);
	assert_false(ring_covers(&r, 1));
	append(*state, &r, 70);
	assert_int_equal(read_all(&r, &c[0]), 70);
	assert_int_equal(read_all(&r, &c[1]), 70);
	assert_int_equal(c[0].seq, 3);
	ring_detach(&r, &c[0]);
	ring_detach(&r, &c[1]);
	ring_done(&r);
}

static void
part_of_a_piece_may_be_passed_over(void **state)
{
	struct ring r;
	struct ring_cursor c;

	ring_init(&r, 1);
	ring_attach_end(&r, &c);
	for (int i = 0; i < 6; i++)
		append(*state, &r, 200);
	const uint8_t *at;
	assert_int_equal(ring_peek(&r, &c, &at), 1200);
	ring_advance(&r, &c, 400);
	assert_int_equal(c.seq, 3);
	ring_skip(&r, &c, 4);
	assert_int_equal(c.seq, 5);
	assert_int_equal(ring_lag(&r, &c), 400);
	ring_skip(&r, &c, 99); /* more than there are */
	assert_int_equal(c.seq, 7);
	ring_detach(&r, &c);
	ring_done(&r);
}

/* Many cursors at random against a plain model. */
static void
cursors_at_random_read_every_frame_once(void **state)
{
	enum { CURSORS = 20, STEPS = 20000 };
	struct ring r;
	struct ring_cursor c[CURSORS];
	int64_t next[CURSORS];
	unsigned seed = 7;

	(void)state;
	ring_init(&r, 1);
	for (int i = 0; i < CURSORS; i++) {
		ring_attach_end(&r, &c[i]);
		next[i] = 1;
	}
	for (int step = 0; step < STEPS; step++) {
		int i = rand_r(&seed) % CURSORS;
		const uint8_t *at;
		uint8_t frame[FRAME_HEAD_MAX + 400] = {};

		if (rand_r(&seed) % 3 == 0) {
			size_t len = 8 + (size_t)rand_r(&seed) % 300;
			size_t head = frame_head(len, frame);

			memcpy(frame + head, &r.next_seq, sizeof(r.next_seq));
			ring_append(&r, frame, head + len);
		} else if (rand_r(&seed) % 20 == 0) {
			ring_detach(&r, &c[i]);
			next[i] = r.first_seq +
				  rand_r(&seed) % (r.next_seq - r.first_seq + 1);
			ring_attach(&r, &c[i], next[i]);
		} else if (ring_peek(&r, &c[i], &at) > 0) {
			int64_t seq;
			size_t size = frame_size(at);

			memcpy(&seq, at + (at[1] < 126 ? 2 : 4), sizeof(seq));
			assert_int_equal(seq, next[i]);
			assert_int_equal(c[i].seq, next[i]);
			ring_advance(&r, &c[i], size);
			next[i]++;
		} else {
			assert_int_equal(next[i], r.next_seq);
		}
	}
	for (int i = 0; i < CURSORS; i++)
		ring_detach(&r, &c[i]);
	ring_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_cursor_reads_what_comes_after_it),
		T(several_rest_at_the_end_of_nothing),
		T(a_frame_is_found_by_its_number),
		T(what_nobody_needs_goes_but_for_the_newest),
		T(a_cursor_keeps_what_it_has_not_read),
		T(a_frame_larger_than_a_chunk_is_one_piece),
		T(what_is_hidden_is_for_no_newcomer),
		T(an_emptied_ring_goes_on_with_its_cursors),
		T(part_of_a_piece_may_be_passed_over),
		T(cursors_at_random_read_every_frame_once),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
