/* The layers against their definitions, written out here in double precision
 * with nothing in common with the nets' code: shapes of one step or one unit,
 * windows wider than what they pass over, batches that fill no shard. */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "net/nn.h"
#include "tap.h"

enum { BATCH = 11, ROOM = 1 << 16, UNITS_MAX = 40 };

struct dims {
	int rank;
	size_t d[3];
};

struct layer {
	const char *text;
	struct dims in;
	size_t u;                    /* units or filters */
	size_t kernel[2], stride[2]; /* rows and columns */
	size_t dilation;
	bool valid;
};

static double
uniform(void)
{
	return 2.0 * rand() / RAND_MAX - 1;
}

/* The first layer's weight of that name. */
static const real *
weight(struct nn *net, const char *prefix, const char *role)
{
	for (size_t i = 0; i < nn_params(net); i++) {
		const char *name = strchr(nn_param(net, i)->name, '/') + 1;
		size_t n = strlen(prefix);

		if (nn_param(net, i)->layer == 1 && strncmp(name, prefix, n) == 0 && strcmp(name + n, role) == 0)
			return nn_param(net, i)->value;
	}
	fprintf(stderr, "textbook: there is no weight %s%s\n", prefix, role);
	exit(4);
}

static double
sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

/* The definitions: y of one example x. */

static size_t
elements(const struct dims *s)
{
	size_t n = 1;

	for (int i = 0; i < s->rank; i++)
		n *= s->d[i];
	return n;
}

static void
dense(struct nn *net, const struct layer *l, const double *x, double *y)
{
	size_t in = l->in.d[l->in.rank - 1], rows = elements(&l->in) / in;
	const real *kernel = weight(net, "", "kernel"), *bias = weight(net, "", "bias");

	for (size_t r = 0; r < rows; r++)
		for (size_t j = 0; j < l->u; j++) {
			y[r * l->u + j] = (double)bias[j];
			for (size_t i = 0; i < in; i++)
				y[r * l->u + j] += x[r * in + i] * (double)kernel[i * l->u + j];
		}
}

/* Keras's padding: how many windows, and zeros before the first value. */
static size_t
windows(const struct layer *l, int axis, size_t in, size_t *before)
{
	long reach = (long)((l->kernel[axis] - 1) * l->dilation + 1), stride = (long)l->stride[axis], out, missing;

	*before = 0;
	if (l->valid)
		return (size_t)(((long)in - reach) / stride + 1);
	out = ((long)in + stride - 1) / stride;
	missing = (out - 1) * stride + reach - (long)in;
	*before = missing > 0 ? (size_t)missing / 2 : 0;
	return (size_t)out;
}

/* conv2d, and conv1d with a kernel and plane of one column. */
static void
convolution(struct nn *net, const struct layer *l, const double *x, double *y)
{
	const real *kernel = weight(net, "", "kernel"), *bias = weight(net, "", "bias");
	bool plane = l->text[4] == '2';
	size_t height = l->in.d[0], width = plane ? l->in.d[1] : 1, c = elements(&l->in) / height / width, top, left;
	size_t rows = windows(l, 0, height, &top), columns = windows(l, 1, width, &left);

	for (size_t i = 0; i < rows * columns * l->u; i++) {
		size_t f = i % l->u, column = i / l->u % columns, row = i / l->u / columns;

		y[i] = (double)bias[f];
		for (size_t a = 0; a < l->kernel[0]; a++)
			for (size_t b = 0; b < l->kernel[1]; b++)
				for (size_t k = 0; k < c; k++) {
					long r = (long)(row * l->stride[0] + a * l->dilation) - (long)top;
					long q = (long)(column * l->stride[1] + b * l->dilation) - (long)left;

					if (r >= 0 && r < (long)height && q >= 0 && q < (long)width)
						y[i] += x[((size_t)r * width + (size_t)q) * c + k] *
						        (double)kernel[((a * l->kernel[1] + b) * c + k) * l->u + f];
				}
	}
}

/* One direction's weights. */
struct cell {
	const real *kernel, *recurrent, *bias;
	size_t f, u;
};

/* Column j of x W, and of h R. */
static double
column(const real *kernel, const double *x, size_t n, size_t gates, size_t j)
{
	double z = 0;

	for (size_t i = 0; i < n; i++)
		z += x[i] * (double)kernel[i * gates + j];
	return z;
}

/* h and c of one step from those of the one before. */
static void
lstm_step(const struct cell *w, const double *x, double *h, double *c)
{
	double z[4 * UNITS_MAX];
	size_t u = w->u;

	for (size_t j = 0; j < 4 * u; j++)
		z[j] = column(w->kernel, x, w->f, 4 * u, j) + column(w->recurrent, h, u, 4 * u, j) + (double)w->bias[j];
	for (size_t k = 0; k < u; k++) {
		c[k] = sigmoid(z[u + k]) * c[k] + sigmoid(z[k]) * tanh(z[2 * u + k]);
		h[k] = sigmoid(z[3 * u + k]) * tanh(c[k]);
	}
}

static void
gru_step(const struct cell *w, const double *x, double *h, double *c)
{
	double p[3 * UNITS_MAX], q[3 * UNITS_MAX];
	size_t u = w->u;

	(void)c;
	for (size_t j = 0; j < 3 * u; j++) {
		p[j] = column(w->kernel, x, w->f, 3 * u, j) + (double)w->bias[j];
		q[j] = column(w->recurrent, h, u, 3 * u, j) + (double)w->bias[3 * u + j];
	}
	for (size_t k = 0; k < u; k++) {
		double z = sigmoid(p[k] + q[k]), r = sigmoid(p[u + k] + q[u + k]);

		h[k] = z * h[k] + (1 - z) * tanh(p[2 * u + k] + r * q[2 * u + k]);
	}
}

/* lstm, gru, bilstm and bigru: a sequence, or each direction's last state. */
static void
recurrent(struct nn *net, const struct layer *l, const double *x, double *y)
{
	bool both = strncmp(l->text, "bi", 2) == 0, sequence = strstr(l->text, "sequence") != NULL;
	bool lstm = strstr(l->text, "lstm") != NULL;
	size_t steps = l->in.d[0], f = elements(&l->in) / steps, width = l->u * (both ? 2 : 1);

	for (size_t way = 0; way < (both ? 2 : 1); way++) {
		const char *prefix = !both ? "" : way == 0 ? "forward_" : "backward_";
		const struct cell w = { weight(net, prefix, "kernel"), weight(net, prefix, "recurrent"),
			weight(net, prefix, "bias"), f, l->u };
		double h[UNITS_MAX] = { 0 }, c[UNITS_MAX] = { 0 };

		for (size_t t = 0; t < steps; t++) {
			size_t now = way == 0 ? t : steps - 1 - t;

			(lstm ? lstm_step : gru_step)(&w, x + now * f, h, c);
			memcpy(y + way * l->u + (sequence ? now * width : 0), h, l->u * sizeof *h);
		}
	}
}

static void
batchnorm(struct nn *net, const struct layer *l, const double *x, double *y)
{
	size_t c = l->in.d[l->in.rank - 1];
	const real *mean = weight(net, "", "mean"), *variance = weight(net, "", "variance");
	const real *gamma = weight(net, "", "gamma"), *beta = weight(net, "", "beta");

	for (size_t i = 0; i < elements(&l->in); i++)
		y[i] = (x[i] - (double)mean[i % c]) / sqrt((double)variance[i % c] + 1e-3) * (double)gamma[i % c] +
		       (double)beta[i % c];
}

static void
layernorm(struct nn *net, const struct layer *l, const double *x, double *y)
{
	size_t c = l->in.d[l->in.rank - 1];
	const real *gamma = weight(net, "", "gamma"), *beta = weight(net, "", "beta");

	for (size_t i = 0; i < elements(&l->in); i++) {
		double mean = 0, variance = 0;

		for (size_t k = 0; k < c; k++)
			mean += x[i / c * c + k] / (double)c;
		for (size_t k = 0; k < c; k++)
			variance += pow(x[i / c * c + k] - mean, 2) / (double)c;
		y[i] = (x[i] - mean) / sqrt(variance + 1e-3) * (double)gamma[i % c] + (double)beta[i % c];
	}
}

/* Attentive statistics: the deviation is of E[x^2] - E[x]^2. */
static void
attention(struct nn *net, const struct layer *l, const double *x, double *y)
{
	size_t rows = l->in.d[0], c = elements(&l->in) / rows;
	const real *kernel = weight(net, "", "kernel"), *bias = weight(net, "", "bias"), *vector = weight(net, "", "vector");
	double a[64], sum = 0;

	for (size_t t = 0; t < rows; t++) {
		double e = 0;

		for (size_t j = 0; j < l->u; j++)
			e += tanh(column(kernel, x + t * c, c, l->u, j) + (double)bias[j]) * (double)vector[j];
		sum += a[t] = exp(e);
	}
	for (size_t k = 0; k < c; k++) {
		double mean = 0, square = 0;

		for (size_t t = 0; t < rows; t++) {
			mean += a[t] / sum * x[t * c + k];
			square += a[t] / sum * x[t * c + k] * x[t * c + k];
		}
		y[k] = mean;
		y[c + k] = sqrt(fmax(square - mean * mean, 1e-5));
	}
}

static void
normalize(struct nn *net, const struct layer *l, const double *x, double *y)
{
	size_t c = strstr(l->text, "all") != NULL ? 1 : l->in.d[l->in.rank - 1];
	const real *mean = weight(net, "", "mean"), *deviation = weight(net, "", "deviation");

	for (size_t i = 0; i < elements(&l->in); i++)
		y[i] = (x[i] - (double)mean[i % c]) / (double)deviation[i % c];
}

/* Windows side by side; a kernel of 0 stands for the whole plane. */
static void
pool(struct nn *net, const struct layer *l, const double *x, double *y)
{
	bool plane = l->in.rank == 3 || strstr(l->text, "2d") != NULL;
	size_t height = l->in.d[0], width = plane ? l->in.d[1] : 1, c = elements(&l->in) / height / width;
	size_t rows = l->kernel[0] == 0 ? height : l->kernel[0], columns = l->kernel[1] == 0 ? width : l->kernel[1];
	size_t across = width / columns, n = height / rows * across * c;

	(void)net;
	for (size_t i = 0; i < n; i++) {
		size_t k = i % c, left = i / c % across * columns, top = i / c / across * rows;
		double sum = 0, most = -INFINITY, square = 0;

		for (size_t r = top; r < top + rows; r++)
			for (size_t q = left; q < left + columns; q++) {
				double v = x[(r * width + q) * c + k];

				sum += v / (double)(rows * columns);
				most = v > most ? v : most;
			}
		for (size_t r = top; r < top + rows; r++)
			for (size_t q = left; q < left + columns; q++)
				square += pow(x[(r * width + q) * c + k] - sum, 2) / (double)(rows * columns);
		y[i] = strstr(l->text, "max") != NULL ? most : sum;
		if (strstr(l->text, "stats") != NULL)
			y[n + i] = sqrt(square + 1e-5);
	}
}

/* Windows that may overlap, of which what lies outside counts for nothing. */
static void
pool_apart(struct nn *net, const struct layer *l, const double *x, double *y)
{
	size_t height = l->in.d[0], width = l->in.rank == 3 ? l->in.d[1] : 1, c = elements(&l->in) / height / width, top, left;
	size_t rows = windows(l, 0, height, &top), columns = windows(l, 1, width, &left);

	(void)net;
	for (size_t i = 0; i < rows * columns * c; i++) {
		double sum = 0, most = -INFINITY;
		long n = 0;

		for (size_t a = 0; a < l->kernel[0] * l->kernel[1]; a++) {
			long r = (long)(i / c / columns * l->stride[0] + a / l->kernel[1]) - (long)top;
			long q = (long)(i / c % columns * l->stride[1] + a % l->kernel[1]) - (long)left;

			if (r >= 0 && r < (long)height && q >= 0 && q < (long)width) {
				double v = x[((size_t)r * width + (size_t)q) * c + i % c];

				sum += v;
				n++;
				most = v > most ? v : most;
			}
		}
		y[i] = strstr(l->text, "max") != NULL ? most : sum / (double)n;
	}
}

static void
activation(struct nn *net, const struct layer *l, const double *x, double *y)
{
	size_t n = elements(&l->in);
	double sum = 0;

	(void)net;
	for (size_t i = 0; i < n; i++)
		sum += exp(x[i]);
	for (size_t i = 0; i < n; i++)
		switch (l->text[0]) {
		case 'r':
			y[i] = x[i] > 0 ? x[i] : 0;
			break;
		case 'e':
			y[i] = x[i] > 0 ? x[i] : 0.5 * (exp(x[i]) - 1);
			break;
		case 't':
			y[i] = tanh(x[i]);
			break;
		case 's':
			y[i] = l->text[1] == 'i' ? sigmoid(x[i]) : exp(x[i]) / sum;
			break;
		default: /* dropout, which does nothing outside training */
			y[i] = x[i];
		}
}

/* Comparing */

static void
randomise(struct nn *net)
{
	for (size_t i = 0; i < nn_params(net); i++) {
		struct nn_param *p = nn_param(net, i);
		bool positive = strstr(p->name, "variance") != NULL || strstr(p->name, "deviation") != NULL;

		for (size_t k = 0; k < p->n; k++)
			p->value[k] = (real)(positive ? 1 + 0.9 * uniform() : 0.7 * uniform());
	}
}

typedef void definition(struct nn *net, const struct layer *l, const double *x, double *y);

/* The largest error in n examples, beside the largest value. */
static double
worst_of(struct nn *net, const struct layer *l, size_t n, definition *defined)
{
	static double x[ROOM], y[ROOM];
	double scale = 1e-3, worst = 0;
	size_t size = nn_inputs(net);

	for (size_t i = 0; i < n * size; i++) {
		x[i] = (double)(real)(3 * uniform());
		nn_input(net, i / size)[i % size] = (real)x[i];
	}
	nn_forward(net, n, false, 1);
	for (size_t i = 0; i < n; i++) {
		defined(net, l, x + i * size, y);
		for (size_t k = 0; k < nn_outputs(net); k++) {
			double error = fabs((double)nn_output(net, i)[k] - y[k]);

			scale = fabs(y[k]) > scale ? fabs(y[k]) : scale;
			worst = isnan(error) || error > worst ? error : worst;
		}
	}
	return worst / scale;
}

static void
compare(const struct layer *l, definition *defined)
{
	char text[128], name[160];
	double worst = 0;
	struct nn *net;

	snprintf(text, sizeof text, "%s\nflatten", l->text);
	if (nn_create(&net, text, "net", l->in.rank, l->in.d, 3, BATCH, false, 1) != ST_OK) {
		ok(false, l->text);
		printf("# %s\n", err_text());
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		double error;

		randomise(net);
		error = worst_of(net, l, (size_t[]){ BATCH, 1, 8 }[i], defined);
		worst = isnan(error) || error > worst ? error : worst;
	}
	snprintf(name, sizeof name, "%s of %s", l->text, nn_layer_shape(net, 1));
	if (!ok(worst < 1e-5, name)) /* false for NaN */
		printf("# off by %g\n", worst);
	nn_free(net);
}

#define COMPARE(defined, ...) \
	do { \
		static const struct layer cases[] = { __VA_ARGS__ }; \
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) \
			compare(&cases[i], defined); \
	} while (0)

#define PLAIN(words, ...) { .text = words, .in = { __VA_ARGS__ } }
#define UNITS(words, units, ...) { .text = words, .u = units, .in = { __VA_ARGS__ } }
#define POOL(words, height, width, ...) { .text = words, .kernel = { height, width }, .in = { __VA_ARGS__ } }
/* in, filters, kernel, stride, dilation, valid */
#define CONV(words, ...) { words, __VA_ARGS__ }

static void
test_products(void)
{
	COMPARE(dense, UNITS("dense 1", 1, 1, { 1 }), UNITS("dense 33", 33, 1, { 5 }), UNITS("dense 3", 3, 2, { 7, 4 }),
	        UNITS("dense 17", 17, 2, { 1, 9 }));
	COMPARE(convolution, CONV("conv1d 1 width=1", { 2, { 1, 1 } }, 1, { 1, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 3 width=5", { 2, { 9, 4 } }, 3, { 5, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 33 width=4", { 2, { 20, 3 } }, 33, { 4, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 3 width=7", { 2, { 3, 2 } }, 3, { 7, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 16 width=8", { 2, { 1, 5 } }, 16, { 8, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 3 width=3 stride=2", { 2, { 9, 4 } }, 3, { 3, 1 }, { 2, 1 }, 1, false),
	        CONV("conv1d 3 width=3 stride=2", { 2, { 10, 4 } }, 3, { 3, 1 }, { 2, 1 }, 1, false),
	        CONV("conv1d 5 width=2 stride=5", { 2, { 13, 3 } }, 5, { 2, 1 }, { 5, 1 }, 1, false),
	        CONV("conv1d 5 width=6 stride=3 padding=valid", { 2, { 13, 3 } }, 5, { 6, 1 }, { 3, 1 }, 1, true),
	        CONV("conv1d 5 4 padding=valid", { 2, { 4, 3 } }, 5, { 4, 1 }, { 1, 1 }, 1, true),
	        CONV("conv1d 5 width=3 dilation=4", { 2, { 11, 3 } }, 5, { 3, 1 }, { 1, 1 }, 4, false),
	        CONV("conv1d 5 width=3 dilation=2 padding=valid", { 2, { 11, 3 } }, 5, { 3, 1 }, { 1, 1 }, 2, true),
	        CONV("conv1d 2 width=3", { 3, { 6, 3, 2 } }, 2, { 3, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 3 width=9 stride=400", { 2, { 5, 2 } }, 3, { 9, 1 }, { 400, 1 }, 1, false));
	COMPARE(convolution, CONV("conv1d 16 width=2", { 2, { 1, 16 } }, 16, { 2, 1 }, { 1, 1 }, 1, false), /* by points */
	        CONV("conv1d 17 width=3", { 2, { 30, 16 } }, 17, { 3, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 16 width=4", { 2, { 20, 33 } }, 16, { 4, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 40 width=5", { 2, { 33, 100 } }, 40, { 5, 1 }, { 1, 1 }, 1, false),
	        CONV("conv1d 33 width=6 padding=valid", { 2, { 9, 20 } }, 33, { 6, 1 }, { 1, 1 }, 1, true),
	        CONV("conv1d 16 width=7", { 2, { 2, 31 } }, 16, { 7, 1 }, { 1, 1 }, 1, false),
	        CONV("conv2d 32 3 3", { 3, { 9, 13, 16 } }, 32, { 3, 3 }, { 1, 1 }, 1, false),
	        CONV("conv2d 17 4 2 padding=valid", { 3, { 5, 9, 18 } }, 17, { 4, 2 }, { 1, 1 }, 1, true),
	        CONV("conv2d 16 1 5", { 3, { 2, 3, 16 } }, 16, { 1, 5 }, { 1, 1 }, 1, false));
	COMPARE(convolution, CONV("conv2d 1 height=1 width=1", { 3, { 1, 1, 1 } }, 1, { 1, 1 }, { 1, 1 }, 1, false),
	        CONV("conv2d 33 height=3 width=3", { 2, { 9, 7 } }, 33, { 3, 3 }, { 1, 1 }, 1, false),
	        CONV("conv2d 3 height=2 width=5", { 3, { 4, 6, 5 } }, 3, { 2, 5 }, { 1, 1 }, 1, false),
	        CONV("conv2d 16 height=7 width=4", { 3, { 2, 3, 4 } }, 16, { 7, 4 }, { 1, 1 }, 1, false),
	        CONV("conv2d 3 3 3 stride=2", { 2, { 9, 8 } }, 3, { 3, 3 }, { 2, 2 }, 1, false),
	        CONV("conv2d 3 3 3 stride_width=3", { 2, { 9, 8 } }, 3, { 3, 3 }, { 1, 3 }, 1, false),
	        CONV("conv2d 3 3 3 stride=2 stride_height=4", { 2, { 9, 8 } }, 3, { 3, 3 }, { 4, 2 }, 1, false),
	        CONV("conv2d 40 2 3 padding=valid", { 3, { 5, 8, 3 } }, 40, { 2, 3 }, { 1, 1 }, 1, true),
	        CONV("conv2d 3 2 3 stride=2 padding=valid", { 3, { 5, 8, 3 } }, 3, { 2, 3 }, { 2, 2 }, 1, true),
	        CONV("conv2d 3 2 3 dilation=2", { 3, { 5, 8, 3 } }, 3, { 2, 3 }, { 1, 1 }, 2, false),
	        CONV("conv2d 3 2 3 stride=2 dilation=3", { 3, { 7, 8, 3 } }, 3, { 2, 3 }, { 2, 2 }, 3, false));
}

static void
test_recurrent(void)
{
	COMPARE(recurrent, UNITS("lstm 1", 1, 2, { 1, 1 }), UNITS("lstm 3", 3, 2, { 1, 5 }),
	        UNITS("lstm 33", 33, 2, { 7, 4 }), UNITS("lstm 3", 3, 3, { 20, 3, 2 }),
	        UNITS("lstm 5 output=sequence", 5, 2, { 9, 3 }), UNITS("bilstm 3", 3, 2, { 1, 5 }),
	        UNITS("bilstm 33", 33, 2, { 7, 4 }), UNITS("bilstm 1 output=sequence", 1, 2, { 1, 2 }),
	        UNITS("bilstm 3 output=sequence", 3, 2, { 9, 3 }), UNITS("gru 1", 1, 2, { 1, 1 }),
	        UNITS("gru 3", 3, 2, { 1, 5 }), UNITS("gru 33", 33, 2, { 7, 4 }), UNITS("gru 3", 3, 3, { 20, 3, 2 }),
	        UNITS("gru 5 output=sequence", 5, 2, { 9, 3 }), UNITS("bigru 3", 3, 2, { 1, 5 }),
	        UNITS("bigru 33", 33, 2, { 7, 4 }), UNITS("bigru 3 output=sequence", 3, 2, { 9, 3 }),
	        UNITS("bilstm 5 output=sequence", 5, 2, { 37, 3 }), UNITS("bilstm 5", 5, 2, { 32, 3 }),
	        UNITS("bigru 5 output=sequence", 5, 2, { 37, 3 }), UNITS("lstm 3", 3, 2, { 17, 4 }));
}

static void
test_others(void)
{
	COMPARE(batchnorm, PLAIN("batchnorm", 1, { 5 }), PLAIN("batchnorm", 2, { 7, 33 }),
	        PLAIN("batchnorm", 3, { 3, 4, 2 }));
	COMPARE(layernorm, PLAIN("layernorm", 1, { 5 }), PLAIN("layernorm", 2, { 7, 33 }), PLAIN("layernorm", 3, { 3, 4, 2 }),
	        PLAIN("layernorm", 1, { 1 }));
	COMPARE(attention, UNITS("attentionpool 3", 3, 2, { 7, 5 }), UNITS("attentionpool 40", 40, 2, { 33, 20 }),
	        UNITS("attentionpool 1", 1, 2, { 1, 4 }), UNITS("attentionpool 4", 4, 3, { 5, 3, 7 }));
	COMPARE(normalize, PLAIN("normalize", 1, { 5 }), PLAIN("normalize", 2, { 7, 3 }),
	        PLAIN("normalize axis=all", 2, { 7, 3 }), PLAIN("normalize", 3, { 3, 4, 2 }));
	COMPARE(pool, POOL("maxpool1d", 2, 1, 2, { 7, 3 }), POOL("maxpool1d size=3", 3, 1, 2, { 9, 70 }),
	        POOL("maxpool1d 7", 7, 1, 2, { 7, 1 }), POOL("maxpool2d", 2, 2, 2, { 7, 5 }),
	        POOL("maxpool2d height=1 width=3", 1, 3, 3, { 4, 8, 3 }), POOL("maxpool2d 3 2", 3, 2, 3, { 4, 3, 65 }),
	        POOL("avgpool1d", 2, 1, 2, { 7, 3 }), POOL("avgpool1d 5", 5, 1, 2, { 11, 3 }),
	        POOL("avgpool2d", 2, 2, 2, { 7, 5 }), POOL("avgpool2d 3 2", 3, 2, 3, { 4, 3, 33 }));
	COMPARE(pool_apart, CONV("maxpool1d 5 2 padding=same", { 2, { 11, 3 } }, 0, { 5, 1 }, { 2, 1 }, 1, false),
	        CONV("maxpool1d 5 stride=2", { 2, { 12, 70 } }, 0, { 5, 1 }, { 2, 1 }, 1, true),
	        CONV("maxpool1d size=2 stride=5 padding=same", { 2, { 13, 3 } }, 0, { 2, 1 }, { 5, 1 }, 1, false),
	        CONV("maxpool1d 9 1 padding=same", { 2, { 3, 2 } }, 0, { 9, 1 }, { 1, 1 }, 1, false),
	        CONV("maxpool1d 3 padding=same", { 2, { 10, 2 } }, 0, { 3, 1 }, { 3, 1 }, 1, false),
	        CONV("avgpool1d 4 3 padding=same", { 2, { 11, 3 } }, 0, { 4, 1 }, { 3, 1 }, 1, false),
	        CONV("avgpool1d 4 3", { 2, { 11, 3 } }, 0, { 4, 1 }, { 3, 1 }, 1, true),
	        CONV("avgpool1d padding=same", { 2, { 7, 5 } }, 0, { 2, 1 }, { 2, 1 }, 1, false),
	        CONV("maxpool2d 3 3 stride=2 padding=same", { 3, { 7, 6, 33 } }, 0, { 3, 3 }, { 2, 2 }, 1, false),
	        CONV("maxpool2d 3 2 stride_width=1", { 3, { 7, 6, 2 } }, 0, { 3, 2 }, { 3, 1 }, 1, true),
	        CONV("avgpool2d 3 2 stride=1 stride_height=4 padding=same", { 3, { 7, 6, 3 } }, 0, { 3, 2 }, { 4, 1 }, 1, false),
	        CONV("avgpool2d 5 4 2", { 3, { 7, 9, 3 } }, 0, { 5, 4 }, { 2, 2 }, 1, true));
	COMPARE(pool, PLAIN("globalmaxpool", 2, { 1, 3 }), PLAIN("globalmaxpool", 2, { 30, 5 }),
	        PLAIN("globalmaxpool", 3, { 5, 3, 7 }), PLAIN("globalavgpool", 2, { 1, 3 }),
	        PLAIN("globalavgpool", 2, { 30, 5 }), PLAIN("globalavgpool", 3, { 5, 3, 7 }),
	        PLAIN("globalstatspool", 2, { 1, 3 }), PLAIN("globalstatspool", 2, { 30, 5 }),
	        PLAIN("globalstatspool", 3, { 5, 3, 7 }));
	COMPARE(activation, PLAIN("relu", 1, { 40 }), PLAIN("elu alpha=0.5", 1, { 40 }), PLAIN("tanh", 1, { 40 }),
	        PLAIN("sigmoid", 1, { 40 }), PLAIN("softmax", 1, { 40 }), PLAIN("softmax", 1, { 1 }),
	        PLAIN("dropout 0.9", 1, { 40 }));
}

/* Values i of x are (7 i^2 + 3 i) mod 19 - 9. What PyTorch 1.13 gives: max_pool and avg_pool of
 * what F.pad puts -inf around, or zeros, divided by the same of ones. */
static void
test_golden(void)
{
	static const struct {
		const char *text;
		struct dims in;
		size_t n;
		double y[12];
	} cases[] = {
		{ "maxpool1d 5 stride=2 padding=same", { 2, { 9, 2 } }, 10, { 6, 6, 7, 6, 9, -3, 9, -3, 9, -3 } },
		{ "avgpool1d 3 stride=2", { 2, { 9, 2 } }, 8, { -2 / 3.0, -2 / 3.0, 1, -19 / 3.0, 5, -10 / 3.0, 5, -13 / 3.0 } },
		{ "avgpool1d 4 stride=3 padding=same", { 2, { 9, 2 } }, 6, { -1.75, -2, 2.5, -4, 5, -13 / 3.0 } },
		{ "maxpool2d 3 2 stride_height=2 stride_width=1 padding=same", { 2, { 5, 4 } }, 12,
		  { 1, 6, 6, 6, 9, -1, -1, -3, 9, -1, -1, -4 } },
		{ "avgpool2d 3 2 stride_height=2 stride_width=1 padding=same", { 2, { 5, 4 } }, 12,
		  { -4, -1.75, 0.25, 0, 1 / 6.0, -23 / 6.0, -10 / 3.0, -13 / 3.0, 1.75, -3.75, -4.75, -6.5 } },
		{ "avgpool2d 2 3 stride=1", { 2, { 5, 4 } }, 8,
		  { -2.5, -7 / 6.0, -11 / 6.0, -14 / 3.0, 7 / 6.0, -8 / 3.0, 1 / 6.0, -14 / 3.0 } },
	};

	for (size_t t = 0; t < sizeof cases / sizeof cases[0]; t++) {
		char text[128];
		struct nn *net;
		bool good;

		snprintf(text, sizeof text, "%s\nflatten", cases[t].text);
		good = nn_create(&net, text, "net", cases[t].in.rank, cases[t].in.d, 3, 1, false, 1) == ST_OK;
		for (size_t i = 0; good && i < nn_inputs(net); i++)
			nn_input(net, 0)[i] = (real)((7 * i * i + 3 * i) % 19) - 9;
		if (good)
			nn_forward(net, 1, false, 1);
		good = good && nn_outputs(net) == cases[t].n;
		for (size_t i = 0; good && i < cases[t].n; i++)
			good = fabs((double)nn_output(net, 0)[i] - cases[t].y[i]) < 1e-5;
		snprintf(text, sizeof text, "%s: as PyTorch has it", cases[t].text);
		ok(good, text);
		nn_free(net);
	}
}

/* Training */

static struct nn *
training_net(const char *text, int rank, const size_t *shape, size_t classes)
{
	struct nn *net;

	if (nn_create(&net, text, "net", rank, shape, classes, BATCH, true, 2) != ST_OK) {
		fprintf(stderr, "textbook: %s\n", err_text());
		exit(4);
	}
	return net;
}

/* Mean and variance of channel k over n examples of rows rows of c. */
static void
statistics(const double *x, size_t n, size_t c, size_t k, double *mean, double *variance)
{
	*mean = *variance = 0;
	for (size_t i = 0; i < n; i++)
		*mean += x[i * c + k] / (double)n;
	for (size_t i = 0; i < n; i++)
		*variance += pow(x[i * c + k] - *mean, 2) / (double)n;
}

/* One training batch of n examples, far from zero; returns the worst error of
 * outputs, and adds what the running statistics should then be. */
static double
train_batchnorm(struct nn *net, size_t n, double *mean, double *variance, double keep)
{
	enum { ROWS = 6, C = 3 };
	static double x[BATCH * ROWS * C];
	double worst = 0, m, v;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ROWS * C; k++) {
			nn_input(net, i)[k] = (real)(100 + 10 * uniform());
			x[i * ROWS * C + k] = (double)nn_input(net, i)[k];
		}
	nn_forward(net, n, true, 1);
	for (size_t k = 0; k < C; k++) {
		statistics(x, n * ROWS, C, k, &m, &v);
		mean[k] = keep * mean[k] + (1 - keep) * m;
		variance[k] = keep * variance[k] + (1 - keep) * v;
		for (size_t i = 0; i < n * ROWS; i++) {
			double y = (x[i * C + k] - m) / sqrt(v + 1e-3) * (double)weight(net, "", "gamma")[k] +
			           (double)weight(net, "", "beta")[k];
			double error = fabs((double)nn_output(net, i / ROWS)[i % ROWS * C + k] - y);

			worst = error > worst ? error : worst;
		}
	}
	return worst;
}

static void
test_batchnorm(void)
{
	struct nn *net = training_net("batchnorm momentum=0.6\nflatten", 2, (size_t[]){ 6, 3 }, 1);
	double mean[3] = { 0 }, variance[3] = { 0 }, worst = 0;
	bool running = true;

	randomise(net);
	/* The mean of the batches until that weighs the past by 0.6. */
	for (size_t step = 0; step < 4; step++) {
		double past = (double)step / (double)(step + 1), error;

		error = train_batchnorm(net, step == 1 ? 1 : BATCH - step, mean, variance, past < 0.6 ? past : 0.6);
		worst = error > worst ? error : worst;
		for (size_t k = 0; k < 3; k++)
			running &= fabs((double)weight(net, "", "mean")[k] - mean[k]) < 1e-4 &&
			           fabs((double)weight(net, "", "variance")[k] - variance[k]) < 1e-3;
	}
	if (!ok(worst < 1e-4, "batchnorm in training uses the batch's statistics"))
		printf("# off by %g\n", worst);
	ok(running, "batchnorm's running statistics");
	nn_free(net);
}

static void
test_cross_entropy(void)
{
	static const double class_weight[] = { 0.5, 2, 1, 1.5 };
	struct nn *net = training_net("dense classes\nsoftmax", 1, (size_t[]){ 3 }, 4);
	double want = 0, smoothing = 0.1, plain = 0, worst = 0;
	size_t target[BATCH];

	randomise(net);
	for (size_t i = 0; i < BATCH; i++)
		for (size_t k = 0; k < 3; k++)
			nn_input(net, i)[k] = (real)uniform();
	nn_forward(net, BATCH, true, 1);
	for (size_t i = 0; i < BATCH; i++) {
		const real *p = nn_output(net, i);

		target[i] = i % 4;
		plain -= log((double)p[target[i]]) / BATCH;
		for (size_t c = 0; c < 4; c++) {
			double q = (c == target[i] ? 1 - smoothing : 0) + smoothing / 4;

			want -= class_weight[target[i]] * q * log((double)p[c]) / BATCH;
		}
	}
	worst = fabs(nn_loss_cross_entropy(net, target, class_weight, smoothing) - want);
	ok(worst < 1e-12, "cross-entropy with class weights and smoothing");
	ok(fabs(nn_loss_cross_entropy(net, target, NULL, 0) - plain) < 1e-12, "cross-entropy");
	nn_free(net);
}

static void
test_squared_loss(void)
{
	struct nn *net = training_net("dense 2", 1, (size_t[]){ 3 }, 1);
	double value[2 * BATCH], want = 0;

	randomise(net);
	for (size_t i = 0; i < BATCH; i++)
		for (size_t k = 0; k < 3; k++)
			nn_input(net, i)[k] = (real)uniform();
	nn_forward(net, BATCH, true, 1);
	for (size_t i = 0; i < 2 * BATCH; i++) {
		value[i] = uniform();
		want += pow((double)nn_output(net, i / 2)[i % 2] - value[i], 2) / (2 * BATCH);
	}
	ok(fabs(nn_loss_squared(net, value) - want) < 1e-12, "mean squared error");
	nn_free(net);
}

/* Shares of a long vector, the same for the same key and others for another. */
static void
test_dropout(void)
{
	enum { N = 10000 };
	struct nn *net = training_net("dropout 0.3", 1, (size_t[]){ N }, 1);
	static real first[N];
	size_t dropped = 0, differ = 0;
	bool scaled = true, same = true;

	for (uint64_t key = 7; key < 10; key++) {
		for (size_t k = 0; k < N; k++)
			nn_input(net, 0)[k] = nn_input(net, 1)[k] = 1;
		nn_forward(net, 2, true, key == 8 ? 7 : key);
		for (size_t k = 0; k < N; k++) {
			real y = nn_output(net, 0)[k];

			scaled &= y == 0 || fabs((double)y - 1 / 0.7) < 1e-6;
			dropped += key == 7 && y == 0;
			same &= key != 8 || y == first[k];
			differ += (key == 9 && y != first[k]) + (key == 7 && y != nn_output(net, 1)[k]);
			first[k] = y;
		}
	}
	ok(scaled && dropped > 0.28 * N && dropped < 0.32 * N, "dropout drops its share and scales the rest");
	ok(same && differ > 0.8 * N && differ < 0.88 * N, "dropout's mask depends on key and example");
	nn_free(net);
}

/* Whole channels, its share of them, others in each example. */
static void
test_channeldropout(void)
{
	enum { ROWS = 5, C = 2000 };
	struct nn *net = training_net("channeldropout 0.3\nflatten", 2, (size_t[]){ ROWS, C }, 1);
	size_t dropped = 0, differ = 0;
	bool whole = true;

	for (size_t k = 0; k < ROWS * C; k++)
		nn_input(net, 0)[k] = nn_input(net, 1)[k] = 1;
	nn_forward(net, 2, true, 7);
	for (size_t k = 0; k < ROWS * C; k++) {
		real y = nn_output(net, 0)[k];

		whole &= (y == 0 || fabs((double)y - 1 / 0.7) < 1e-6) && y == nn_output(net, 0)[k % C];
		dropped += y == 0;
		differ += y != nn_output(net, 1)[k];
	}
	ok(whole && dropped > 0.27 * ROWS * C && dropped < 0.33 * ROWS * C && differ > 0.3 * ROWS * C,
	   "channeldropout drops whole channels");
	nn_free(net);
}

enum { T = 4, C = 3, ROW = 2 };

/* Lines that read what others saved. y of one example x and its row. */
static double
residual(const double *x, const double *row, size_t k)
{
	double h = tanh(x[k / (2 * C) * C + k % C]), gated = (h > 0 ? h : 0) + h;

	(void)row;
	return k % (2 * C) < C ? h : gated;
}

static double
mean_of(const double *x, size_t c)
{
	double sum = 0;

	for (size_t t = 0; t < T; t++)
		sum += x[t * C + c] / T;
	return sum;
}

static double
excitation(const double *x, const double *row, size_t k)
{
	(void)row;
	return x[k] * sigmoid(mean_of(x, k % C)) * x[k];
}

static double
two_inputs(const double *x, const double *row, size_t k)
{
	return k < C ? mean_of(x, k) : tanh(row[k - C]);
}

static void
test_branch(const char *text, double (*defined)(const double *x, const double *row, size_t k), bool train)
{
	const size_t shape[2] = { T, C }, width = ROW;
	const struct nn_source source[] = { { "row", 1, &width }, { "main", 2, shape } };
	size_t main = strstr(text, "input") != NULL;
	double x[T * C], row[ROW], worst = 0;
	struct nn *net;
	char name[128];

	if (nn_open_inputs(&net, text, "net", source + 1 - main, 1 + main, 3, BATCH, train, 1) != ST_OK ||
	    nn_allocate(net, 0, 0) != ST_OK) {
		fprintf(stderr, "textbook: %s\n", err_text());
		exit(4);
	}
	for (size_t i = 0; i < BATCH; i++)
		for (size_t pass = 0; pass < 2; pass++) { /* inputs, and, when all are there, outputs */
			srand((unsigned)i);
			for (size_t k = 0; k < T * C; k++)
				nn_input_of(net, main, i)[k] = (real)(x[k] = (double)(real)uniform());
			for (size_t k = 0; k < ROW; k++) {
				row[k] = (double)(real)uniform();
				if (main)
					nn_input_of(net, 0, i)[k] = (real)row[k];
			}
			if (pass == 0)
				continue;
			nn_forward(net, i + 1, false, 1);
			for (size_t k = 0; k < nn_outputs(net); k++)
				worst = fmax(worst, fabs((double)nn_output(net, i)[k] - defined(x, row, k)));
		}
	snprintf(name, sizeof name, "%.40s...%s", text, train ? ", for training" : "");
	for (char *p = name; (p = strchr(p, '\n')) != NULL;)
		*p = '/';
	ok(worst < 1e-6, name);
	nn_free(net);
}

static void
test_branches(void)
{
	for (int train = 0; train < 2; train++) {
		test_branch("tanh\nsave a\nrelu\nadd a\nsave b\nload a\nconcat b\nflatten", residual, train);
		test_branch("save a\nglobalavgpool\nsigmoid\nmultiply a\nmultiply a\nflatten", excitation, train);
		test_branch("input row\ntanh\nsave r\ninput main\nglobalavgpool\nconcat r", two_inputs, train);
	}
}

/* normalize: feature 1 is constant, feature 2 has a small spread far from
 * zero. */
static void
test_fit(bool all)
{
	enum { N = 50, ROWS = T };
	const char *text = all ? "normalize axis=all\nflatten" : "normalize\nflatten";
	struct nn *net = training_net(text, 2, (size_t[]){ ROWS, C }, 1);
	static double x[N * ROWS * C];
	double mean, variance, worst = 0;

	for (size_t i = 0; i < N; i++) {
		float example[ROWS * C];

		for (size_t k = 0; k < ROWS * C; k++) {
			example[k] = k % C == 0 ? (float)(5 * uniform()) : k % C == 1 ? 0.1F : (float)(3000 + uniform());
			x[i * ROWS * C + k] = (double)example[k];
		}
		nn_fit(net, example);
	}
	nn_fit(net, NULL);
	for (size_t k = 0; k < (all ? 1 : C); k++) {
		double error;

		statistics(x, all ? N * ROWS * C : N * ROWS, all ? 1 : C, k, &mean, &variance);
		error = fabs((double)weight(net, "", "mean")[k] / mean - 1) +
		        fabs((double)weight(net, "", "deviation")[k] / (!all && k == 1 ? 1 : sqrt(variance)) - 1);
		worst = error > worst ? error : worst;
	}
	ok(nn_needs_fit(net) && worst < 1e-6,
	   all ? "normalize learns one mean and deviation" : "normalize learns mean and deviation by feature");
	nn_free(net);
}

int
main(void)
{
	srand(11);
	test_products();
	test_recurrent();
	test_others();
	test_golden();
	test_batchnorm();
	test_cross_entropy();
	test_squared_loss();
	test_branches();
	test_dropout();
	test_channeldropout();
	test_fit(false);
	test_fit(true);
	return finish();
}
