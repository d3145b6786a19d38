--- The doctor's look at this machine: versions, libcurl, CA file.

local apivideo = require "apivideo"
local argparse = require "argparse"
local cjson = require "cjson"
local core = require "apivideo.core"
local finding = require "apivideo.cli.commands.doctor.finding"
local host = require "apivideo.util.host"

local MACHINE = {}

function MACHINE.versions()
  local runtime = type(host.jit) == "table" and host.jit.version or _VERSION
  return finding.ok("versions", ("apivideo %s, %s, lua-cjson %s, argparse %s")
    :format(apivideo._VERSION, runtime, cjson._VERSION or "unknown",
      argparse.version or "unknown"))
end

function MACHINE.libcurl()
  local library = core.library()
  if not library.tls then
    return finding.failed("libcurl", library.curl .. " without TLS",
      "install a libcurl that was built with it: libcurl4")
  end
  local message = ("%s, %s, %s"):format(library.curl, library.tls,
    library.http2 and "HTTP/2" or "no HTTP/2")
  if library.threaded_lookup then return finding.ok("libcurl", message) end
  return finding.warning("libcurl", message, core.WARNING)
end

local function certificates_in(path)
  local file, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local text, trouble = file:read "*a"
  file:close()
  if not text then return nil, ("%s: %s"):format(path, trouble) end
  return select(2, text:gsub("%-%-%-%-%-BEGIN [%u ]*CERTIFICATE", ""))
end

local ADVICE = "install ca-certificates, or name a bundle in SSL_CERT_FILE"

function MACHINE.ca_file()
  local path = core.library().ca_file
  if not path then
    return finding.ok("CA file", "none: libcurl asks the system")
  end
  local count, problem = certificates_in(path)
  if not count then return finding.failed("CA file", problem, ADVICE) end
  if count == 0 then
    return finding.failed("CA file", path .. " holds no certificate", ADVICE)
  end
  return finding.ok("CA file", ("%s, %d %s"):format(path, count,
    count == 1 and "certificate" or "certificates"))
end

--- What there is to be said.
---@return apivideo.cli.Finding[]
return function()
  return { MACHINE.versions(), MACHINE.libcurl(), MACHINE.ca_file() }
end
