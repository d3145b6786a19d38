--- Creates an upload token.

local failure = require "apivideo.cli.failure"

local ADVICE = "a token may have been made: see apivideo token list"

--- Creates one; a failure raises.
---@param client apivideo.Client of apivideo.safe
---@param payload apivideo.TokenPayload
---@param run apivideo.cli.Run
---@return apivideo.Token
return function(client, payload, run)
  run.ambiguous, run.advice = true, ADVICE -- should Ctrl-C come meanwhile
  local token, err = client.upload_tokens:create_token(payload)
  if token or not err.ambiguous then run.ambiguous, run.advice = nil, nil end
  return failure.check(token, err)
end
