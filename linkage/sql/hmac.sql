-- HMAC-SHA256 (RFC 2104) in hex, from a key's two pads and a message.

CREATE OR REPLACE TEMP MACRO link_hmac(ipad, opad, message) AS
    sha256(opad || unhex(sha256(ipad || message)));

-- The pseudonym of a registry id: the first 128 bits of its HMAC, in hex.
CREATE OR REPLACE TEMP MACRO link_person_key(ipad, opad, registry_id) AS
    substr(link_hmac(ipad, opad, encode(replace(registry_id::VARCHAR, '-', ''))), 1, 32);
