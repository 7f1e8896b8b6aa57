#include "exchange/safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/order.h"
#include "exchange/head.h"
#include "judge/print.h"

enum { ALIGNED = 8 };

static bool
is_kept(const struct model_array *a)
{
	return strncmp(a->name, "state/", 6) != 0;
}

/* {"NAME": "VALUE", ...} */
static int
print_metadata(FILE *f, const struct meta *head)
{
	struct mem_pool memory = { 0 };
	struct head_pair *pair;
	size_t n;
	int rc = head_pairs(head, &memory, &pair, &n);

	putc('{', f);
	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		fputs(i == 0 ? "" : ",", f);
		print_json(f, pair[i].name);
		putc(':', f);
		if (pair[i].value[0] == '\0')
			fputs("\"\"", f);
		else
			print_json(f, pair[i].value);
	}
	putc('}', f);
	mem_release(&memory);
	return rc;
}

static void
print_array(FILE *f, const struct model_array *a, uint64_t at)
{
	static const char *const dtype[] = { [TSR_U8] = "U8", [TSR_I32] = "I32", [TSR_I64] = "I64", [TSR_F32] = "F32",
		[TSR_F64] = "F64", [TSR_F16] = "F16" };

	putc(',', f);
	print_json(f, a->name);
	fprintf(f, ":{\"dtype\":\"%s\",\"shape\":[", dtype[a->dtype]);
	for (int i = 0; i < a->rank; i++)
		fprintf(f, "%s%" PRIu64, i == 0 ? "" : ",", a->shape[i]);
	fprintf(f, "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}", at, at + a->bytes);
}

/* The header, with blanks behind it so that the arrays are aligned. free(*text). */
static int
make_header(const struct model *m, const struct meta *head, char **text, size_t *n)
{
	FILE *f = open_memstream(text, n);
	uint64_t at = 0;
	bool failed;
	int rc;

	if (f == NULL)
		return err_set(ST_SYS, "out of memory");
	fputs("{\"__metadata__\":", f);
	rc = print_metadata(f, head);
	for (size_t i = 0; i < m->arrays; i++)
		if (is_kept(&m->array[i])) {
			print_array(f, &m->array[i], at);
			at += m->array[i].bytes;
		}
	putc('}', f);
	fflush(f);
	for (; *n % ALIGNED != 0; fflush(f))
		putc(' ', f);
	failed = ferror(f) != 0;
	failed |= fclose(f) != 0 || *text == NULL; /* which memory for its end was missing for */
	return failed && rc == ST_OK ? err_set(ST_SYS, "out of memory") : rc;
}

static int
write_array(const struct model_array *a, struct io_out *out)
{
	size_t size = tsr_dtype_size(a->dtype);
	const void *data = a->data;
	void *own;
	int rc = order_out(&data, size, a->bytes / size, &own);

	if (rc == ST_OK)
		rc = io_write(out, data, (size_t)a->bytes);
	free(own);
	return rc;
}

int
safetensors_write(const struct model *m, const struct meta *head, struct io_out *out)
{
	unsigned char length[8];
	char *text = NULL;
	size_t n = 0;
	int rc = make_header(m, head, &text, &n);

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)n >> 8 * i);
	if (rc == ST_OK && (rc = io_write(out, length, sizeof length)) == ST_OK)
		rc = io_write(out, text, n);
	free(text);
	for (size_t i = 0; i < m->arrays && rc == ST_OK; i++)
		if (is_kept(&m->array[i]))
			rc = write_array(&m->array[i], out);
	return rc;
}
