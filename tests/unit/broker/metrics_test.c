#include "tests/unit/broker/fake.h"

static const char *
printed(void)
{
	return metrics_print(&fake.broker, fake.arena);
}

/* The output must contain this whole line. */
static void
expect(const char *line)
{
	const char *text = arena_printf(fake.arena, "\n%s\n", line);

	if (!strstr(printed(), text))
		fail_msg("expected %s in\n%s", line, printed());
}

static void
each_name_is_explained_once_before_its_rows(void **state)
{
	char *text = arena_strdup(fake.arena, printed()), *line, *rest = text;
	char name[80] = "", kind[20] = "", seen[8192] = "";
	int explained = 0;

	(void)state;
	while ((line = strsep(&rest, "\n")) && *line) {
		if (sscanf(line, "# HELP %79s", name) == 1) {
			char mark[82];

			assert_true(strlen(line) > strlen("# HELP ") + strlen(name) + 5);
			snprintf(mark, sizeof(mark), " %s ", name);
			assert_null(strstr(seen, mark));
			strcat(seen, mark);
			explained++;
			line = strsep(&rest, "\n");
			assert_int_equal(sscanf(line, "# TYPE %*s %19s", kind), 1);
		} else {
			assert_int_equal(strncmp(line, name, strlen(name)), 0);
			assert_true(strcmp(kind, "histogram") == 0 ||
				    strchr(" {", line[strlen(name)]));
		}
		if (strcmp(kind, "counter") == 0)
			assert_string_equal(name + strlen(name) - 6, "_total");
	}
	assert_true(explained > 30);
}

static void
a_histogram_is_cumulative_with_sum_and_count(void **state)
{
	struct histogram *h = &fake.broker.metrics.commit_us;

	(void)state;
	metrics_time(h, 100);
	metrics_time(h, 101);
	metrics_time(h, 2500);
	metrics_time(h, 9000000);
	expect("foyer_commit_seconds_bucket{le=\"0.000100\"} 1");
	expect("foyer_commit_seconds_bucket{le=\"0.000250\"} 2");
	expect("foyer_commit_seconds_bucket{le=\"0.002500\"} 3");
	expect("foyer_commit_seconds_bucket{le=\"5.000000\"} 3");
	expect("foyer_commit_seconds_bucket{le=\"+Inf\"} 4");
	expect("foyer_commit_seconds_sum 9.002701");
	expect("foyer_commit_seconds_count 4");
	metrics_size(&fake.broker.metrics.batch_messages, 1000);
	metrics_size(&fake.broker.metrics.batch_messages, 1);
	expect("foyer_batch_messages_bucket{le=\"1\"} 1");
	expect("foyer_batch_messages_bucket{le=\"1000\"} 2");
	expect("foyer_batch_messages_sum 1001");
}

static void
connections_are_counted_by_state_and_by_end(void **state)
{
	struct fake_wire w[4];
	struct conn *c[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		c[i] = fake_conn(&w[i], i % 2 ? ANN : BOB);
	fake_join(c[0], "0");
	expect("foyer_connections{state=\"ready\"} 4");
	expect("foyer_connections_opened_total 4");
	expect("foyer_people 2");
	expect("foyer_rooms 1");
	expect("foyer_listeners 1");
	conn_close(c[0], CLOSE_TOO_SLOW, "too_slow");
	conn_on_goodbye(c[1]);
	conn_on_gone(c[2]);
	expect("foyer_connections{state=\"closing\"} 2");
	fake_turn_ends();
	conn_on_gone(c[0]); /* each is counted once */
	conn_on_gone(c[1]);
	fake_turn_ends();
	expect("foyer_connections{state=\"ready\"} 1");
	expect("foyer_connections_ended_total{by=\"4408\"} 1");
	expect("foyer_connections_ended_total{by=\"gone\"} 2");
	expect("foyer_listeners 0");
}

static void
frames_and_bytes_are_counted_both_ways(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	size_t before;

	(void)state;
	before = w.len;
	fake_say(ann, "{\"type\":\"ping\"}");
	fake_say(ann, "{\"type\":\"ping\"}");
	fake_turn_ends();
	expect("foyer_frames_received_total 2");
	expect("foyer_received_bytes_total 30");
	expect("foyer_frames_sent_total 2");
	expect("foyer_writes_total 1");
	expect(arena_printf(fake.arena, "foyer_sent_bytes_total %zu", w.len - before));
}

static void
what_was_refused_is_counted_by_its_limit(void **state)
{
	struct fake_wire w;
	struct conn *ann;

	(void)state;
	fake.config.requests_per_second = fake.config.requests_burst = 1;
	fake.config.max_rooms_per_connection = 0;
	ann = fake_conn(&w, ANN);
	for (int i = 0; i < 5; i++)
		fake_say(ann, "{\"type\":\"ping\"}");
	expect("foyer_limited_total{limit=\"frames\"} 4");
	expect("foyer_limited_total{limit=\"messages\"} 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(each_name_is_explained_once_before_its_rows),
		B(a_histogram_is_cumulative_with_sum_and_count),
		B(connections_are_counted_by_state_and_by_end),
		B(frames_and_bytes_are_counted_both_ways),
		B(what_was_refused_is_counted_by_its_limit),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
