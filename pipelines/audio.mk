# audio.mk: `make audio CORPUS=ravdess DIR=...` compares nets on speakers they
# never heard, with and without augmented training data. See sertools(7).
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

.PHONY: audio
ifeq ($(filter audio,$(MAKECMDGOALS)),)
audio:
else

RECIPE := audio
OUT ?= out/audio-$(CORPUS)
NETS ?= cnn1d lstm crnn
# Training data: the recordings alone, or each with augment's two variants.
SETS ?= plain x3
include $(PIPELINES)/corpus.mk

# A configuration is a net and a set; a run is a configuration in a fold.
CONFIGS := $(foreach n,$(NETS),$(foreach s,$(SETS),$n-$s))
RUNS := $(foreach f,$(FOLD_NAMES),$(CONFIGS:%=$(OUT)/fold$f/%))
PLOTS := $(if $(shell command -v gnuplot),$(OUT)/compare.svg $(CONFIGS:%=$(OUT)/%.confusion.svg) \
	$(CONFIGS:%=$(OUT)/%.learning.svg),$(info audio: gnuplot is not installed: no plots))
# In a recipe: the speakers of that part of the run's fold.
speakers = "$$(awk -F '\t' -v fold=$(FOLD) -v part=$1 '$$1 == fold && $$2 == part { print $$3 }' $(OUT)/split.tsv)"

run_settings = { $(train_settings); awk -F '\t' -v fold=$1 '$$1 == fold' $(OUT)/split.tsv; }
STALE_RUNS := $(shell $(foreach f,$(FOLD_NAMES),want="$$($(call run_settings,$f))"; for c in $(CONFIGS); do \
	cmp -s - $(OUT)/fold$f/$$c.settings <<<"$$want" || echo $(OUT)/fold$f/$$c.bin; done;))
# Nor is a table that compares something else.
ifneq ($(CONFIGS),$(strip $(shell [ ! -e $(OUT)/table.tsv ] || awk 'NR > 1 { print $$1 "-" $$2 }' $(OUT)/table.tsv)))
STALE_RUNS += $(OUT)/table.tsv
endif

audio: $(OUT)/table.md $(PLOTS)
	@cat $<
	@echo "audio: the table, plots, models and predictions are in $(OUT)" >&2

$(STALE_RUNS): FORCE

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

# Where only one speaker is left to train on, no one validates.
$(RUNS:%=%.bin): private settings = $(call run_settings,$(FOLD))
$(RUNS:%=%.bin): private train_stream = tsrpick --group $(call speakers,train) $(RECORDS)
$(RUNS:%=%.bin): private valid_stream = who=$(call speakers,valid); if [ -n "$$who" ]; then \
	exec 3< <(tsrpick --group "$$who" $(OUT)/plain.tsr); valid="--valid /dev/fd/3"; fi
$(RUNS:%=%.bin): %.bin: | $(SERTOOLS)
	$(train_model)

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
