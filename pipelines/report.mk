# report.mk: `sertools report OUT=out/demo` writes one HTML file on a finished run, and
# `sertools report FILE=x.wav MODEL=crnn.bin` one on a recording. See sertools(7).
.DELETE_ON_ERROR:
Q := $(if $(V),,@)
export LABELS ?=
override LABELS := $(or $(wildcard $(LABELS) $(LABELS).tsv),$(wildcard $(PIPELINES)/labels/$(LABELS).tsv),$(LABELS))
export CLIPS ?= yes
export MISTAKES ?= 12
export STEP ?= 1
export CORPUS ?=
USAGE := usage: sertools report OUT=folder-of-a-run, or sertools report FILE=recording MODEL=models [OUT=page.html]
REPORT := $(PIPELINES)/report.sh
$(if $(shell command -v gnuplot),,$(error report: gnuplot is not installed))
$(if $(filter yes no,$(CLIPS)),,$(error CLIPS=$(CLIPS): yes or no))
$(if $(shell [[ $(call quote,$(MISTAKES)) =~ ^[0-9]+$$ ]] && echo y),,$(error MISTAKES=$(MISTAKES): a number is wanted))
$(if $(LABELS),$(if $(wildcard $(LABELS)),,$(error report: no file $(LABELS) (LABELS=...))))

ifneq ($(value FILE)$(value MODEL),)
$(if $(and $(value FILE),$(value MODEL)),,$(error $(USAGE)))
report: | $(SERTOOLS)
	@$(REPORT) file "$$FILE" "$${OUT:-}"
else ifneq ($(shell [ -d $(call quote,$(OUT)) ] && [[ $(call quote,$(OUT)) = -* || $(call quote,$(OUT)) = *[!A-Za-z0-9_./+,@-]* ]] && echo odd),)
# What make cannot have in the name of a target is behind a link.
report: | $(SERTOOLS)
	@t=$$(mktemp -d); trap 'rm -rf "$$t"' EXIT; run=$$(cd -- "$$OUT" && pwd -P); ln -s "$$run" "$$t/run"; \
	RUN_NAME=$${run##*/} $(MAKE) --no-print-directory -f $(PIPELINES)/recipes.mk SERTOOLS= OUT="$$t/run" report 2>&1 >/dev/null | \
		RUN_DIR=$$OUT AT=$$t/run awk '{ n = index($$0, ENVIRON["AT"]) } n { $$0 = substr($$0, 1, n - 1) ENVIRON["RUN_DIR"] substr($$0, n + length(ENVIRON["AT"])) } 1' >&2
else
$(if $(filter 1,$(words $(OUT))),,$(error $(USAGE)))

# Each configuration and its runs, as NAME and NAME/STEM words.
PLAN := $(shell $(REPORT) plan $(call quote,$(OUT)) | awk -F '\t' '{ print $$1; for (i = 2; i <= NF; i++) print $$1 "//" $$i }'; \
	exit $${PIPESTATUS[0]})
$(if $(filter-out 0,$(.SHELLSTATUS)),$(error report: nothing was written))
CONFIGS := $(foreach w,$(PLAN),$(if $(findstring //,$w),,$w))
PARTS := $(OUT)/report
SCRIPTS_OF := $(REPORT) $(wildcard $(PIPELINES)/report/*.awk $(PIPELINES)/plot/*.gp) \
	$(PIPELINES)/plot.sh $(PIPELINES)/visible.awk $(LABELS)

define newline


endef
# What is said beside the run's own files; where that changes all is made anew.
settings = echo $(subst $(newline), ,$(call quote,$(LABELS) $(CLIPS) $(MISTAKES) $(CORPUS)))
STALE := $(shell mkdir -p $(PARTS); $(settings) | cmp -s - $(PARTS)/settings || echo $(PARTS)/settings)
.PHONY: FORCE
$(STALE): FORCE
$(PARTS)/settings:
	$(Q)$(settings) >$@

report: $(OUT)/report.html
	@echo "report: $<" >&2

define config
$(PARTS)/config-$1.html: $(OUT)/$1.figures.tsv $(foreach w,$(filter $1//%,$(PLAN)),$(wildcard $(addprefix $(w:$1//%=%)/,predictions.tsv model.bin history.tsv members)))
endef
$(foreach c,$(CONFIGS),$(eval $(call config,$c)))
$(CONFIGS:%=$(PARTS)/config-%.html): $(PARTS)/config-%.html: $(PARTS)/settings $(SCRIPTS_OF) | $(SERTOOLS)
	@echo "report: $*" >&2
	$(Q)$(REPORT) config $(OUT) $* >$@

$(PARTS)/run.html $(PARTS)/mistakes.html: $(PARTS)/%.html: $(OUT)/table.tsv $(OUT)/table.md $(OUT)/compare.svg \
	$(foreach w,$(PLAN),$(if $(findstring //,$w),$(lastword $(subst //, ,$w))/predictions.tsv)) $(PARTS)/settings \
	$(SCRIPTS_OF) $(PIPELINES)/datasets/credits.tsv $(PIPELINES)/spectrogram.sh | $(SERTOOLS)
	@echo "report: $*" >&2
	$(Q)$(REPORT) $* $(OUT) >$@

$(OUT)/report.html: $(PARTS)/run.html $(CONFIGS:%=$(PARTS)/config-%.html) $(PARTS)/mistakes.html \
	$(wildcard $(PIPELINES)/report/*.css $(PIPELINES)/report/*.tsv)
	$(Q)$(REPORT) page $(OUT) $(filter %.html,$^) >$@

endif
