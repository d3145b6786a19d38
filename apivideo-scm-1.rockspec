rockspec_format = "3.0"
package = "apivideo"
version = "scm-1"

source = {
  url = "git+file://.",
}

description = {
  summary = "Upload tokens of api.video from Lua",
  detailed = [[
Creates, reads, lists, walks and deletes upload tokens of api.video. A C core
on libcurl, the same on Lua 5.1 to 5.4 and LuaJIT.]],
  homepage = "https://docs.api.video/reference/upload-tokens",
  license = "MIT",
}

dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson",
  "argparse", -- for the command line
}

-- The library alone: some distributions keep curl/curl.h where compilers look
-- and luarocks does not.
external_dependencies = {
  CURL = { library = "curl" },
}

build = {
  type = "builtin",
  modules = {
    ["apivideo"] = "lua/apivideo/init.lua",
    ["apivideo.ahead"] = "lua/apivideo/ahead.lua",
    ["apivideo.client"] = "lua/apivideo/client.lua",
    ["apivideo.core_meta"] = "lua/apivideo/core_meta.lua",
    ["apivideo.driver.auto"] = "lua/apivideo/driver/auto.lua",
    ["apivideo.driver.block"] = "lua/apivideo/driver/block.lua",
    ["apivideo.driver.luv"] = "lua/apivideo/driver/luv.lua",
    ["apivideo.driver.ngx"] = "lua/apivideo/driver/ngx.lua",
    ["apivideo.driver.ngx_pump"] = "lua/apivideo/driver/ngx_pump.lua",
    ["apivideo.driver.step"] = "lua/apivideo/driver/step.lua",
    ["apivideo.epoch"] = "lua/apivideo/epoch.lua",
    ["apivideo.first"] = "lua/apivideo/first.lua",
    ["apivideo.log"] = "lua/apivideo/log.lua",
    ["apivideo.missing_key"] = "lua/apivideo/missing_key.lua",
    ["apivideo.misuse"] = "lua/apivideo/misuse.lua",
    ["apivideo.options"] = "lua/apivideo/options.lua",
    ["apivideo.pages"] = "lua/apivideo/pages.lua",
    ["apivideo.parallel"] = "lua/apivideo/parallel.lua",
    ["apivideo.safe"] = "lua/apivideo/safe.lua",
    ["apivideo.session"] = "lua/apivideo/session.lua",
    ["apivideo.task"] = "lua/apivideo/task.lua",
    ["apivideo.types"] = "lua/apivideo/types.lua",
    ["apivideo.upload.file_name"] = "lua/apivideo/upload/file_name.lua",
    ["apivideo.upload.options"] = "lua/apivideo/upload/options.lua",
    ["apivideo.upload.pieces"] = "lua/apivideo/upload/pieces.lua",
    ["apivideo.upload.plan"] = "lua/apivideo/upload/plan.lua",
    ["apivideo.upload.progress"] = "lua/apivideo/upload/progress.lua",
    ["apivideo.upload.sent"] = "lua/apivideo/upload/sent.lua",
    ["apivideo.upload.session"] = "lua/apivideo/upload/session.lua",
    ["apivideo.upload.source"] = "lua/apivideo/upload/source.lua",
    ["apivideo.upload.state"] = "lua/apivideo/upload/state.lua",
    ["apivideo.upload.stored"] = "lua/apivideo/upload/stored.lua",
    ["apivideo.upload.transfer"] = "lua/apivideo/upload/transfer.lua",
    ["apivideo.upload_tokens"] = "lua/apivideo/upload_tokens.lua",
    ["apivideo.videos"] = "lua/apivideo/videos.lua",
    ["apivideo.walk"] = "lua/apivideo/walk.lua",
    ["apivideo.core"] = {
      sources = {
        "src/binding/arguments.c",
        "src/binding/call.c",
        "src/binding/client.c",
        "src/binding/error.c",
        "src/binding/file.c",
        "src/binding/json.c",
        "src/binding/library.c",
        "src/binding/module.c",
        "src/binding/options.c",
        "src/binding/part.c",
        "src/binding/response.c",
        "src/binding/shape.c",
        "src/binding/terminal.c",
        "src/core/attempt.c",
        "src/core/buffer.c",
        "src/core/ca.c",
        "src/core/checksum.c",
        "src/core/client.c",
        "src/core/credentials.c",
        "src/core/date.c",
        "src/core/engine.c",
        "src/core/file.c",
        "src/core/framing.c",
        "src/core/gate.c",
        "src/core/global.c",
        "src/core/headers.c",
        "src/core/hint.c",
        "src/core/library.c",
        "src/core/limits.c",
        "src/core/memory.c",
        "src/core/redact.c",
        "src/core/request.c",
        "src/core/response.c",
        "src/core/result.c",
        "src/core/retry.c",
        "src/core/status.c",
        "src/core/timeline.c",
        "src/core/transfer.c",
        "src/core/upload.c",
        "src/core/url.c",
        "src/core/utf8.c",
        "src/core/watch.c",
      },
      libraries = { "curl", "dl", "m", "pthread" },
      incdirs = { "$(CURL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)" },
    },
  },
  install = { bin = { apivideo = "bin/apivideo" } },
}
