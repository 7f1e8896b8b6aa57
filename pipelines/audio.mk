# audio.mk: `make audio CORPUS=ravdess DIR=...` compares nets on speakers they
# never heard, with and without augmented training data. See sertools(7).
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

.PHONY: audio
ifeq ($(filter audio,$(MAKECMDGOALS)),)
audio:
else

CORPUSES := $(basename $(notdir $(wildcard $(PIPELINES)/datasets/*.awk)))
USAGE := make audio CORPUS={$(subst $(space),$(comma),$(strip $(CORPUSES)))} DIR=folder [FOLDS=file] [OUT=folder]
$(if $(and $(CORPUS),$(DIR)),,$(error usage: $(USAGE)))
$(if $(filter $(CORPUS),$(CORPUSES)),,$(error no pipelines/datasets/$(CORPUS).awk; usage: $(USAGE)))
-include $(PIPELINES)/datasets/$(CORPUS).mk

OUT ?= out/audio-$(CORPUS)
NETS ?= cnn1d lstm crnn
# Training data: the recordings alone, or each with augment's two variants.
SETS ?= plain x3
EPOCHS ?= 40
SEED ?= 1
FOLDS ?=
NFOLDS ?= 5
WAVNORM_FLAGS ?=
AUGMENT_FLAGS ?=
MELSPEC_FLAGS ?=
TRAIN_FLAGS ?=
SUBDIR ?=
ADAPTER_FLAGS ?=
$(if $(filter-out 1,$(words $(OUT))),$(error OUT=$(OUT): a folder's name without spaces is wanted))
$(if $(filter-out plain x3,$(SETS)),$(error SETS=$(SETS): plain and x3 are known))
$(foreach n,$(NETS),$(if $(wildcard $(PIPELINES)/nets/$n.net),,$(error no $(PIPELINES)/nets/$n.net (NETS=...))))

# Recordings and folds are looked at anew each time; manifest.tsv and split.tsv
# are touched only where something changed.
CORPUS_DIR := $(DIR)$(if $(SUBDIR),$(shell [ ! -d $(call quote,$(DIR)/$(SUBDIR)) ] || echo /$(SUBDIR)))
FOLD_NAMES := $(shell $(PIPELINES)/plan.sh $(OUT) $(PIPELINES)/datasets/$(CORPUS).awk $(call quote,$(CORPUS_DIR)) \
	$(call quote,$(FOLDS)) $(NFOLDS) $(SEED) $(ADAPTER_FLAGS))
$(if $(filter-out 0,$(.SHELLSTATUS)),$(error audio: nothing was run))

# A configuration is a net and a set; a run is a configuration in a fold.
CONFIGS := $(foreach n,$(NETS),$(foreach s,$(SETS),$n-$s))
RUNS := $(foreach f,$(FOLD_NAMES),$(CONFIGS:%=$(OUT)/fold$f/%))
PLOTS := $(if $(shell command -v gnuplot),$(OUT)/compare.svg $(CONFIGS:%=$(OUT)/%.confusion.svg) \
	$(CONFIGS:%=$(OUT)/%.learning.svg),$(info audio: gnuplot is not installed: no plots))
# In a recipe: the speakers of that part of the run's fold.
speakers = "$$(awk -F '\t' -v fold=$(FOLD) -v part=$1 '$$1 == fold && $$2 == part { print $$3 }' $(OUT)/split.tsv)"

# What a set or a run was made with stands in a file beside it; where that is
# not what is wanted now, it is made anew.
plain_settings = echo $(call quote,wavnorm $(WAVNORM_FLAGS) | melspec $(MELSPEC_FLAGS))
x3_settings = echo \
	$(call quote,wavnorm $(WAVNORM_FLAGS) | augment -s $(SEED) $(AUGMENT_FLAGS) | melspec $(MELSPEC_FLAGS))
run_settings = { echo $(call quote,nntrain --epochs $(EPOCHS) -s $(SEED) $(TRAIN_FLAGS)); \
	awk -F '\t' -v fold=$1 '$$1 == fold' $(OUT)/split.tsv; }
STALE := $(shell $(foreach s,plain $(filter x3,$(SETS)),$($s_settings) | cmp -s - $(OUT)/$s.settings || \
	echo $(OUT)/$s.tsr;) \
	$(foreach f,$(FOLD_NAMES),want="$$($(call run_settings,$f))"; for c in $(CONFIGS); do \
	cmp -s - $(OUT)/fold$f/$$c.settings <<<"$$want" || echo $(OUT)/fold$f/$$c.bin; done;))
# Nor is a table that compares something else.
ifneq ($(CONFIGS),$(strip $(shell [ ! -e $(OUT)/table.tsv ] || awk 'NR > 1 { print $$1 "-" $$2 }' $(OUT)/table.tsv)))
STALE += $(OUT)/table.tsv
endif

.PHONY: FORCE
audio: $(OUT)/table.md $(PLOTS)
	@cat $<
	@echo "audio: the table, plots, models and predictions are in $(OUT)" >&2

$(STALE): FORCE

$(OUT)/plain.tsr: $(OUT)/manifest.tsv | $(SERTOOLS)
	@echo "audio: features of $$(wc -l <$<) recordings" >&2
	$(Q)wavnorm -j $(THREADS) $(WAVNORM_FLAGS) --manifest $< | melspec -j $(THREADS) $(MELSPEC_FLAGS) -o $@
	$(Q)$(plain_settings) >$(@:.tsr=.settings)

$(OUT)/x3.tsr: $(OUT)/manifest.tsv | $(SERTOOLS)
	@echo "audio: features of $$(wc -l <$<) recordings with their variants" >&2
	$(Q)wavnorm -j $(THREADS) $(WAVNORM_FLAGS) --manifest $< | augment -j $(THREADS) -s $(SEED) $(AUGMENT_FLAGS) | \
		melspec -j $(THREADS) $(MELSPEC_FLAGS) -o $@
	$(Q)$(x3_settings) >$(@:.tsr=.settings)

define run
$(OUT)/fold$1/$2-$3.bin $(OUT)/fold$1/$2-$3.predictions.tsv: private FOLD := $1
$(OUT)/fold$1/$2-$3.bin: private NET := $(PIPELINES)/nets/$2.net
$(OUT)/fold$1/$2-$3.bin: private TITLE := [$(words $(STEPS))/$(words $(RUNS))] fold $1, $2, $3
$(OUT)/fold$1/$2-$3.bin: private RECORDS := $(OUT)/$3.tsr
$(OUT)/fold$1/$2-$3.bin: $(OUT)/$3.tsr $(OUT)/plain.tsr $(PIPELINES)/nets/$2.net
STEPS += x
endef
STEPS := x
$(foreach f,$(FOLD_NAMES),$(foreach n,$(NETS),$(foreach s,$(SETS),$(eval $(call run,$f,$n,$s)))))

# A checkpoint left by an interrupted run is continued, unless something it was
# made from is newer. Records are picked on the way, never copied to disk; a
# tsrpick that fails leaves a stream without its end, which nntrain refuses.
$(RUNS:%=%.bin): %.bin: | $(SERTOOLS)
	$(Q)mkdir -p $(@D); rm -f $@; \
	[ -e $*.checkpoint ] && $(call run_settings,$(FOLD)) | cmp -s - $*.settings && \
		[ -z "$$(find $(filter-out FORCE,$^) -newer $*.checkpoint)" ] || rm -f $*.checkpoint; \
	$(call run_settings,$(FOLD)) >$*.settings; \
	how=training; valid=; who=$(call speakers,valid); \
	[ ! -e $*.checkpoint ] || how=continuing; \
	if [ -n "$$who" ]; then exec 3< <(tsrpick --group "$$who" $(OUT)/plain.tsr); valid="--valid /dev/fd/3"; fi; \
	echo "audio: $(TITLE): $$how" >&2; \
	tsrpick --group $(call speakers,train) $(RECORDS) | nntrain -q -j $(THREADS) --net $(NET) --epochs $(EPOCHS) \
		-s $(SEED) $(TRAIN_FLAGS) $$valid --checkpoint $*.checkpoint --resume $*.checkpoint \
		--history $*.history.tsv -o $@; \
	rm -f $*.checkpoint

$(RUNS:%=%.predictions.tsv): %.predictions.tsv: %.bin $(OUT)/plain.tsr
	$(Q)tsrpick --group $(call speakers,test) $(OUT)/plain.tsr | nnpredict -j $(THREADS) -o $@ $<

$(RUNS:%=%.figures.tsv): %.figures.tsv: %.predictions.tsv
	$(Q)evalconf --tsv --bootstrap 0 -o $@ $<

# Each speaker is tested once, so the folds' answers together are one test of
# the whole corpus, with intervals over its speakers.
define config
$(OUT)/$1.figures.tsv: $(FOLD_NAMES:%=$(OUT)/fold%/$1.predictions.tsv) $(OUT)/split.tsv
$(OUT)/$1.learning.svg: $(FOLD_NAMES:%=$(OUT)/fold%/$1.bin)
endef
$(foreach c,$(CONFIGS),$(eval $(call config,$c)))

$(CONFIGS:%=$(OUT)/%.figures.tsv): %.figures.tsv:
	$(Q)evalconf -q --tsv -s $(SEED) --confusion $*.confusion.tsv -o $@ $(filter %.predictions.tsv,$^)
	$(Q)evalconf -q -s $(SEED) -o $*.report.txt $(filter %.predictions.tsv,$^)

$(OUT)/table.tsv: $(RUNS:%=%.figures.tsv) $(CONFIGS:%=$(OUT)/%.figures.tsv) $(PIPELINES)/table.awk
	$(Q)for c in $(CONFIGS); do \
		awk -v names='net\ttraining' -v values="$${c%-*}\t$${c##*-}" -f $(PIPELINES)/table.awk $(OUT)/$$c.figures.tsv $(FOLD_NAMES:%=$(OUT)/fold%/$$c.figures.tsv) \
			$(FOLD_NAMES:%=$(OUT)/fold%/$$c.history.tsv); done | awk 'NR == 1 || !/^net\t/' >$@

$(OUT)/table.md: $(OUT)/table.tsv $(PIPELINES)/markdown.awk $(PIPELINES)/mdtable.awk
	$(Q)awk -f $(PIPELINES)/markdown.awk $< | awk -v left=2 -f $(PIPELINES)/mdtable.awk >$@

# Chance is one of the classes, which are the rows of a confusion matrix.
$(OUT)/compare.svg: $(OUT)/table.tsv $(PIPELINES)/plot/results.gp
	$(Q)chance=$$(awk 'END { print 1 / (NR - 1) }' $(OUT)/$(firstword $(CONFIGS)).confusion.tsv); \
	gnuplot -e "input='$<'; output='$@'; chance=$$chance" $(PIPELINES)/plot/results.gp
$(OUT)/%.confusion.svg: $(OUT)/%.figures.tsv $(PIPELINES)/plot/confusion.gp
	$(Q)gnuplot -e "input='$(OUT)/$*.confusion.tsv'; output='$@'; title='$*'" $(PIPELINES)/plot/confusion.gp
$(OUT)/%.learning.svg: $(PIPELINES)/plot/history.gp
	$(Q)gnuplot -e "input='$(FOLD_NAMES:%=$(OUT)/fold%/$*.history.tsv)'; names='$(FOLD_NAMES:%=fold-%)'; output='$@'; \
		title='$*'" $(PIPELINES)/plot/history.gp

endif
