# targets.mk: every recipe, with what it takes and does, as `make help` and
# `sertools help` show it.
include $(filter-out $(lastword $(MAKEFILE_LIST)),$(wildcard $(dir $(lastword $(MAKEFILE_LIST)))*.mk))

audio: ## CORPUS=ravdess DIR=...: compare nets on unseen speakers
csv: ## RESPONSES=... ACTORS=...: displayed emotion from raters' answers
demo: ## the whole path on a small made-up corpus, to out/demo
leak-demo: ## CORPUS=ravdess DIR=...: what a test is worth that has heard its answers
compare: ## A='predictions.tsv...' B=...: is one result better than another?
fuse-demo: ## VOTES=summaryTable.csv: voice and face joined by rules
report: ## OUT=out/demo, or FILE=x.wav MODEL=...: a page to look at
spectrogram: ## FILE=x.wav: draw what a network hears
get-cremad: ## DIR=...: fetch CREMA-D and verify each file
