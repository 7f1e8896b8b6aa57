/* json: what RFC 8259 wants of strings and numbers. */
#ifndef SER_JUDGE_JSON_H
#define SER_JUDGE_JSON_H

#include <stdio.h>

/* Writes s, which is UTF-8, as a JSON string with its quotes. */
void json_string(FILE *f, const char *s);

/* As json_string, or null where s is NULL or empty. */
void json_string_or_null(FILE *f, const char *s);

#endif
