#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/order.h"
#include "numpy/npy.h"
#include "numpy/npz.h"
#include "stream/value.h"

/* Records of one type and shape, kept in a temporary file: an array's header
 * comes first and says how many there are. */
struct stack {
	FILE *spool;
	enum tsr_dtype dtype;
	int rank;
	uint64_t shape[NPY_RANK_MAX]; /* the first is the number of records */
};

static int
stack_open(struct stack *s)
{
	int fd, rc = map_temp(&fd);

	memset(s, 0, sizeof *s);
	s->dtype = TSR_F32; /* of no records at all */
	s->rank = 1;
	if (rc != ST_OK)
		return rc;
	s->spool = fdopen(fd, "w+b");
	if (s->spool == NULL) {
		close(fd);
		return err_sys("temporary file");
	}
	return ST_OK;
}

static void
stack_close(struct stack *s)
{
	if (s->spool != NULL)
		fclose(s->spool);
}

static int
stack_add(struct stack *s, const struct tsr_chunk *c)
{
	size_t shape = (size_t)c->rank * sizeof *c->shape;

	if (s->shape[0] == 0) {
		s->dtype = c->dtype;
		s->rank = c->rank + 1;
		memcpy(s->shape + 1, c->shape, shape);
	} else if (c->dtype != s->dtype || c->rank + 1 != s->rank || memcmp(s->shape + 1, c->shape, shape) != 0) {
		char text[VALUE_SHAPE_MAX];

		return err_set(ST_DATA, "%s: %s of shape %s differs from the records before it, so that they cannot be"
		               " stacked (see --layout)", tsr_where(c), tsr_dtype_name(c->dtype), value_shape(c, text));
	}
	s->shape[0]++;
	if (c->bytes > 0 && fwrite(c->data, 1, (size_t)c->bytes, s->spool) != c->bytes)
		return err_sys("temporary file");
	return ST_OK;
}

/* Maps the records' bytes. */
static int
stack_map(const struct stack *s, struct map *m)
{
	*m = (struct map){ .name = "temporary file" };
	return fflush(s->spool) != 0 ? err_sys("%s", m->name) : map_fd(m, fileno(s->spool));
}

/* Strings that become an array, in the order of the archive. */
enum { KEY, LABEL, GROUP, META, HEAD, LISTS };
static const char *const list_name[LISTS] = { "key", "label", "group", "meta", "head" };

struct list {
	char **item;
	size_t n;
	bool any; /* one of them is not empty */
};

static int
list_add(struct list *l, const char *s, size_t n)
{
	if (mem_push(&l->item, l->n, sizeof *l->item) != ST_OK)
		return ST_SYS;
	l->item[l->n] = mem_strn(s, n);
	if (l->item[l->n] == NULL)
		return ST_SYS;
	l->n++;
	l->any = l->any || n > 0;
	return ST_OK;
}

struct pack {
	struct zip_writer *zip;
	enum npz_layout layout;
	struct stack stack;
	struct list list[LISTS];
	int64_t *records; /* of each segment */
	void *names;      /* a tree of the names that are taken */
	struct str text;  /* metadata or a name, temporarily */
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Adds a name; *taken says whether it was taken before. */
static int
take_name(struct pack *p, const char *name, bool *taken)
{
	char *copy = mem_str(name);
	void *node = copy == NULL ? NULL : tsearch(copy, &p->names, by_name);

	*taken = node != NULL && *(char *const *)node != copy;
	if (node == NULL || *taken)
		free(copy);
	return node == NULL ? err_set(ST_SYS, "out of memory") : ST_OK;
}

static int
pack_open(struct pack *p, struct io_out *out)
{
	static const char *const reserved[] = { "head", "records", "meta", "label", "group" };
	int rc = zip_create(&p->zip, out);
	bool taken;

	if (rc == ST_OK)
		rc = stack_open(&p->stack);
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0] && rc == ST_OK; i++)
		rc = take_name(p, reserved[i], &taken);
	return rc;
}

static void
pack_close(struct pack *p)
{
	while (p->names != NULL) {
		char *name = *(char **)p->names;

		tdelete(name, &p->names, by_name);
		free(name);
	}
	for (int l = 0; l < LISTS; l++) {
		for (size_t i = 0; i < p->list[l].n; i++)
			free(p->list[l].item[i]);
		free(p->list[l].item);
	}
	stack_close(&p->stack);
	zip_free(p->zip);
	free(p->records);
	str_free(&p->text);
}

static int
pack_head(struct pack *p, const struct tsr_chunk *c)
{
	const char *type = meta_get(&c->meta, "type");
	size_t segment = p->list[HEAD].n;
	int rc = mem_push(&p->records, segment, sizeof *p->records);

	str_clear(&p->text);
	if (rc != ST_OK || (rc = meta_print(&c->meta, &p->text)) != ST_OK)
		return rc;
	p->records[segment] = 0;
	if (p->layout == NPZ_AUTO)
		p->layout = type != NULL && strcmp(type, "model") == 0 ? NPZ_KEYS : NPZ_STACK;
	return list_add(&p->list[HEAD], p->text.text, p->text.n);
}

/* Adds a record under its key, or KEY~2, KEY~3 ... where that is taken. */
static int
pack_by_key(struct pack *p, const struct tsr_chunk *c)
{
	bool taken = true;
	int rc = ST_OK;

	for (unsigned long i = 1; rc == ST_OK && taken; i++) {
		str_clear(&p->text);
		str_add(&p->text, meta_get(&c->meta, "key"));
		if (i > 1)
			str_addf(&p->text, "~%lu", i);
		if ((rc = str_status(&p->text)) == ST_OK)
			rc = take_name(p, p->text.text, &taken);
	}
	if (rc != ST_OK)
		return rc;
	rc = npy_add(p->zip, p->text.text, c->dtype, c->rank, c->shape, c->data);
	return rc == ST_DATA ? err_set(rc, "%s: %s (--layout stack keeps keys as data)", tsr_where(c), err_text()) : rc;
}

static int
pack_record(struct pack *p, const struct tsr_chunk *c)
{
	int rc;

	str_clear(&p->text);
	rc = meta_print(&c->meta, &p->text);
	if (rc == ST_OK)
		rc = list_add(&p->list[META], p->text.text, p->text.n);
	for (int l = KEY; l <= GROUP && rc == ST_OK; l++) {
		const char *value = meta_get(&c->meta, list_name[l]);

		rc = list_add(&p->list[l], value == NULL ? "" : value, value == NULL ? 0 : strlen(value));
	}
	p->records[p->list[HEAD].n - 1]++;
	if (rc != ST_OK)
		return rc;
	return p->layout == NPZ_STACK ? stack_add(&p->stack, c) : pack_by_key(p, c);
}

static int
pack_stack(struct pack *p)
{
	const struct stack *s = &p->stack;
	struct map m;
	int rc = stack_map(s, &m);

	if (rc == ST_OK)
		rc = npy_add(p->zip, "data", s->dtype, s->rank, s->shape, m.data);
	map_close(&m);
	return rc;
}

static int
pack_rest(struct pack *p)
{
	uint64_t segments = p->list[HEAD].n;
	int rc = p->layout == NPZ_STACK ? pack_stack(p) : ST_OK;

	for (int l = 0; l < LISTS && rc == ST_OK; l++)
		if (l == KEY ? p->layout == NPZ_STACK : l >= META || p->list[l].any)
			rc = npy_add_text(p->zip, list_name[l], p->list[l].item, p->list[l].n);
	if (rc == ST_OK && segments > 1) /* one segment has all records */
		rc = npy_add(p->zip, "records", TSR_I64, 1, &segments, p->records);
	return rc == ST_OK ? zip_finish(p->zip) : rc;
}

static int
pack_all(struct pack *p, struct tsr_reader *in)
{
	struct tsr_chunk c = { 0 };
	int rc;

	while ((rc = tsr_read(in, &c)) == ST_OK && c.kind != 0) {
		if (c.kind == 'H')
			rc = pack_head(p, &c);
		else if (c.kind == 'T')
			rc = pack_record(p, &c);
		if (rc != ST_OK)
			break;
	}
	tsr_clear(&c);
	return rc == ST_OK ? pack_rest(p) : rc;
}

int
npz_write(struct tsr_reader *in, struct io_out *out, enum npz_layout layout)
{
	struct pack p = { .layout = layout };
	int rc = pack_open(&p, out);

	if (rc == ST_OK)
		rc = pack_all(&p, in);
	pack_close(&p);
	return rc;
}

int
npz_write_npy(struct tsr_reader *in, struct io_out *out)
{
	struct tsr_chunk c = { 0 };
	struct stack s;
	struct map m = { 0 };
	char head[NPY_HEAD_MAX];
	const void *data;
	void *turned = NULL;
	int rc = stack_open(&s);

	while (rc == ST_OK && (rc = tsr_read(in, &c)) == ST_OK && c.kind != 0)
		if (c.kind == 'T')
			rc = stack_add(&s, &c);
	tsr_clear(&c);
	if (rc == ST_OK)
		rc = stack_map(&s, &m);
	data = m.data;
	if (rc == ST_OK && (rc = order_out(&data, tsr_dtype_size(s.dtype), m.size / tsr_dtype_size(s.dtype), &turned)) == ST_OK &&
	    (rc = io_write(out, head, npy_head(head, npy_descr(s.dtype), s.rank, s.shape))) == ST_OK)
		rc = io_write(out, data, m.size);
	free(turned);
	map_close(&m);
	stack_close(&s);
	return rc;
}
