/* json: texts of other programs, through cJSON. Only where it was there at build
 * time (HAVE_libcjson). */
#ifndef SER_EXCHANGE_JSON_H
#define SER_EXCHANGE_JSON_H

#ifdef HAVE_libcjson
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* Parses n bytes, which need no NUL behind them; release with cJSON_Delete(). ST_DATA,
 * naming the byte, where they are no JSON, where an object has a name twice, or where it is
 * deeper than JSON_DEEP. */
enum { JSON_DEEP = 64 };
int json_parse(cJSON **out, const char *text, size_t n);

/* The member's text, NULL where it has none or it is no string. */
const char *json_text(const cJSON *object, const char *name);

/* The member as a whole number from min to max; false where it is none. */
bool json_whole(const cJSON *value, double min, double max, size_t *to);
#endif

#endif
