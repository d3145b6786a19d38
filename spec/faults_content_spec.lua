-- Answers that are good HTTP and say something that nobody can use; and all
-- the statuses.

local matrix = require "spec.support.fault_matrix"

matrix.specs(require "spec.support.rows.content")
