---@meta apivideo.types
-- What goes in and out, for editors; nothing here runs.

---@class apivideo.Options
---@field api_key? string account key; default: APIVIDEO_API_KEY
---@field environment? "production"|"sandbox" default "production"
---@field base_url? string beats `environment`; default: APIVIDEO_BASE_URL
---@field auth? "basic"|"bearer" default "basic"
---@field timeout? number seconds that a call may take in all, default 30
---@field connect_timeout? number seconds for one connection, default 10
---@field retries? integer further attempts after the first, 0 to 100
---@field max_connections? integer open at once, default 16
---@field max_response_bytes? integer of a body, default 8 MiB
---@field proxy? string URL, "" for none; default: as the environment says
---@field ca_file? string PEM bundle; default: SSL_CERT_FILE, the system's
---@field application? apivideo.Identity sent as AV-Origin-App
---@field sdk? apivideo.Identity sent as AV-Origin-Sdk
---@field headers? table<string, string> sent with every request
---@field log? fun(event: apivideo.Event) default: as APIVIDEO_LOG says
---@field driver? "auto"|"block"|"step"|"ngx"|"luv" who waits, default "auto"

---@class apivideo.Identity
---@field name string 1 to 50 of `A-Z a-z 0-9 _ -`
---@field version string such as "1", "1.2" or "1.2.3"

---@class apivideo.CallOptions
---@field timeout? number seconds that this call may take in all
---@field retries? integer further attempts after the first, 0 to 100
---@field headers? table<string, string> beat the client's of the same name

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
---@field on_error? "collect" errors take their items' places

---@class apivideo.UploadOptions : apivideo.CallOptions
---@field timeout? number seconds for all of it; default: it may take as long as
-- it goes on, and fails when nothing moves for the client's timeout
---@field file_name? string the video's title; default: the path's last name
---@field video_id? string of a video that exists, without a file
---@field chunk_size? integer bytes of a part, 5 MiB to 128 MiB, default 50
-- MiB, and 5 MiB in a session
---@field parallel? integer parts in flight at once, 1 to 64, default 1
---@field on_progress? fun(progress: apivideo.Progress)
---@field on_state? fun(state: apivideo.UploadState) after every part
---@field resume? apivideo.UploadState of an upload that broke off

---@class apivideo.Video the service's fields, names in snake_case
---@field video_id string
---@field title? string

---@class apivideo.Page
---@field data apivideo.Token[]
---@field pagination apivideo.Pagination

---@class apivideo.Pagination
---@field current_page integer
---@field current_page_items integer
---@field page_size integer
---@field pages_total integer
---@field items_total integer
---@field links { rel: string, uri: string }[]

---@class apivideo.Response
---@field status integer
---@field headers table<string, string> names in lower case
---@field rate_limit apivideo.RateLimit
---@field attempts integer
---@field elapsed number seconds
---@field reused boolean an earlier connection served again
---@field already_sent? boolean a part that had arrived before: the service
-- says so after an attempt whose answer was lost
---@field already_gone? boolean a delete found nothing after an attempt whose
-- answer was lost: the token is gone

---@class apivideo.RateLimit
---@field limit? integer requests in a window
---@field remaining? integer of them
---@field retry_after? integer seconds left in the window

---@class apivideo.Error
---@field kind string
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
---@field problems? { type: string?, title: string?, name: string? }[]
---@field retry_after? integer seconds
---@field response? apivideo.Response
---@field upload? apivideo.UploadState what `resume` takes to go on with it
---@field cause? any what a reader failed with

---@class apivideo.Event
---@field operation? string absent, as all but kind and message, in a warning
-- and for a task
---@field method? string
---@field path? string secrets masked
---@field status? integer
---@field attempts? integer
---@field elapsed? number seconds
---@field reused? boolean
---@field kind? string of the failure, or "warning", or "task"
---@field message? string of the failure or warning

---@class apivideo.core.Call
---@field done fun(self): boolean
---@field result fun(self): any, apivideo.Response
---@field cancel fun(self)
---@field request fun(self): string, string method and masked path
---@field number fun(self): number which of its client's calls it is
---@field progress fun(self): integer bytes of an upload that were taken
---@field may_have_arrived fun(self): boolean an upload that failed, perhaps
-- only for want of an answer

---@class apivideo.core.File
---@field identity fun(self): integer, string, string size, change, inode
---@field close fun(self)

---@class apivideo.core.Client : apivideo.core.Operations
---@field start fun(self, operation: string, ...): apivideo.core.Call
---@field check fun(self, method: string, operation: string, ...)
---@field step fun(self, seconds?: number): integer calls in flight
---@field in_flight fun(self): integer
---@field ended fun(self): number? of the next call that ended
---@field fd fun(self): integer? readable when step has something to do
---@field timeout fun(self): number? seconds until step is due even so
---@field redact fun(self, text: string): string one line, secrets masked
---@field set_access_token fun(self, access_token: string)
---@field close fun(self)

---@class apivideo.core.Operations
---@field create_token fun(self, ...): apivideo.Token, apivideo.Response
---@field get_token fun(self, ...): apivideo.Token, apivideo.Response
---@field delete_token fun(self, ...): boolean, apivideo.Response
---@field list fun(self, ...): apivideo.Page, apivideo.Response
