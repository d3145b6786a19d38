/* States of Lua that hold a script, a table of functions, at index 1. */
#ifndef OOM_STATE_H
#define OOM_STATE_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* A new one with the standard libraries, apivideo.core within reach of
** require(), and the script in this file; its memory comes from `allocate`, or
** from where Lua itself takes it. It ends the program when that fails. */
lua_State *state_open(lua_Alloc allocate, const char *path);

/* [-0, +1] The function of the script with this name. */
void state_push(lua_State *L, const char *name);

/* [-(count + 1), +0] Calls the function below `count` arguments. NULL, or
** what was raised, until the next one. */
const char *state_call(lua_State *L, int count);

#endif
