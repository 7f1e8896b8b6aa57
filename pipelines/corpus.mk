# corpus.mk: what the recipes on a corpus of recordings share: its manifest and
# folds, its features, and how a net is trained on some of the records. It is for
# a recipe that sets RECIPE to its goal, and OUT, NETS and SETS, before it
# includes it.
ifdef RECIPE
ifndef CORPUS_DIR

CORPUSES := $(basename $(notdir $(wildcard $(PIPELINES)/datasets/*.awk)))
USAGE := make $(RECIPE) CORPUS={$(subst $(space),$(comma),$(strip $(CORPUSES)))} DIR=folder [FOLDS=file] [OUT=folder]
$(if $(and $(CORPUS),$(DIR)),,$(error usage: $(USAGE)))
$(if $(filter $(CORPUS),$(CORPUSES)),,$(error no pipelines/datasets/$(CORPUS).awk; usage: $(USAGE)))
-include $(PIPELINES)/datasets/$(CORPUS).mk

EPOCHS ?= 40
SEED ?= 1
FOLDS ?=
NFOLDS ?= 5
VALID ?= 0.2
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
FOLD_NAMES := $(shell RECIPE=$(RECIPE) $(PIPELINES)/plan.sh $(OUT) $(PIPELINES)/datasets/$(CORPUS).awk \
	$(call quote,$(CORPUS_DIR)) $(call quote,$(FOLDS)) $(NFOLDS) $(SEED) $(call quote,$(VALID)) \
	$(ADAPTER_FLAGS))
$(if $(filter-out 0,$(.SHELLSTATUS)),$(error $(RECIPE): nothing was run))

# What a set or a run was made with stands in a file beside it; where that is
# not what is wanted now, it is made anew.
plain_settings = echo $(call quote,wavnorm $(WAVNORM_FLAGS) | melspec $(MELSPEC_FLAGS))
x3_settings = echo \
	$(call quote,wavnorm $(WAVNORM_FLAGS) | augment -s $(SEED) $(AUGMENT_FLAGS) | melspec $(MELSPEC_FLAGS))
train_settings = echo $(call quote,nntrain --epochs $(EPOCHS) -s $(SEED) $(TRAIN_FLAGS))
STALE := $(shell $(foreach s,$(sort plain $(SETS)),$($s_settings) | cmp -s - $(OUT)/$s.settings || echo $(OUT)/$s.tsr;))
.PHONY: FORCE
$(STALE): FORCE

$(OUT)/plain.tsr: $(OUT)/manifest.tsv | $(SERTOOLS)
	@echo "$(RECIPE): features of $$(wc -l <$<) recordings" >&2
	$(Q)wavnorm -j $(THREADS) $(WAVNORM_FLAGS) --manifest $< | melspec -j $(THREADS) $(MELSPEC_FLAGS) -o $@
	$(Q)$(plain_settings) >$(@:.tsr=.settings)

$(OUT)/x3.tsr: $(OUT)/manifest.tsv | $(SERTOOLS)
	@echo "$(RECIPE): features of $$(wc -l <$<) recordings with their variants" >&2
	$(Q)wavnorm -j $(THREADS) $(WAVNORM_FLAGS) --manifest $< | augment -j $(THREADS) -s $(SEED) $(AUGMENT_FLAGS) | \
		melspec -j $(THREADS) $(MELSPEC_FLAGS) -o $@
	$(Q)$(x3_settings) >$(@:.tsr=.settings)

# The command that makes a model NAME.bin from NET, for a rule %.bin that sets
# TITLE, settings (what to compare with NAME.settings), train_stream (writes the
# training records) and valid_stream (sets valid to nntrain's option, if any).
# A checkpoint left by an interrupted run is continued, unless something it was
# made from is newer. Records are picked on the way, never copied to disk; a
# tsrpick that fails leaves a stream without its end, which nntrain refuses.
define train_model
$(Q)mkdir -p $(@D); rm -f $@; \
[ -e $*.checkpoint ] && $(settings) | cmp -s - $*.settings && \
	[ -z "$$(find $(filter-out FORCE,$^) -newer $*.checkpoint)" ] || rm -f $*.checkpoint; \
$(settings) >$*.settings; \
how=training; valid=; \
[ ! -e $*.checkpoint ] || how=continuing; \
$(valid_stream); \
echo "$(RECIPE): $(TITLE): $$how" >&2; \
$(train_stream) | nntrain -q -j $(THREADS) --net $(NET) --epochs $(EPOCHS) \
	-s $(SEED) $(TRAIN_FLAGS) $$valid --checkpoint $*.checkpoint --resume $*.checkpoint \
	--history $*.history.tsv -o $@; \
rm -f $*.checkpoint
endef

endif
endif
