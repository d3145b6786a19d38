---@meta _
-- The objects that the C module gives, for editors; nothing here runs.

-- --- client -----------------------------------------------------------------

---@alias apivideo.core.Operation
---| "create_token"
---| "get_token"
---| "delete_token"
---| "list"
---| "authenticate" takes an API key
---| "refresh" takes a refresh token
---| "upload_with_upload_token" takes a token and a part
---| "pause" sends nothing: starts a timer, which lasts for its timeout if any

--- The four operations carry out a whole call. A hook that raises meanwhile
--- ends it.
---@class apivideo.core.Client
local Client = {}

---@param payload? apivideo.TokenPayload
---@param options? apivideo.CallOptions
---@return apivideo.Token token
---@return apivideo.Response response
function Client:create_token(payload, options) end

---@param token string
---@param options? apivideo.CallOptions
---@return apivideo.Token token
---@return apivideo.Response response
function Client:get_token(token, options) end

---@param token string
---@param options? apivideo.CallOptions
---@return true
---@return apivideo.Response response
function Client:delete_token(token, options) end

---@param query? apivideo.ListQuery
---@param options? apivideo.CallOptions
---@return apivideo.Page page
---@return apivideo.Response response
function Client:list(query, options) end

--- Starts an operation with its arguments, and call options behind them.
---@param operation apivideo.core.Operation
---@param ... any
---@return apivideo.core.Call|apivideo.core.Timer
function Client:start(operation, ...) end

--- Raises what `start` would, in the name of `method`; sends nothing.
---@param method string
---@param operation apivideo.core.Operation
---@param ... any
function Client:check(method, operation, ...) end

--- Moves all calls on, and waits up to that long for one to end.
---@param seconds? number 0 or nil: never waits
---@return integer calls in flight
function Client:step(seconds) end

--- Whether a call, or timer, is done; unless it is at once, a step comes
--- before.
---@param call apivideo.core.Call|apivideo.core.Timer
---@param seconds number
---@return boolean
function Client:wait(call, seconds) end

--- Calls in flight.
---@return integer
function Client:in_flight() end

--- The number of the next call, or timer, that ended.
---@return number?
function Client:ended() end

--- A descriptor that is readable when `step` has something to do; nil where the
--- system has no such thing.
---@return integer?
function Client:fd() end

--- From now on a step follows each start: that alone sends nothing, and does
--- not make the descriptor readable.
function Client:follow() end

--- Seconds until `step` is due; nil: nothing is in flight.
---@return number?
function Client:timeout() end

--- What clients of one account have in common.
---@return string
function Client:account() end

--- What is known of the limit of a class: 0 reads, 1 writes, 2 uploads.
---@param class integer
---@return string known as bytes
---@return integer in_flight
---@return boolean waits somebody waits to leave
function Client:known(class) end

--- Takes over what others know, if it is newer.
---@param class integer
---@param bytes? string
---@return number most that may be in flight in all clients
---@return boolean is_over one may leave in any case
function Client:learn(class, bytes) end

--- Until the next grant so many may leave.
---@param class integer
---@param count integer below 0: any number
---@param elsewhere integer in flight in other processes
function Client:grant(class, count, elsewhere) end

--- The text on one line, secrets masked, at most 1 KB of it.
---@param text string
---@return string
function Client:redact(text) end

--- Sends `Authorization: Bearer` with it from the next call on.
---@param text string
function Client:set_access_token(text) end

--- Ends calls in flight as `cancelled`; later calls fail as `closed`.
function Client:close() end

-- --- call -------------------------------------------------------------------

--- A call; once it has an answer, it is the response, too.
---@class apivideo.core.Call : apivideo.Response
local Call = {}

---@return boolean
function Call:done() end

--- Ends the call as `cancelled`, unless it has ended.
function Call:cancel() end

--- Raises the error object of a failure. The value is given out once, the error
--- as often as one asks.
---@return any value
---@return apivideo.Response response
function Call:result() end

--- What was sent, secrets masked.
---@return string method
---@return string path
function Call:request() end

--- Which of its client's calls it is.
---@return number
function Call:number() end

--- Bytes of an upload's source that were taken so far.
---@return integer
function Call:progress() end

--- Whether an upload that failed may have arrived all the same.
---@return boolean
function Call:may_have_arrived() end

--- The fields of the response as a plain table; nil while there is none.
---@return table?
function Call:table() end

-- --- timer ------------------------------------------------------------------

--- What `client:start "pause"` makes.
---@class apivideo.core.Timer
local Timer = {}

---@return boolean
function Timer:done() end

--- Ends it, unless it has ended.
function Timer:cancel() end

--- Raises an error object: of the kind `timeout` when its time has passed, or
--- else `cancelled`.
function Timer:result() end

--- Which of its client's calls and timers it is.
---@return number
function Timer:number() end

-- --- uploads ----------------------------------------------------------------

--- What an upload sends: a whole file, or a numbered part of it.
---@class apivideo.core.Part
---@field source apivideo.core.File|string
---@field offset integer of the first byte
---@field size integer bytes, 1 or more
---@field file_name string the video's title
---@field video_id? string nil: the service makes a new video
---@field number? integer from 1; nil: the whole file at once
---@field total? integer parts in all; nil: not known yet
---@field repeated? boolean it may have arrived before

---@class apivideo.core.File
local File = {}

--- As it was when it was opened.
---@return integer size
---@return string change when it was changed last
---@return string inode
function File:identity() end

--- Parts in flight keep it open.
function File:close() end

-- --- nginx ------------------------------------------------------------------

---@class apivideo.core.Relay
local Relay = {}

--- Whether it works from now on; somebody has connected.
---@return boolean
function Relay:begin() end

--- Whether whoever connected still is.
---@return boolean
function Relay:works() end

--- A byte comes when the descriptor is readable, once.
---@param fd integer
---@return boolean
function Relay:watch(fd) end

--- It is not watched any longer.
---@param fd integer
function Relay:leave(fd) end

--- A byte comes then, and not when it was to come before.
---@param seconds number
function Relay:remind(seconds) end

--- A byte comes now.
function Relay:tell() end

--- Ends its thread, and the connection.
function Relay:close() end

---@class apivideo.core.Guard
local Guard = {}

--- Whether it sees the end of the caller's request.
---@return boolean
function Guard:begin() end

--- Whether the request has ended.
---@return boolean
function Guard:gone() end

--- The end of the request is nobody's concern.
function Guard:finish() end
