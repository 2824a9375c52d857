-- Which settlement matches which encounter: of the same person and institution, on overlapping days, the fee within 1 % of what was settled.
-- Reads fact_settlement, fact_encounter.
CREATE OR REPLACE TEMP TABLE settled_encounter AS
SELECT settlement.settlement_id, encounter.encounter_id
FROM fact_settlement AS settlement
JOIN fact_encounter AS encounter
  ON encounter.person_key = settlement.person_key
  AND encounter.org_code = settlement.org_code
  AND encounter.start_at::DATE <= coalesce(settlement.end_at, settlement.begin_at)::DATE
  AND coalesce(encounter.end_at, encounter.start_at)::DATE >= settlement.begin_at::DATE
  AND abs(encounter.total_fee - settlement.medfee_sumamt) * 100 <= settlement.medfee_sumamt
