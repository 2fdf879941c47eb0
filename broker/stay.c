/* stay.c -- see stay.h. */
#include "broker/stay.h"

void
stay_enter(struct stay *s, int64_t now_s)
{
	s->devices++;
	if (s->is_here)
		return;
	s->is_here = true;
	s->is_away = false;
	s->active_s = now_s;
}

void
stay_leave(struct stay *s, int64_t now_s)
{
	if (--s->devices == 0)
		s->left_s = now_s;
}

void
stay_act(struct stay *s, int64_t now_s)
{
	s->active_s = now_s;
	s->is_away = false;
}

void
stay_pass(struct stay *s, const struct stay_rules *rules, int64_t now_s)
{
	if (!s->is_here)
		return;
	if (s->devices == 0 && now_s >= s->left_s + rules->grace_s)
		s->is_here = false;
	else if (now_s >= s->active_s + rules->away_s)
		s->is_away = true;
}

int64_t
stay_next_s(const struct stay *s, const struct stay_rules *rules)
{
	int64_t gone_s = s->left_s + rules->grace_s, away_s = s->active_s + rules->away_s;

	if (!s->is_here)
		return -1;
	if (s->devices > 0)
		return s->is_away ? -1 : away_s;
	return s->is_away || gone_s < away_s ? gone_s : away_s;
}
