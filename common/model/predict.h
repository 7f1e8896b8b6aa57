/* predict: one or more models' prediction for a record: a mean of their
 * probabilities. Records that have come together may go through the nets together:
 * each gets the bits that it gets alone. Models may read other
 * streams (sources) of the same records, numbered from 0. */
#ifndef SER_MODEL_PREDICT_H
#define SER_MODEL_PREDICT_H

#include "model/model.h"
#include "model/output.h"
#include "stream/chunks.h"

struct predict_member {
	const char *file;
	size_t source, beside; /* of its inputs; beside 0: it has no second one */
	struct model model;
	enum output_kind kind;
	double weight;
	size_t speaker_at, speaker_values; /* of speakernorm: among those of all members */
	size_t output_at, outputs; /* the same of its net's outputs */
	size_t *index; /* of each of its classes in the first member's list */
};

struct predict_nets;

/* Zero-initialise before use; predict_free releases it. */
struct predict {
	struct predict_member *member;
	size_t members;
	uint64_t limit;     /* bytes of a net, at most; 0: any number */
	double temperature; /* of all members; 0: each one's own */
	double average_temperature; /* of the mean; 0: 1 */
	bool geometric;     /* the mean is that of the logarithms, scaled to a sum of 1 */
	size_t speaker_values; /* of all members' speakernorm layers */
	size_t outputs;        /* of all members' nets */
	struct predict_nets *nets; /* of each worker */
	size_t workers;
};

/* What is known of a record's speaker: mean and variance of what speakernorm has seen of
 * other recordings, (speaker_values) each, all members' one after the other. */
struct predict_speaker {
	uint64_t clips; /* recordings; 0: nothing is known */
	const double *mean, *variance;
	float *seen; /* (speaker_values): becomes what it sees of this record; NULL: not required */
};

/* Reads a model (the name must outlive p) for records of that source; its weight is 1.
 * ST_DATA where its classes are not those of the first, in any order. */
int predict_add(struct predict *p, const char *file, size_t source);

/* The second input of that name, of all models that have it, comes from that source; *found
 * becomes whether there is one. */
void predict_beside(struct predict *p, const char *name, size_t source, bool *found);

/* Call once, after the last predict_add: builds nets of the first worker, so
 * that what is wrong with them shows before any record is read. There will be
 * p->workers, as many as threads where memory allows it. */
int predict_begin(struct predict *p, int threads);

/* The classes that are predicted. */
size_t predict_classes(const struct predict *p);
char *const *predict_names(const struct predict *p);

/* ST_DATA unless a source's head describes features as each of its models requires. */
int predict_check_head(const struct predict *p, size_t source, const struct tsr_chunk *head);

/* A record to predict, of which record[source] is what each source has. */
struct predict_request {
	const struct tsr_chunk *const *record;
	struct predict_speaker speaker;
	real *output; /* room for (outputs) of all members */
	bool ran;     /* they are there, by predict_together; false at first */
};

/* Runs the nets for n records at once (up to CHUNKS_TOGETHER), which only saves time: what cannot
 * be done so, predict_record does. */
void predict_together(struct predict *p, size_t worker, struct predict_request *const *r, size_t n);

/* Fills probability[0..classes). ST_DATA where a record is not as the models require or an output
 * is no number. Workers, numbered from 0, may call these at the same time: each has nets of its
 * own, built for its first record. */
int predict_record(struct predict *p, size_t worker, struct predict_request *r, double *probability);

/* Adds to a head of statistics of speakers whose they are: layer= names the speakernorm
 * layers, weights= is a checksum of those members' weights. */
int predict_describe(const struct predict *p, struct meta *to);

/* The mean of the members' thresholds. ST_DATA where one has none. */
int predict_threshold(const struct predict *p, double *threshold);

/* Whether a record that predict_record has done may be speech: false
 * where each member that knows how lively speech is finds it less so, and for digital
 * silence, whatever they know. */
int predict_is_speech(const struct predict *p, const struct tsr_chunk *const *record, bool *speech);

void predict_free(struct predict *p);

#endif
