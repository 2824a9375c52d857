-- The registry narrowed to the persons asked for, and their keys. Reads link_asked, link_state; $ipad, $opad.

CREATE OR REPLACE TEMP TABLE link_asked_state AS
SELECT * FROM link_state WHERE registry_id IN (SELECT registry_id FROM link_asked);

CREATE OR REPLACE TEMP TABLE link_asked_key AS
SELECT link_person_key($ipad, $opad, registry_id) AS person_key FROM link_asked;
