-- Files read in pieces through one fixed buffer, so that a body of any size
-- costs the same memory. Offsets count from 0.
local ffi = require "ffi"

ffi.cdef [[
  int open(const char *path, int flags);
  int close(int fd);
  int link(const char *from, const char *to);
  ssize_t pread(int fd, void *buffer, size_t size, int64_t offset);
  ssize_t pread64(int fd, void *buffer, size_t size, int64_t offset);
  void *memmem(const void *in, size_t in_size, const void *what, size_t size);
]]

local C = ffi.C
-- Offsets have 64 bits: everywhere in a process of 64 bits, and by this name of
-- glibc's in one of 32.
local pread = ffi.abi "64bit" and C.pread or C.pread64
local O_RDONLY = 0
local PIECE = 2 ^ 20
-- After this many bytes other requests get a turn of this many seconds.
local TURN = 8 * PIECE
local PAUSE = 0.001

local buffer = ffi.new("char[?]", PIECE)

local files = {}
local file = {}
file.__index = file

-- Makes `path` known by a second name, which keeps the contents when the
-- first one goes.
function files.keep(path, as)
  assert(C.link(path, as) == 0, "cannot link the uploaded file")
end

function files.open(path)
  local fd = C.open(path, O_RDONLY)
  assert(fd >= 0, "cannot open the uploaded file")
  return setmetatable({ fd = fd }, file)
end

function file:close()
  C.close(self.fd)
end

-- Fills the buffer from `offset` with up to `size` bytes. -> how many came.
local function fill(self, offset, size)
  size = math.min(size, PIECE)
  return tonumber(pread(self.fd, buffer, size, offset))
end

-- At most one buffer of text from `offset`.
function file:text(offset, size)
  local count = fill(self, offset, size)
  return count > 0 and ffi.string(buffer, count) or ""
end

-- -> the offset of the first `what` from `offset` on, or nil.
function file:find(what, offset)
  local overlap = #what - 1
  local turn = offset + TURN
  while true do
    local count = fill(self, offset, PIECE)
    if count <= overlap then return nil end
    local found = ffi.cast("char *", C.memmem(buffer, count, what, #what))
    if found ~= nil then return offset + (found - buffer) end
    offset = offset + count - overlap
    if offset >= turn then
      ngx.sleep(PAUSE)
      turn = offset + TURN
    end
  end
end

-- Hands `size` bytes from `offset` to consume(pointer, count), in pieces.
function file:each(offset, size, consume)
  local turn = offset + TURN
  while size > 0 do
    local count = fill(self, offset, size)
    assert(count > 0, "the uploaded file became shorter")
    consume(buffer, count)
    offset, size = offset + count, size - count
    if offset >= turn then
      ngx.sleep(PAUSE)
      turn = offset + TURN
    end
  end
end

return files
