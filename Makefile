# sertools: `make help` lists the targets.
VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CC ?= cc
PKG_CONFIG ?= pkg-config

# ARCH is what the compiler may use of the processor: `make ARCH=x86-64-v3`
# for binaries that travel. BLAS=gslcblas takes GSL's portable BLAS.
ARCH ?= native
BLAS ?= openblas
OPT ?= -O3 -march=$(ARCH) -ffp-contract=fast -fno-math-errno -fno-trapping-math
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla -Wformat=2
SANITIZE ?=
PACKAGES = sndfile soxr gsl libxxhash kissfft-float zlib
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -DSER_VERSION='"$(VERSION)"' -Icommon $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
CFLAGS_ALL = -std=c11 -g $(OPT) -fopenmp $(WARN) $(SANITIZE) $(CFLAGS)
# Link order decides which BLAS GSL's calls reach.
LIBS = $(shell $(PKG_CONFIG) --libs sndfile soxr libxxhash kissfft-float zlib) -lgsl -l$(BLAS) -lm

TOOLS := $(basename $(notdir $(wildcard tools/*.c)))
UNITS := $(basename $(notdir $(wildcard tests/unit/*.c)))
# The nets' own code in double precision, for the test of their gradients.
NN_DOUBLE := $(patsubst %.c,$(BUILD)/double/%.o,$(wildcard common/nn/*.c) tests/unit/gradients.c)
LIB_SRC := $(wildcard common/*.c common/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
MANS := $(wildcard man/*.[157])

.PHONY: all check help clean
.DELETE_ON_ERROR:
all: $(TOOLS:%=$(BUILD)/%)

$(BUILD)/libsertools.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/%.o: %.c VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$(TOOLS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/tools/%.o $(BUILD)/libsertools.a
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)
$(UNITS:%=$(BUILD)/unit/%): $(BUILD)/libsertools.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)
$(filter-out %/gradients,$(UNITS:%=$(BUILD)/unit/%)): $(BUILD)/unit/%: $(BUILD)/tests/unit/%.o
$(BUILD)/unit/gradients: $(NN_DOUBLE)
$(BUILD)/double/%.o: %.c VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DNN_DOUBLE $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
.SECONDARY:

check: all $(UNITS:%=$(BUILD)/unit/%)
	BUILD=$(abspath $(BUILD)) prove $(PROVE) tests/*.t

clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/common/*.d $(BUILD)/common/*/*.d $(BUILD)/tools/*.d $(BUILD)/tests/unit/*.d)
