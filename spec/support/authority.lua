-- Certificate authorities and certificates for the specs, made with openssl.

local CONFIGURATION = [[
[ca]
default_ca = ours

[ours]
database = issued
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any

[any]
commonName = supplied

[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign

[here]
subjectAltName = IP:127.0.0.1, DNS:localhost
extendedKeyUsage = serverAuth

[elsewhere]
subjectAltName = DNS:elsewhere.test
extendedKeyUsage = serverAuth

[client]
subjectAltName = IP:127.0.0.1, DNS:localhost
extendedKeyUsage = clientAuth
]]

-- All certificates of servers have the same key.
local SCRIPT = [[set -eu
: >issued
openssl ecparam -name prime256v1 -genkey -noout -out server.key
openssl req -new -key server.key -subj /CN=127.0.0.1 -out server.csr

authority() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -x509 -new -config ca.conf -extensions authority -days 30 \
    -key "$1.key" -subj "/CN=authority of the specs: $1" -out "$1.pem"
}

# issue NAME AUTHORITY EXTENSIONS YEAR YEAR
issue() {
  openssl ca -batch -notext -config ca.conf -cert "$2.pem" \
    -keyfile "$2.key" -extensions "$3" -startdate "${4}0101000000Z" \
    -enddate "${5}0101000000Z" -in server.csr -out "$1.pem"
}

authority trusted
authority unknown
issue valid trusted here 2020 2099
issue expired trusted here 2020 2021
issue future trusted here 2098 2099
issue elsewhere trusted elsewhere 2020 2099
issue client trusted client 2020 2099
issue stranger unknown here 2020 2099
openssl req -x509 -new -config ca.conf -extensions here -days 30 \
  -key server.key -subj /CN=127.0.0.1 -out self-signed.pem
]]

-- Makes these files in a place (see place.lua): trusted.pem and unknown.pem,
-- authorities; server.key, and for it, by the trusted authority unless they
-- say otherwise: valid.pem, expired.pem, future.pem (not valid yet),
-- elsewhere.pem (another host), client.pem (not for servers), stranger.pem (by
-- the unknown authority), self-signed.pem.
return function(place)
  place:write("ca.conf", CONFIGURATION)
  place:run(SCRIPT)
end
