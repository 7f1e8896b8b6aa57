/* gru and bigru (K. Cho et al., EMNLP 2014), as Keras's GRU with reset_after:
 * gate order z r h, kernel (in, 3u), recurrent (u, 3u), bias (2, 3u):
 *
 *   z = s(p_z + q_z)  r = s(p_r + q_r)  g = tanh(p_h + r q_h)
 *   p = x W + b_0,  q = h' R + b_1,  h = z h' + (1 - z) g
 *
 * with h' of the previous step. Here z of recurrent.h holds p, and kept q. */
#include <math.h>

#include "net/gemm.h"
#include "net/recurrent.h"
#include "net/vmath.h"

/* One step of one example: p (3u) becomes z, r and g. Loops as in lstm.c. */
static inline void
step_forward(size_t u, real *restrict p, const real *restrict q, const real *restrict before, real *restrict h)
{
	for (size_t k = 0; k < 2 * u; k++)
		p[k] = nn_sigmoid(p[k] + q[k]);
	for (size_t k = 0; k < u; k++) {
		real z = p[k], g = nn_tanh(p[2 * u + k] + p[u + k] * q[2 * u + k]);

		p[2 * u + k] = g;
		h[k] = z * before[k] + (1 - z) * g;
	}
}

/* There is a row of zeros before the first step. */
static void
gru_forward(const struct recurrent_step *s)
{
	size_t u = s->u;

	nn_gemm_packed(s->examples, 3 * u, u, s->h_before, s->h_row, s->recurrent, s->bias, 0, s->kept, 3 * u);
	for (size_t i = 0; i < s->examples; i++)
		step_forward(u, s->z + i * 3 * u, s->kept + i * 3 * u, s->h_before + i * s->h_row, s->h + i * s->h_row);
}

/* One step of one example backward: p holds z, r and g and becomes dp, q
 * becomes dq; of dh, what goes through z h' goes to the previous step. */
static inline void
step_backward(size_t u, real *restrict p, real *restrict q, const real *restrict before, const real *restrict dy,
              real *restrict dh)
{
	for (size_t k = 0; k < u; k++) {
		real z = p[k], r = p[u + k], g = p[2 * u + k], inner = q[2 * u + k], d = dh[k] + dy[k];
		real dz = d * (before[k] - g) * z * (1 - z), dg = d * (1 - z) * (1 - g * g);
		real dr = dg * inner * r * (1 - r);

		p[k] = q[k] = dz;
		p[u + k] = q[u + k] = dr;
		p[2 * u + k] = dg;
		q[2 * u + k] = dg * r;
		dh[k] = d * z;
	}
}

static void
gru_backward(const struct recurrent_step *s)
{
	size_t u = s->u;

	for (size_t i = 0; i < s->examples; i++)
		step_backward(u, s->z + i * 3 * u, s->kept + i * 3 * u, s->h_before + i * s->h_row,
		              s->dy + i * s->dy_row, s->dh + i * u);
	if (!s->first)
		nn_gemm_packed(s->examples, u, 3 * u, s->kept, 3 * u, s->recurrent, NULL, 1, s->dh, u);
}

static const struct recurrent_cell cell = { .gates = 3, .kept = 3, .biases = 2, .bias = NN_ZEROS,
	.forward = gru_forward, .backward = gru_backward };

const struct nn_kind LEVEL_NAME(nn_gru_kinds)[] = { RECURRENT_KIND("gru", 0), RECURRENT_KIND("bigru", NN_BOTH_WAYS), { .name = NULL } };
