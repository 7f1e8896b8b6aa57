# fuse.mk: `make fuse-demo VOTES=summaryTable.csv` joins what raters of CREMA-D
# heard and what they saw by a table of rules, and shows what each rule does.
# See fuse(1) and rules(5).
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

.PHONY: fuse-demo
ifeq ($(filter fuse-demo,$(MAKECMDGOALS)),)
fuse-demo:
else

RULES ?= $(PIPELINES)/rules/cremad.rules
OUT ?= out/fuse-demo
$(if $(VOTES),,$(error usage: make fuse-demo VOTES=summaryTable.csv [RULES=file] [OUT=folder]))
$(if $(filter 1,$(words $(OUT))),,$(error OUT=$(OUT): a folder's name without spaces is wanted))

fuse-demo: $(OUT)/table.md $(OUT)/voice.tsv $(OUT)/face.tsv $(OUT)/fused.tsv
	@cat $<
	@echo; awk -f $(PIPELINES)/agreement.awk $(OUT)/fused.tsv; echo
	@for m in voice face fused; do evalconf -q --tsv $(OUT)/$$m.tsv | awk -F '\t' -v name=$$m '$$1 == "uar" { \
		printf "%s: UAR %.1f (%.1f to %.1f over actors)\n", name, 100 * $$3, 100 * $$4, 100 * $$5 }'; done
	@echo "fuse-demo: answers, table and report are in $(OUT)" >&2

# The name of the table may hold what make cannot have in a prerequisite: it is
# read each time, as it is small.
.PHONY: FORCE
votes = awk -v vote=$1 -f $(PIPELINES)/cremad-votes.awk <$(call quote,$(VOTES)) >$@.new; mv $@.new $@
$(OUT)/voice.tsv: FORCE
	$(Q)mkdir -p $(@D); $(call votes,VoiceVote)
$(OUT)/face.tsv: FORCE
	$(Q)mkdir -p $(@D); $(call votes,FaceVote)
$(OUT)/fused.tsv: $(OUT)/voice.tsv $(OUT)/face.tsv $(RULES) | $(SERTOOLS)
	$(Q)fuse --rules $(RULES) --report $(OUT)/rules.tsv -o $@ voice=$(OUT)/voice.tsv face=$(OUT)/face.tsv
$(OUT)/table.md: $(OUT)/fused.tsv
	$(Q)awk -f $(PIPELINES)/fuse.awk $(OUT)/rules.tsv | awk -v left=1 -f $(PIPELINES)/mdtable.awk >$@

endif
