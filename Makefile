# Everything is built under build/: the core once, the binding once a runtime.
# `./run` installs what these targets need and then calls them.

RUNTIMES = lua5.4 lua5.3 lua5.2 lua5.1 luajit
BUILD = build

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror
COMPILE = $(CC) -std=c99 -fPIC $(WARNINGS) $(CFLAGS) -MMD -MP

CORE_SOURCES = $(wildcard src/core/*.c)
BINDING_SOURCES = $(wildcard src/binding/*.c)
CORE_OBJECTS = $(CORE_SOURCES:src/%.c=$(BUILD)/%.o)
MODULES = $(RUNTIMES:%=$(BUILD)/%/apivideo/core.so)

build: $(MODULES)

# No Lua header is in reach here: the core stands without one.
$(BUILD)/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(COMPILE) $(shell pkg-config --cflags libcurl) -c -o $@ $<

define runtime_rules
$(BUILD)/$(1)/binding/%.o: src/binding/%.c
	@mkdir -p $$(@D)
	$$(COMPILE) $$(shell pkg-config --cflags $(1)) -c -o $$@ $$<

$(BUILD)/$(1)/apivideo/core.so: $(CORE_OBJECTS) \
    $(BINDING_SOURCES:src/%.c=$(BUILD)/$(1)/%.o)
	@mkdir -p $$(@D)
	$$(CC) -shared $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ \
	  $$(shell pkg-config --libs libcurl) -lm
endef
$(foreach runtime,$(RUNTIMES),$(eval $(call runtime_rules,$(runtime))))

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: build
