-- Connections that break, or never come about.

local matrix = require "spec.support.fault_matrix"

matrix.specs(describe, setup, it)(require "spec.support.rows.connection")
