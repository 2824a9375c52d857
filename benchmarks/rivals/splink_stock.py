"""Splink 5 on DuckDB as its documentation sets it up: six comparisons, five blocking rules, EM, connected components.

It is given what a competent user finds in the documentation: term frequencies on name, telephone and address, standard
comparisons for the rest, columns that aren't needed not retained, and whichever of the thresholds is best.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from benchmarks.rivals.laps import Laps
from benchmarks.rivals.records import cleaned, connect

THRESHOLDS = ("0.95", "0.99", "0.999", "0.9999", "0.99999", "0.999999", "0.9999999", "0.99999999")
_SEED = 1


def find_clusters(records: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Write the clusters at each threshold; preparing, training and predicting serve all of them."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    laps = Laps()
    connection = connect()
    connection.execute(f"CREATE TABLE record AS {cleaned(records)}")
    linker = Linker(DuckDBAPI(connection).register("record"), _settings(), log_level=None)
    laps.end("prepare")
    _train(linker)
    laps.end("train")
    pairs = linker.inference.predict(threshold_match_probability=float(THRESHOLDS[0]))
    laps.end("predict")
    seconds: dict[str, dict[str, float]] = {}
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=float(threshold)
        )
        found = clusters.as_duckdbpyrelation().select("record_id, cluster_id AS cluster")
        found.write_parquet(str(folder / f"{threshold}.parquet"))
        clusters.drop_table_from_database_and_remove_from_cache()
        laps.end("cluster")
        seconds[threshold] = dict(laps.seconds)
    return seconds


def _settings() -> Any:
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[
            cl.NameComparison("name"),  # exact, with term frequencies; Jaro-Winkler 0.92, 0.88, 0.7
            cl.DateOfBirthComparison("birth_date", input_is_string=False),
            cl.LevenshteinAtThresholds("id_no", [1, 2]),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("sex_code"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("id_no"),
            block_on("name", "birth_date"),
            block_on("name", "phone"),
            block_on("birth_date", "phone"),
            block_on("name", "address"),
        ],
        retain_matching_columns=False,
    )


def _train(linker: Any) -> None:
    from splink import block_on

    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("id_no", "name"), block_on("name", "birth_date", "phone")], recall=0.9
    )
    training.estimate_u_using_random_sampling(seed=_SEED)
    training.estimate_parameters_using_expectation_maximisation(block_on("id_no"))
    training.estimate_parameters_using_expectation_maximisation(block_on("name", "birth_date"))
