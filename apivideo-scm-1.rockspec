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
    ["apivideo.all"] = "lua/apivideo/all.lua",
    ["apivideo.call.bearer"] = "lua/apivideo/call/bearer.lua",
    ["apivideo.call.caller"] = "lua/apivideo/call/caller.lua",
    ["apivideo.call.explain_unauthorized"] =
      "lua/apivideo/call/explain_unauthorized.lua",
    ["apivideo.call.explain_way"] = "lua/apivideo/call/explain_way.lua",
    ["apivideo.call.log"] = "lua/apivideo/call/log.lua",
    ["apivideo.cli"] = "lua/apivideo/cli/init.lua",
    ["apivideo.cli.account"] = "lua/apivideo/cli/account.lua",
    ["apivideo.cli.arguments"] = "lua/apivideo/cli/arguments.lua",
    ["apivideo.cli.commands.clock"] = "lua/apivideo/cli/commands/clock.lua",
    ["apivideo.cli.commands.completion"] =
      "lua/apivideo/cli/commands/completion.lua",
    ["apivideo.cli.commands.creation"] =
      "lua/apivideo/cli/commands/creation.lua",
    ["apivideo.cli.commands.deletion"] =
      "lua/apivideo/cli/commands/deletion.lua",
    ["apivideo.cli.commands.doctor"] =
      "lua/apivideo/cli/commands/doctor/init.lua",
    ["apivideo.cli.commands.doctor.finding"] =
      "lua/apivideo/cli/commands/doctor/finding.lua",
    ["apivideo.cli.commands.doctor.machine"] =
      "lua/apivideo/cli/commands/doctor/machine.lua",
    ["apivideo.cli.commands.doctor.service"] =
      "lua/apivideo/cli/commands/doctor/service.lua",
    ["apivideo.cli.commands.doctor.way"] =
      "lua/apivideo/cli/commands/doctor/way.lua",
    ["apivideo.cli.commands.every_token"] =
      "lua/apivideo/cli/commands/every_token.lua",
    ["apivideo.cli.commands.purge"] = "lua/apivideo/cli/commands/purge.lua",
    ["apivideo.cli.commands.token"] = "lua/apivideo/cli/commands/token.lua",
    ["apivideo.cli.commands.upload"] = "lua/apivideo/cli/commands/upload.lua",
    ["apivideo.cli.commands.upload_pass"] =
      "lua/apivideo/cli/commands/upload_pass.lua",
    ["apivideo.cli.commands.upload_source"] =
      "lua/apivideo/cli/commands/upload_source.lua",
    ["apivideo.cli.commands.upload_state"] =
      "lua/apivideo/cli/commands/upload_state.lua",
    ["apivideo.cli.completion.bash"] = "lua/apivideo/cli/completion/bash.lua",
    ["apivideo.cli.completion.fish"] = "lua/apivideo/cli/completion/fish.lua",
    ["apivideo.cli.completion.words"] = "lua/apivideo/cli/completion/words.lua",
    ["apivideo.cli.completion.zsh"] = "lua/apivideo/cli/completion/zsh.lua",
    ["apivideo.cli.credential"] = "lua/apivideo/cli/credential.lua",
    ["apivideo.cli.failure"] = "lua/apivideo/cli/failure.lua",
    ["apivideo.cli.format.columns"] = "lua/apivideo/cli/format/columns.lua",
    ["apivideo.cli.format.duration"] = "lua/apivideo/cli/format/duration.lua",
    ["apivideo.cli.format.json"] = "lua/apivideo/cli/format/json.lua",
    ["apivideo.cli.format.output"] = "lua/apivideo/cli/format/output.lua",
    ["apivideo.cli.format.shown"] = "lua/apivideo/cli/format/shown.lua",
    ["apivideo.cli.format.size"] = "lua/apivideo/cli/format/size.lua",
    ["apivideo.cli.format.token_rows"] =
      "lua/apivideo/cli/format/token_rows.lua",
    ["apivideo.cli.format.utf8"] = "lua/apivideo/cli/format/utf8.lua",
    ["apivideo.cli.interruptible"] = "lua/apivideo/cli/interruptible.lua",
    ["apivideo.cli.system"] = "lua/apivideo/cli/system.lua",
    ["apivideo.cli.terminal.confirm"] = "lua/apivideo/cli/terminal/confirm.lua",
    ["apivideo.cli.terminal.descriptors"] =
      "lua/apivideo/cli/terminal/descriptors.lua",
    ["apivideo.cli.terminal.progress_bar"] =
      "lua/apivideo/cli/terminal/progress_bar.lua",
    ["apivideo.cli.terminal.status_line"] =
      "lua/apivideo/cli/terminal/status_line.lua",
    ["apivideo.cli.terminal.terminal"] =
      "lua/apivideo/cli/terminal/terminal.lua",
    ["apivideo.client"] = "lua/apivideo/client.lua",
    ["apivideo.driver.auto"] = "lua/apivideo/driver/auto.lua",
    ["apivideo.driver.block"] = "lua/apivideo/driver/block.lua",
    ["apivideo.driver.luv"] = "lua/apivideo/driver/luv.lua",
    ["apivideo.driver.ngx"] = "lua/apivideo/driver/ngx.lua",
    ["apivideo.driver.ngx_ear"] = "lua/apivideo/driver/ngx_ear.lua",
    ["apivideo.driver.ngx_limits"] = "lua/apivideo/driver/ngx_limits.lua",
    ["apivideo.driver.ngx_pump"] = "lua/apivideo/driver/ngx_pump.lua",
    ["apivideo.driver.ngx_wait"] = "lua/apivideo/driver/ngx_wait.lua",
    ["apivideo.driver.step"] = "lua/apivideo/driver/step.lua",
    ["apivideo.meta.core"] = "lua/apivideo/meta/core.lua",
    ["apivideo.meta.core_objects"] = "lua/apivideo/meta/core_objects.lua",
    ["apivideo.meta.types"] = "lua/apivideo/meta/types.lua",
    ["apivideo.options"] = "lua/apivideo/options.lua",
    ["apivideo.safe"] = "lua/apivideo/safe.lua",
    ["apivideo.sched.await"] = "lua/apivideo/sched/await.lua",
    ["apivideo.sched.coroutines"] = "lua/apivideo/sched/coroutines.lua",
    ["apivideo.sched.current"] = "lua/apivideo/sched/current.lua",
    ["apivideo.sched.forgotten"] = "lua/apivideo/sched/forgotten.lua",
    ["apivideo.sched.lock"] = "lua/apivideo/sched/lock.lua",
    ["apivideo.sched.parallel"] = "lua/apivideo/sched/parallel.lua",
    ["apivideo.sched.run"] = "lua/apivideo/sched/run.lua",
    ["apivideo.sched.run_queue"] = "lua/apivideo/sched/run_queue.lua",
    ["apivideo.sched.scheduler"] = "lua/apivideo/sched/scheduler.lua",
    ["apivideo.sched.sleep"] = "lua/apivideo/sched/sleep.lua",
    ["apivideo.sched.task"] = "lua/apivideo/sched/task.lua",
    ["apivideo.sched.task_set"] = "lua/apivideo/sched/task_set.lua",
    ["apivideo.sched.wait_any"] = "lua/apivideo/sched/wait_any.lua",
    ["apivideo.tokens"] = "lua/apivideo/tokens/init.lua",
    ["apivideo.tokens.iterate"] = "lua/apivideo/tokens/iterate.lua",
    ["apivideo.tokens.prefetch"] = "lua/apivideo/tokens/prefetch.lua",
    ["apivideo.tokens.walk_newest"] = "lua/apivideo/tokens/walk_newest.lua",
    ["apivideo.tokens.walk_ordered"] = "lua/apivideo/tokens/walk_ordered.lua",
    ["apivideo.util.base_url"] = "lua/apivideo/util/base_url.lua",
    ["apivideo.util.call_options"] = "lua/apivideo/util/call_options.lua",
    ["apivideo.util.date"] = "lua/apivideo/util/date.lua",
    ["apivideo.util.host"] = "lua/apivideo/util/host.lua",
    ["apivideo.util.lazy"] = "lua/apivideo/util/lazy.lua",
    ["apivideo.util.misuse"] = "lua/apivideo/util/misuse.lua",
    ["apivideo.util.proxy"] = "lua/apivideo/util/proxy.lua",
    ["apivideo.videos"] = "lua/apivideo/videos/init.lua",
    ["apivideo.videos.contents"] = "lua/apivideo/videos/contents.lua",
    ["apivideo.videos.file_name"] = "lua/apivideo/videos/file_name.lua",
    ["apivideo.videos.file_parts"] = "lua/apivideo/videos/file_parts.lua",
    ["apivideo.videos.options"] = "lua/apivideo/videos/options.lua",
    ["apivideo.videos.part_set"] = "lua/apivideo/videos/part_set.lua",
    ["apivideo.videos.part_sizes"] = "lua/apivideo/videos/part_sizes.lua",
    ["apivideo.videos.progress"] = "lua/apivideo/videos/progress.lua",
    ["apivideo.videos.resume_state"] = "lua/apivideo/videos/resume_state.lua",
    ["apivideo.videos.session"] = "lua/apivideo/videos/session.lua",
    ["apivideo.videos.source"] = "lua/apivideo/videos/source.lua",
    ["apivideo.videos.stream_parts"] = "lua/apivideo/videos/stream_parts.lua",
    ["apivideo.videos.transfer"] = "lua/apivideo/videos/transfer.lua",
    ["apivideo.videos.upload"] = "lua/apivideo/videos/upload.lua",
    ["apivideo.core"] = {
      sources = {
        "src/binding/arguments.c",
        "src/binding/call.c",
        "src/binding/client.c",
        "src/binding/error.c",
        "src/binding/file.c",
        "src/binding/json.c",
        "src/binding/library.c",
        "src/binding/lock.c",
        "src/binding/message.c",
        "src/binding/module.c",
        "src/binding/names.c",
        "src/binding/nginx.c",
        "src/binding/object.c",
        "src/binding/options.c",
        "src/binding/part.c",
        "src/binding/process.c",
        "src/binding/relay.c",
        "src/binding/response.c",
        "src/binding/settings.c",
        "src/binding/shape.c",
        "src/binding/share.c",
        "src/binding/terminal.c",
        "src/binding/timer.c",
        "src/core/buffer.c",
        "src/core/call.c",
        "src/core/checksum.c",
        "src/core/chunks.c",
        "src/core/client.c",
        "src/core/connections.c",
        "src/core/credentials.c",
        "src/core/date.c",
        "src/core/deadline.c",
        "src/core/easy.c",
        "src/core/engine.c",
        "src/core/exchange.c",
        "src/core/file.c",
        "src/core/flight.c",
        "src/core/form.c",
        "src/core/gate.c",
        "src/core/handles.c",
        "src/core/head.c",
        "src/core/hint.c",
        "src/core/known.c",
        "src/core/lane.c",
        "src/core/library.c",
        "src/core/limits.c",
        "src/core/lines.c",
        "src/core/memory.c",
        "src/core/operation.c",
        "src/core/origin.c",
        "src/core/poller_epoll.c",
        "src/core/poller_none.c",
        "src/core/random.c",
        "src/core/relay_linux.c",
        "src/core/relay_none.c",
        "src/core/request.c",
        "src/core/retry.c",
        "src/core/secrets.c",
        "src/core/share.c",
        "src/core/slice.c",
        "src/core/status.c",
        "src/core/system_posix.c",
        "src/core/system_posix_files.c",
        "src/core/system_windows.c",
        "src/core/system_windows_files.c",
        "src/core/text.c",
        "src/core/timeline.c",
        "src/core/timer.c",
        "src/core/transfer.c",
        "src/core/url.c",
        "src/core/verdict.c",
      },
      libraries = { "curl", "dl", "m", "pthread" },
      incdirs = { "$(CURL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)" },
    },
  },
  platforms = {
    windows = {
      modules = {
        ["apivideo.core"] = {
          libraries = { "libcurl", "ws2_32", "crypt32", "bcrypt" },
        },
      },
    },
  },
  install = { bin = { apivideo = "bin/apivideo" } },
}
