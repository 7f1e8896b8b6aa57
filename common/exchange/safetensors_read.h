/* safetensors_read: the format of huggingface.co/docs/safetensors: 8 bytes that are the
 * header's size (little-endian), the header (JSON: each array's type, shape and where it lies
 * behind the header), and the arrays. Types F64, F32, F16 and BF16 become floats. Only where
 * cJSON was there at build time. */
#ifndef SER_EXCHANGE_SAFETENSORS_READ_H
#define SER_EXCHANGE_SAFETENSORS_READ_H

#include "exchange/arrays.h"
#include "model/model.h"

struct safetensors;

/* data are the bytes of a file, which must stay until safetensors_close; all of its header is
 * checked. ST_DATA names what is wrong; ST_SYS, saying what is required, in a program that was
 * built without cJSON. */
int safetensors_open(struct safetensors **out, const char *file, const void *data, size_t n);
void safetensors_close(struct safetensors *s);

struct arrays safetensors_arrays(struct safetensors *s);

/* Its names, in the header's order; valid until it is closed. */
size_t safetensors_count(const struct safetensors *s);
const char *safetensors_name(const struct safetensors *s, size_t i);

/* Whether a model of ours was written as this file, whose metadata is the model's head; and
 * that head (exchange/head.h), appended to `to`. */
bool safetensors_is_ours(const struct safetensors *s);
int safetensors_head(const struct safetensors *s, struct meta *to);

/* Its arrays as those of a model, types as they are. ST_DATA for one of a type that streams do
 * not have. */
int safetensors_give(const struct safetensors *s, struct model *to);

#endif
