# Everything is built under $(BUILD): the core once, the binding once a
# runtime. `./run` installs what these targets need and then calls them.
#
#   make [build]           all runtimes; build-lua5.4 for one
#   make static            build/lua5.4/libapivideo.a, for programs that have
#                          the module in them; static-luajit for another one
#   make examples          the programs of examples/embed
#   make page              what the page of examples/nginx has from npm
#   make test              the suite on all runtimes; test-lua5.4 for one
#   make lint              compilers, formatters, checkers, limits
#   make asan              the suite on builds of gcc and clang with their
#                          address, undefined and leak sanitizers
#   make fuzz              what parses foreign bytes, against made-up ones
#   make valgrind          the suite under memcheck
#   make oom [SHORT=1]     every request for memory fails in turn
#   make once              10,000 creates on connections that die with them
#   make limits            1,000 deletes where 40 are allowed in a second
#   make soak CALLS=…      1,000,000 calls to a service that is unwell
#   make forks FORKS=…     1,000 forks with calls in flight
#   make crashes CRASHES=… 100 uploads that are killed and go on
#   make upload-faults     every fault during every kind of part of an upload
#   make bench [ARGS=…]    against libcurl alone, other clients and itself
#   make bench-embedding   nginx, games, event loops: what they cost their host
#   make interop           other people's clients against the sandbox
#   make docs              the documentation as a site, under build/docs
#   make sandbox ARGS=…    the sandbox in the foreground
#   make install-core      the core for programs in C: under PREFIX, /usr/local
#   make install-cli       the command line's manual page, and its
#                          completions for shells; DESTDIR is heeded
#
# V=1 shows whole commands. BUILD=build/clang CC=clang builds beside.

RUNTIMES ?= lua5.4 lua5.3 lua5.2 lua5.1 luajit
BUILD ?= build

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes
WERROR = # -Werror in lint: a compiler to come must not break a user's build
COMPILE = $(CC) -std=c99 -fPIC $(WARNINGS) $(WERROR) $(CPPFLAGS) $(CFLAGS) \
  -MMD -MP
CURL_CFLAGS = $(shell pkg-config --cflags libcurl)
CURL_LIBS = $(shell pkg-config --libs libcurl)
# Distributions disagree on the name: lua5.4, lua-5.4 or lua54.
lua_flags = $(shell for name in $(2) $(2:lua5%=lua-5%) $(subst .,,$(2)); do \
  pkg-config $(1) $$name 2>/dev/null && exit; done)
lua_cflags = $(call lua_flags,--cflags,$(1))
lua_libs = $(call lua_flags,--libs,$(1))

# How a module is linked that finds Lua in the program that loads it, or, on
# Windows, in a DLL that must be named; how objects become one, in which only
# what is not hidden stays global, so that names of a host and ours never meet
# (COMDAT groups would, on 32 bits, leave references to what was made local; on
# Windows, which hides nothing, errors could not unwind what was joined);
# which names a module exports; and what the core takes beside libcurl (glibc
# before 2.34 has it in libraries of its own).
MACHINE := $(shell $(CC) -dumpmachine)
ifneq ($(findstring darwin,$(MACHINE)),)
MODULE = -bundle -undefined dynamic_lookup
MODULE_EXT = so
JOIN = -r -nostdlib
OBJCOPY = :
EXPORTS = nm -gU
SYSTEM_LIBS = -lm -lpthread
else ifneq ($(findstring mingw,$(MACHINE)),)
MODULE = -shared -static-libgcc -Wl,--no-insert-timestamp
MODULE_EXT = dll
MODULE_LIBS = $(call lua_libs,$(1))
AR = $(MACHINE)-ar
EXPORTS = $(MACHINE)-objdump -p
SYSTEM_LIBS = -lws2_32 -lcrypt32 -lbcrypt
else
MODULE = -shared
MODULE_EXT = so
JOIN = -r -nostdlib -Wl,--force-group-allocation
OBJCOPY ?= objcopy
EXPORTS = nm -D --defined-only
SYSTEM_LIBS = -ldl -lm -lpthread
endif

ifdef V
say = @:
Q =
else
say = @printf '%-4s %s\n'
Q = @
endif

CORE_OBJECTS = $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/core/*.c))
BINDING_SOURCES = $(wildcard src/binding/*.c)
OOM_SOURCES = $(wildcard spec/oom/*.c)
GAME_SOURCES = examples/embed/game.c examples/embed/times.c

.PHONY: build static examples page test lint symbols asan fuzz fuzzers \
  valgrind oom once limits soak forks crashes upload-faults bench \
  bench-embedding interop docs sandbox sources install-core install-cli \
  clean FORCE
.SUFFIXES:
.DELETE_ON_ERROR:

build: $(RUNTIMES:%=build-%)

# Objects depend on this file, which changes when the commands do: those of
# two compilers or sets of flags never mix.
COMMANDS = $(COMPILE) $(MODULE) $(JOIN) $(LDFLAGS)
$(BUILD)/commands: FORCE
	@mkdir -p $(@D)
	@echo '$(COMMANDS)' | cmp -s - $@ || echo '$(COMMANDS)' >$@

# No Lua header is in reach here: the core stands without one.
$(BUILD)/core/%.o: src/core/%.c $(BUILD)/commands
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(COMPILE) $(CURL_CFLAGS) -c -o $@ $<

# The core alone, for programs in C: see apv.h.
$(BUILD)/libapivideo-core.a: $(CORE_OBJECTS)
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

# A host in C that has no Lua.
$(BUILD)/embed/poll: examples/embed/poll.c $(BUILD)/libapivideo-core.a
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(COMPILE) -Isrc/core $(LDFLAGS) -o $@ $^ $(CURL_LIBS) $(SYSTEM_LIBS)

define runtime_rules
.PHONY: build-$(1) static-$(1) examples-$(1) probe-$(1) host-$(1) \
  library-$(1) suite-$(1) test-$(1)
build-$(1): $(BUILD)/$(1)/apivideo/core.$(MODULE_EXT)

probe-$(1): $(BUILD)/$(1)/apivideo/probe.$(MODULE_EXT)

# All that the specs look at; what the library's own do.
suite-$(1): library-$(1) examples-$(1)
library-$(1): build-$(1) probe-$(1)

test-$(1): suite-$(1)
	@BUILD='$(BUILD)' spec/run_suite.sh $(1)

$(BUILD)/$(1)/binding/%.o: src/binding/%.c $(BUILD)/commands
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$(COMPILE) $$(call lua_cflags,$(1)) -c -o $$@ $$<

$(BUILD)/$(1)/apivideo/core.$(MODULE_EXT): $(CORE_OBJECTS) \
    $(BINDING_SOURCES:src/%.c=$(BUILD)/$(1)/%.o)
	@mkdir -p $$(@D)
	$$(say) LINK $$@
	$$(Q)$$(CC) $$(MODULE) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ \
	  $$(call MODULE_LIBS,$(1)) $$(CURL_LIBS) $$(SYSTEM_LIBS)

static-$(1): $(BUILD)/$(1)/libapivideo.a

$(BUILD)/$(1)/libapivideo.a: $(CORE_OBJECTS) \
    $(BINDING_SOURCES:src/%.c=$(BUILD)/$(1)/%.o)
	$$(say) AR $$@
	$$(if $$(JOIN),$$(Q)$$(CC) $$(JOIN) -o $$(@:.a=.o) $$^)
	$$(if $$(JOIN),$$(Q)$$(OBJCOPY) --localize-hidden $$(@:.a=.o))
	$$(Q)rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$(if $$(JOIN),$$(@:.a=.o),$$^)

# A game with Lua, and the module, in it.
examples-$(1): $(BUILD)/$(1)/embed/game $(BUILD)/embed/poll

$(BUILD)/$(1)/embed/game: $(GAME_SOURCES) examples/embed/times.h \
    $(BUILD)/$(1)/libapivideo.a
	@mkdir -p $$(@D)
	$$(say) LINK $$@
	$$(Q)$$(COMPILE) $$(call lua_cflags,$(1)) $$(LDFLAGS) -o $$@ \
	  $$(filter-out %.h,$$^) $$(call lua_libs,$(1)) $$(CURL_LIBS) \
	  $$(SYSTEM_LIBS)

# The core's inside, for the specs.
$(BUILD)/$(1)/apivideo/probe.$(MODULE_EXT): spec/support/probe.c $(CORE_OBJECTS)
	@mkdir -p $$(@D)
	$$(say) LINK $$@
	$$(Q)$$(COMPILE) $$(call lua_cflags,$(1)) $$(MODULE) $$(LDFLAGS) -o $$@ \
	  $$^ $$(call MODULE_LIBS,$(1)) $$(CURL_LIBS) $$(SYSTEM_LIBS)

$(BUILD)/$(1)/oom/%.o: spec/oom/%.c $(BUILD)/commands
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$(COMPILE) $$(call lua_cflags,$(1)) $$(CURL_CFLAGS) -c -o $$@ $$<

# A program that has the module in it.
$(BUILD)/$(1)/oom/host: $(CORE_OBJECTS) \
    $(BINDING_SOURCES:src/%.c=$(BUILD)/$(1)/%.o) \
    $(OOM_SOURCES:spec/%.c=$(BUILD)/$(1)/%.o)
	$$(say) LINK $$@
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(call lua_libs,$(1)) \
	  $$(CURL_LIBS) $$(SYSTEM_LIBS)

# An interpreter that can be built like the module; the suite prefers it.
host-$(1): $(BUILD)/$(1)/host

$(BUILD)/$(1)/host: spec/support/host.c $(BUILD)/commands
	@mkdir -p $$(@D)
	$$(say) LINK $$@
	$$(Q)$(COMPILE) $$(call lua_cflags,$(1)) $(LDFLAGS) -o $$@ $$< \
	  $$(call lua_libs,$(1))
endef
$(foreach runtime,$(RUNTIMES),$(eval $(call runtime_rules,$(runtime))))

static: static-lua5.4 $(BUILD)/libapivideo-core.a

examples: examples-lua5.4

# nginx runs LuaJIT, and a page: the specs of that runtime look at it.
suite-luajit: page

# npm leaves this file behind when it has installed what the lock file says.
PAGE = examples/nginx
page: $(PAGE)/node_modules/.package-lock.json

$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json
	$(say) NPM $(@D)
	$(Q)npm ci --loglevel=error --ignore-scripts --prefix $(PAGE)
	$(Q)touch $@

-include $(wildcard $(BUILD)/core/*.d $(RUNTIMES:%=$(BUILD)/%/binding/*.d) \
  $(RUNTIMES:%=$(BUILD)/%/oom/*.d))

test: $(RUNTIMES:%=suite-%)
	@BUILD='$(BUILD)' RUNTIMES='$(RUNTIMES)' spec/run_suite.sh --all

lint:
	@RUNTIMES='$(RUNTIMES)' MAKE='$(MAKE)' spec/lint.sh

# A host may have symbols of any name: we export the one that Lua looks for.
symbols: build
	@for runtime in $(RUNTIMES); do \
	  names=$$($(EXPORTS) '$(BUILD)'/$$runtime/apivideo/core.$(MODULE_EXT) | \
	    sed 's/.* _*//'); \
	  if [ "$$names" != luaopen_apivideo_core ]; then \
	    echo "the module for $$runtime exports:" $$names >&2; exit 1; \
	  fi; \
	done

asan:
	@MAKE='$(MAKE)' spec/run_asan.sh $(ARGS)

# The targets are called by a script, which builds them with what they need.
FUZZERS = $(patsubst spec/fuzz/%.c,$(BUILD)/fuzz/%, \
  $(filter-out spec/fuzz/fuzz.c,$(wildcard spec/fuzz/*.c)))

fuzz:
	@MAKE='$(MAKE)' spec/fuzz/run.sh $(ARGS)

fuzzers: $(FUZZERS)

$(BUILD)/fuzz/%: spec/fuzz/%.c spec/fuzz/fuzz.c spec/fuzz/fuzz.h \
    $(CORE_OBJECTS) $(BINDING_SOURCES:src/%.c=$(BUILD)/lua5.4/%.o)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(COMPILE) $(call lua_cflags,lua5.4) -fsanitize=fuzzer $(LDFLAGS) \
	  -o $@ $(filter-out %.h,$^) $(call lua_libs,lua5.4) $(CURL_LIBS) \
	  $(SYSTEM_LIBS)

valgrind: suite-lua5.4
	@BUILD='$(BUILD)' spec/run_valgrind.sh $(ARGS)

# A whole tree of its own, built with the sanitizers.
OOM_RUNTIMES = lua5.4 lua5.1 luajit
OOM_CFLAGS = -O1 -g -fno-omit-frame-pointer \
  -fsanitize=address,undefined -fno-sanitize-recover=undefined
oom:
	@$(MAKE) BUILD='$(BUILD)/oom' CFLAGS='$(OOM_CFLAGS)' \
	  RUNTIMES='$(OOM_RUNTIMES)' $(OOM_RUNTIMES:%=$(BUILD)/oom/%/oom/host)
	@BUILD='$(BUILD)/oom' spec/oom/run.sh $(if $(SHORT),--short)

once: build-lua5.4
	@BUILD='$(BUILD)' spec/support/with.sh lua5.4 \
	  lua5.4 spec/support/creates.lua 10000

limits: build-lua5.4 probe-lua5.4
	@BUILD='$(BUILD)' APIVIDEO_DELETES=1000 spec/support/with.sh lua5.4 \
	  sandbox/sandbox -- lua5.4 "$$(command -v busted)" spec/gate_spec.lua

soak: build-lua5.4 build-luajit
	@BUILD='$(BUILD)' spec/run_soak.sh $(CALLS)

forks: build-luajit
	@BUILD='$(BUILD)' spec/run_forks.sh $(FORKS)

crashes: build-lua5.4
	@BUILD='$(BUILD)' spec/support/with.sh lua5.4 \
	  sandbox/sandbox -- lua5.4 spec/support/crashes.lua $(CRASHES)

upload-faults: build-lua5.4
	@BUILD='$(BUILD)' APIVIDEO_FAULTS=all spec/support/with.sh lua5.4 \
	  sandbox/sandbox -- lua5.4 "$$(command -v busted)" \
	  --helper=spec/support/helper.lua --output=plainTerminal \
	  spec/faults_uploads_spec.lua

# Those who are raced against, and the clock.
BENCH_PROGRAMS = $(addprefix $(BUILD)/bench/,timed easy multi lua5.4/fetch.so)
BENCH_PARTS = $(addprefix bench/programs/,request.c request.h many.c many.h)

$(BUILD)/bench/timed: bench/programs/timed.c $(BUILD)/commands
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(COMPILE) $(LDFLAGS) -o $@ $<

$(BUILD)/bench/easy $(BUILD)/bench/multi: $(BUILD)/bench/%: \
    bench/programs/%.c $(BENCH_PARTS) $(BUILD)/commands
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(COMPILE) $(CURL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) \
	  $(CURL_LIBS)

$(BUILD)/bench/lua5.4/fetch.so: bench/programs/fetch.c $(BENCH_PARTS) \
    $(BUILD)/commands
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(COMPILE) $(call lua_cflags,lua5.4) $(CURL_CFLAGS) $(MODULE) \
	  $(LDFLAGS) -o $@ $(filter %.c,$^) $(CURL_LIBS)

bench: build-lua5.4 build-luajit $(BENCH_PROGRAMS)
	@spec/interop/install.sh
	@BUILD='$(BUILD)' bench/run.sh $(ARGS)

bench-embedding: suite-lua5.4 suite-luajit
	@BUILD='$(BUILD)' bench/embedding/run.sh

interop:
	@spec/interop/run.sh

docs:
	@docs/site/build

sandbox:
	@exec sandbox/sandbox $(ARGS)

# The C files of the module, for those who compile them in a way of their own.
sources:
	@echo $(CORE_OBJECTS:$(BUILD)/%.o=src/%.c) $(BINDING_SOURCES)

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
VERSION = $(shell \
  sed -n 's/^.define APV_VERSION "\(.*\)"/\1/p' src/core/types.h)

# apv.h, and what it takes from beside it.
CORE_HEADERS = $(filter %.h,$(shell $(CC) -MM -x c src/core/apv.h))
INCLUDES = $(PREFIX)/include/apivideo

install-core: $(BUILD)/libapivideo-core.a
	$(Q)install -d '$(DESTDIR)$(INCLUDES)' '$(DESTDIR)$(LIBDIR)/pkgconfig'
	$(Q)install -m 644 $(CORE_HEADERS) '$(DESTDIR)$(INCLUDES)'
	$(Q)install -m 644 $< '$(DESTDIR)$(LIBDIR)'
	$(Q)sed -e 's|@VERSION@|$(VERSION)|' -e 's|@PREFIX@|$(PREFIX)|' \
	  -e 's|@LIBDIR@|$(subst $(PREFIX)/,$${prefix}/,$(LIBDIR))|' \
	  -e 's|@SYSTEM_LIBS@|$(SYSTEM_LIBS)|' packaging/apivideo-core.pc.in \
	  >'$(BUILD)/apivideo-core.pc'
	$(Q)install -m 644 '$(BUILD)/apivideo-core.pc' \
	  '$(DESTDIR)$(LIBDIR)/pkgconfig'

# What is made from the command line's own words; it takes Lua 5.4.
IN_LUA = BUILD='$(BUILD)' spec/support/with.sh lua5.4 lua5.4
LUA_FILES = $(shell find lua bin -type f)
SHELL_FILES = $(addprefix $(BUILD)/cli/apivideo.,bash zsh fish)

$(BUILD)/cli/apivideo.1: packaging/man.lua $(LUA_FILES) | build-lua5.4
	@mkdir -p $(@D)
	$(Q)$(IN_LUA) packaging/man.lua >$@

$(SHELL_FILES): $(BUILD)/cli/apivideo.%: $(LUA_FILES) | build-lua5.4
	@mkdir -p $(@D)
	$(Q)$(IN_LUA) bin/apivideo completion $* >$@

SHARE = $(DESTDIR)$(PREFIX)/share
MAN = $(SHARE)/man/man1
BASH_COMPLETIONS = $(SHARE)/bash-completion/completions
ZSH_COMPLETIONS = $(SHARE)/zsh/site-functions
FISH_COMPLETIONS = $(SHARE)/fish/vendor_completions.d

install-cli: $(BUILD)/cli/apivideo.1 $(SHELL_FILES)
	$(Q)install -d '$(MAN)' '$(BASH_COMPLETIONS)' '$(ZSH_COMPLETIONS)' \
	  '$(FISH_COMPLETIONS)'
	$(Q)install -m 644 $< '$(MAN)/apivideo.1'
	$(Q)install -m 644 $(BUILD)/cli/apivideo.bash '$(BASH_COMPLETIONS)/apivideo'
	$(Q)install -m 644 $(BUILD)/cli/apivideo.zsh '$(ZSH_COMPLETIONS)/_apivideo'
	$(Q)install -m 644 $(BUILD)/cli/apivideo.fish \
	  '$(FISH_COMPLETIONS)/apivideo.fish'

clean:
	rm -rf '$(BUILD)'
