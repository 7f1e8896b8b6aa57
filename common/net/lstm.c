/* lstm and bilstm (S. Hochreiter and J. Schmidhuber, Neural Computation 9(8),
 * 1997; forget gate F. Gers et al., 2000), as Keras's LSTM: gate order i f c o,
 * kernel (in, 4u), recurrent (u, 4u), bias (4u):
 *
 *   i = s(z_i)  f = s(z_f)  g = tanh(z_c)  o = s(z_o),  z = x W + h' R + b
 *   c = f c' + i g,   h = o tanh(c)
 *
 * with c' and h' of the previous step. */
#include <math.h>

#include "net/gemm.h"
#include "net/recurrent.h"
#include "net/vmath.h"

/* One step of one example: z (4u) becomes the gates after their functions. Loops of
 * one function each: what a longer one needs in turn, the processor cannot begin ahead. */
static inline void
step_forward(size_t u, real *restrict z, const real *restrict before, real *restrict c, real *restrict h)
{
	for (size_t k = 0; k < 2 * u; k++)
		z[k] = nn_sigmoid(z[k]);
	for (size_t k = 2 * u; k < 3 * u; k++)
		z[k] = nn_tanh(z[k]);
	for (size_t k = 3 * u; k < 4 * u; k++)
		z[k] = nn_sigmoid(z[k]);
	for (size_t k = 0; k < u; k++) {
		c[k] = z[u + k] * before[k] + z[k] * z[2 * u + k];
		h[k] = z[3 * u + k] * nn_tanh(c[k]);
	}
}

static void
lstm_forward(const struct recurrent_step *s)
{
	size_t u = s->u;

	if (!s->first)
		nn_gemm_packed(s->examples, 4 * u, u, s->h_before, s->h_row, s->recurrent, NULL, 1, s->z, 4 * u);
	for (size_t i = 0; i < s->examples; i++)
		step_forward(u, s->z + i * 4 * u, s->kept_before + i * u, s->kept + i * u,
		             s->h + i * s->h_row);
}

/* One step of one example backward: z holds the gates and becomes dz; dc goes
 * to the previous step. */
static inline void
step_backward(size_t u, real *restrict z, const real *restrict before, const real *restrict c, const real *restrict dh,
              const real *restrict dy, real *restrict dc)
{
	for (size_t k = 0; k < u; k++) {
		real i = z[k], f = z[u + k], g = z[2 * u + k], o = z[3 * u + k];
		real cell = nn_tanh(c[k]), d = dh[k] + dy[k];
		real dcell = dc[k] + d * o * (1 - cell * cell);

		z[k] = dcell * g * i * (1 - i);
		z[u + k] = dcell * before[k] * f * (1 - f);
		z[2 * u + k] = dcell * i * (1 - g * g);
		z[3 * u + k] = d * cell * o * (1 - o);
		dc[k] = dcell * f;
	}
}

static void
lstm_backward(const struct recurrent_step *s)
{
	size_t u = s->u;

	for (size_t i = 0; i < s->examples; i++)
		step_backward(u, s->z + i * 4 * u, s->kept_before + i * u, s->kept + i * u,
		              s->dh + i * u, s->dy + i * s->dy_row, s->dc + i * u);
	if (!s->first)
		nn_gemm_packed(s->examples, u, 4 * u, s->z, 4 * u, s->recurrent, NULL, 0, s->dh, u);
}

static const struct recurrent_cell cell = { .gates = 4, .kept = 1, .biases = 1, .bias = NN_LSTM_BIAS,
	.forward = lstm_forward, .backward = lstm_backward };

const struct nn_kind LEVEL_NAME(nn_lstm_kinds)[] = { RECURRENT_KIND("lstm", 0), RECURRENT_KIND("bilstm", NN_BOTH_WAYS), { .name = NULL } };
