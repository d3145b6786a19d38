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

return core
