# demo.mk: `make demo` makes a small corpus of synthetic speech and takes it down
# the whole path, in minutes.
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

# The corpus is small: batches of 16 make as many steps an epoch as it needs.
DEMO ?= out/demo
demo: MODELS = --with $(DEMO)/fold1/cnn1d-x3.bin --with $(DEMO)/fold1/lstm-x3.bin $(DEMO)/fold1/crnn-x3.bin
.PHONY: demo
demo: $(DEMO)/corpus/folds.tsv $(DEMO)/outside.wav | $(SERTOOLS)
	@$(MAKE) --no-print-directory -f $(PIPELINES)/audio.mk audio CORPUS=cremad DIR=$(DEMO)/corpus \
		FOLDS=$(DEMO)/corpus/folds.tsv OUT=$(DEMO) EPOCHS=$(or $(EPOCHS),20) TRAIN_FLAGS='$(or $(TRAIN_FLAGS),--batch 16)'
	@echo; echo 'A file from outside the corpus, a thirteenth voice that is meant to sound happy; three models together:'
	@echo '$$ wavnorm $(DEMO)/outside.wav | melspec | nnpredict --top 3 $(MODELS)'
	@wavnorm $(DEMO)/outside.wav | melspec | nnpredict --top 3 $(MODELS)

$(DEMO)/corpus/folds.tsv: $(PIPELINES)/demo-corpus.sh
	@echo 'demo: espeak-ng says 864 sentences' >&2
	@$< $(@D)

$(DEMO)/outside.wav:
	@mkdir -p $(@D)
	@espeak-ng -m -v en-us+f4 -p 72 -s 180 -a 140 -w $@ \
		'<prosody range="220%">We have won the first prize</prosody>'
