--- Where the service is, when only the environment of it is named.

local URLS = {
  production = "https://ws.api.video", sandbox = "https://sandbox.api.video",
}

---@param environment "production"|"sandbox"|nil
---@return string
return function(environment)
  return URLS[environment or "production"]
end
