-- Every problem that the service may answer with: its status and title.
local BASE = "https://docs.api.video/reference/"

local PROBLEMS = {
  ["attribute-required"] = { 400, "Invalid attributes." },
  ["invalid-attribute"] = { 400, "Invalid attributes." },
  ["invalid-query-parameter"] = { 400, "Invalid attributes." },
  ["invalid-payload"] = { 400, "The payload is invalid." },
  ["authentication-invalid-user-credentials"] =
    { 400, "The user credentials were incorrect." },
  ["authentication-invalid-api-key"] = { 401, "The API key is invalid." },
  ["authentication-invalid-access-token"] =
    { 401, "The access token is invalid or expired." },
  ["authentication-invalid-refresh-token"] =
    { 401, "The refresh token is invalid." },
  ["authentication-missing-authorization-header"] =
    { 401, 'The "Authorization" header is missing.' },
  ["authentication-missing-upload-token"] =
    { 401, "The upload token is missing." },
  ["authentication-invalid-upload-token"] =
    { 401, "The upload token is invalid or expired." },
  ["authorization-suspended-account"] = { 403, "Suspended account" },
  ["resource-not-found"] = { 404, "The requested resource was not found." },
  ["unrecognized-request-url"] = { 404, "Unrecognized request URL." },
  ["method-not-allowed"] = { 405, "Method is not allowed for this route." },
  ["too-many-requests"] = { 429, "Too many requests." },

  ["uploaded-file-empty"] = { 400, "The uploaded file is empty." },
  ["uploaded-file-multiple-files"] =
    { 400, "There are more than one uploaded file in the request." },
  ["uploaded-file-no-file"] =
    { 400, "There is no uploaded file in the request." },
  ["uploaded-file-too-large"] = { 400, "The uploaded file is too large." },
  ["video-source-already-uploaded"] =
    { 400, "This video source has already been uploaded." },
}

local RANGE_PROBLEMS = {
  ["malformed"] = 'The value of the "Content-Range" header is malformed, the '
    .. 'expected format is "bytes <from_byte>-<to_byte>/<total_bytes>" or '
    .. '"part <part>/<total_parts>".',
  ["started-with-bytes"] = 'This "Content-Range" upload has been started with '
    .. '"bytes", you cannot continue it with "part".',
  ["started-with-part"] = 'This "Content-Range" upload has been started with '
    .. '"part", you cannot continue it with "bytes".',
  ["already-initiated"] = "This video source has already been initiated with "
    .. 'a "Content-Range" upload.',
  ["by-part-part-already-sent"] = "This part has already been sent.",
  ["by-part-part-zero"] = "The part number cannot be zero.",
  ["by-part-part-too-high-total"] =
    "The part number is higher than the total number of parts.",
  ["by-part-part-too-high-allowed"] =
    "The part number is higher than the number of parts allowed.",
  ["by-part-different-total-parts"] =
    "The total number of parts differs from the one sent before.",
  ["by-part-total-parts-too-low"] =
    "The total number of parts is lower than a part sent before.",
  ["by-part-total-parts-too-high"] =
    "The total number of parts is higher than allowed.",
  ["by-part-total-parts-zero"] = "The total number of parts cannot be zero.",
  ["by-part-uploaded-file-too-small"] =
    "Every part but the last must have the minimum size.",
  ["by-bytes-range-mismatch"] =
    "The range differs from the size of the uploaded file.",
  ["by-bytes-range-overlap"] = "The range overlaps bytes sent before.",
  ["by-bytes-range-too-small"] =
    "Every range but the last must have the minimum size.",
  ["by-bytes-range-too-large"] = "The range is larger than allowed.",
  ["by-bytes-different-total-bytes"] =
    "The total number of bytes differs from the one sent before.",
  ["by-bytes-from-byte-too-high"] =
    "The first byte of the range is higher than its last.",
  ["by-bytes-to-byte-too-high-total"] =
    "The last byte of the range is not below the total number of bytes.",
  ["by-bytes-to-byte-too-high-allowed"] =
    "The last byte of the range is higher than allowed.",
  ["by-bytes-total-bytes-zero"] = "The total number of bytes cannot be zero.",
  ["by-bytes-total-bytes-too-high"] =
    "The total number of bytes is higher than allowed.",
}

for name, title in pairs(RANGE_PROBLEMS) do
  PROBLEMS["video-content-range-" .. name] = { 400, title }
end

local problems = {}

function problems.exists(name)
  return PROBLEMS[name] ~= nil
end

-- -> status and body of the problem; `more` has its further fields.
function problems.answer(name, more)
  local status, title = unpack(PROBLEMS[name])
  local body = { type = BASE .. name, title = title, status = status }
  for field, value in pairs(more or {}) do body[field] = value end
  return status, body
end

-- The answer to bad parameters: one problem that lists them all. `faults` is
-- a list of { name = of the parameter, title = what is wrong with it }.
function problems.parameters(name, faults)
  local list = {}
  for i, fault in ipairs(faults) do
    list[i] = { type = BASE .. name, title = fault.title, name = fault.name }
  end
  return problems.answer(name, { name = list[1].name, problems = list })
end

return problems
