# rules.mk: what all recipes share. They also run installed, without the source
# tree: make -f PREFIX/share/sertools/pipelines/audio.mk audio CORPUS=...
ifndef PIPELINES
PIPELINES := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# V=1 shows the commands.
Q := $(if $(V),,@)

# What must be built before a recipe runs: the Makefile says `all`.
SERTOOLS ?=

# Side by side (make -j) each program gets one thread; alone it gets them all.
THREADS ?= $(if $(filter -j% --jobs% --jobserver%,$(MAKEFLAGS)),1,0)

# Text as one word of the shell.
quote = '$(subst ','\'',$1)'
comma := ,
empty :=
space := $(empty) $(empty)
endif
