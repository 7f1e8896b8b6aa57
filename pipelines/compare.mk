# compare.mk: `make compare A='out/a/fold*/crnn.predictions.tsv' B=...`: is one
# result better than another? See evalcmp(1).
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

COMPARE_FLAGS ?=
.PHONY: compare
compare: | $(SERTOOLS)
	@$(if $(and $(A),$(B)),,\
	echo "usage: make compare A='predictions.tsv...' B='predictions.tsv...' [COMPARE_FLAGS=...]" >&2; exit 2;) \
	$(foreach x,A B,$(if $(wildcard $($x)),,echo "compare: no such file: $x="$(call quote,$($x)) >&2; exit 3;)) \
	evalcmp $(COMPARE_FLAGS) $(addprefix --versus ,$(sort $(wildcard $(B)))) $(sort $(wildcard $(A)))
