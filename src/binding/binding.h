/* What the binding's files share: Lua values on one side, the core's calls on
** the other. Stack effects are given as in the Lua manual: [-popped, +pushed].
** All functions raise only Lua errors. */
#ifndef APVL_BINDING_H
#define APVL_BINDING_H

#include "../core/apv.h"
#include "compat.h"

#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

/* Whose argument is at fault, for the message of a misuse error. */
struct apvl_place {
  const char *method;
  int argument;
};

/* Raises what Lua itself raises when there is no memory. */
static inline int apvl_no_memory(lua_State *L) {
  return luaL_error(L, "not enough memory");
}

/* [-0, +0] Makes room for `slots` values. luaL_checkstack() would call missing
** memory a stack overflow. */
static inline void apvl_reserve(lua_State *L, int slots) {
  if (!lua_checkstack(L, slots)) apvl_no_memory(L);
}

/* --- object.c: objects of ours ------------------------------------------- */

/* [-0, +0] The value at `index` has the metatable that is registered by that
** name. */
bool apvl_has_metatable(lua_State *L, int index, const char *name);
/* [-0, +0] The full userdata of that kind at `index`; NULL: it is none. */
void *apvl_test_object(lua_State *L, int index, const char *name);

/* --- settings.c: from Lua values to settings ------------------------------ */

/* The names of the options of core.new(); NULL ends them. */
extern const char *const apvl_setting_names[];

/* [-0, +n] Reads the options of core.new() at `index`. What `settings` points
** at stays on the stack or in the table, so use it before popping. */
void apvl_read_settings(lua_State *L, int index, struct apv_settings *settings);

/* [-0, +n] Reads the headers in the table at `index`, as above; NULL: there are
** none. */
const struct apv_header *apvl_headers_option(
  lua_State *L, int index, struct apvl_place place, size_t *count
);

/* --- arguments.c: from Lua values to requests ----------------------------- */

/* [-0, +n] Reads the arguments of an operation from `first` on, as above;
** `method` is whose they are. Behind them, at `first` + APVL_SOURCE, is then
** the source of an upload, or nil. */
enum { APVL_SOURCE = 3 };
void apvl_read_request(
  lua_State *L, const char *method, enum apv_operation operation, int first,
  struct apv_request *request
);

/* Seconds, the only option of the table at `index`, or `default_value`. */
double apvl_read_timeout(
  lua_State *L, int index, struct apvl_place place, double default_value
);

/* The operation named at `index`, or misuse. */
enum apv_operation apvl_check_operation(lua_State *L, int index);

/* --- options.c: one option of a table ------------------------------------- */

/* How long to wait at most: the argument at `index`; nil: 0. */
double apvl_check_seconds(lua_State *L, int index);

/* Raises "bad argument #n to 'method' (…)", with the caller's position. */
int apvl_misuse(lua_State *L, struct apvl_place place, const char *format, ...);

/* The names of the options of each call; NULL ends them. */
extern const char *const apvl_call_option_names[];

/* [-0, +1] A new list of the names (a NULL ends them). */
void apvl_push_names(lua_State *L, const char *const *names);

/* [-0, +1] The name among `names` (a NULL ends them) that is nearest to
** `name`, or nil when none is near. */
void apvl_push_nearest(
  lua_State *L, const char *name, const char *const *names
);

/* Raises misuse, "`what`, got …", unless there is a table at `index`. */
void apvl_check_table(
  lua_State *L, int index, struct apvl_place place, const char *what
);

/* Raises misuse: the text at `index` is no such thing (`what`) as those that
** `names` has (a NULL ends them). */
int apvl_unknown(
  lua_State *L, struct apvl_place place, const char *what, int index,
  const char *const *names
);

/* Raises misuse unless every key of the table at `index` is one of `names`
** (a NULL ends them). */
void apvl_check_names(
  lua_State *L, int index, struct apvl_place place, const char *const *names
);

/* The same for the fields of an argument with the call options in a table of
** their own behind it: it says so if they are in this one. */
void apvl_check_fields(
  lua_State *L, int index, struct apvl_place place, const char *const *names
);

/* Each reads field `name` of the table at `index`; if it is absent, it gives
** `default_value` and pushes nothing. A string stays on the stack:
** [-0, +(0|1)]. */
double apvl_number_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  double default_value, double lowest, double highest
);
double apvl_seconds_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  double default_value
);
/* 0 is one, too. */
double apvl_patience_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  double default_value
);
const char *apvl_text_option(
  lua_State *L, int index, struct apvl_place place, const char *name
);
/* The same of a field that messages have another name for. */
const char *apvl_text_field(
  lua_State *L, int index, struct apvl_place place, const char *field,
  const char *name
);
/* The text must pass `check`. */
const char *apvl_checked_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  enum apv_status (*check)(const char *text, const char **problem)
);

/* [-0, +1] What a value is, for "…, got %s". */
const char *apvl_describe(lua_State *L, int index);

/* --- file.c, part.c: what is uploaded ------------------------------------- */

#define APVL_FILE "apivideo.file"

void apvl_open_file(lua_State *L);
int apvl_new_file(lua_State *L);

/* The open file that is the value at `index`, or NULL. */
apv_file *apvl_test_file(lua_State *L, int index);

/* [-0, +n] Reads the part in the table at `index`, and puts its source into the
** slot `source`, where it must stay until the call has it. */
void apvl_read_part(
  lua_State *L, int index, int source, struct apvl_place place,
  struct apv_request *request
);

/* [-0, +0] Raises unless the file of a part is open still, whose source is in
** the slot: a finalizer may have run since the part was read. */
void apvl_check_source(
  lua_State *L, int source, const struct apv_request *request
);

/* --- json.c: answers ------------------------------------------------------ */

struct apvl_shape;

/* Makes this module's own instance of lua-cjson. */
void apvl_open_json(lua_State *L);

/* [-0, +1] Decodes `text` into tables of ours: names in snake_case, integers,
** null as nil. Returns NULL, or what is wrong, and then pushes nil. The value
** must have the shape, if any. */
const char *apvl_decode(
  lua_State *L, struct apv_slice text, const struct apvl_shape *shape
);

/* [-0, +1] The one-field object {"name": text}; the text is UTF-8 without
** control characters. Written by hand: lua-cjson keeps the encoded secret in
** its buffer, and is already unloaded when finalizers run. */
void apvl_push_object(lua_State *L, const char *name, const char *text);

/* How deep lists and objects may be in each other. A level takes 300 bytes of
** C's stack, of which a thread may have 128 KiB. */
enum { APVL_MOST_DEPTH = 256 };

/* --- names.c: before decoding --------------------------------------------- */

/* Writes the text with its names in snake_case to `out`, which has room for
** twice the text: `*size` bytes, `*names` names of fields. `spaced`: with a
** space between each number and a comma. NULL, or what is wrong with the
** text. */
const char *apvl_rename(
  struct apv_slice json, bool spaced, char *out, size_t *size, long *names
);

/* Writes U+FFFD over each escape that is half a pair of surrogates, which no
** text can hold. */
void apvl_mend(char *json, size_t size);

/* An object in the text, with names in snake_case, has one of the names twice
** that `number_of` knows: it gives each a number below 64, and others one below
** 0. What such others hold is passed over. */
bool apvl_repeats(
  struct apv_slice json, int (*number_of)(struct apv_slice name)
);

/* --- shape.c: after decoding ---------------------------------------------- */

/* What the answer to an operation must hold, or NULL: anything. */
const struct apvl_shape *apvl_shape_of(enum apv_operation operation);

/* [-1, +1] The value that lua-cjson has decoded, in our terms; NULL or what is
** wrong. `json` is the text, with `names` names of fields. */
const char *apvl_read_answer(
  lua_State *L, struct apv_slice json, long names,
  const struct apvl_shape *shape
);

/* --- call.c --------------------------------------------------------------- */

#define APVL_CALL "apivideo.call"

/* A call as a full userdata; all zero until the core gave the call. */
struct apvl_call {
  apv_call *call;
  bool taken; /* the value of its result was given out */
  bool keeps; /* it has a user value: the source of an upload, at 1, and
              ** tables built from the answer */
  bool already_sent; /* an upload that had arrived before */
};

void apvl_open_call(lua_State *L);

/* The call, or timer, at `index` is done; what is neither is an error of the
** kind that Lua's own checks raise. */
bool apvl_is_done(lua_State *L, int index);

/* Methods of calls and timers, see there. */
int apvl_call_done(lua_State *L);
int apvl_call_number(lua_State *L);
int apvl_call_result(lua_State *L);

/* [-0, +1] Starts an operation with the arguments from `first` on; the call
** that it pushes is returned as well. */
apv_call *apvl_start(
  lua_State *L, apv_client *client, enum apv_operation operation, int first
);

/* [-0, +2] The value and the response of the done call at `index`, or raises
** its error object. */
int apvl_result(lua_State *L, int index);

/* --- timer.c -------------------------------------------------------------- */

void apvl_open_timer(lua_State *L);

/* The value at `index` is the name by which client:start() makes a timer. */
bool apvl_names_timer(lua_State *L, int index);
/* [-0, +1] Starts a timer; the options are at `options`, if any. */
int apvl_start_timer(lua_State *L, apv_client *client, int options);
/* The timer at `index`, or NULL. */
apv_timer *apvl_test_timer(lua_State *L, int index);
/* timer:result(), see there. */
int apvl_timer_result(lua_State *L);

/* --- response.c: the fields of a done call -------------------------------- */

/* [-0, +1] The field `name` of the done call at `index`, or nil. */
void apvl_push_field(lua_State *L, int index, const char *name);
/* [-0, +1] What the answer of the done call at `index` said, as a plain
** table. */
void apvl_push_response(lua_State *L, int index);
/* [-0, +1] An integer, or a float where Lua's integers are too small. */
void apvl_push_count(lua_State *L, long long number);

/* --- message.c: the line of a failure ------------------------------------- */

/* [-0, +1] "get_token: not_found: The requested resource was not found.
** (GET /upload-tokens/to1t…MKb, status 404)": of the error object at `error`,
** which has what the service said. `problem` is as for apvl_raise(). */
void apvl_push_message(
  lua_State *L, const apv_call *call, int error, const char *kind,
  const char *problem
);

/* --- error.c: failures ---------------------------------------------------- */

void apvl_open_error(lua_State *L);

/* Raises the error object of the done call at `index`. `problem` says what is
** wrong with an answer of success, NULL otherwise. */
int apvl_raise(lua_State *L, int index, const char *problem);
/* [-0, +1] An error object of something that sent nothing. */
void apvl_push_failure(
  lua_State *L, const char *operation, enum apv_status status, const char *words
);
/* Raises an error object for an operation that was not started. */
int apvl_raise_status(
  lua_State *L, const char *operation, enum apv_status status
);
bool apvl_is_error(lua_State *L, int index);

/* --- library.c, terminal.c: what it runs on ------------------------------- */

int apvl_library(lua_State *L);
int apvl_terminal_width(lua_State *L);

/* --- lock.c, process.c: what the command line needs ----------------------- */

int apvl_lock(lua_State *L);
int apvl_unlock(lua_State *L);
int apvl_is_pipe(lua_State *L);
int apvl_open_pipe(lua_State *L);
int apvl_read(lua_State *L);
int apvl_heed_signals(lua_State *L);
int apvl_signal(lua_State *L);

/* --- share.c: methods of a client ----------------------------------------- */

int apvl_client_account(lua_State *L);
int apvl_client_known(lua_State *L);
int apvl_client_learn(lua_State *L);
int apvl_client_grant(lua_State *L);

/* --- relay.c, nginx.c: what nginx is told, and tells ---------------------- */

void apvl_open_relay(lua_State *L);
int apvl_new_relay(lua_State *L);
void apvl_open_guard(lua_State *L);
int apvl_new_guard(lua_State *L);
int apvl_departures(lua_State *L);

/* --- client.c ------------------------------------------------------------- */

void apvl_open_client(lua_State *L);
/* The client at 1, or misuse. */
apv_client *apvl_check_client(lua_State *L);
int apvl_new_client(lua_State *L);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
