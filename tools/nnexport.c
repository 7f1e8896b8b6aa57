/* nnexport: a trained model for other programs: ONNX for its runtimes, safetensors for the
 * weights alone. */
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/opt.h"
#include "exchange/onnx.h"
#include "exchange/safetensors.h"
#include "model/model.h"
#include "stream/provenance.h"

enum { FORMAT_AUTO, FORMAT_ONNX, FORMAT_SAFETENSORS };
static const char *const formats[] = { "auto", "onnx", "safetensors", NULL };

static int format;
static struct opt_common common;

static const struct opt opts[] = {
	OPT(CHOICE, "format", &format, "NAME", "format of the file", .choices = formats),
};
static const char *const uses[] = { "MODEL", NULL };
static const struct tool tool = OPT_TOOL("nnexport", "a trained model as ONNX or safetensors");

/* By the ending of the output's name. */
static int
choose_format(void)
{
	const char *dot = common.out == NULL ? NULL : strrchr(common.out, '.');

	for (int i = FORMAT_ONNX; i <= FORMAT_SAFETENSORS && format == FORMAT_AUTO; i++)
		if (dot != NULL && strcmp(dot + 1, formats[i]) == 0)
			format = i;
	return format != FORMAT_AUTO ? ST_OK :
	       err_set(ST_USAGE, "--format onnx or safetensors, or -o FILE with one of these endings, is required");
}

static int
write_file(const struct model *m, const char *file, struct nn *net)
{
	struct meta head = { 0 };
	struct io_out *out = NULL;
	int rc = model_head(m, &head);

	if (rc == ST_OK && (rc = io_open(&out, common.out, true)) == ST_OK)
		rc = format == FORMAT_ONNX ? onnx_write(m, file, net, &head, out) : safetensors_write(m, &head, out);
	meta_clear(&head);
	if (rc == ST_OK)
		return io_close(out);
	io_abort(out);
	return rc;
}

/* Where frames vary, the net is planned for so many, as nnpredict's smallest. */
enum { FRAMES = 64 };

static int
run(char **operands, size_t n)
{
	struct model m = { 0 };
	struct nn *net = NULL;
	const char *file = operands[0];
	int rc;

	if (n != 1)
		return err_set(ST_USAGE, "one model is required: nnexport -o FILE.onnx MODEL (sertools list models names models)");
	if ((rc = choose_format()) != ST_OK || (rc = opt_find(&tool, FIND_MODEL, &file)) != ST_OK)
		return rc;
	if ((rc = model_read(&m, file)) == ST_OK && (rc = model_net(&m, file, FRAMES, 1, NN_MAX_MEMORY, &net)) == ST_OK &&
	    (!model_varies(&m) || (rc = nn_takes_lengths(net)) == ST_OK) && (rc = provenance_add(&tool, &m.pg)) == ST_OK)
		rc = write_file(&m, file, net);
	nn_free(net);
	model_free(&m);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
