-- Reads link_spread. Renews link_label.

CREATE OR REPLACE TEMP TABLE link_label AS
SELECT l.unit, coalesce(s.label, l.label) AS label FROM link_label AS l LEFT JOIN link_spread AS s USING (unit);
