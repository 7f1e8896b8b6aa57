# leak.mk: `make leak-demo CORPUS=ravdess DIR=...` shows what a test is worth that
# has heard its answers: the same net, data and sizes under three protocols. See
# sertools(7).
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

.PHONY: leak-demo
ifeq ($(filter leak-demo,$(MAKECMDGOALS)),)
leak-demo:
else
$(if $(RECIPE),$(error $(RECIPE) and leak-demo: one at a time))

RECIPE := leak-demo
OUT ?= out/leak-$(CORPUS)
NETS ?= cnn1d
SETS := x3
REPEATS ?= 3
$(if $(filter 1,$(words $(NETS))),,$(error NETS=$(NETS): one net is wanted))
include $(PIPELINES)/corpus.mk

# The folds that are taken, one for each repeat.
REPEAT_NAMES := $(wordlist 1,$(REPEATS),$(FOLD_NAMES))
$(if $(word $(REPEATS),$(FOLD_NAMES)),,\
	$(error leak-demo: REPEATS=$(REPEATS), but there are $(words $(FOLD_NAMES)) folds))
PROTOCOLS := record clip speaker
RUNS := $(foreach r,$(REPEAT_NAMES),$(PROTOCOLS:%=$(OUT)/fold$r/%))
PLOTS := $(if $(shell command -v gnuplot),$(OUT)/compare.svg,$(info leak-demo: gnuplot is not installed: no plot))
# In a recipe: the records of that part of the run.
records = tsrpick --keys <(awk -F '\t' -v p=$(PROTOCOL) -v r=$(FOLD) -v part=$1 \
	'$$1 == p && $$2 == r && $$3 == part { print $$4 }' $(OUT)/plan.tsv) $(OUT)/x3.tsr

run_settings = echo $(call quote,$(NETS) $(REPEAT_NAMES)); $(train_settings)
STALE_RUNS := $(shell want="$$($(run_settings))"; for r in $(RUNS); do cmp -s - $$r.settings <<<"$$want" || \
	echo $$r.bin; done; grep -qxF $(call quote,$(SEED) $(REPEAT_NAMES)) $(OUT)/plan.settings 2>/dev/null || \
	echo $(OUT)/plan.tsv)

leak-demo: $(OUT)/table.md $(PLOTS)
	@cat $<
	@echo "leak-demo: the table, the plot, models and predictions are in $(OUT)" >&2

$(STALE_RUNS): FORCE

$(OUT)/records.tsv: $(OUT)/x3.tsr
	$(Q)tsrdump --tsv --columns src -o $@ $<

$(OUT)/plan.tsv: $(OUT)/records.tsv $(OUT)/split.tsv $(PIPELINES)/leak.awk $(PIPELINES)/draw.awk
	$(Q)awk -v seed=$(SEED) -v repeats=$(call quote,$(REPEAT_NAMES)) -f $(PIPELINES)/draw.awk -f $(PIPELINES)/leak.awk \
		$(OUT)/split.tsv $< >$@
	$(Q)echo $(call quote,$(SEED) $(REPEAT_NAMES)) >$(@:.tsv=.settings)

define run
$(OUT)/fold$1/$2.bin $(OUT)/fold$1/$2.predictions.tsv: private FOLD := $1
$(OUT)/fold$1/$2.bin $(OUT)/fold$1/$2.predictions.tsv: private PROTOCOL := $2
$(OUT)/fold$1/$2.bin: private TITLE := [$(words $(STEPS))/$(words $(RUNS))] fold $1, split by $2
STEPS += x
endef
STEPS := x
$(foreach r,$(REPEAT_NAMES),$(foreach p,$(PROTOCOLS),$(eval $(call run,$r,$p))))

# Without --allow-overlap nntrain refuses to validate with what it trains on.
$(RUNS:%=%.bin): private settings = { $(run_settings); }
$(RUNS:%=%.bin): private train_stream = $(call records,train)
$(RUNS:%=%.bin): private valid_stream = \
	if grep -q $$'^$(PROTOCOL)\t$(FOLD)\tvalid\t' $(OUT)/plan.tsv; then exec 3< <($(call records,valid)); \
	valid="--valid /dev/fd/3$(if $(filter speaker,$(PROTOCOL)),, --allow-overlap)"; fi
$(RUNS:%=%.bin): private NET := $(PIPELINES)/nets/$(NETS).net
$(RUNS:%=%.bin): %.bin: $(OUT)/x3.tsr $(OUT)/plan.tsv $(PIPELINES)/nets/$(NETS).net | $(SERTOOLS)
	$(train_model)

$(RUNS:%=%.predictions.tsv): %.predictions.tsv: %.bin
	$(Q)$(call records,test) | nnpredict -j $(THREADS) -o $@ $<

# The repeats' answers together are one test, with intervals over its speakers.
define protocol
$(OUT)/$1.figures.tsv: $(REPEAT_NAMES:%=$(OUT)/fold%/$1.predictions.tsv)
$(OUT)/$1.row.tsv: private PROTOCOL := $1
endef
$(foreach p,$(PROTOCOLS),$(eval $(call protocol,$p)))

$(PROTOCOLS:%=$(OUT)/%.figures.tsv): %.figures.tsv:
	$(Q)evalconf -q --tsv -s $(SEED) --confusion $*.confusion.tsv -o $@ $^

$(PROTOCOLS:%=$(OUT)/%.row.tsv): %.row.tsv: $(OUT)/records.tsv $(OUT)/plan.tsv %.figures.tsv $(PIPELINES)/leak-table.awk
	$(Q)awk -v protocol=$(PROTOCOL) -f $(PIPELINES)/leak-table.awk $(filter-out %.awk,$^) \
		$(REPEAT_NAMES:%=$(OUT)/fold%/$(PROTOCOL).history.tsv) >$@

$(OUT)/table.tsv: $(PROTOCOLS:%=$(OUT)/%.row.tsv)
	$(Q)awk 'NR == 1 || FNR > 1' $^ >$@

$(OUT)/table.md: $(OUT)/table.tsv $(PIPELINES)/leak-markdown.awk $(PIPELINES)/mdtable.awk
	$(Q)awk -f $(PIPELINES)/leak-markdown.awk $< | awk -v left=3 -f $(PIPELINES)/mdtable.awk >$@

$(OUT)/compare.svg: $(OUT)/table.tsv $(PIPELINES)/plot/results.gp
	$(Q)chance=$$(awk 'END { print 1 / (NR - 1) }' $(OUT)/speaker.confusion.tsv); \
	gnuplot -e "input='$<'; output='$@'; chance=$$chance; names='protocol'; \
		title='The same net and data under three protocols'" $(PIPELINES)/plot/results.gp

endif
