/* admission.c -- see admission.h. */
#include "broker/admission.h"

#include "broker/broker.h"
#include "broker/http.h"
#include "shared/random.h"

enum { UNIT = 1000, SLOWLY = 4 };

/* Newcomers per second under the present load. */
static int64_t
rate(const struct broker *b)
{
	int64_t full = b->config->newcomers_per_second;

	return b->lag_us > ADMISSION_LAG_US && full > SLOWLY ? full / SLOWLY : full;
}

/* At least one, however low the rate. */
static int64_t
burst(const struct broker *b)
{
	int64_t count = b->config->newcomers_per_second * ADMISSION_BURST_MS / 1000;

	return (count > 0 ? count : 1) * UNIT;
}

void
admission_init(struct broker *b)
{
	b->admission = (struct admission){ .credit = burst(b), .since_ms = b->clock_ms };
}

void
admission_hear_talk(struct broker *b)
{
	b->admission.talk_ms = b->clock_ms;
}

bool
admission_is_quiet(const struct broker *b)
{
	int64_t talk_ms = b->admission.talk_ms;

	return talk_ms == 0 || b->clock_ms - talk_ms > ADMISSION_QUIET_MS;
}

static bool
is_asking(const struct broker *b)
{
	return b->conns.counts[CONN_WAITING] >= ADMISSION_ASKING_MAX;
}

bool
admission_take(struct broker *b)
{
	struct admission *a = &b->admission;
	int64_t most = burst(b);

	if (is_asking(b))
		return false;
	if (admission_is_quiet(b))
		return true;
	a->credit += (b->clock_ms - a->since_ms) * rate(b);
	a->since_ms = b->clock_ms;
	if (a->credit > most)
		a->credit = most;
	if (a->credit < UNIT)
		return false;
	a->credit -= UNIT;
	return true;
}

int64_t
admission_next_ms(const struct broker *b)
{
	if (is_asking(b))
		return b->clock_ms + ADMISSION_ASKING_MS;
	if (admission_is_quiet(b))
		return b->clock_ms;
	return b->admission.since_ms +
	       (UNIT - b->admission.credit + rate(b) - 1) / rate(b);
}

bool
admission_may_wait(const struct broker *b, int waiting)
{
	return admission_is_quiet(b) ||
	       waiting <= burst(b) / UNIT + rate(b) * ADMISSION_WAIT_S;
}

int64_t
admission_spread_s(const struct broker *b, int64_t count)
{
	int64_t spread_s = 2 + count / b->config->newcomers_per_second;

	return spread_s < CONN_RETRY_MAX_S ? spread_s : CONN_RETRY_MAX_S;
}

struct bytes
admission_refusal(struct broker *b)
{
	struct admission *a = &b->admission;
	int64_t back = (b->clock_ms - a->at_ms) * b->config->newcomers_per_second / 1000;
	uint32_t dice;
	int64_t retry_after_s;

	a->told = 1 + (a->told > back ? a->told - back : 0);
	a->at_ms = b->clock_ms;
	random_bytes(&dice, sizeof(dice));
	retry_after_s = 1 + dice % admission_spread_s(b, a->told);
	return http_problem(
		b->turn, 503, "unavailable", "There are too many connections.",
		arena_printf(b->turn, "Retry-After: %d\r\n", (int)retry_after_s));
}
