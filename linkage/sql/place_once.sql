-- A presentation of several batches stands once. Reads and renews link_placed.

DELETE FROM link_placed WHERE rowid IN (
    WITH repeated AS (
        SELECT presentation_id FROM link_placed GROUP BY presentation_id HAVING count(*) > 1
    )
    SELECT rowid FROM link_placed WHERE presentation_id IN (FROM repeated)
    QUALIFY row_number() OVER (PARTITION BY presentation_id ORDER BY rowid) > 1
);
