-- What browsers want to hear before a page of another origin may call: they
-- ask first, with OPTIONS, and show a page only answers that name it.
local cross_origin = {}

-- Of every answer, refusals and faults among them.
cross_origin.headers = {
  ["Access-Control-Allow-Origin"] = "*",
  ["Access-Control-Expose-Headers"] = "X-RateLimit-Limit, "
    .. "X-RateLimit-Remaining, X-RateLimit-Retry-After",
}

-- The answer to a browser that asks, which it may keep for ten minutes. No
-- Authorization: a page has no business with what it holds.
function cross_origin.answer()
  return 204, nil, {
    ["Access-Control-Allow-Origin"] = "*",
    ["Access-Control-Allow-Methods"] = "POST",
    ["Access-Control-Allow-Headers"] = "AV-Origin-App, AV-Origin-Client, "
      .. "AV-Origin-Sdk, Content-Range, Content-Type",
    ["Access-Control-Max-Age"] = 600,
  }
end

return cross_origin
