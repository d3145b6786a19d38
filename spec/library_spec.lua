-- What the C module says of what it runs on.

local core = require "apivideo.core"

describe("core.library", function()
  it("tells of the libcurl in use", function()
    local library = core.library()
    assert.matches("^%d+%.%d+%.%d+", library.curl)
    assert.equal("string", type(library.tls))
    assert.equal("boolean", type(library.http2))
    assert.equal(core.WARNING == nil, library.threaded_lookup)
  end)

  it("names the CA file that is used where no option does", function()
    local path = core.library().ca_file
    assert.equal(os.getenv "SSL_CERT_FILE" or path, path)
  end)
end)

describe("core.terminal_width", function()
  it("is nil where there is no terminal", function()
    assert.is_nil(core.terminal_width(-1))
    assert.is_nil((core.terminal_width(987)))
  end)

  it("takes a number only", function()
    assert.is_false(pcall(core.terminal_width, "stdout"))
  end)
end)
