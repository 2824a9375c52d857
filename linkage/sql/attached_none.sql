-- Nobody is attached by evidence yet. Gives link_attached (unit: the seeker, root, pass, probability) and
-- link_contradicted (a, b).

CREATE OR REPLACE TEMP TABLE link_attached (unit UBIGINT, root UBIGINT, pass TINYINT, probability DOUBLE);

CREATE OR REPLACE TEMP TABLE link_contradicted (a UBIGINT, b UBIGINT);
