-- What a spec allows a slow machine: seconds, stretched where every step of
-- the program is watched. Whoever runs the suite like that says how much longer
-- things take there in APIVIDEO_SLOW. It is for tolerances only; what the
-- library is given stays as it is.

local FACTOR = tonumber(os.getenv "APIVIDEO_SLOW") or 1

return function(seconds)
  return seconds * FACTOR
end
