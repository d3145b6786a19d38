--- The service's four operations on upload tokens, and walks over them.
-- https://docs.api.video/reference/upload-tokens

local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"

local iterate = lazy "apivideo.tokens.iterate"

---@class apivideo.UploadTokens
---@field package caller apivideo.Caller
local UploadTokens = {}
UploadTokens.__index = UploadTokens

local function check(self, method)
  if getmetatable(self) == UploadTokens then return end
  local example = "client.upload_tokens:" .. method .. "(…)"
  misuse.check_receiver(self, UploadTokens, method, example)
end

---@param caller apivideo.Caller
---@return apivideo.UploadTokens
---@package
function UploadTokens.new(caller)
  return setmetatable({ caller = caller }, UploadTokens)
end

--- Creates an upload token.
---@param payload apivideo.TokenPayload?
---@param options apivideo.CallOptions?
---@return apivideo.Token token
---@return apivideo.Response response
function UploadTokens:create_token(payload, options)
  check(self, "create_token")
  return self.caller:run("create_token", payload, options)
end

--- Reads one upload token.
---@param token string 1 to 128 of `A-Z a-z 0-9 _ -`
---@param options apivideo.CallOptions?
---@return apivideo.Token token
---@return apivideo.Response response
function UploadTokens:get_token(token, options)
  check(self, "get_token")
  return self.caller:run("get_token", token, options)
end

--- Deletes an upload token: it cannot be used any more.
---@param token string 1 to 128 of `A-Z a-z 0-9 _ -`
---@param options apivideo.CallOptions?
---@return true
---@return apivideo.Response response
function UploadTokens:delete_token(token, options)
  check(self, "delete_token")
  return self.caller:run("delete_token", token, options)
end

--- Reads one page of the active upload tokens.
---@param query apivideo.ListQuery?
---@param options apivideo.CallOptions?
---@return apivideo.Page page
---@return apivideo.Response response
function UploadTokens:list(query, options)
  check(self, "list")
  return self.caller:run("list", query, options)
end

--- Iterates over the pages, as the service gives them.
---@param query apivideo.PagesQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Page?, apivideo.Response?
function UploadTokens:pages(query, options)
  check(self, "pages")
  return iterate().pages(self.caller, query, options)
end

--- Iterates over all tokens, each once, the newest first unless another order
-- is asked for; tokens may be created and deleted meanwhile.
---@param query apivideo.IterateQuery?
---@param options apivideo.CallOptions?
---@return fun(): apivideo.Token?
function UploadTokens:iterate(query, options)
  check(self, "iterate")
  return iterate().tokens(self.caller, query, options)
end

return UploadTokens
