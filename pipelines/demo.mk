# demo.mk: `make demo` makes a small corpus of synthetic speech and takes it down
# the whole path, then a table of made-up raters' answers down theirs, in minutes.
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

# The corpus is small: batches of 16 make as many steps an epoch as it needs.
DEMO ?= out/demo
demo: MODELS = --with $(DEMO)/fold1/cnn1d-x3.bin --with $(DEMO)/fold1/lstm-x3.bin $(DEMO)/fold1/crnn-x3.bin
.PHONY: demo
demo: $(DEMO)/corpus/folds.tsv $(DEMO)/outside.wav | $(SERTOOLS)
	@CORPUS_NAME=demo $(MAKE) --no-print-directory -f $(PIPELINES)/audio.mk audio CORPUS=cremad DIR=$(DEMO)/corpus \
		FOLDS=$(DEMO)/corpus/folds.tsv OUT=$(DEMO) EPOCHS=$(or $(EPOCHS),20) TRAIN_FLAGS='$(or $(TRAIN_FLAGS),--batch 16)'
	@echo; echo 'A file from outside the corpus, a thirteenth voice that is meant to sound happy; three models together:'
	@echo '$$ wavnorm $(DEMO)/outside.wav | melspec | nnpredict --top 3 $(MODELS)'
	@wavnorm $(DEMO)/outside.wav | melspec | nnpredict --top 3 $(MODELS)
	@echo; echo "The displayed emotion from raters' answers, made up in the layout of CREMA-D's tables:"
	@$(MAKE) --no-print-directory -f $(PIPELINES)/csv.mk csv OUT=$(DEMO)/csv NFOLDS=3 \
		TABLES='notebook response clip-all' EPOCHS=$(or $(EPOCHS),20) TRAIN_FLAGS='$(or $(TRAIN_FLAGS),--batch 32)'

$(DEMO)/corpus/folds.tsv: $(PIPELINES)/demo-corpus.sh
	@echo 'demo: espeak-ng says 864 sentences' >&2
	@$< $(@D)

$(DEMO)/outside.wav:
	@mkdir -p $(@D)
	@espeak-ng -m -v en-us+f4 -p 72 -s 180 -a 140 -w $@ \
		'<prosody range="220%">We have won the first prize</prosody>'
