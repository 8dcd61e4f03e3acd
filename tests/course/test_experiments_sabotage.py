"""The runs that were spoilt on purpose, and that their script makes them again."""

import json
import math

import pytest

from course.experiments.sabotage import (
    CONTROLS,
    RECORDED,
    SABOTAGES,
    labels_of_runs,
    load_runs,
    make_run,
    recorded_runs,
)

RUNS = dict(zip(labels_of_runs(), load_runs(), strict=True))
CURVES = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
#: Its states are chaotic at first, so that rounding decides where it is thrown.
CHAOTIC = "exploding_gradients"


def test_ten_runs_are_recorded_one_of_each_sabotage() -> None:
    assert len(RUNS) == 10
    assert set(RUNS) == set(SABOTAGES)
    assert RECORDED.stat().st_size < 40_000


@pytest.mark.parametrize("label", SABOTAGES)
def test_a_run_has_the_form_that_is_promised(label) -> None:
    run = RUNS[label]
    epochs, layers = len(run["train_loss"]), len(run["gradient_norm"][0])
    assert all(len(run[name]) == epochs for name in (*CURVES, "gradient_norm", "zero_share"))
    assert {len(norms) for norms in run["gradient_norm"]} == {layers}
    assert all(0 <= share <= 1 for shares in run["zero_share"] for share in shares)
    assert len(run["feature_std"]) == (64 if run["n_classes"] == 10 else 30)
    assert math.isfinite(sum(json.loads(json.dumps(run))["train_loss"]))


def test_the_script_makes_the_recorded_runs_again() -> None:
    """But for rounding: after hundreds of steps another processor may end a little elsewhere."""
    for label, run in zip(labels_of_runs(), recorded_runs(), strict=True):
        kept = RUNS[label]
        assert run.keys() == kept.keys()
        assert run["feature_std"] == pytest.approx(kept["feature_std"], rel=1e-3)
        if label == CHAOTIC:
            largest = [max(map(max, one["gradient_norm"])) for one in (run, kept)]
            assert largest[1] / 10 < largest[0] < largest[1] * 10
            continue
        first = {name: run[name][0] for name in CURVES}
        assert first == pytest.approx({n: kept[n][0] for n in CURVES}, rel=0.02, abs=0.02), label
        for name in CURVES:
            if label != "rate_too_large":
                assert run[name] == pytest.approx(kept[name], rel=0.1, abs=0.05), (label, name)


@pytest.mark.parametrize("name", [*SABOTAGES, *CONTROLS])
def test_a_run_is_a_pure_function_of_its_seed(name) -> None:
    run = make_run(name, 3)
    run["train_loss"].clear()  # a caller may do what it likes with its own
    assert len(make_run(name, 3)["train_loss"]) > 10
    assert make_run(name, 3) != make_run(name, 4)


def test_an_unknown_sabotage_is_refused() -> None:
    with pytest.raises(KeyError, match="coffee"):
        make_run("coffee", 0)


def test_each_sabotage_leaves_its_own_trace() -> None:
    def largest(label: str) -> float:
        return max(max(norms) for norms in RUNS[label]["gradient_norm"])

    assert max(RUNS["inputs_not_standardised"]["feature_std"]) > 100
    assert RUNS["rate_too_large"]["train_loss"][-1] > 2 * math.log(10)
    assert largest("exploding_gradients") > 5 * max(
        largest(label) for label in SABOTAGES if label != "exploding_gradients"
    )
    assert max(RUNS["dead_relus"]["zero_share"][-1]) > 0.99
    first, last = RUNS["vanishing_gradients"]["gradient_norm"][0][:: len(
        RUNS["vanishing_gradients"]["gradient_norm"][0]) - 1]  # fmt: skip
    assert first < 1e-3 * last
    leaked = RUNS["validation_leaked"]
    assert leaked["validation_accuracy"][-1] > leaked["fresh_accuracy"] + 0.1
