-- Whoever a reviewer decided on. Reads link_decided, link_placed. Gives link_met (unit).

CREATE OR REPLACE TEMP TABLE link_met AS
SELECT DISTINCT unit FROM link_placed WHERE presentation_id IN (SELECT unnest([l, r]) FROM link_decided);
