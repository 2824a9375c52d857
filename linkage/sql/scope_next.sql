-- The next front: the keys of what was reached last. Reads link_key_free, link_hit. Gives link_key_front.

CREATE OR REPLACE TEMP TABLE link_key_front AS
SELECT key, presentation_id FROM link_key_free WHERE presentation_id IN (FROM link_hit);
