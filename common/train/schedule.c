#include "train/schedule.h"

#include <math.h>

/* Half a cosine, as done goes from 0 to 1. */
static double
anneal(double from, double to, double done)
{
	return to + (from - to) * 0.5 * (1 + cos(acos(-1) * done));
}

double
schedule_rate(const struct schedule *s, double now, double step, double steps)
{
	double rise = s->warmup * steps, lowest = fmin(s->rate, s->floor);

	if (s->kind == SCHEDULE_PLATEAU)
		return now;
	if (step < rise && s->kind == SCHEDULE_ONECYCLE)
		return anneal(s->rate / SCHEDULE_RISE, s->rate, step / rise);
	if (step < rise)
		return s->rate * fmin(1, (step + 1) / rise);
	if (s->kind == SCHEDULE_CONSTANT)
		return s->rate;
	return anneal(s->rate, lowest, (step - rise) / (steps - rise));
}
