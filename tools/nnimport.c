/* nnimport: models of Keras and PyTorch as models of nnpredict. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/io.h"
#include "base/kind.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/tool.h"
#include "base/words.h"
#include "exchange/keras.h"
#include "exchange/safetensors_read.h"
#include "exchange/settings.h"
#include "exchange/torch.h"
#include "model/features.h"
#include "model/model.h"
#include "stream/provenance.h"

enum { NET_MAX = 1 << 20, FRAMES = 64 }; /* for sequences of any length nnpredict's smallest net is planned */

static const char *like, *features, *class_list, *net_file, *input;
static struct opt_list maps;
static struct opt_common common = { .feeds = true };

static const struct opt opts[] = {
	OPT(TEXT, "like", &like, "MODEL", "its features are those that MODEL was trained on", .find = FIND_MODEL),
	OPT(TEXT, "features", &features, "SETTINGS",
	    "its features, as 'rate=16000 mels=64'; else as wavnorm | melspec makes them"),
	OPT(TEXT, "classes", &class_list, "A,B,C", "names of the classes, in the order of the outputs; else 0, 1 and so on"),
	OPT(TEXT, "net", &net_file, "FILE", "the layers, as net(5) says, for weights without a net", .find = FIND_NET),
	OPT(TEXT, "input", &input, "SHAPE", "shape of an example, as 108,128; *,128 for sequences of any length"),
	OPT(LIST, "map", &maps, "LAYER=MODULE", "that layer of the net is that module of PyTorch; may be given again"),
};
static const char *const uses[] = { "FILE", NULL };
static const struct tool tool = OPT_TOOL("nnimport", "make a model of one of Keras or PyTorch");

struct job {
	struct map map;
	struct model model;
	struct import import;
	struct keras *keras;
	struct safetensors *safetensors;
	struct arrays arrays;
	const char *source; /* for the provenance */
	struct nn *net;
};

static bool
begins(const struct job *j, const char *magic, size_t n)
{
	return j->map.size >= n && memcmp(j->map.data, magic, n) == 0;
}

/* What is none of the formats. */
static int
refuse(const struct job *j, const char *kind)
{
	const char *name = j->map.name;

	if (kind != NULL && (strstr(kind, "PyTorch") != NULL || strstr(kind, "pickle") != NULL))
		return err_set(ST_DATA, "%s: this is a pickle, as PyTorch saves it, which only Python can read: there, "
		               "safetensors.torch.save_file(model.state_dict(), 'model.safetensors') makes a file for nnimport --net",
		               name);
	return err_set(ST_DATA, "%s: %s%s; .keras, .h5 and .safetensors files are read", name,
	               kind == NULL ? "no model that can be imported" : "this is ", kind == NULL ? "" : kind);
}

static int
open_source(struct job *j)
{
	const char *name = j->map.name;
	size_t head = j->map.size < KIND_HEAD ? j->map.size : KIND_HEAD;
	const char *kind = kind_name(j->map.data, head);
	bool zip = begins(j, "PK\3\4", 4);
	bool foreign = kind != NULL && strstr(kind, "Keras") == NULL && strcmp(kind, "a zip archive") != 0;
	int rc;

	if (j->map.size == 0)
		return err_set(ST_DATA, "%s: empty input", name);
	if ((zip && !foreign) || begins(j, "\x89HDF\r\n\x1a\n", 8)) {
		j->source = "keras";
		if ((rc = keras_open(&j->keras, name, j->map.data, j->map.size)) == ST_OK)
			j->arrays = keras_arrays(j->keras);
		return rc;
	}
	if (zip || j->map.size < 9 || j->map.data[8] != '{')
		return refuse(j, kind);
	j->source = "safetensors";
	if ((rc = safetensors_open(&j->safetensors, name, j->map.data, j->map.size)) == ST_OK)
		j->arrays = safetensors_arrays(j->safetensors);
	return rc;
}

/* The net's text, from its own file, its features' settings and the shape of its input. */

static int
read_net(struct job *j)
{
	struct model *m = &j->model;
	char *text = NULL;
	size_t n;
	int rc = io_slurp(net_file, NET_MAX, &text, &n);

	if (rc == ST_OK)
		rc = model_check_text(text, n, net_file);
	if (rc == ST_OK && j->safetensors != NULL) {
		rc = torch_text(text, &m->text);
		free(text);
		return rc;
	}
	m->text = text;
	return rc;
}

static int
take_net(struct job *j)
{
	struct model *m = &j->model;
	struct keras_net net;
	int rc;

	if (net_file != NULL)
		return read_net(j);
	if (j->keras == NULL || !keras_describes(j->keras))
		return err_set(ST_USAGE, "%s has weights alone: --net FILE with its layers is required (net(5))", j->map.name);
	rc = keras_net(j->keras, &net, &j->import);
	m->text = net.text;
	m->rank = net.rank;
	memcpy(m->shape, net.shape, sizeof m->shape);
	return rc;
}

static int
take_features(struct job *j)
{
	struct model *m = &j->model, other = { 0 };
	int rc;

	if (like == NULL)
		return settings_parse(features, &m->feature);
	rc = model_read_head(&other, like);
	if (rc == ST_OK && other.beside.name != NULL)
		rc = err_set(ST_USAGE, "--like %s: its net has two inputs", like);
	if (rc == ST_OK)
		rc = features_copy(&m->feature, &other.feature);
	if (rc == ST_OK && m->rank == 0 && input == NULL) {
		m->rank = other.rank;
		memcpy(m->shape, other.shape, sizeof m->shape);
	}
	model_free(&other);
	return rc;
}

/* Whether an example of that shape is one of this net's. */
static bool
fits(const struct model *m, const struct array_shape *s)
{
	return m->rank == s->rank && (m->shape[0] == s->d[0] || m->shape[0] == 0 || s->d[0] == 0) && m->shape[1] == s->d[1];
}

static int
take_shape(struct job *j)
{
	struct model *m = &j->model;
	struct array_shape made;
	char shape[MODEL_SHAPE_MAX], other[MODEL_SHAPE_MAX];
	bool known = settings_shape(&m->feature, &made);
	struct model of = { .rank = made.rank, .shape = { made.d[0], made.d[1] } };
	const char *given = like != NULL ? "as of --like" : features != NULL ? "as of --features" : "as wavnorm | melspec makes them";

	if (input != NULL && model_parse_shape(&m->rank, m->shape, input) != ST_OK)
		return err_set(ST_USAGE, "--input: '%.60s' is no shape, as 108,128 or *,128", input);
	if (m->rank == 0 && known) {
		m->rank = made.rank;
		memcpy(m->shape, of.shape, sizeof of.shape);
	}
	if (m->rank == 0)
		return err_set(ST_USAGE, "%s does not say the shape of its input: --input SHAPE does, as --input 108,128",
		               j->map.name);
	if (!known || fits(m, &made))
		return ST_OK;
	return err_set(ST_USAGE, "%s: its input is of shape (%s); mel features %s are (%s): --features or --like says what it was "
	               "trained on", j->map.name, model_shape(m, shape), given, model_shape(&of, other));
}

/* Classes */

/* Where the net's lines say `classes', which nobody has counted. */
static int
check_counted(struct job *j)
{
	size_t outputs[2] = { 0, 0 };
	int rc = ST_OK;

	for (size_t i = 0; i < 2 && rc == ST_OK; i++) {
		j->model.classes = 2 + i;
		if ((rc = model_open(&j->model, net_file, FRAMES, 1, false, 1, &j->net)) == ST_OK)
			outputs[i] = nn_outputs(j->net);
		nn_free(j->net);
		j->net = NULL;
	}
	j->model.classes = 0;
	return rc != ST_OK || outputs[0] == outputs[1] ? rc
	       : err_set(ST_USAGE, "%s says `classes': --classes A,B,C names them", net_file);
}

static int
take_classes(struct job *j)
{
	struct model *m = &j->model;
	char **name = NULL;
	size_t n;
	int rc = class_list == NULL ? ST_OK : words_split(class_list, &name, &n);

	if (class_list == NULL)
		return net_file != NULL ? check_counted(j) : ST_OK;
	if (rc == ST_OK && (rc = model_set_classes(m, (const char *const *)name, n)) == ST_DATA)
		rc = err_set(ST_USAGE, "--classes: %s", err_text());
	free(name);
	return rc;
}

/* Names for outputs that have none. */
static int
number_classes(struct model *m, size_t n)
{
	struct mem_pool memory = { 0 };
	const char **name = mem_take(&memory, n, sizeof *name);
	int rc = memory.status;

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		char *text = mem_take(&memory, 24, 1);

		name[i] = text;
		if (text == NULL)
			rc = ST_SYS;
		else
			snprintf(text, 24, "%zu", i);
	}
	if (rc == ST_OK)
		rc = model_set_classes(m, name, n);
	mem_release(&memory);
	if (rc == ST_OK && !common.quiet)
		tool_say("its classes are called 0 to %zu: --classes A,B,C gives them names", n - 1);
	return rc;
}

static int
check_outputs(struct job *j)
{
	struct model *m = &j->model;
	size_t outputs = nn_outputs(j->net);
	bool scores = !nn_ends_in_softmax(j->net);

	if (m->classes == 0 && outputs == 1)
		return err_set(ST_USAGE, "%s: its one output is a number: --classes names those that it counts, from 0",
		               j->map.name);
	if (m->classes == 0)
		return number_classes(m, outputs);
	if (m->classes < 2 || (outputs != m->classes && !(outputs == 1 && scores)))
		return err_set(ST_USAGE, "--classes: %zu names, but %s has %zu outputs", m->classes, j->map.name, outputs);
	return ST_OK;
}

/* The model */

/* A model that nnexport wrote: nothing has to be said about it. */
static int
take_ours(struct job *j)
{
	struct meta head = { 0 };
	int rc = safetensors_head(j->safetensors, &head);

	if (like != NULL || features != NULL || net_file != NULL || input != NULL || maps.n > 0)
		rc = err_set(ST_USAGE, "%s is a model that nnexport wrote: it says all but --classes itself", j->map.name);
	if (rc == ST_OK)
		rc = model_take_head(&j->model, &head, j->map.name);
	meta_clear(&head);
	if (rc == ST_OK && class_list != NULL)
		rc = take_classes(j);
	if (rc == ST_OK && (rc = safetensors_give(j->safetensors, &j->model)) == ST_OK)
		rc = model_net(&j->model, j->map.name, FRAMES, 1, NN_MAX_MEMORY, &j->net);
	return rc == ST_OK ? check_outputs(j) : rc;
}

static int
bind(struct job *j)
{
	if (net_file == NULL)
		return ST_OK; /* with the net */
	return j->keras != NULL ? keras_bind(j->keras, j->net, &j->import)
	                        : torch_bind(j->safetensors, j->map.name, j->net, maps.item, maps.n, &j->import);
}

static int
take_theirs(struct job *j)
{
	struct model *m = &j->model;
	const char *name = net_file != NULL ? net_file : j->map.name;
	int rc;

	model_uncalibrated(m);
	if ((rc = take_net(j)) != ST_OK || (rc = take_features(j)) != ST_OK || (rc = take_shape(j)) != ST_OK ||
	    (rc = take_classes(j)) != ST_OK || (rc = model_open(m, name, FRAMES, 1, false, 1, &j->net)) != ST_OK ||
	    (model_varies(m) && (rc = nn_takes_lengths(j->net)) != ST_OK) || (rc = bind(j)) != ST_OK ||
	    (rc = import_fill(&j->import, &j->arrays, j->net)) != ST_OK || (rc = check_outputs(j)) != ST_OK ||
	    (rc = nn_allocate(j->net, NN_MAX_MEMORY, 0)) != ST_OK)
		return rc;
	if (!nn_ends_in_softmax(j->net) && !common.quiet)
		tool_say("its net ends without softmax: nnpredict takes its outputs as scores");
	return import_fill(&j->import, &j->arrays, j->net);
}

/* What was imported, in the provenance: the checksum is that of xxhsum -H3. */
static int
add_source(struct job *j)
{
	char *line = NULL;
	int rc = opt_describe(&tool, &line);

	if (rc == ST_OK)
		rc = meta_add(&j->model.pg, "pg", "%s source=%s bytes=%zu xxh3=%016" PRIx64, line, j->source, j->map.size,
		              (uint64_t)XXH3_64bits(j->map.data, j->map.size));
	free(line);
	return rc;
}

static int
write_model(struct job *j)
{
	struct tsr_writer *out = NULL;
	int rc = tsr_create(&out, common.out);

	if (rc == ST_OK && (rc = model_write(&j->model, j->net, out)) == ST_OK)
		return tsr_finish(out);
	tsr_abort(out);
	return rc;
}

static int
run(char **operands, size_t n)
{
	struct job j = { 0 };
	int rc;

	if (n != 1)
		return err_set(ST_USAGE, "one file is required: nnimport [options] -o MODEL FILE.keras (see --help)");
	if (like != NULL && features != NULL)
		return err_set(ST_USAGE, "--like and --features exclude each other");
	if ((rc = map_open(&j.map, operands[0])) != ST_OK)
		return rc;
	j.import.file = j.map.name;
	if ((rc = open_source(&j)) == ST_OK && maps.n > 0 && (j.safetensors == NULL || net_file == NULL))
		rc = err_set(ST_USAGE, "--map belongs to --net and a safetensors file");
	if (rc == ST_OK)
		rc = j.safetensors != NULL && safetensors_is_ours(j.safetensors) ? take_ours(&j) : take_theirs(&j);
	if (rc == ST_OK && (rc = add_source(&j)) == ST_OK)
		rc = write_model(&j);
	nn_free(j.net);
	keras_close(j.keras);
	safetensors_close(j.safetensors);
	import_free(&j.import);
	model_free(&j.model);
	map_close(&j.map);
	return rc;
}

int
main(int argc, char **argv)
{
	return opt_main(&tool, argc, argv, run);
}
