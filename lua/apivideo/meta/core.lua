---@meta apivideo.core
-- What `require "apivideo.core"` gives, for editors, which cannot look into a
-- C module; nothing here runs.

--- The same operations without the Lua layer.
---@class apivideo.core
---@field _VERSION string
---@field OPTIONS string[] the names of the options of `new`
---@field CALL_OPTIONS string[] the names of the options of each call
---@field DEFAULT_TIMEOUT number seconds
---@field WARNING? string what to know of the libcurl in use
--- Methods of a call, found faster.
---@field done fun(call: apivideo.core.Call|apivideo.core.Timer): boolean
---@field number fun(call: apivideo.core.Call|apivideo.core.Timer): number
---@field result fun(call: apivideo.core.Call): any, apivideo.Response
local core = {}

--- Makes a client; no I/O happens, and no variable but SSL_CERT_FILE is read.
---@param options? apivideo.core.Options
---@return apivideo.core.Client
function core.new(options) end

--- Whether a value is the error object of a call that failed.
---@param value any
---@return boolean
function core.is_error(value) end

--- The error object of something that ended before anything was sent.
---@param operation string
---@param kind "cancelled"|"timeout"|"file"|"closed"|"protocol"
---@param words string why
---@return apivideo.Error
function core.failure(operation, kind, words) end

--- Opens what is to be uploaded. An open file of Lua's stays as it is.
---@param source string|file* a path, or an open file
---@return apivideo.core.File? file
---@return string? problem why it cannot be read
function core.file(source) end

--- 16 digits that tell a text from others.
---@param text string
---@return string
function core.checksum(text) end

--- A path in UTF-8, whatever this system's programs have it in.
---@param path string
---@return string
function core.utf8(path) end

--- Whether an upload may have this file name.
---@param text string
---@return boolean
function core.is_file_name(text) end

--- The name in the list that is nearest to it, if one is near.
---@param name string
---@param names string[] at most 64
---@return string?
function core.nearest(name, names) end

--- What a value is, on one short line, secrets masked.
---@param value any
---@return string
function core.describe(value) end

--- False where C stands between the coroutine and whoever resumes it, or there
--- is none. Lua 5.1 and 5.2 do not know and say true.
---@return boolean
function core.can_yield() end

--- Seconds on a clock that never goes back.
---@return number
function core.now() end

--- The libcurl that is in use.
---@return apivideo.core.Library
function core.library() end

--- The columns of the terminal behind a descriptor, 0 where it does not say,
--- and whether it takes codes for colours and places; nil: no terminal is
--- behind it.
---@param fd integer
---@return integer? columns
---@return boolean? codes
function core.terminal_width(fd) end

--- Takes the lock of a file, which is made if it is not there; false: another
--- process has it. Windows, and a file system without locks, give everybody
--- one.
---@param path string
---@return integer|false|nil lock
---@return string? problem
function core.lock(path) end

--- Gives a lock back.
---@param lock integer
function core.unlock(lock) end

--- Whether a pipe is there, or what is read like one: a socket, a device.
---@param source string|integer a path, or a descriptor
---@return boolean
function core.is_pipe(source) end

--- Opens a pipe, without waiting for somebody who writes into it; it stays
--- open as long as the process is.
---@param path string
---@return integer? fd
---@return string? problem
function core.open_pipe(path) end

--- Reads up to so many bytes; "" when nothing came within that time, nil at the
--- end.
---@param fd integer
---@param size integer bytes
---@param seconds number
---@return string? bytes
---@return string? problem
function core.read(fd, size, seconds) end

--- From here on SIGTERM and SIGHUP are to the process what Ctrl-C is; SIGPIPE
--- fails the write that it comes from.
function core.heed_signals() end

--- The last of these signals that came; nil: none did.
---@return integer? number
---@return string? name
function core.signal() end

--- Tells a host that can read a socket, and watch no descriptor of ours.
---@return apivideo.core.Relay? relay
---@return string path to connect to; or why there is none to be had
function core.relay() end

--- Sees the end of one of nginx's requests.
---@return apivideo.core.Guard
function core.guard() end

--- How many requests have ended while a guard watched them.
---@return integer
function core.departures() end

---@class apivideo.core.Library
---@field curl string its version
---@field tls? string what does TLS, with its version
---@field http2 boolean
---@field threaded_lookup boolean looking up a name holds nothing up
---@field ca_file? string where no setting names one; nil: libcurl's own way

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

return core
