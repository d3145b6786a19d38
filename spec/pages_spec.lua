local service = require "spec.support.service"

describe("pages", function()
  local client

  before_each(function()
    service.reset()
    client = service.client()
  end)

  after_each(function()
    client:close()
  end)

  it("gives the service's pages as they come", function()
    service.make_tokens(7, 60)
    local sizes = {}
    for page, response in client.upload_tokens:pages { page_size = 3 } do
      sizes[page.pagination.current_page] = #page.data
      assert.equal(200, response.status)
    end
    assert.same({ 3, 3, 1 }, sizes)
  end)

  it("gives one empty page when there are no tokens", function()
    local count = 0
    for page in client.upload_tokens:pages() do
      count = count + 1
      assert.same({}, page.data)
    end
    assert.equal(1, count)
  end)

  it("starts at the page that is asked for", function()
    service.make_tokens(7, 60)
    local query = { page_size = 3, current_page = 3 }
    for page in client.upload_tokens:pages(query) do
      assert.equal(3, page.pagination.current_page)
    end
    assert.equal(1, #service.requests())
  end)

  it("hands on a failure", function()
    service.faults { { status = 503, times = 3 } }
    local step = client.upload_tokens:pages()
    assert.equal("server_error", service.failure(step).kind)
  end)
end)
