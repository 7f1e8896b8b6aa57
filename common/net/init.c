#include "net/init.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"

/* The Q of a normal matrix A = QR whose R has a positive diagonal, so that it is uniformly
 * distributed: A R^-1, where R is the Cholesky factor of A'A, as A has more rows than
 * columns and so a condition near 1 (for an LSTM's 4 to 1 it is about 3). Writes
 * (rows, columns) with rows <= columns: rows are orthonormal. */
static int
orthogonal(real *w, size_t rows, size_t columns, gsl_rng *rng)
{
	gsl_matrix *a = gsl_matrix_alloc(columns, rows), *r = gsl_matrix_alloc(rows, rows);
	int rc = ST_OK;

	if (a == NULL || r == NULL) {
		rc = err_set(ST_SYS, "out of memory");
	} else {
		for (size_t i = 0; i < columns * rows; i++)
			a->data[i] = gsl_ran_gaussian_ziggurat(rng, 1);
		gsl_blas_dsyrk(CblasLower, CblasTrans, 1, a, 0, r);
		gsl_linalg_cholesky_decomp1(r);
		gsl_blas_dtrsm(CblasRight, CblasLower, CblasTrans, CblasNonUnit, 1, r, a);
		for (size_t i = 0; i < rows; i++)
			for (size_t j = 0; j < columns; j++)
				w[i * columns + j] = (real)gsl_matrix_get(a, j, i);
	}
	gsl_matrix_free(r);
	gsl_matrix_free(a);
	return rc;
}

static void
glorot(real *w, size_t n, double fan_in, double fan_out, gsl_rng *rng)
{
	double limit = sqrt(6 / (fan_in + fan_out));

	for (size_t i = 0; i < n; i++)
		w[i] = (real)gsl_ran_flat(rng, -limit, limit);
}

int
init_fill(real *w, int rank, const size_t *shape, enum nn_fill fill, double fan_in, double fan_out, uint64_t seed,
          const char *name)
{
	size_t n = 1;
	gsl_rng *rng;
	int rc = ST_OK;

	for (int i = 0; i < rank; i++)
		n *= shape[i];
	if (fill == NN_ZEROS || fill == NN_ONES || fill == NN_LSTM_BIAS) {
		for (size_t i = 0; i < n; i++)
			w[i] = fill == NN_ONES || (fill == NN_LSTM_BIAS && i >= n / 4 && i < n / 2);
		return ST_OK;
	}
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (rng == NULL)
		return err_set(ST_SYS, "out of memory");
	gsl_rng_set(rng, (unsigned long)(XXH3_64bits_withSeed(name, strlen(name), seed) & 0xffffffffU));
	if (fill == NN_GLOROT)
		glorot(w, n, fan_in, fan_out, rng);
	else
		rc = orthogonal(w, shape[0], n / shape[0], rng);
	gsl_rng_free(rng);
	return rc;
}
