# sertools: `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
OURS = $(DATADIR)/sertools
BASH_COMPLETION = $(DATADIR)/bash-completion/completions
ZSH_COMPLETION = $(DATADIR)/zsh/site-functions
DESTDIR ?=
BUILD ?= build
CC ?= cc
CLANG ?= clang
PKG_CONFIG ?= pkg-config

# Kernels are compiled for each of LEVELS and chosen at start (base/level.h), where
# the compiler has them; the rest runs on every processor of the kind. `make
# ARCH=native` compiles all for this one.
ARCH ?=
OPT ?= -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math
# A float stays one: the x87 of 32-bit x86 computes with more digits (method 2), and
# C11 lets s390x do so (method 1).
EXACT_2 = -msse2 -mfpmath=sse
EXACT_1 = -fexcess-precision=fast
predefined = $(shell echo $1 | $(CC) -std=c11 $(CFLAGS) -E -P -x c - 2>/dev/null)
EXACT := $(EXACT_$(call predefined,__FLT_EVAL_METHOD__))
# Files above 2 GB, where a long has 4 bytes.
LARGE_4 = -D_FILE_OFFSET_BITS=64
EXACT += $(LARGE_$(call predefined,__SIZEOF_LONG__))
# GCC 12 for arm64 fails (vect_transform_reduction) on the largest of floats taken as doubles.
EXACT += $(if $(filter-out 12 1,$(call predefined,__GNUC__ __aarch64__)),,-fno-builtin-fmax -fno-builtin-fmin)
LEVELS := $(if $(ARCH),,$(shell $(CC) -march=x86-64-v4 -E -x c /dev/null >/dev/null 2>&1 && echo 2 3 4))
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla -Wformat=2
comma := ,
SANITIZE ?=
# Against bugs that outside bytes may find; sanitizers bring their own.
HARDEN ?= $(if $(SANITIZE),,-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIE)
HARDEN_LINK ?= $(if $(filter Linux,$(shell uname -s)),-pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now$(comma)-z$(comma)noexecstack)
# A program whose optional library is missing says so when it would be used. ONNX's needs its compiler, too.
PROTOC ?= protoc-c
OPTIONAL := $(shell for p in hdf5 libcjson $$(command -v $(PROTOC) >/dev/null && echo libprotobuf-c); do \
	if $(PKG_CONFIG) --exists $$p; then echo $$p; fi; done 2>/dev/null)
PACKAGES = sndfile libmpg123 soxr gsl libxxhash kissfft-float rubberband libarchive zlib liblzma $(OPTIONAL)
# XXH3 is in its header: a library to load less.
CPPFLAGS_ALL := -D_POSIX_C_SOURCE=200809L -DXXH_INLINE_ALL -DSER_VERSION='"$(VERSION)"' $(if $(ARCH),-DSER_ARCH='"$(ARCH)"') -Icommon -I$(BUILD)/made \
	$(patsubst %,-DHAVE_%,$(subst -,_,$(OPTIONAL))) $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null) $(CPPFLAGS)
CFLAGS_ALL = -std=c11 -g $(OPT) $(EXACT) $(if $(ARCH),-march=$(ARCH)) -pthread -fopenmp-simd $(WARN) $(HARDEN) $(SANITIZE) $(CFLAGS)
# A program loads only what it uses. GSL wants some BLAS, and its own starts fastest.
LIBS := $(if $(filter Linux,$(shell uname -s)),-Wl$(comma)--as-needed) \
	$(shell $(PKG_CONFIG) --libs $(filter-out gsl,$(PACKAGES)) 2>/dev/null) -lcsv -lgsl -lgslcblas -lm
$(if $(filter 0,$(.SHELLSTATUS)),,$(warning libraries are missing; ./bootstrap installs them))

TOOLS := $(basename $(notdir $(wildcard tools/*.c)))
UNITS := $(basename $(notdir $(wildcard tests/unit/*.c)))
BENCHES := $(basename $(notdir $(wildcard tests/bench/*.c)))
LIB_C := $(filter-out $(if $(filter libprotobuf-c,$(OPTIONAL)),,common/exchange/onnx_%),$(wildcard common/*/*.c))
KERNELS := $(if $(LEVELS),$(shell grep -lE '^(KERNEL|const .*LEVEL_NAME)' $(LIB_C)))
LEVEL_OBJ := $(foreach level,$(LEVELS),$(KERNELS:%.c=$(BUILD)/v$(level)/%.o))
LIB_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(KERNELS),$(LIB_C)))
# What protobuf-c makes of ONNX's messages.
MADE := $(if $(filter libprotobuf-c,$(OPTIONAL)),$(BUILD)/made/exchange/onnx.pb-c)
FUZZ_OBJ := $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/tests/fuzz/csvprep.o
MAIN_OBJ := $(TOOLS:%=$(BUILD)/tools/%.o) $(UNITS:%=$(BUILD)/tests/unit/%.o) $(BENCHES:%=$(BUILD)/tests/bench/%.o) \
	$(FUZZ_OBJ)
# The nets' own code in double precision, of one level, for the test of their gradients.
NN_DOUBLE := $(patsubst %.c,$(BUILD)/double/%.o,$(wildcard common/net/*.c) tests/unit/gradients.c)
MANS := $(wildcard man/*.[157])
C_FILES := $(LIB_C) $(wildcard tools/*.c tests/unit/*.c tests/bench/*.c tests/fuzz/*.c)
SCRIPTS := bootstrap .ci/run man/html.sh tools/sertools.sh tools/completion.bash $(wildcard pipelines/*.sh pipelines/datasets/*.sh) $(wildcard tests/bench/*.sh)
TESTS ?= tests/*.t

.PHONY: all check check-hosts check-faults check-asan check-valgrind fuzz units bench bench-programs bench-peers bench-scale lint install uninstall html dist deb listen-cast clean help
all: $(TOOLS:%=$(BUILD)/%) $(BUILD)/sertools ## the programs, in build/ (default)

# Commands are shown with V=1.
Q := $(if $(V),,@)
$(BUILD)/libsertools.a: $(LIB_OBJ) $(LEVEL_OBJ) $(MADE:%=%.o)
	@echo 'AR $@'; rm -f $@
	$(Q)$(AR) rcs $@ $^
define compile
@echo 'CC $@'; mkdir -p $(@D)
$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(KIND) -MMD -MP -c -o $@ $<
endef
$(BUILD)/%.o: KIND = $(if $(LEVELS),-DLEVELS)
$(BUILD)/double/%.o: KIND = -DNN_DOUBLE
$(foreach level,$(LEVELS),$(eval $(BUILD)/v$(level)/%.o: KIND = -DLEVELS -DLEVEL=$(level) -march=x86-64-v$(level)))
$(LIB_OBJ) $(MAIN_OBJ): $(BUILD)/%.o: %.c VERSION $(BUILD)/flags
	$(compile)
$(NN_DOUBLE): $(BUILD)/double/%.o: %.c VERSION $(BUILD)/flags
	$(compile)
$(foreach level,$(LEVELS),$(eval $(KERNELS:%.c=$(BUILD)/v$(level)/%.o): $(BUILD)/v$(level)/%.o: %.c VERSION $(BUILD)/flags; $$(compile)))
$(BUILD)/made/%.pb-c.c $(BUILD)/made/%.pb-c.h: common/%.proto
	@echo 'PROTOC $<'; mkdir -p $(@D)
	$(Q)$(PROTOC) -I common --c_out=$(BUILD)/made $*.proto
$(MADE:%=%.o): %.o: %.c $(BUILD)/flags
	$(compile)
$(filter $(BUILD)/common/exchange/onnx%,$(LIB_OBJ)): | $(MADE:%=%.h)
# Other flags make all anew, but not another place for the same; another PREFIX, what knows where the installed recipes will be.
$(BUILD)/flags: TEXT = $(CC) $(subst -I$(BUILD)/,-I,$(CPPFLAGS_ALL)) $(CFLAGS_ALL) $(HARDEN_LINK) $(LDFLAGS) $(LIBS)
$(BUILD)/datadir: TEXT = $(OURS)
$(BUILD)/flags $(BUILD)/datadir: export STAMP = $(TEXT)
$(BUILD)/flags $(BUILD)/datadir: FORCE
	@mkdir -p $(@D); printf '%s\n' "$$STAMP" | cmp -s - $@ || printf '%s\n' "$$STAMP" >$@
$(BUILD)/common/base/find.o: CPPFLAGS_ALL += -DSER_DATADIR='"$(OURS)"'
$(BUILD)/common/base/find.o: $(BUILD)/datadir
.PHONY: FORCE
$(TOOLS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/tools/%.o
$(filter-out %/gradients,$(UNITS:%=$(BUILD)/unit/%)): $(BUILD)/unit/%: $(BUILD)/tests/unit/%.o
$(BUILD)/unit/gradients: $(NN_DOUBLE)
$(BUILD)/unit/fuzzcorpus: $(FUZZ_OBJ)
$(BENCHES:%=$(BUILD)/bench/%): $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o
$(TOOLS:%=$(BUILD)/%) $(UNITS:%=$(BUILD)/unit/%) $(BENCHES:%=$(BUILD)/bench/%): $(BUILD)/libsertools.a $(BUILD)/flags
	@echo 'LD $@'; mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(HARDEN_LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)
# $1 the source tree, where it is the tree of recipes; $2 where the script goes
front = sed 's|@SOURCE@|$1|; s|@DATADIR@|$(OURS)|; s|@VERSION@|$(VERSION)|' tools/sertools.sh >$2; chmod 755 $2
$(BUILD)/sertools: tools/sertools.sh VERSION
	@echo 'GEN $@'; mkdir -p $(@D)
	$(Q)$(call front,$(CURDIR),$@)
.SECONDARY: $(LIB_OBJ) $(LEVEL_OBJ) $(MAIN_OBJ) $(NN_DOUBLE)
-include $(patsubst %.o,%.d,$(LIB_OBJ) $(LEVEL_OBJ) $(MAIN_OBJ) $(NN_DOUBLE))

# Recipes find the programs of this tree first; the demo tells who does not.
export USER_PATH := $(PATH)
export PATH := $(abspath $(BUILD)):$(PATH)
SERTOOLS := all
include pipelines/recipes.mk

units: $(UNITS:%=$(BUILD)/unit/%) $(BUILD)/faults/faults.so
$(BUILD)/faults/%.so: tests/faults/%.c
	@echo 'LD $@'; mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(WARN) -shared -fPIC -o $@ $<
bench-programs: $(BENCHES:%=$(BUILD)/bench/%)
# Those of the recipes are one number.
bench bench-scale: THREADS := $(if $(filter file,$(origin THREADS)),,$(THREADS))
bench: all bench-programs ## time this version, that of BEFORE=DIR and the peers of PEERS=DIR (minutes; QUICK=yes)
	BUILD=$(abspath $(BUILD)) tests/bench/bench.sh
bench-peers: ## PEERS=DIR: install what make bench compares with there, as a root of Debian unstable (root; 5 GB)
	tests/bench/peers.sh
bench-scale: all bench-programs ## time and memory against the size of the work (minutes; QUICK=yes)
	BUILD=$(abspath $(BUILD)) tests/bench/scale.sh

check: all units bench-programs ## all tests (TESTS=tests/300*.t, PROVE=-v)
	BUILD=$(abspath $(BUILD)) prove $(PROVE) $(TESTS)

check-hosts: all ## hosts on one machine, as network namespaces, under Slurm and GNU Parallel (root; minutes)
	BUILD=$(abspath $(BUILD)) prove $(PROVE) $(or $(filter tests/hosts/%,$(TESTS)),tests/hosts/*.t)

check-faults: all units ## each call of each program fails once: memory, read, write, open, rename, ...
	FAULTS=all BUILD=$(abspath $(BUILD)) prove -v tests/106-faults.t

check-asan: ## the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	ASAN_OPTIONS=exitcode=99:$(ASAN_OPTIONS) UBSAN_OPTIONS=print_stacktrace=1:exitcode=99 $(MAKE) check \
		BUILD=$(BUILD)/asan OPT='-O1 -fno-omit-frame-pointer' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all'

VALGRIND ?= valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
check-valgrind: ## the tests under valgrind
	$(MAKE) all units BUILD=$(BUILD)/valgrind ARCH=
	@mkdir -p $(BUILD)/valgrind/wrap/unit
	@for f in $(TOOLS) $(UNITS:%=unit/%); do \
		printf '#!/bin/sh\nexec %s "%s" "$$@"\n' '$(VALGRIND)' '$(abspath $(BUILD))/valgrind/'$$f \
			>$(BUILD)/valgrind/wrap/$$f; chmod +x $(BUILD)/valgrind/wrap/$$f; done
	@cp $(BUILD)/valgrind/sertools $(BUILD)/valgrind/wrap
	SER_VALGRIND=1 BUILD=$(abspath $(BUILD))/valgrind/wrap prove $(PROVE) $(TESTS)

# Chunks and batches are small in there (SER_FUZZ), so that their ends are met.
# New inputs stay in $(BUILD)/fuzz/corpus, so that a later run goes on from them.
SECONDS ?= 60
TARGET ?= csvprep
fuzz: ## TARGET=numpy SECONDS=600: libFuzzer on a parser of outside bytes (tests/fuzz/fuzz.c lists them)
	$(MAKE) $(BUILD)/fuzz/fuzzer BUILD=$(BUILD)/fuzz CC=$(CLANG) CPPFLAGS='-DSER_FUZZ $(CPPFLAGS)' \
		OPT='-O1 -fno-omit-frame-pointer' \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' CFLAGS='-w $(CFLAGS)'
	@mkdir -p $(BUILD)/fuzz/corpus/$(TARGET)
	FUZZ_TARGET=$(TARGET) $(BUILD)/fuzz/fuzzer -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
		$(if $(wildcard tests/fuzz/$(TARGET).dict),-dict=tests/fuzz/$(TARGET).dict) -artifact_prefix=$(BUILD)/fuzz/$(TARGET)- \
		-print_final_stats=1 -verbosity=1 $(BUILD)/fuzz/corpus/$(TARGET) tests/fuzz/corpus/$(TARGET)
$(BUILD)/fuzzer: $(FUZZ_OBJ) $(BUILD)/libsertools.a
	@echo 'LD $@'
	$(Q)$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

PROCESSORS = $$(getconf _NPROCESSORS_ONLN)
lint: lint-rooms lint-gcc lint-clang lint-tidy lint-cppcheck lint-shell lint-man ## all static checks
.PHONY: lint-rooms lint-gcc lint-clang lint-tidy lint-cppcheck lint-shell lint-man objects
objects: $(LIB_OBJ) $(LEVEL_OBJ) $(MAIN_OBJ) $(NN_DOUBLE)
lint-rooms:
	awk -f common/rooms.awk common/README.md $(wildcard common/*/*.[ch]) | tsort >/dev/null
lint-gcc:
	$(MAKE) --no-print-directory -s -j $(PROCESSORS) objects BUILD=$(BUILD)/lint-gcc CFLAGS='-Werror -Wundef -Wpointer-arith -Wcast-align \
		-Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wold-style-definition'
# What it warns of it finds before it optimizes.
lint-clang:
	$(MAKE) --no-print-directory -s -j $(PROCESSORS) objects BUILD=$(BUILD)/lint-clang CC=$(CLANG) OPT= HARDEN= CFLAGS='-Werror -Wundef -Wpointer-arith \
		-Wcast-align -Wunreachable-code -Wold-style-definition -Wcomma -Wassign-enum -Wno-format-nonliteral \
		-Wno-pass-failed -Wno-missing-field-initializers'
lint-tidy: $(MADE:%=%.h)
	printf '%s\n' $(filter common/% tools/%,$(C_FILES)) | xargs -P $(PROCESSORS) -I FILE \
		clang-tidy --quiet FILE -- -std=c11 -fopenmp-simd $(CPPFLAGS_ALL) -Xclang -analyzer-config \
		-Xclang deadcode.DeadStores:WarnForDeadNestedAssignments=false 2>/dev/null
lint-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem -j $(PROCESSORS) -Icommon -DSER_VERSION='"0"' $(C_FILES)
lint-shell:
	shellcheck $(SCRIPTS)
	printf '%s\n' $(wildcard tests/*.sh tests/*.t tests/hosts/*.sh tests/hosts/*.t) $(addprefix tests/hosts/,up down on init) | \
		xargs -P $(PROCESSORS) -n 8 shellcheck -S warning -e SC1090,SC2034,SC2154,SC2258
lint-man:
	mandoc -Tlint -W warning $(MANS)

install: all ## to DESTDIR and PREFIX (/usr/local)
	mkdir -p $(DESTDIR)$(BINDIR) $(DESTDIR)$(OURS)
	install -m 755 $(TOOLS:%=$(BUILD)/%) $(DESTDIR)$(BINDIR)
	$(call front,,$(DESTDIR)$(BINDIR)/sertools)
	for f in $(MANS); do d=$(DESTDIR)$(MANDIR)/man$${f##*.}; mkdir -p $$d; install -m 644 $$f $$d; done
	mkdir -p $(DESTDIR)$(BASH_COMPLETION) $(DESTDIR)$(ZSH_COMPLETION)
	sed 's/@PROGRAMS@/$(TOOLS) sertools/' tools/completion.bash >$(DESTDIR)$(BASH_COMPLETION)/sertools
	sed 's/@PROGRAMS@/$(TOOLS) sertools/' tools/completion.zsh >$(DESTDIR)$(ZSH_COMPLETION)/_sertools
	for t in $(TOOLS); do ln -sf sertools $(DESTDIR)$(BASH_COMPLETION)/$$t; done
	chmod 644 $(DESTDIR)$(BASH_COMPLETION)/sertools $(DESTDIR)$(ZSH_COMPLETION)/_sertools
	cp -R pipelines $(DESTDIR)$(OURS)
	chmod -R u=rwX,go=rX $(DESTDIR)$(OURS)
uninstall: ## what install put there
	rm -f $(TOOLS:%=$(DESTDIR)$(BINDIR)/%) $(DESTDIR)$(BINDIR)/sertools
	for f in $(MANS); do rm -f $(DESTDIR)$(MANDIR)/man$${f##*.}/$${f##*/}; done
	rm -f $(addprefix $(DESTDIR)$(BASH_COMPLETION)/,$(TOOLS) sertools) $(DESTDIR)$(ZSH_COMPLETION)/_sertools
	rm -rf $(DESTDIR)$(OURS)

html: ## the manual as HTML, in build/html (mandoc)
	@command -v mandoc >/dev/null || { echo 'html: mandoc is not installed (./bootstrap html)' >&2; exit 4; }
	man/html.sh $(VERSION) $(BUILD)/html

dist: ## the committed tree as a tarball, the same bytes each time
	@mkdir -p $(BUILD)
	git archive --format=tar --prefix=sertools-$(VERSION)/ HEAD | gzip -9n >$(BUILD)/sertools-$(VERSION).tar.gz
	@echo $(BUILD)/sertools-$(VERSION).tar.gz

# Of a copy of the tree, so that the package's own build knows nothing of this one's.
DEB_TREE = $(BUILD)/deb/sertools-$(VERSION)
deb: ## a Debian package, in build/
	rm -rf $(BUILD)/deb; mkdir -p $(DEB_TREE)
	{ git ls-files --error-unmatch VERSION >/dev/null 2>&1 && git ls-files -z || find . \( -path ./.git -o -path ./build -o -path ./out \) -prune -o -type f -print0; } | \
		tar -c --null -T - | tar -x -C $(DEB_TREE)
	cd $(DEB_TREE); env -u MAKEFLAGS -u MAKELEVEL -u BUILD -u PREFIX -u DESTDIR PATH="$$USER_PATH" \
		DEB_BUILD_OPTIONS="$${DEB_BUILD_OPTIONS-noautodbgsym parallel=$(PROCESSORS)}" dpkg-buildpackage -us -uc -b
	mv $(BUILD)/deb/*.deb $(BUILD)
	@ls $(BUILD)/sertools_$(VERSION)_*.deb

listen-cast: all ## pipelines/listen.cast: the screen of sertools listen, and a frame of it, which sertools.1 shows
	pipelines/listen-cast.sh

clean: ## remove build/ (out/ stays)
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' Makefile pipelines/*.mk
