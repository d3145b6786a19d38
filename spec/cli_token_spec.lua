-- The commands that manage upload tokens, in a pipe.

local cjson = require("cjson").new()
local cli = require "spec.support.cli"
local service = require "spec.support.service"

if not cli.tested then return end

local function tokens()
  return service.client().upload_tokens
end

local function count()
  return tokens():list().pagination.items_total
end

describe("token create", function()
  before_each(service.reset)

  it("gives the token alone in a pipe", function()
    local written, errors, status = cli.run "token create --ttl 2h"
    local token = tokens():get_token(written:match "^(%w+)\n$")
    assert.equal(7200, token.ttl)
    assert.equal("", errors)
    assert.equal(0, status)
  end)

  it("makes one that never expires without --ttl", function()
    assert.equal(0, tokens():get_token(cli.run "token create":match "%w+").ttl)
  end)

  it("gives the library's fields as JSON", function()
    local token = cli.json "token create --ttl 60"
    assert.same(tokens():get_token(token.token), token)
  end)
end)

describe("token create that fails", function()
  local CREATE = { method = "POST", path = "/upload-tokens" }
  local MAYBE = "; a token may have been made: see apivideo token list\n$"

  before_each(service.reset)

  it("says that a token may have been made, where one may", function()
    service.faults { { status = 200, body = "{}", match = CREATE }, { status = 200, body = "{}", match = CREATE } }
    local _, errors = cli.run "token create"
    assert.matches("^apivideo: create_token: protocol: [^\n]+" .. MAYBE, errors)
    local document = cli.json "token create"
    assert.is_true(document.error.ambiguous)
  end)

  it("does not say so where none was", function()
    service.faults { { status = 403, match = CREATE }, { status = 403, match = CREATE } }
    local _, errors = cli.run "token create"
    assert.is_nil(errors:find("may have been", 1, true))
    local document = cli.json "token create"
    assert.is_false(document.error.ambiguous)
  end)

  if cli.interruptible then
    for name, words in pairs { ["the command"] = "token create", ["an upload"] = "upload film.mp4" } do
      it("says so when it is interrupted meanwhile, in " .. name, function()
        cli.file("film.mp4", "x")
        service.faults { { delay = 5, match = CREATE } }
        local written, errors, status = cli.interrupt(words .. " --json")
        assert.matches("^apivideo: interrupted: stopped by Ctrl%-C" .. MAYBE, errors)
        assert.matches('"error":{"ambiguous":true,"kind":"interrupted"', written)
        assert.equal(130, status)
      end)
    end
  end
end)

describe("a command that comes too soon", function()
  local LATER = { status = 429, headers = { ["Retry-After"] = "100" } }

  before_each(service.reset)

  it("says when to try again", function()
    service.faults { LATER, LATER }
    local _, errors = cli.run "token list"
    assert.matches("too_many_requests: [^\n]+; try again in 100 s\n$", errors)
    local document = cli.json "token list"
    assert.equal(100, document.error.retry_after)
    assert.is_false(document.error.ambiguous)
  end)

  it("says so of each token that it does not delete", function()
    service.faults { { status = 429, headers = { ["Retry-After"] = "1000" } } }
    local document, errors = cli.json "token delete to1"
    assert.matches("too_many_requests: [^\n]+; try again in 1000 s\n$", errors)
    assert.equal(1000, document.failed[1].retry_after)
  end)
end)

describe("token get", function()
  before_each(service.reset)

  it("gives a line with tabs in a pipe", function()
    local token = tokens():create_token { ttl = 60 }
    assert.equal(("%s\t60\t%s\t%s\n"):format(token.token, token.created_at, token.expires_at),
      (cli.run("token get " .. token.token)))
  end)

  it("gives the library's fields as JSON", function()
    local token = tokens():create_token()
    assert.same(token, (cli.json("token get " .. token.token)))
  end)
end)

describe("token list", function()
  before_each(function()
    service.reset()
    service.make_tokens(30)
  end)

  it("gives a page, sorted as it is told", function()
    tokens():create_token { ttl = 60 }
    local written = cli.run "token list --sort-by ttl --sort-order desc --page-size 2"
    assert.matches("^%w+\t60\t[^\n]+\n%w+\t0\t[^\n]+\t%-\n$", written)
  end)

  it("gives the page that is asked for, as the library does", function()
    assert.same(tokens():list { current_page = 2, page_size = 20 }, (cli.json "token list --page 2 --page-size 20"))
  end)

  it("gives all of them", function()
    for _, order in ipairs {
      "", "--sort-by created_at", "--sort-order desc", "--sort-by ttl", "--sort-by ttl --sort-order desc",
      "--sort-by created_at --sort-order asc", "--sort-by created_at --sort-order desc",
    } do
      assert.same(cli.json("token list --page-size 100 " .. order).data,
        cli.json("token list --all --page-size 7 " .. order).data, order)
    end
    local list = cli.json "token list --all --page-size 7"
    assert.equal(30, #list.data)
  end)

  it("gives nothing where there is nothing", function()
    service.reset()
    assert.equal("", (cli.run "token list"))
    assert.same({}, cli.json "token list --all".data)
  end)
end)

describe("token delete", function()
  before_each(service.reset)

  it("deletes one without asking", function()
    local id = tokens():create_token().token
    assert.equal("deleted " .. id .. "\n", (cli.run("token delete " .. id)))
    assert.equal(0, count())
  end)

  it("asks before it deletes several, and nothing is sent without an answer", function()
    local id = tokens():create_token().token
    local _, errors, status = cli.run(("token delete %s %s"):format(id, id))
    assert.matches("say %-%-yes", errors)
    assert.equal(2, status)
    assert.equal(1, count())
  end)

  it("deletes what it can, and tells of the rest", function()
    local id = tokens():create_token().token
    local document, errors, status = cli.json("token delete --yes toGone0123456789 " .. id)
    assert.same({ id }, document.data)
    assert.equal(1, #document.failed)
    assert.equal("toGone0123456789", document.failed[1].token)
    assert.equal("not_found", document.failed[1].kind)
    assert.matches("^apivideo: delete_token: not_found: [^\n]+\n$", errors)
    assert.equal(1, status)
  end)
end)

describe("token purge", function()
  before_each(function()
    service.reset()
    -- The newest is of now, the oldest of 99 minutes ago; all live two hours.
    service.settings { clock_offset = 0 }
    require("spec.support.sandbox_http").control("POST", "tokens", { count = 100, ttl = 7200, spacing = 60 })
  end)

  it("deletes what is older than it is told", function()
    local written, errors, status = cli.run "token purge --older-than 1h --yes"
    assert.equal(40, select(2, written:gsub("deleted to%w+\n", "")))
    assert.equal("", errors)
    assert.equal(0, status)
    assert.equal(60, count())
  end)

  it("deletes what expires within the time that it is told", function()
    assert.equal(0, select(3, cli.run "token purge --expired-within 30m --yes"))
    local left = count()
    assert.is_true(left == 90 or left == 91, left)
  end)

  it("takes both conditions together", function()
    cli.run "token purge --older-than 1h --expired-within 30m --yes"
    local left = count()
    assert.is_true(left == 90 or left == 91, left)
  end)

  it("shows them and deletes none with --dry-run", function()
    local document, _, status = cli.json "token purge --older-than 1h --dry-run"
    assert.equal(0, status)
    assert.is_true(document.dry_run)
    assert.equal(40, #document.data)
    assert.equal(7200, document.data[1].ttl)
    assert.equal(100, count())
  end)

  it("deletes all without a condition, and is done when there are none", function()
    local document, _, status = cli.json "token purge --yes"
    assert.equal(100, #document.data)
    assert.equal(0, status)
    document, _, status = cli.json "token purge --yes"
    assert.same({ data = {}, failed = {} }, document)
    assert.equal(0, status)
  end)

  it("does not mind a token that is gone already", function()
    service.faults { { problem = "resource-not-found", match = { method = "DELETE", path = "/upload-tokens/*" } } }
    local document, errors, status = cli.json "token purge --yes"
    assert.equal(100, #document.data)
    assert.equal("", errors)
    assert.equal(0, status)
  end)

  it("deletes nothing where a token's age cannot be told, and blames the service", function()
    local page = {
      data = { { token = "to1", ttl = 0, createdAt = "once" } },
      pagination = { currentPage = 1, currentPageItems = 1, pageSize = 100, pagesTotal = 1, itemsTotal = 1,
        links = { { rel = "self", uri = "/" } } },
    }
    local fault = { status = 200, headers = { ["Content-Type"] = "application/json" }, body = cjson.encode(page),
      match = { method = "GET", path = "/upload-tokens" } }
    service.faults { fault, fault, fault, fault }
    local _, errors, status = cli.run "token purge --older-than 1h --yes"
    assert.equal("apivideo: protocol: the service gave a date that is none: once; nothing was deleted\n", errors)
    assert.equal(1, status)
  end)

  it("says once that the key is refused, and nothing of what that cancelled", function()
    local delete = { method = "DELETE", path = "/upload-tokens/*" }
    local list = { { delay = 0.001, match = delete }, { status = 401, match = delete } }
    for i = 3, 10 do list[i] = { delay = 5, match = delete } end
    service.faults(list)
    local document, errors, status = cli.json "token purge --yes"
    assert.matches("^apivideo: delete_token: unauthorized: [^\n]+\n$", errors)
    assert.equal("unauthorized", document.error.kind)
    assert.same({}, document.failed)
    assert.equal(1, #document.data)
    assert.equal(1, status)
  end)

  it("asks before, and sends nothing without an answer", function()
    local before = #service.requests()
    local _, errors, status = cli.run "token purge"
    assert.matches("^apivideo: misuse: token purge asks .*say %-%-yes\n$", errors)
    assert.equal(2, status)
    assert.equal(before, #service.requests())
  end)

  it("goes by the service's clock", function()
    local list = { match = { method = "GET", path = "/upload-tokens" } }
    list.headers = { Date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 3630) }
    service.faults { list }
    cli.run "token purge --older-than 2h --yes"
    assert.equal(60, count())
  end)
end)
