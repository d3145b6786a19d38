/* Whole answers through the binding: the value, or the error object, and the
** response. An input is the operation, two bytes of status, the header lines,
** a zero, and the body. */
#include "fuzz.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/binding/binding.h"
#include "../../src/core/client.h"
#include "../../src/core/slice.h"

/* Words that do not look like secrets: only who knows them hides them. */
static const char KEY[] = "key.canary";
static const char SECRET[] = "secret.canary";
static const char TOKEN[] = "token-canary";

static apv_client *the_client(void) {
  static apv_client *client;
  if (client != NULL) return client;
  struct apv_settings settings;
  apv_settings_init(&settings);
  settings.api_key = KEY;
  PROMISE(apv_client_new(&settings, &client) == APV_OK);
  return client;
}

/* Takes the lines of `text` for a head with that status. */
static void fill_head(
  struct apv_head *head, unsigned status, struct apv_slice text
) {
  char line[64];
  const char *problem;
  size_t position = 0;
  struct apv_slice next = {line, 0};
  next.size =
    (size_t)snprintf(line, sizeof line, "HTTP/1.1 %03u x\r\n", status);
  apv_head_take(head, next, &problem);
  while (apv_slice_next_line(text, &position, &next)) {
    if (next.size > 0 && *next.data != '\r') {
      apv_head_take(head, next, &problem);
    }
  }
  apv_head_take(head, (struct apv_slice){"\r\n", 2}, &problem);
}

/* A call that ended with the answer in `input`. */
static apv_call *answered(struct apv_slice input) {
  apv_call *call;
  unsigned operation = fuzz_take_byte(&input) % APV_OPERATION_COUNT;
  unsigned status = fuzz_take_byte(&input);
  status = (status << 8 | fuzz_take_byte(&input)) % 1000;
  struct apv_request request;
  apv_request_init(&request, (enum apv_operation)operation);
  request.secret = SECRET;
  if (operation == APV_GET_TOKEN || operation == APV_DELETE_TOKEN) {
    request.token = TOKEN;
  }
  static const struct apv_part part = {
    .file_name = "film.mp4", .data = "x", .size = 1, .repeated = true};
  if (operation == APV_UPLOAD) {
    request.token = TOKEN;
    request.part = &part;
  }
  apv_client *client = the_client();
  struct apv_request_context context = {
    .base_path = "",
    .lines = client->lines,
    .credentials = client->credentials,
    .random = &client->engine.flight.random,
  };
  PROMISE(apv_call_new(&request, &context, &call) == APV_OK);
  char *head = fuzz_take_text(&input);
  struct apv_verdict *verdict = &call->verdict;
  fill_head(&verdict->head, status, apv_slice_of(head));
  free(head);
  verdict->body.limit = input.size;
  apv_buffer_append(&verdict->body, input.data, input.size);
  struct apv_facts facts = {
    .words = "", .sent = true, .whole = true, .complete = true};
  struct apv_secrets secrets = apv_outgoing_secrets(&call->request);
  apv_verdict_reach(verdict, &facts, &secrets);
  call->done = true;
  call->schedule.attempts = 1;
  return call;
}

/* The texts of the table at the top, and of those in it. */
static void check_texts(lua_State *L, const apv_call *call) {
  luaL_checkstack(L, 4, "too deep");
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (lua_istable(L, -1)) check_texts(L, call);
    if (lua_type(L, -1) != LUA_TSTRING) continue;
    struct apv_slice text;
    text.data = lua_tolstring(L, -1, &text.size);
    PROMISE(fuzz_is_readable(text));
    PROMISE(!fuzz_holds(text, KEY));
    PROMISE(!fuzz_holds(text, SECRET));
    const char *token = call->request.token;
    PROMISE(*token == '\0' || !fuzz_holds(text, token));
  }
}

static void check_error(lua_State *L, const apv_call *call) {
  PROMISE(apvl_is_error(L, -1));
  check_texts(L, call);
  lua_getfield(L, -1, "kind");
  PROMISE(lua_type(L, -1) == LUA_TSTRING);
  lua_getfield(L, -2, "message");
  PROMISE(lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) < 8192);
  lua_pop(L, 2);
}

/* result(call) → value, response */
static int result(lua_State *L) {
  return apvl_result(L, 1);
}

/* fields(call): reads all that the response has. */
static int fields(lua_State *L) {
  static const char *const names[] = {"status", "headers", "rate_limit"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    apvl_push_field(L, 1, names[i]);
    PROMISE(!lua_isnil(L, -1));
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_State *L = fuzz_lua();
  struct apv_slice input = {(const char *)data, size};
  struct apvl_call *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_setmetatable(L, APVL_CALL);
  box->call = answered(input);
  lua_pushcfunction(L, result);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 1, LUA_MULTRET, 0) == LUA_OK) {
    PROMISE(lua_gettop(L) == 3 && lua_rawequal(L, 1, 3));
    PROMISE(lua_istable(L, 2) || lua_toboolean(L, 2));
  } else {
    check_error(L, box->call);
  }
  lua_pushcfunction(L, fields);
  lua_pushvalue(L, 1);
  PROMISE(lua_pcall(L, 1, 0, 0) == LUA_OK);
  /* Not left to the collector, so that what leaks has an input. */
  apv_call *call = box->call;
  box->call = NULL;
  apv_call_free(call);
  fuzz_settle(L);
  return 0;
}
