-- A fact's rows in the worlds, under the keys of each; in a world that errs doubtful records are whose the replicate says. Reads in_world,
-- flipped, {base}.{fact}. Gives {fact}, which hides that of {base}.
CREATE OR REPLACE TEMP TABLE {fact} AS
SELECT
  record.* REPLACE (
    record.{id} + (world.number::BIGINT << 55) AS {id},
    world.sign || coalesce(flipped.to_key, record.person_key) AS person_key,
    {places}
  )
FROM {base}.{fact} AS record
JOIN in_world AS world ON world.person_key = record.person_key
LEFT JOIN flipped
  ON world.errs AND flipped.replicate = world.replicate AND flipped.feed = '{feed}'
  AND flipped.person_key = record.person_key AND record.tier IN {doubtful}
