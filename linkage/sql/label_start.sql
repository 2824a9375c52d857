-- Every tied unit begins as a group of its own.
-- Reads link_tie. Gives link_label.

CREATE OR REPLACE TEMP TABLE link_label AS
SELECT DISTINCT unit, unit AS label FROM link_tie;
