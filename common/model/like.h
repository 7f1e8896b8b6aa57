/* like: options of wavnorm(1), melspec(1) and others from what a model was trained on.
 * The head tells all that describes a record; pg= lines are not asked. */
#ifndef SER_MODEL_LIKE_H
#define SER_MODEL_LIKE_H

#include "base/opt.h"
#include "model/model.h"

/* ST_USAGE where --beside is given without --like, of which it names an input. */
int like_check_options(const char *like, const char *beside);

/* Makes the features of the model's second input, where beside names it, those that are
 * asked below; with beside NULL they stay the first's. ST_DATA where it has none of that
 * name. */
int like_choose(struct model *m, const char *file, const char *beside);

/* Whether these are features of sound, which say its rate=, or mels of a time when heads did not. */
bool like_is_sound(const struct meta *feature);

/* Reads a model of which that input was trained on features of sound,
 * otherwise ST_DATA. */
int like_read(struct model *m, const char *file, const char *beside);

/* ST_DATA, naming both, unless that model was trained on features of that type=. */
int like_check_type(const struct model *m, const char *file, const char *type);

/* An option's name as settings have it, without hyphens. */
enum { LIKE_NAME = 32 };
void like_name(const char *option, char setting[LIKE_NAME]);

/* The features' setting of that name. NULL, with the message set, where there is none. */
const char *like_setting(const struct model *m, const char *file, const char *name);

/* Sets the tool's option of that name to the setting.
 * ST_USAGE, naming both, where the user gave another value. */
int like_take(const struct tool *t, const struct model *m, const char *file, const char *name);

#endif
