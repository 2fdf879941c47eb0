#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "shared/clock.h"

enum { MS_PER_S = 1000, S_PER_MINUTE = 60 };

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z */
static const int64_t first_ms = -62167219200000, last_ms = 253402300799999;
/* 0001-01-01T00:00:00Z: PostgreSQL knows no year 0. */
static const int64_t first_read_ms = -62135596800000;

int64_t
clock_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / 1000000;
}

int64_t
clock_monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static char *
put_digits(char *at, int value, int digits)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + digits;
}

static char *
put_pair(char *at, int value, char end)
{
	at = put_digits(at, value, 2);
	*at = end;
	return at + 1;
}

char *
clock_format(int64_t ms, char out[CLOCK_TEXT_SIZE])
{
	int64_t within, seconds;
	struct tm tm;
	char *at = out;

	ms = ms < first_ms ? first_ms : ms > last_ms ? last_ms : ms;
	within = (ms % MS_PER_S + MS_PER_S) % MS_PER_S;
	seconds = (ms - within) / MS_PER_S;
	gmtime_r(&(time_t){ seconds }, &tm);
	at = put_digits(at, tm.tm_year + 1900, 4);
	*at++ = '-';
	at = put_pair(at, tm.tm_mon + 1, '-');
	at = put_pair(at, tm.tm_mday, 'T');
	at = put_pair(at, tm.tm_hour, ':');
	at = put_pair(at, tm.tm_min, ':');
	at = put_pair(at, tm.tm_sec, '.');
	at = put_digits(at, (int)within, 3);
	memcpy(at, "Z", 2);
	return out;
}

/* Each of these takes something from the text and moves on. Once one has failed the
 * reader stays failed, so a grammar is written as a plain sequence. */
struct reader {
	const char *at;
	bool failed;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
take_number(struct reader *r, int digits, int least, int most)
{
	int value = 0;

	for (; digits > 0 && is_digit(*r->at); digits--)
		value = value * 10 + (*r->at++ - '0');
	if (digits > 0 || value < least || value > most)
		r->failed = true;
	return value;
}

static char
take_one_of(struct reader *r, const char *set)
{
	if (*r->at && strchr(set, *r->at))
		return *r->at++;
	r->failed = true;
	return '\0';
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* "2026-11-20T14:39:00" as if it were UTC. A leap second counts as the next second. */
static int64_t
take_seconds(struct reader *r)
{
	struct tm tm = { .tm_year = take_number(r, 4, 0, 9999) - 1900 };

	take_one_of(r, "-");
	tm.tm_mon = take_number(r, 2, 1, 12) - 1;
	take_one_of(r, "-");
	if (r->failed)
		return 0;
	tm.tm_mday =
		take_number(r, 2, 1, days_in_month(tm.tm_year + 1900, tm.tm_mon + 1));
	take_one_of(r, "Tt ");
	tm.tm_hour = take_number(r, 2, 0, 23);
	take_one_of(r, ":");
	tm.tm_min = take_number(r, 2, 0, 59);
	take_one_of(r, ":");
	tm.tm_sec = take_number(r, 2, 0, 60);
	return r->failed ? 0 : timegm(&tm);
}

/* ".123456" as 123; no fraction is 0. Digits beyond milliseconds are cut off. */
static int
take_fraction(struct reader *r)
{
	int ms = 0, weight = MS_PER_S / 10;

	if (*r->at != '.')
		return 0;
	r->at++;
	if (!is_digit(*r->at))
		r->failed = true;
	for (; is_digit(*r->at); r->at++, weight /= 10)
		ms += (*r->at - '0') * weight;
	return ms;
}

/* "Z" or "+03:00", in seconds east of Greenwich. */
static int
take_offset(struct reader *r)
{
	char sign = take_one_of(r, "Zz+-");
	int minutes;

	if (r->failed || sign == 'Z' || sign == 'z')
		return 0;
	minutes = take_number(r, 2, 0, 23) * 60;
	take_one_of(r, ":");
	minutes += take_number(r, 2, 0, 59);
	return (sign == '-' ? -minutes : minutes) * S_PER_MINUTE;
}

enum err
clock_parse(const char *text, int64_t *out)
{
	struct reader r = { .at = text };
	int64_t ms = take_seconds(&r) * MS_PER_S;

	if (!r.failed)
		ms += take_fraction(&r);
	if (!r.failed)
		ms -= (int64_t)take_offset(&r) * MS_PER_S;
	if (r.failed || *r.at || ms < first_read_ms || ms > last_ms)
		return ERR_INVALID;
	*out = ms;
	return OK;
}
