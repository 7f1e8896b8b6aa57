# recipes.mk: the recipes' targets. They also run installed, without the source
# tree: make -f PREFIX/share/sertools/pipelines/recipes.mk audio CORPUS=...
PIPELINES := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# Text as one word of the shell.
quote = '$(subst ','\'',$1)'

ALL_RECIPES := audio search csv leak-demo enroll-demo fuse-demo plan one demo compare get-cremad models spectrogram report hosts-model
# What they take; another name on the command line is most likely mistyped.
VARIABLES := A ACTORS ADAPTER_FLAGS AUGMENT_FLAGS B BASE CHOOSE CLIPS COMPARE_FLAGS CORPUS CORPUS_NAME CREMAD_ARCHIVE CREMAD_MIRROR CREMAD_URL DEMO DIR END_COLUMN EPOCHS ETA \
	FEATURE_SHARDS FILE FILE_COLUMN FINAL FOLDS GROUP INNER KERNEL KNOWN LABELS LABEL_COLUMN MELSPEC_FLAGS MISTAKES MODALITY MODEL NETS NFOLDS ONE OUT OUTER PROTOCOL RECIPE \
	RECIPE_FLAGS RECORD REPEATS RESPONSES RETRY RULES RUN RUNGS SEARCH SEED SEEDS SERTOOLS SETS SETTINGS SHUFFLE SKEW SKIP_BAD SPEAKER_COLUMN SPLITS START_COLUMN STEP SUBDIR TABLE \
	TABLES THREADS TRAIN_FLAGS V VALID VARIANTS VOTES WAIT WAVNORM_FLAGS \
	BANDWIDTH DISPATCH HOSTS MEASURED RUNS SLOTS START
ifneq ($(filter $(ALL_RECIPES),$(MAKECMDGOALS)),)
given := $(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $v)),$v))
# In the source tree, what building takes is known, too.
unknown := $(firstword $(filter-out $(VARIABLES) $(if $(SERTOOLS),$(shell grep -Eo '[A-Z_]{2,}' Makefile)),$(given)))
$(if $(unknown),$(error no recipe has a variable $(unknown)$(shell printf '%s\n' $(VARIABLES) | WORD=$(call quote,$(unknown)) \
	awk -f $(call quote,$(PIPELINES)/nearest.awk)) (sertools help $(firstword $(MAKECMDGOALS)))))
# What the command line says reaches recipes by the environment, where no shell reads
# it, and as it is: with $$ for $, as make wants it, or else with each $ as one, so that
# a file named $(shell ...) is no command.
$(foreach v,$(given),$(eval override $v := $$(if $$(findstring $$$$,$$(subst $$$$$$$$,,$$(value $v))),$$(value $v),$$($v)))$(eval export $v))
endif

# What must be built before a recipe runs: the Makefile says `all`.
SERTOOLS ?=
# Side by side (make -j) each program gets one thread; alone it gets them all.
export THREADS ?= $(if $(filter -j% --jobs% --jobserver%,$(MAKEFLAGS)),1,0)

# Variables of the command line reach the scripts by their environment.
EXPERIMENTS := audio search csv leak-demo enroll-demo fuse-demo
RECIPES := $(filter $(EXPERIMENTS) report,$(MAKECMDGOALS))
$(if $(word 2,$(RECIPES)),$(error $(word 1,$(RECIPES)) and $(word 2,$(RECIPES)): one at a time))
experiment = +@MAKE=$(call quote,$(MAKE)) $(PIPELINES)/experiment.sh

.PHONY: $(EXPERIMENTS) plan one demo compare get-cremad models spectrogram hosts-model
audio: ## CORPUS=ravdess DIR=...: compare nets on unseen speakers
search: ## CORPUS=ravdess DIR=... BASE=mlp1558: settings chosen on inner folds
csv: ## RESPONSES=... ACTORS=...: displayed emotion from raters' answers
leak-demo: ## CORPUS=ravdess DIR=...: what leakage does to a test
enroll-demo: ## CORPUS=ravdess DIR=...: what other clips of a speaker are worth
fuse-demo: ## VOTES=summaryTable.csv: voice and face combined by rules
$(EXPERIMENTS): | $(SERTOOLS)
	$(experiment) $@ $(filter plan one,$(MAKECMDGOALS))
plan: ## audio ... or csv ...: list what it would make
one: ## OUT=folder ONE=fold1/crnn-x3: make one of these, on any number of hosts at once
plan one: | $(SERTOOLS)
	$(if $(filter $(EXPERIMENTS),$(RECIPES)),@:,$(experiment) $(if $(from_plan),one,$(or $(RECIPE),audio)) $@)
# Without a recipe and its variables, one is of the plan that is in OUT.
from_plan = $(and $(filter one,$(MAKECMDGOALS)),$(if $(filter-out OUT ONE RUN THREADS V WAIT RETRY,$(given)),,yes))

# The corpus is small: batches of 16 make as many steps an epoch as it needs, and for nets a
# higher rate does with fewer epochs.
DEMO ?= out/demo
ifneq ($(filter demo,$(MAKECMDGOALS)),)
$(if $(shell [[ $(call quote,$(DEMO)) =~ ^[A-Za-z0-9_./][A-Za-z0-9_./-]*$$ ]] && echo y),,$(error DEMO=$(DEMO): letters, digits and ./_- alone))
endif
recipe = EPOCHS="$${EPOCHS:-$1}" TRAIN_FLAGS="$${TRAIN_FLAGS:-$2}" $(MAKE) --no-print-directory -f $(PIPELINES)/recipes.mk SERTOOLS=
answer = wavnorm $(DEMO)/outside.wav | melspec | nnpredict --top 3 --with $(DEMO)/cnn1d.bin --with $(DEMO)/lstm.bin $(DEMO)/crnn.bin
demo: $(DEMO)/corpus/folds.tsv $(DEMO)/outside.wav | $(SERTOOLS) ## the whole experiment on a small made-up corpus, to out/demo
	@CORPUS_NAME=demo RECIPE_FLAGS="$${RECIPE_FLAGS:---batch 16}" $(call recipe,12,--batch 16 --rate 0.001) audio CORPUS=cremad DIR=$(DEMO)/corpus \
		FOLDS=$(DEMO)/corpus/folds.tsv OUT=$(DEMO) >/dev/null
	@for net in cnn1d lstm crnn; do cp $(DEMO)/fold1/$$net-x3/model.bin $(DEMO)/$$net.bin; done
	@for p in alone enrolled; do cp $(DEMO)/fold1/mlp1558-$$p/model.bin $(DEMO)/mlp1558-$$p.bin; done
	@echo "The displayed emotion from raters' answers, made up in the layout of CREMA-D's tables:"
	@$(call recipe,20,--batch 32) csv OUT=$(DEMO)/csv NFOLDS=3 TABLES='notebook response clip-all'
	@echo; echo 'A file from outside the corpus, a thirteenth voice that is meant to sound happy; three models together:'
	@echo '$$ $(answer)'
	@$(answer)
	@$(PIPELINES)/demo-next.sh $(DEMO)
$(DEMO)/corpus/folds.tsv: $(PIPELINES)/demo-corpus.sh
	@echo 'demo: espeak-ng says 576 sentences' >&2
	@$< $(@D)
$(DEMO)/outside.wav:
	@mkdir -p $(@D)
	@espeak-ng -m -v en-us+f4 -p 72 -s 180 -a 140 -w $@ '<prosody range="220%">We have won the first prize</prosody>'

compare: | $(SERTOOLS) ## A='predictions.tsv...' B=...: is one result better than another?
	@$(PIPELINES)/compare.sh

spectrogram: | $(SERTOOLS) ## FILE=x.wav: plot the features that a network gets
	@[ -n "$${FILE:-}" ] || { echo 'usage: sertools spectrogram FILE=recording-or-stream [RECORD=1] [OUT=x.svg or x.png]' >&2; exit 2; }; \
	command -v gnuplot >/dev/null || { echo 'spectrogram: gnuplot is not installed' >&2; exit 4; }; \
	$(PIPELINES)/spectrogram.sh "$$FILE" "$${OUT:-}" "$${RECORD:-1}"

report: ## OUT=out/demo, or FILE=x.wav MODEL=...: a self-contained HTML page
ifneq ($(filter report,$(MAKECMDGOALS)),)
include $(PIPELINES)/report.mk
endif

hosts-model: ## OUT=out/audio-ravdess: predict its time on 1 to 1,000 hosts
	@$(PIPELINES)/hosts-model.sh

# In the source tree they replace those that ship; else they stay in OUT.
models: | $(SERTOOLS) ## DIR=...: make the models that come with sertools again, from RAVDESS
	+@MAKE=$(call quote,$(MAKE)) $(PIPELINES)/models.sh "$${OUT:-out/models}" "$(if $(SERTOOLS),$(PIPELINES)/models,$${OUT:-out/models})"

export CREMAD_URL ?= https://github.com/CheyneyComputerScience/CREMA-D.git
export CREMAD_MIRROR ?= https://gitlab.com/cs-cooper-lab/crema-d-mirror.git
export CREMAD_ARCHIVE ?= https://github.com/CheyneyComputerScience/CREMA-D/archive/refs/tags/v1.0.tar.gz
get-cremad: ## DIR=...: fetch CREMA-D and verify each file
	@[ -n "$${DIR:-}" ] || { echo 'usage: sertools get-cremad DIR=folder [CREMAD_URL=...] [CREMAD_MIRROR=...] [CREMAD_ARCHIVE=...]' >&2; exit 2; }; \
	$(PIPELINES)/get-cremad.sh "$$CREMAD_URL" "$$CREMAD_MIRROR" "$$CREMAD_ARCHIVE" "$$DIR"
