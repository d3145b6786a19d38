-- Every fault during every kind of part: one video with all its bytes, or a
-- failure that can be gone on from, or, for a first part that may have
-- arrived, one that says so.

local matrix = require "spec.support.upload_matrix"
local broken = require "spec.support.broken_uploads"

local describe_uploads = matrix.specs(describe, setup, it)

for _, name in ipairs { "connection", "content", "framing", "deadline" } do
  describe_uploads(require("spec.support.rows." .. name), broken.SMALL)
end

describe_uploads(require "spec.support.rows.cuts", broken.LARGE)
