-- Encounters of persons who have a settlement, and whether one matches: of the same institution, on overlapping days, its fee
-- within 1 %. Reads fact_encounter, fact_settlement.
CREATE OR REPLACE TEMP VIEW reconciled_encounter AS
SELECT
  encounter.person_key,
  encounter.org_code,
  encounter.city_code,
  encounter.start_at,
  matching.encounter_id IS NOT NULL AS matched
FROM fact_encounter AS encounter
SEMI JOIN fact_settlement AS insured ON insured.person_key = encounter.person_key
LEFT JOIN (
  SELECT DISTINCT treated.encounter_id
  FROM fact_encounter AS treated
  JOIN fact_settlement AS paid
    ON paid.person_key = treated.person_key
    AND paid.org_code = treated.org_code
    AND treated.start_at::DATE <= coalesce(paid.end_at, paid.begin_at)::DATE
    AND coalesce(treated.end_at, treated.start_at)::DATE >= paid.begin_at::DATE
    AND abs(treated.total_fee - paid.medfee_sumamt) * 100 <= paid.medfee_sumamt
) AS matching ON matching.encounter_id = encounter.encounter_id
