/* What net(5) describes, as the code has it.
 *   netcheck --kinds            every kind of layer and its options
 *   netcheck NET SHAPE CLASSES  the net's layers with their shapes, its weights
 *   netcheck --initial NET SHAPE CLASSES   and each weight's smallest and largest
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "net/layer.h"

static void
print_option(const struct nn_arg *a)
{
	if (isnan(a->fallback))
		printf(" %s", a->name);
	else if (a->choices != NULL)
		printf(" [%s=%s]", a->name, a->choices[(int)a->fallback]);
	else if (a->fallback < a->min) /* it follows another option */
		printf(" [%s]", a->name);
	else
		printf(" [%s=%g]", a->name, a->fallback);
}

static int
print_kinds(void)
{
	const struct nn_kind *k;

	for (size_t i = 0; (k = nn_kind_at(i)) != NULL; i++) {
		printf("%s", k->name);
		for (size_t j = 0; j < NN_ARGS_MAX && k->arg[j].name != NULL; j++)
			print_option(&k->arg[j]);
		printf("\n");
	}
	return 0;
}

/* "108,128" */
static int
parse_shape(const char *text, size_t *shape)
{
	int rank = 0;
	char *end;

	do {
		shape[rank++] = (size_t)strtoul(text, &end, 10);
		text = end + 1;
	} while (*end == ',' && rank < NN_RANK_MAX);
	return rank;
}

static void
print_net(struct nn *net, bool values)
{
	for (size_t i = 0; i < nn_layers(net); i++)
		printf("%s %s\n", nn_layer_name(net, i), nn_layer_shape(net, i));
	for (size_t i = 0; i < nn_params(net); i++) {
		const struct nn_param *p = nn_param(net, i);
		double low = INFINITY, high = -INFINITY;

		printf("%s (", p->name);
		for (int k = 0; k < p->rank; k++)
			printf("%s%zu", k == 0 ? "" : ",", p->shape[k]);
		for (size_t k = 0; k < p->n; k++) {
			low = fmin(low, (double)p->value[k]);
			high = fmax(high, (double)p->value[k]);
		}
		if (values)
			printf(") %.3f %.3f\n", low, high);
		else
			printf(")\n");
	}
}

int
main(int argc, char **argv)
{
	bool initial = argc > 1 && strcmp(argv[1], "--initial") == 0;
	size_t shape[NN_RANK_MAX], n;
	struct nn *net = NULL;
	char *text = NULL;
	int rank, rc;

	if (argc == 2 && strcmp(argv[1], "--kinds") == 0)
		return print_kinds();
	if (argc != 4 + initial) {
		fprintf(stderr, "usage: netcheck --kinds | [--initial] NET SHAPE CLASSES\n");
		return ST_USAGE;
	}
	argv += initial;
	rank = parse_shape(argv[2], shape);
	if ((rc = io_slurp(argv[1], 1 << 20, &text, &n)) == ST_OK)
		rc = nn_create(&net, text, argv[1], rank, shape, (size_t)atoi(argv[3]), 3, true, 1);
	if (rc == ST_OK && initial)
		rc = nn_init(net, 1);
	if (rc == ST_OK)
		print_net(net, initial);
	else
		fprintf(stderr, "netcheck: %s\n", err_text());
	nn_free(net);
	free(text);
	return rc;
}
