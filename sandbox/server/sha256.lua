-- SHA-256 of data that comes in pieces, by OpenSSL, which nginx brings along.
local ffi = require "ffi"

ffi.cdef [[
  typedef struct evp_md_ctx_st EVP_MD_CTX;
  typedef struct evp_md_st EVP_MD;
  EVP_MD_CTX *EVP_MD_CTX_new(void);
  void EVP_MD_CTX_free(EVP_MD_CTX *context);
  const EVP_MD *EVP_sha256(void);
  int EVP_DigestInit_ex(EVP_MD_CTX *context, const EVP_MD *type, void *engine);
  int EVP_DigestUpdate(EVP_MD_CTX *context, const void *data, size_t size);
  int EVP_DigestFinal_ex(EVP_MD_CTX *context, unsigned char *digest,
    unsigned int *size);
]]

local C = ffi.C
local SIZE = 32

local sha256 = {}
sha256.__index = sha256

function sha256.new()
  local context = ffi.gc(C.EVP_MD_CTX_new(), C.EVP_MD_CTX_free)
  assert(C.EVP_DigestInit_ex(context, C.EVP_sha256(), nil) == 1)
  return setmetatable({ context = context }, sha256)
end

function sha256:update(pointer, count)
  assert(C.EVP_DigestUpdate(self.context, pointer, count) == 1)
end

-- -> the digest in hexadecimal; nothing can be added afterwards.
function sha256:finish()
  local digest = ffi.new("unsigned char[?]", SIZE)
  assert(C.EVP_DigestFinal_ex(self.context, digest, nil) == 1)
  return (ffi.string(digest, SIZE):gsub(".", function(character)
    return ("%02x"):format(character:byte())
  end))
end

return sha256
