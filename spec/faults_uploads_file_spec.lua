-- Files that change while they are uploaded: it is noticed within a second, no
-- more is sent than was announced, and what had arrived can be gone on from.

local apivideo = require "apivideo"
local broken = require "spec.support.broken_uploads"
local core = require "apivideo.core"
local faults = require "spec.support.faults"
local patience = require "spec.support.patience"
local sandbox = require "spec.support.sandbox_http"
local uploads = require "spec.support.uploads"

local MIB = 1024 * 1024
local PARTS = 3

-- So slow that a part is on its way for half a second, or more.
local SLOWLY = { { "pass", 1, 0.003 }, { "answer" } }

-- What a shell does to the file `it`, beside which there is `other`, which is
-- as large. Within a part, what is rare is tried in the second one only.
local CHANGES = {
  grown = { "printf x >>it", "has grown" },
  shrunk = { "truncate -s -1 it", "has shrunk" },
  emptied = { "truncate -s 0 it", "has shrunk", rare = true },
  replaced = { "mv other it", "replaced" },
  removed = { "rm it", "removed", rare = true },
  touched = { "touch -d 2020-01-01 it", "was changed" },
  overwritten = { "printf x | dd of=it conv=notrunc 2>/dev/null", "was changed", rare = true },
}

local NUMBERS = { "first", "second", "last" }

describe("a file that is", function()
  local token, at_place, client, changed

  before_each(function()
    sandbox.reset()
    token = sandbox.create_token().token
    changed = nil
  end)

  after_each(function()
    client:close()
    at_place:close()
  end)

  local function change(script)
    if changed then return end
    uploads.run(script)
    changed = core.now()
  end

  -- Uploads through a place with that script. → the error, and what arrived
  local function fail(script, part_size, options)
    local size = PARTS * part_size
    uploads.file("it", uploads.data(size))
    uploads.run("cp it other && touch -d 2021-01-01 it other")
    at_place = faults.open { script = script, upstream = broken.upstream, narrow = true }
    client = apivideo.new { base_url = at_place.url }
    options.chunk_size = part_size
    local ok, err = pcall(client.videos.upload_with_upload_token, client.videos, token,
      uploads.path "it", options)
    local seconds = core.now() - assert(changed, "the file was not changed")
    assert.is_false(ok)
    assert.equal("file", err.kind, err.message)
    assert.is_true(seconds < patience(1), seconds)
    return err, at_place:log().requests
  end

  -- Of the parts before `number` there is all, of that one no more than was
  -- announced.
  local function check(err, words, requests, sent)
    assert.matches(words, err.message)
    for _, request in ipairs(requests) do
      assert.equal("POST", request.method)
      assert.is_true(request.body <= request.length)
    end
    assert.equal(sent > 0 and "1-" .. sent or nil, err.upload and err.upload.sent)
  end

  for name, row in pairs(faults.COLLECTS and {} or CHANGES) do
    for sent = 1, PARTS - 1 do
      it(("%s before its %s part"):format(name, NUMBERS[sent + 1]), function()
        local err, requests = fail({}, 5 * MIB, {
          on_state = function(state)
            if state.sent == "1-" .. sent then change(row[1]) end
          end,
        })
        check(err, row[2], requests, sent)
        assert.equal(sent, #requests)
        assert.equal(sent, #sandbox.video(err.upload.video_id).parts)
      end)
    end

    for number = row.rare and 2 or 1, row.rare and 2 or PARTS do
      it(("%s within its %s part"):format(name, NUMBERS[number]), function()
        local part_size = 16 * MIB
        local script = {}
        for i = 1, number do script[i] = i == number and SLOWLY end
        local err, requests = fail(script, part_size, {
          on_progress = function(p)
            if p.uploaded_bytes > (number - 1) * part_size then change(row[1]) end
          end,
        })
        check(err, row[2], requests, number - 1)
        assert.equal(number, #requests)
        assert.is_true(requests[number].body < requests[number].length)
      end)
    end
  end
end)
