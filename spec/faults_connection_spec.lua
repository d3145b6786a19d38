-- Connections that break, or never come about.

local matrix = require "spec.support.fault_matrix"

matrix.specs(require "spec.support.rows.connection")
