--- The doctor's look at the way to the service: the proxy, the name, the
-- connection, TLS. One call tells of all of them.

local finding = require "apivideo.cli.commands.doctor.finding"

local way = {}

-- How far a call came, by the step at which it failed.
local STEPS = { DNS = 1, connection = 2, TLS = 3, answer = 4 }

local function has_content(response, kind)
  local content = response.headers["content-type"] or ""
  return content:lower():find(kind, 1, true) ~= nil
end

-- The service answers no call with a page.
local function is_page(response)
  return has_content(response, "html")
end

-- Whether it says something of the key, and is an answer of the service's.
local function is_of_the_key(err)
  return (err.kind == "unauthorized" or err.kind == "forbidden")
    and not (err.response and is_page(err.response))
end

-- The step that the words for a failure without an answer tell of. "No answer
-- within" is of an open connection: the limit for connecting is earlier.
local WORDS = {
  { "[Rr]esolv", "DNS" }, { "[Ll]ookup", "DNS" },
  { "SSL connection", "TLS" }, { "no answer within", "answer" },
}

--- The step at which a call failed; nil: it was answered as it should be.
---@param err apivideo.Error?
---@return "DNS"|"connection"|"TLS"|"answer"|nil
function way.failed_step(err)
  if not err or is_of_the_key(err) then return nil end
  if err.kind == "tls" then return "TLS" end
  if err.kind == "protocol" or err.response then return "answer" end
  for _, case in ipairs(WORDS) do
    if err.message:find(case[1]) then return case[2] end
  end
  return "connection"
end

local PORTAL = "a portal of this network that wants a login first: open any"
  .. " page in a browser"

local function host_of(url)
  return url:match "^%a+://%[?([^/%]]-)%]?:?%d*/?$" or url
end

-- The kinds of SOCKS that leave names to this machine, and those that do not.
local NAMING = { ["socks4:"] = "socks4a://", ["socks5:"] = "socks5h://" }

-- The same kind of proxy, but one that looks names up; nil: it does.
local function naming(proxy)
  return NAMING[proxy.shown:lower():match "^%w+:"]
end

local function advice_of_proxy(proxy, url)
  return ("is the proxy of %s the right one? If none is needed, unset it, or"
    .. " put %s into no_proxy"):format(proxy.variable, host_of(url))
end

local ADVICE = {}

function ADVICE.DNS(url, err)
  if err.kind == "timeout" then
    return "the name server does not answer: is the network up, and is it the"
      .. " right one? /etc/resolv.conf names it"
  end
  return ("is the network up? 'getent hosts %s' asks for the name; if a proxy"
    .. " is needed, https_proxy has to name it"):format(host_of(url))
end

function ADVICE.connection(url)
  return ("a firewall may be in the way; if a proxy is needed, https_proxy has"
    .. " to name it; 'curl -v %s' tells more"):format(url)
end

function ADVICE.TLS(url, err)
  if err.kind == "timeout" then return ADVICE.connection(url) end
  return ("this machine's date is %s UTC: is it right? If a proxy here opens"
    .. " connections, put its authority into a file for SSL_CERT_FILE; or it is"
    .. " " .. PORTAL):format(os.date "!%Y-%m-%d %H:%M")
end

local function is_redirect(response)
  return response.status >= 300 and response.status < 400
    and response.headers.location ~= nil
end

-- What answers for others: with anything but JSON, a page that refuses, or the
-- status for it. A page that says "not found" or "later" may be of whoever
-- stands before the service.
local ANSWERS_OF_PORTALS = { [401] = true, [403] = true }

local function is_portal(response)
  local status = response.status
  return status == 511
    or status < 300 and not has_content(response, "json")
    or ANSWERS_OF_PORTALS[status] and is_page(response)
end

--- What to do about an answer that is none of the service's.
---@param url string of the service
---@param err apivideo.Error
---@return string
function way.advice_of_answer(url, err)
  local response = err.response
  if response and is_redirect(response) then -- the message says where to
    return "if that is where api.video is now, set APIVIDEO_BASE_URL; or it is "
      .. PORTAL
  elseif response and is_portal(response) then
    return ("does this address lead to api.video? %s; or it is %s"):format(
      url, PORTAL)
  end
  if err.kind == "too_many_requests" then
    return "the rate limit is reached: try again later"
  end
  if err.retryable then return "the service is unwell: try again later" end
  return "does this address lead to api.video? " .. url
end

local WELL = {
  DNS = "the name has an address", connection = "it is open",
  TLS = "the certificate is trusted",
}

local function well(name, url, proxy)
  if name == "TLS" and url:find "^[Hh][Tt][Tt][Pp]:" then
    return finding.ok(name, "not used: the service is on this machine")
  end
  if name == "DNS" and proxy and not naming(proxy) then
    return finding.ok(name, "the proxy looks the name up")
  end
  return finding.ok(name, WELL[name])
end

local function failed(name, url, proxy, err)
  local advice = proxy and name ~= "TLS" and advice_of_proxy(proxy, url)
    or ADVICE[name](url, err)
  local scheme = name == "DNS" and proxy and naming(proxy)
  if scheme then
    advice = ("%s; with %s it looks the name up"):format(advice, scheme)
  end
  return finding.failed(name, err.message, advice)
end

--- What is to be said of the steps up to the answer.
---@param url string of the service
---@param proxy apivideo.Proxy?
---@param err apivideo.Error?
---@return apivideo.cli.Finding[]
function way.look(url, proxy, err)
  local step, list = way.failed_step(err), {}
  local reached = step and STEPS[step] or STEPS.answer
  for _, name in ipairs { "DNS", "connection", "TLS" } do
    local place = STEPS[name]
    if name == step then
      list[place] = failed(name, url, proxy, err)
    elseif place > reached then
      list[place] = finding.unknown(name, "not reached")
    else
      list[place] = well(name, url, proxy)
    end
  end
  return list
end

--- What is to be said of the proxy.
---@param proxy apivideo.Proxy?
---@param problem string?
---@return apivideo.cli.Finding
function way.look_at_proxy(proxy, problem)
  if problem then
    return finding.failed("proxy", problem,
      "correct or unset it; the checks below are made without a proxy")
  elseif proxy then
    return finding.ok("proxy",
      ("%s, from %s"):format(proxy.shown, proxy.variable))
  end
  return finding.ok("proxy", "none")
end

return way
