-- How values of two persons are held against each other.

-- The birth date that is part of a resident's number, however its check may be; NULL where it is no day.
CREATE OR REPLACE TEMP MACRO link_born(number) AS
    CASE WHEN length(number) = 18 THEN resident_id_birth(number) END;

-- How two characters at one place of two names agree: 0 the same, or lost on one side; 1 of the same sound; 2 near in
-- sound or shape; 3 different. Shapes are ASCII, so that a distance by bytes is one by strokes.
CREATE OR REPLACE TEMP MACRO link_place(l, r, l_sound, r_sound, l_slurred, r_slurred, l_shape, r_shape, present) AS
    CASE
        WHEN NOT present THEN NULL
        WHEN l IS NULL OR r IS NULL OR l = r THEN 0
        WHEN l_sound = r_sound THEN 1
        WHEN l_slurred = r_slurred THEN 2
        WHEN levenshtein(l_shape, r_shape) <= 0.4 * greatest(length(l_shape), length(r_shape)) THEN 2
        ELSE 3
    END;

-- log2 of how probable that agreement is by chance, for a character of that frequency. Some eight characters share a
-- sound; one in sixty is near another in sound or shape.
CREATE OR REPLACE TEMP MACRO link_agreement(place, lost, frequency) AS
    CASE
        WHEN place IS NULL OR lost THEN 0.0
        WHEN place = 0 THEN frequency
        WHEN place = 1 THEN least(frequency + 3, -4.0)
        WHEN place = 2 THEN -6.0
        ELSE 0.0
    END;

-- Whether two birth dates may be one, miswritten: day and month the other way round, or one digit off.
CREATE OR REPLACE TEMP MACRO link_birth_slip(l, r) AS
    (year(l) = year(r) AND month(l) = day(r) AND day(l) = month(r))
    OR hamming(strftime(l, '%Y%m%d'), strftime(r, '%Y%m%d')) = 1;
