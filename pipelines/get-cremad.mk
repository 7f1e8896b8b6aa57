# get-cremad.mk: `make get-cremad DIR=...` fetches CREMA-D's recordings and tables.
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

CREMAD_URL ?= https://github.com/CheyneyComputerScience/CREMA-D.git
.PHONY: get-cremad
get-cremad:
	@$(if $(DIR),,echo 'usage: make get-cremad DIR=folder [CREMAD_URL=...]' >&2; exit 2;) \
	$(PIPELINES)/get-cremad.sh $(call quote,$(CREMAD_URL)) $(call quote,$(DIR))
