# csv.mk: `make csv RESPONSES=... ACTORS=...` predicts the displayed emotion from
# raters' answers, with rows split at random and with actors kept apart. See
# sertools(7).
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

.PHONY: csv
ifeq ($(filter csv,$(MAKECMDGOALS)),)
csv:
else
$(if $(RECIPE),$(error $(RECIPE) and csv: one at a time))

RECIPE := csv
OUT ?= out/csv
RESPONSES ?=
ACTORS ?=
TABLES ?= notebook response clip-voice clip-face clip-both clip-all
NETS ?= mlp mlp-mse
SPLITS ?= rows actors
NFOLDS ?= 5
EPOCHS ?= 40
SEED ?= 1
TRAIN_FLAGS ?= --batch 256
$(if $(filter-out 1,$(words $(OUT))),$(error OUT=$(OUT): a folder's name without spaces is wanted))
$(if $(filter-out rows actors,$(SPLITS)),$(error SPLITS=$(SPLITS): rows and actors are known))
$(foreach n,$(NETS),$(if $(wildcard $(PIPELINES)/nets/$n.net),,$(error no $(PIPELINES)/nets/$n.net (NETS=...))))
ifneq ($(if $(RESPONSES),1)$(if $(ACTORS),1),11)
$(if $(RESPONSES)$(ACTORS),$(error usage: make csv RESPONSES=finishedResponses.csv ACTORS=VideoDemographics.csv; \
	without both, on made-up tables))
endif
MADE_UP := $(if $(RESPONSES),,yes)
RESPONSE_FILE := $(or $(RESPONSES),$(OUT)/responses.csv)
ACTOR_FILE := $(or $(ACTORS),$(OUT)/actors.csv)
$(foreach f,$(RESPONSES) $(ACTORS),$(if $(wildcard $f),,$(error csv: no file $f)))

# What csvprep is asked for each table.
of_clip = --recipe $(PIPELINES)/prep/cremad-clip.prep $1 $(call quote,$(RESPONSE_FILE))
of_answer = --recipe $(PIPELINES)/prep/cremad-$1.prep $(call quote,$(RESPONSE_FILE)) \
	actors=$(call quote,$(ACTOR_FILE))
table_notebook = $(call of_answer,notebook)
table_response = $(call of_answer,response)
table_clip-voice = $(call of_clip,--columns '*.voice*')
table_clip-face = $(call of_clip,--columns '*.face*')
table_clip-both = $(call of_clip,--columns '*.both*')
table_clip-all = $(call of_clip)
$(foreach t,$(TABLES),$(if $(table_$t),,$(error TABLES=$(TABLES): there is no table $t)))
loss_mlp-mse := --loss mse

FOLDS := $(if $(filter rows,$(SPLITS)),rows) $(if $(filter actors,$(SPLITS)),$(shell seq -f actors%.0f $(NFOLDS)))
folds_rows := rows
folds_actors := $(filter actors%,$(FOLDS))
MADE := $(foreach f,$(FOLDS),$(TABLES:%=$(OUT)/$f/%.made))
CONFIGS := $(foreach t,$(TABLES),$(foreach n,$(NETS),$(SPLITS:%=$t-$n-%)))
PLOTS := $(if $(shell command -v gnuplot),$(OUT)/compare.svg $(CONFIGS:%=$(OUT)/%.confusion.svg) \
	$(CONFIGS:%=$(OUT)/%.learning.svg),$(info csv: gnuplot is not installed: no plots))

# A file NAME.made says what the nets of a table and fold were made with, and that
# they are complete; where that is not what is wanted now, they are made anew.
settings = echo $(call quote,nntrain --epochs $(EPOCHS) -s $(SEED) $(TRAIN_FLAGS); $(NETS); $(table_$1); $(NFOLDS))
STALE := $(shell $(foreach f,$(FOLDS),$(foreach t,$(TABLES),$(call settings,$t) | cmp -s - $(OUT)/$f/$t.made || \
	echo $(OUT)/$f/$t.made;)) \
	echo $(call quote,$(CONFIGS)) | cmp -s - $(OUT)/table.settings || echo $(OUT)/table.tsv)

.PHONY: FORCE
csv: $(OUT)/table.md $(PLOTS)
	@cat $<
	@echo "csv: the table, plots, models and predictions are in $(OUT)" >&2

$(STALE): FORCE

ifdef MADE_UP
$(OUT)/responses.csv $(OUT)/actors.csv: $(OUT)/%.csv: $(PIPELINES)/draw.awk $(PIPELINES)/csv-table.awk
	@mkdir -p $(@D)
	$(Q)awk -v what=$* -f $(PIPELINES)/draw.awk -f $(PIPELINES)/csv-table.awk >$@
endif

# Actors are dealt to folds as speakers are in `make audio`.
$(OUT)/split.tsv: $(RESPONSE_FILE) $(PIPELINES)/draw.awk $(PIPELINES)/split.awk | $(SERTOOLS)
	@mkdir -p $(@D)
	$(Q)csvprep -q $(call of_clip) | tsrdump --tsv | awk -F '\t' 'NR > 1 { print "-\t" $$1 "\t" $$2 "\t" $$3 }' | \
		awk -v folds=$(NFOLDS) -v seed=$(SEED) -f $(PIPELINES)/draw.awk -f $(PIPELINES)/split.awk >$@

# In a recipe: which records are of that part. What steps learn, they learn from
# the actors who train; where rows are split at random, from all, as the reference
# did.
actors = "$$(awk -F '\t' -v fold=$(FOLD:actors%=%) -v part=$1 '$$1 == fold && $$2 == part { print $$3 }' $(OUT)/split.tsv)"
fit_rows :=
fit_actors = --fit-groups $(call actors,train)
pick_rows = tsrpick --keys <(awk -F '\t' -v part=$1 '$$1 == part { print $$2 }' $*.rows) $*.tsr
pick_actors = tsrpick --group $(call actors,$1) $*.tsr

# $1 the net. Without --allow-overlap nntrain refuses to validate with whom it
# trains on.
define run_net
echo "csv: $(TITLE), $1" >&2; \
exec 3< <($(pick_valid)); \
$(pick_train) | nntrain -q -j $(THREADS) --net $(PIPELINES)/nets/$1.net --epochs $(EPOCHS) -s $(SEED) $(TRAIN_FLAGS) \
	$(loss_$1) --valid /dev/fd/3 $(if $(filter rows,$(SPLIT)),--allow-overlap) --history $*-$1.history.tsv -o $*-$1.bin; \
$(pick_test) | nnpredict -j $(THREADS) -o $*-$1.predictions.tsv $*-$1.bin; \
evalconf -q --tsv --bootstrap 0 -o $*-$1.figures.tsv $*-$1.predictions.tsv;
endef

define fold
$(OUT)/$1/$2.made: private FOLD := $1
$(OUT)/$1/$2.made: private SPLIT := $(if $(filter rows,$1),rows,actors)
$(OUT)/$1/$2.made: private TABLE := $2
$(OUT)/$1/$2.made: private TITLE := [$(words $(STEPS))/$(words $(MADE))] $1, $2
STEPS += x
endef
STEPS := x
$(foreach f,$(FOLDS),$(foreach t,$(TABLES),$(eval $(call fold,$f,$t))))

# The table lives as long as its nets take: it may be large.
$(MADE): private pick_train = $(call pick_$(SPLIT),train)
$(MADE): private pick_valid = $(call pick_$(SPLIT),valid)
$(MADE): private pick_test = $(call pick_$(SPLIT),test)
$(MADE): %.made: $(RESPONSE_FILE) $(ACTOR_FILE) $(OUT)/split.tsv | $(SERTOOLS)
	$(Q)mkdir -p $(@D); rm -f $@; trap 'rm -f $*.tsr $*.rows' EXIT; \
	csvprep -q $(table_$(TABLE)) $(fit_$(SPLIT)) -o $*.tsr; \
	$(if $(filter rows,$(SPLIT)),tsrdump --tsv $*.tsr | \
		awk -v seed=$(SEED) -f $(PIPELINES)/draw.awk -f $(PIPELINES)/rows.awk >$*.rows;) \
	$(foreach n,$(NETS),$(call run_net,$n)) \
	$(call settings,$(TABLE)) >$@

# Each row is tested once, so the folds' answers together are one test.
# $1 table, $2 net, $3 split
define config
STEMS_$1-$2-$3 := $(folds_$3:%=$(OUT)/%/$1-$2)
CELLS_$1-$2-$3 := $1\t$2\t$3
$(OUT)/$1-$2-$3.figures.tsv: $(folds_$3:%=$(OUT)/%/$1.made)
endef
$(foreach t,$(TABLES),$(foreach n,$(NETS),$(foreach s,$(SPLITS),$(eval $(call config,$t,$n,$s)))))

$(CONFIGS:%=$(OUT)/%.figures.tsv): $(OUT)/%.figures.tsv:
	$(Q)evalconf -q --tsv -s $(SEED) --confusion $(OUT)/$*.confusion.tsv -o $@ $(STEMS_$*:%=%.predictions.tsv)
	$(Q)evalconf -q -s $(SEED) -o $(OUT)/$*.report.txt $(STEMS_$*:%=%.predictions.tsv)

$(OUT)/table.tsv: $(CONFIGS:%=$(OUT)/%.figures.tsv) $(PIPELINES)/table.awk
	$(Q){ $(foreach c,$(CONFIGS),awk -v names='recipe\tnet\tsplit' -v values='$(CELLS_$c)' -f $(PIPELINES)/table.awk \
		$(OUT)/$c.figures.tsv $(STEMS_$c:%=%.figures.tsv) $(STEMS_$c:%=%.history.tsv);) } | \
		awk 'NR == 1 || !/^recipe\t/' >$@
	$(Q)echo $(call quote,$(CONFIGS)) >$(OUT)/table.settings

$(OUT)/table.md: $(OUT)/table.tsv $(PIPELINES)/csv-markdown.awk $(PIPELINES)/mdtable.awk
	$(Q)awk -f $(PIPELINES)/csv-markdown.awk $< | awk -v left=3 -f $(PIPELINES)/mdtable.awk >$@

# Chance is one of the classes, which are the rows of a confusion matrix.
$(OUT)/compare.svg: $(OUT)/table.tsv $(PIPELINES)/plot/results.gp
	$(Q)chance=$$(awk 'END { print 1 / (NR - 1) }' $(OUT)/$(firstword $(CONFIGS)).confusion.tsv); \
	awk -F '\t' -v OFS='\t' 'NR == 1 { $$1 = "net"; $$2 = "training" } NR > 1 { $$1 = $$1 " " $$2; $$2 = $$3 } 1' $< \
		>$(OUT)/compare.tsv; \
	gnuplot -e "input='$(OUT)/compare.tsv'; output='$@'; chance=$$chance; value='accuracy'; \
		title='Displayed emotion from raters'' answers'; what='accuracy (%)'" $(PIPELINES)/plot/results.gp
$(OUT)/%.confusion.svg: $(OUT)/%.figures.tsv $(PIPELINES)/plot/confusion.gp
	$(Q)gnuplot -e "input='$(OUT)/$*.confusion.tsv'; output='$@'; title='$*'" $(PIPELINES)/plot/confusion.gp
$(CONFIGS:%=$(OUT)/%.learning.svg): $(OUT)/%.learning.svg: $(OUT)/%.figures.tsv $(PIPELINES)/plot/history.gp
	$(Q)gnuplot -e "input='$(STEMS_$*:%=%.history.tsv)'; names='$(notdir $(patsubst %/,%,$(dir $(STEMS_$*))))'; \
		output='$@'; title='$*'" $(PIPELINES)/plot/history.gp

endif
