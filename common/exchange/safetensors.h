/* safetensors: named arrays behind a JSON header, as Hugging Face's library of that name
 * reads them: 8 bytes with the header's length, the header, the arrays. */
#ifndef SER_EXCHANGE_SAFETENSORS_H
#define SER_EXCHANGE_SAFETENSORS_H

#include "base/io.h"
#include "model/model.h"

/* Writes a model's arrays, but for those of its training ("state/..."), by the names and of
 * the shapes that it has for them; the head becomes __metadata__. */
int safetensors_write(const struct model *m, const struct meta *head, struct io_out *out);

#endif
