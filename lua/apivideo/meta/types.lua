---@meta apivideo.types
-- What goes in and out, for editors; nothing here runs.

-- A comment that is longer than its field's line stands above it: below, it
-- would be taken for the next field's.

---@class apivideo.Options : apivideo.core.Options
---@field auth? "basic"|"bearer" default "basic"
---@field log? fun(event: apivideo.Event) default: as APIVIDEO_LOG says
---@field driver? "auto"|"block"|"step"|"ngx"|"luv" who waits, default "auto"

---@class apivideo.core.Options
---@field api_key? string account key; default: APIVIDEO_API_KEY
---@field environment? "production"|"sandbox" default "production"
---@field base_url? string beats `environment`; default: APIVIDEO_BASE_URL
---@field timeout? number seconds that a call may take in all, default 30
--- Seconds without an answer after which what may be repeated is, on a fresh
--- connection, if the deadline leaves room; 0: never; default 10.
---@field attempt_timeout? number
--- Seconds for which nothing of an upload may move, default 30.
---@field idle_timeout? number
---@field connect_timeout? number seconds for one connection, default 10
---@field retries? integer further attempts, 0 to 100, default 2
---@field max_connections? integer open at once, default 16
---@field max_response_bytes? integer of a body, default 8 MiB
---@field proxy? string|false URL, false for none; default: the environment's
---@field ca_file? string PEM bundle; default: SSL_CERT_FILE, the system's
---@field application? apivideo.Identity sent as AV-Origin-App
---@field sdk? apivideo.Identity sent as AV-Origin-Sdk
---@field headers? table<string, string> sent with every request

---@class apivideo.Identity
---@field name string 1 to 50 of `A-Z a-z 0-9 _ -`
---@field version string such as "1", "1.2" or "1.2.3"

---@class apivideo.CallOptions
---@field timeout? number seconds that this call may take in all
---@field attempt_timeout? number seconds without an answer; 0: no limit
---@field idle_timeout? number seconds for which an upload may not move
---@field retries? integer further attempts after the first, 0 to 100
---@field headers? table<string, string> beat the client's of the same name

---@class apivideo.TokenPayload
---@field ttl? integer seconds, 0 to 2147483647; 0 or absent: never expires

---@class apivideo.Token
---@field token string
---@field ttl integer seconds; 0: never expires
---@field created_at string as `apivideo.epoch` reads it
---@field expires_at? string nil: never expires

---@class apivideo.ListQuery
---@field sort_by? "created_at"|"createdAt"|"ttl"
---@field sort_order? "asc"|"desc"
---@field current_page? integer from 1, default 1
---@field page_size? integer 1 to 100, default 25

---@class apivideo.PagesQuery : apivideo.ListQuery
---@field prefetch? integer pages in flight ahead, 0 to 100, default 1

---@class apivideo.IterateQuery
---@field sort_by? "created_at"|"createdAt"|"ttl"
---@field sort_order? "asc"|"desc"
---@field page_size? integer 1 to 100, default 100
---@field prefetch? integer pages in flight ahead, 0 to 100, default 1

---@class apivideo.ParallelOptions
---@field concurrency? integer tasks at once, 1 to 10000, default 16
---@field on_error? "collect" errors come in a table of their own, by index

---@class apivideo.UploadOptions : apivideo.CallOptions
--- Seconds for all of it. Without it an upload may take as long as it goes on,
--- and fails when nothing moves for its `idle_timeout`.
---@field timeout? number
---@field file_name? string the video's title; default: the path's last name
---@field video_id? string of a video that exists, without a file
--- Bytes of a part, 5 MiB to 128 MiB, default 50 MiB, and 5 MiB in a session.
---@field chunk_size? integer
---@field parallel? integer parts in flight at once, 1 to 64, default 1
---@field on_progress? fun(progress: apivideo.Progress)
---@field on_state? fun(state: apivideo.UploadState) after every part
---@field resume? apivideo.UploadState of an upload that broke off

---@class apivideo.Data
---@field data string what is uploaded
---@field file_name? string the video's title; default: "file"

--- The service's fields, names in snake_case; some may be absent.
---@class apivideo.Video
---@field video_id string
---@field title? string
---@field [string] any

---@class apivideo.Page
---@field data apivideo.Token[]
---@field pagination apivideo.Pagination

---@class apivideo.Pagination
---@field current_page integer
---@field current_page_items integer
---@field page_size integer
---@field pages_total integer
---@field items_total integer
---@field links apivideo.Link[]

---@class apivideo.Link
---@field rel string
---@field uri string

---@class apivideo.Response
---@field status integer
--- Names in lower case; one is found in any case.
---@field headers table<string, string>
---@field rate_limit apivideo.RateLimit
---@field attempts integer
---@field elapsed number seconds
---@field reused boolean an earlier connection served again
--- A part had arrived before: the service says so after an attempt whose answer
--- was lost.
---@field already_sent? boolean
--- A delete found nothing after an attempt whose answer was lost: the token is
--- gone.
---@field already_gone? boolean
local Response = {}

--- All of it as a plain table, for logs and JSON.
---@return table
function Response:table() end

---@class apivideo.RateLimit
---@field limit? integer requests in a window
---@field remaining? integer of them
---@field retry_after? integer seconds left in the window

---@alias apivideo.ErrorKind
---| "bad_request" 400
---| "unauthorized" 401
---| "forbidden" 403
---| "not_found" 404
---| "too_many_requests" 429, or held back until after the deadline
---| "client_error" any other 4xx
---| "server_error" 5xx
---| "unexpected_status" any other status
---| "connection" no address, refused, reset, closed before the answer
---| "timeout" the deadline passed
---| "tls" the certificate or the handshake; nothing was sent
---| "unsupported" libcurl lacks what the call needs: TLS, for example
---| "protocol" an answer that is not what was promised
---| "file" what is to be uploaded cannot be read, or has changed
---| "cancelled" the client was closed meanwhile, or the task cancelled
---| "closed" the client was closed before

---@class apivideo.Error
---@operator concat(any): string
---@field kind apivideo.ErrorKind
---@field message string one line; what tostring gives
---@field operation string
---@field attempts integer
---@field elapsed number seconds
---@field retryable boolean the same call may succeed later
---@field ambiguous boolean it may have been carried out all the same
---@field status? integer
---@field title? string
---@field type? string
---@field name? string
---@field detail? string
---@field problems? apivideo.Problem[]
---@field retry_after? integer seconds
---@field response? apivideo.Response
---@field upload? apivideo.UploadState what `resume` takes to go on with it
---@field cause? any what a reader failed with
local Error = {}

--- All of it as a plain table, for logs and JSON.
---@return table
function Error:table() end

--- One of several things that the service found wrong.
---@class apivideo.Problem
---@field type? string
---@field title? string
---@field name? string of the parameter
---@field detail? string

--- What a client tells of a call that has ended. A warning, and a task that
--- failed with nobody to await it, have a kind and a message alone.
---@class apivideo.Event
---@field operation? string
---@field method? string
---@field path? string secrets masked
---@field status? integer
---@field attempts? integer
---@field elapsed? number seconds
---@field reused? boolean
---@field kind? string of the failure, or "warning", or "task"
---@field message? string of the failure or warning

-- --- apivideo.safe ----------------------------------------------------------

--- What `apivideo.safe.new` gives: a call that failed returns nil and the error
--- object, and an iterator's last step false and the error object.
---@class apivideo.safe.Client : apivideo.Client
---@field upload_tokens apivideo.safe.UploadTokens
---@field videos apivideo.safe.Videos
local SafeClient = {}

---@param items any[]|fun(): any
---@param body fun(item: any, index: integer): any
---@param options? apivideo.ParallelOptions
---@return any[]? results
---@return apivideo.Error|table<integer, any>? err or, of items, by index
function SafeClient:parallel(items, body, options) end

---@param seconds number
---@return true? slept
---@return apivideo.Error? err
function SafeClient:sleep(seconds) end

---@class apivideo.safe.UploadTokens : apivideo.UploadTokens
local SafeUploadTokens = {}

---@param payload? apivideo.TokenPayload
---@param options? apivideo.CallOptions
---@return apivideo.Token? token
---@return apivideo.Response|apivideo.Error response
function SafeUploadTokens:create_token(payload, options) end

---@param token string
---@param options? apivideo.CallOptions
---@return apivideo.Token? token
---@return apivideo.Response|apivideo.Error response
function SafeUploadTokens:get_token(token, options) end

---@param token string
---@param options? apivideo.CallOptions
---@return true? ok
---@return apivideo.Response|apivideo.Error response
function SafeUploadTokens:delete_token(token, options) end

---@param query? apivideo.ListQuery
---@param options? apivideo.CallOptions
---@return apivideo.Page? page
---@return apivideo.Response|apivideo.Error response
function SafeUploadTokens:list(query, options) end

---@param query? apivideo.PagesQuery
---@param options? apivideo.CallOptions
---@return fun(): (apivideo.Page|false|nil), (apivideo.Response|apivideo.Error)?
function SafeUploadTokens:pages(query, options) end

---@param query? apivideo.IterateQuery
---@param options? apivideo.CallOptions
---@return fun(): (apivideo.Token|false|nil), apivideo.Error?
function SafeUploadTokens:iterate(query, options) end

---@class apivideo.safe.Videos : apivideo.Videos
local SafeVideos = {}

---@param token string
---@param what string|file*|apivideo.Data|fun(): string?
---@param options? apivideo.UploadOptions
---@return apivideo.Video? video
---@return apivideo.Response|apivideo.Error|nil response
function SafeVideos:upload_with_upload_token(token, what, options) end

---@param token string
---@param options? apivideo.UploadOptions
---@return apivideo.UploadSession? session
---@return apivideo.Error? err
function SafeVideos:progressive_upload(token, options) end
