/* settings: what features a model takes that was trained elsewhere, as a stream's head says
 * it. */
#ifndef SER_EXCHANGE_SETTINGS_H
#define SER_EXCHANGE_SETTINGS_H

#include "exchange/arrays.h"
#include "stream/meta.h"

/* Fills to, which is empty, from "name=value ..." (a word without = belongs to the value
 * before it), names as in a head. Of type mel, which is the default, what is not said is as
 * `wavnorm | melspec' has it without options; other types have what is said alone. NULL says
 * nothing. ST_USAGE names what is wrong. */
int settings_parse(const char *text, struct meta *to);

/* The shape of a record with such settings, of type mel: (T,F), with T 0 where recordings
 * are as long as they are. False where the settings do not tell. */
bool settings_shape(const struct meta *m, struct array_shape *shape);

#endif
