# What dh-lua makes of each version of Lua: the files beside this one that are
# named after it. LuaJIT takes what Lua 5.1 does.
PKG_NAME = apivideo
LUA_MODNAME = apivideo
LUA_MODNAME_CPART = apivideo.core
LUA_SOURCES = $(sort $(shell find lua -name '*.lua'))
LUA_SOURCES_MANGLER = sed s?^lua/??
LUA_TEST = packaging/smoke.lua
CLIB_OBJS = $(patsubst %.c,%.lo,$(shell $(MAKE) -s --no-print-directory sources))
CLIB_CFLAGS = -std=c99 $(shell pkg-config --cflags libcurl)
CLIB_LDFLAGS = $(shell pkg-config --libs libcurl) -ldl -lm -lpthread
CLIB_LDFLAGS_STATIC = $(CLIB_LDFLAGS)
PKG_REQUIRES = libcurl
PKG_LIBS_PRIVATE = -ldl -lm -lpthread
