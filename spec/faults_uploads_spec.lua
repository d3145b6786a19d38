-- Every fault during every kind of part: one video with all its bytes, or a
-- failure that can be gone on from, or, for a first part that may have
-- arrived, one that says so.

local broken = require "spec.support.broken_uploads"
local matrix = require "spec.support.upload_matrix"

for _, name in ipairs { "connection", "content", "framing", "deadline" } do
  matrix.specs(require("spec.support.rows." .. name), broken.SMALL)
end

matrix.specs(require "spec.support.rows.cuts", broken.LARGE)
