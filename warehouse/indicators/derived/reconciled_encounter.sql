-- Encounters of persons who have a settlement, and whether one matches. Reads fact_encounter, fact_settlement, settled_encounter.
CREATE OR REPLACE TEMP VIEW reconciled_encounter AS
SELECT
  encounter.person_key,
  encounter.org_code,
  encounter.city_code,
  encounter.start_at,
  matching.encounter_id IS NOT NULL AS matched
FROM fact_encounter AS encounter
SEMI JOIN fact_settlement AS insured ON insured.person_key = encounter.person_key
LEFT JOIN (SELECT DISTINCT encounter_id FROM settled_encounter) AS matching
  ON matching.encounter_id = encounter.encounter_id
