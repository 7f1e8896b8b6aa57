# spectrogram.mk: `make spectrogram FILE=x.wav` draws what a network hears. See
# sertools(7).
include $(dir $(lastword $(MAKEFILE_LIST)))rules.mk

.PHONY: spectrogram
ifeq ($(filter spectrogram,$(MAKECMDGOALS)),)
spectrogram:
else

RECORD ?= 1
OUT ?= out/$(basename $(notdir $(subst $(space),_,$(FILE)))).svg
$(if $(FILE),,$(error usage: make spectrogram FILE=recording-or-stream [RECORD=1] [OUT=x.svg or x.png]))
$(if $(shell command -v gnuplot),,$(error spectrogram: gnuplot is not installed))

spectrogram: | $(SERTOOLS)
	@WAVNORM_FLAGS=$(call quote,$(WAVNORM_FLAGS)) MELSPEC_FLAGS=$(call quote,$(MELSPEC_FLAGS)) \
		$(PIPELINES)/spectrogram.sh $(call quote,$(FILE)) $(call quote,$(OUT)) $(call quote,$(RECORD))
	@echo $(call quote,$(OUT))

endif
