-- Servers that take their time: the deadline holds all the same.

local matrix = require "spec.support.fault_matrix"

matrix.specs(require "spec.support.rows.deadline")
