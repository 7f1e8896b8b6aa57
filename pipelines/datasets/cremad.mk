# The repository keeps the same clips as MP3 beside the WAV files, and the
# actors' sexes in a table.
SUBDIR ?= AudioWAV
demographics := $(shell for f in $(call quote,$(DIR)/VideoDemographics.csv) $(call quote,$(DIR)/../VideoDemographics.csv); do \
	[ ! -e "$$f" ] || { printf '%s\n' "$$f"; break; }; done)
ADAPTER_FLAGS ?= $(if $(demographics),-v demographics=$(call quote,$(demographics)))
