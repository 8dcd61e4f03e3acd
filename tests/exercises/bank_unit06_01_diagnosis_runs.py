"""Answers to `diagnose`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "diagnose"
Run = dict[str, Any]
Rule = Callable[[Run], bool]


def gap(run: Run) -> float:
    return float(run["train_accuracy"][-1] - run["validation_accuracy"][-1])


def chance(run: Run) -> float:
    return 1 / float(run["n_classes"])


def first_to_last(run: Run, epoch: int) -> bool:
    norms = run["gradient_norm"][epoch]
    return bool(norms[0] < 0.01 * norms[-1])


RULES: dict[str, Rule] = {
    "inputs_not_standardised": lambda run: max(run["feature_std"]) > 10,
    "rate_too_large": lambda run: run["train_loss"][-1] > 2 * math.log(run["n_classes"]),
    "exploding_gradients": lambda run: max(map(max, run["gradient_norm"])) > 2000,
    "dead_relus": lambda run: max(run["zero_share"][-1]) > 0.9,
    "vanishing_gradients": lambda run: first_to_last(run, 0),
    "rate_too_small": lambda run: run["train_loss"][-1] > 0.9 * run["train_loss"][0],
    "labels_shuffled": lambda run: (
        gap(run) > 0.4 and run["validation_accuracy"][-1] < 2.5 * chance(run)
    ),
    "gradients_not_zeroed": lambda run: (
        run["train_loss"][-1] < 0.05
        and max(run["gradient_norm"][-1]) > max(run["gradient_norm"][0])
    ),
    "overfitting": lambda run: gap(run) > 0.18,
    "validation_leaked": lambda run: run["validation_accuracy"][-1] - run["fresh_accuracy"] > 0.1,
}


def by_rules(rules: dict[str, Rule], rest: Any = "healthy") -> Callable[[Run], Any]:
    """The first label whose rule holds."""

    def answer(run: Run) -> Any:
        return next((label for label, rule in rules.items() if rule(run)), rest)

    return answer


def with_rule(label: str, rule: Rule) -> Callable[[Run], Any]:
    """All rules, one of them another."""
    return by_rules({**RULES, label: rule})


def first(*labels: str) -> Callable[[Run], Any]:
    """All rules, with these at the front."""
    return by_rules({**{label: RULES[label] for label in labels}, **RULES})


def renamed(label: str, other: Any) -> Callable[[Run], Any]:
    """Right, but for one label."""
    right = by_rules(RULES)
    return lambda run: other if right(run) == label else right(run)


bank.right_ones(EXERCISE, rules=by_rules(RULES))


@bank.right(EXERCISE)
def chain_of_ifs(run: Run) -> str:
    guess = math.log(run["n_classes"])
    spread = np.array(run["feature_std"])
    norms, zeros = np.array(run["gradient_norm"]), np.array(run["zero_share"])
    if spread.max() / spread[spread > 0].min() > 1000:
        return "inputs_not_standardised"
    if max(run["train_loss"]) > 10 * guess:
        return "rate_too_large"
    if norms.max() > 3000:
        return "exploding_gradients"
    if (zeros.max(axis=0) > 0.99).any():
        return "dead_relus"
    if norms[0, 0] < norms[0, -1] / 300:
        return "vanishing_gradients"
    if run["train_loss"][0] - run["train_loss"][-1] < 0.08:
        return "rate_too_small"
    return among_those_that_learn(run, norms)


def among_those_that_learn(run: Run, norms: Any) -> str:
    chances = 1 / run["n_classes"]
    if run["train_accuracy"][-1] > 0.9 and run["validation_accuracy"][-1] < chances + 0.15:
        return "labels_shuffled"
    if norms[-1].max() > 5:
        return "gradients_not_zeroed"
    if run["train_accuracy"][-1] - run["validation_accuracy"][-1] > 0.17:
        return "overfitting"
    if run["validation_accuracy"][-1] == 1 and run["fresh_accuracy"] < 0.9:
        return "validation_leaked"
    return "healthy"


@bank.right(EXERCISE)
def consequences_told_apart(run: Run) -> str:
    """Sorts the runs by what they achieve, then asks why."""
    loss, guess = run["train_loss"], math.log(run["n_classes"])
    if max(run["feature_std"]) > 5:
        return "inputs_not_standardised"
    if loss[-1] < 0.8 * guess:
        return among_those_that_learn(run, np.array(run["gradient_norm"]))
    largest = [max(norms) for norms in run["gradient_norm"]]
    if max(loss) > 20:
        return "rate_too_large"
    if largest[0] > 1000:
        return "exploding_gradients"
    if 1.0 in np.round(run["zero_share"][-1], 2):
        return "dead_relus"
    return "vanishing_gradients" if first_to_last(run, 0) else "rate_too_small"


@bank.right(EXERCISE)
def medians(run: Run) -> str:
    norms = np.median(run["gradient_norm"], axis=0)
    if np.median(run["train_loss"]) > 3 * math.log(run["n_classes"]):
        return "rate_too_large"
    found = by_rules({k: v for k, v in RULES.items() if k != "vanishing_gradients"})(run)
    flat = norms[0] < norms[-1] / 100 and found in ("rate_too_small", "healthy")
    return "vanishing_gradients" if flat else str(found)


bank.wrong_ones(
    EXERCISE,
    ("constant", "one_label_for_all", "Earns a point by always saying the same.",
     lambda run: "healthy"),
    ("nothing", "wrong_form", "Forgets to return.", lambda run: None),
    ("truth_value", "wrong_form", "Returns whether something is wrong.",
     lambda run: by_rules(RULES)(run) != "healthy"),
    ("number_of_the_rule", "wrong_form", "Returns where in the list the label stands.",
     lambda run: list({**RULES, "healthy": 0}).index(by_rules(RULES)(run))),
    ("array_of_labels", "numpy_string", "Looks the label up in a NumPy array.",
     lambda run: np.array([*RULES, "healthy"])[[*RULES, "healthy"].index(by_rules(RULES)(run))]),
    ("typed_wrongly", "unknown_label", "Writes a label with spaces.",
     renamed("dead_relus", "dead relus")),
    ("no_last_return", "no_answer", "Leaves out the last return.", by_rules(RULES, None)),
    ("healthy_left_out", "saw_rate_too_small_in_a_healthy_run", "Takes what is left for creeping.",
     by_rules(RULES, "rate_too_small")),
    ("chance_of_ten", "saw_labels_shuffled_in_a_healthy_run", "Forgets the gap.",
     with_rule("labels_shuffled", lambda run: run["validation_accuracy"][-1] < 2.5 * chance(run)
               and run["train_accuracy"][-1] > 0.5)),
    ("half_of_zeros", "took_rate_too_small_for_dead_relus took_overfitting_for_dead_relus "
     "took_labels_shuffled_for_dead_relus took_validation_leaked_for_dead_relus "
     "saw_dead_relus_in_a_healthy_run", "Takes a good half of zeros for death.",
     with_rule("dead_relus", lambda run: max(run["zero_share"][-1]) > 0.45)),
    ("depth_for_vanishing", "saw_vanishing_gradients_in_a_healthy_run", "Goes by the depth.",
     with_rule("vanishing_gradients", lambda run: len(run["gradient_norm"][0]) > 4)),
    ("recurrent_for_exploding", "saw_exploding_gradients_in_a_healthy_run",
     "Three matrices and one hidden layer: a recurrent network, so it explodes.",
     with_rule("exploding_gradients", lambda run: len(run["gradient_norm"][0]) == 3
               and len(run["zero_share"][0]) == 1)),
    ("two_classes_for_the_table", "saw_inputs_not_standardised_in_a_healthy_run",
     "The table is the only one with two classes, or so it seems.",
     with_rule("inputs_not_standardised", lambda run: run["n_classes"] == 2)),
    ("smallest_spread", "missed_inputs_not_standardised",
     "Asks for a column that never changes.",
     by_rules({**{k: v for k, v in RULES.items() if k != "rate_too_small"},
               "inputs_not_standardised": lambda run: False,
               "rate_too_large": RULES["rate_too_large"],
               "rate_too_small": lambda run: run["train_loss"][-1] > 0.9 * run["train_loss"][0]
               and run["n_classes"] == 10})),
    ("last_epoch", "took_exploding_gradients_for_vanishing_gradients",
     "Asks the last epoch, and asks it before the largest gradients.",
     by_rules({k: RULES[k] for k in ("inputs_not_standardised", "rate_too_large")}
              | {"vanishing_gradients": lambda run: first_to_last(run, -1)}
              | {k: v for k, v in RULES.items() if k != "vanishing_gradients"})),
    ("inputs_last", "took_inputs_not_standardised_for_rate_too_small",
     "Blames the rate before looking at the inputs.",
     by_rules({k: v for k, v in RULES.items() if k != "inputs_not_standardised"}
              | {"inputs_not_standardised": RULES["inputs_not_standardised"]})),
    ("standing_still", "took_dead_relus_for_rate_too_small "
     "took_vanishing_gradients_for_rate_too_small", "A flat loss, so a small rate.",
     by_rules({k: RULES[k] for k in ("inputs_not_standardised", "rate_too_large",
                                     "exploding_gradients", "rate_too_small")} | RULES)),
    ("no_rule_for_zeros", "took_dead_relus_for_rate_too_small", "Has no rule for dead units.",
     by_rules({k: v for k, v in RULES.items() if k not in ("dead_relus", "vanishing_gradients")}
              | {"vanishing_gradients": RULES["vanishing_gradients"]}
              | {"rate_too_small": lambda run: RULES["rate_too_small"](run)
                 and not first_to_last(run, 0)})),
    ("gap_is_gap", "took_labels_shuffled_for_overfitting", "Any gap is overfitting.",
     first("inputs_not_standardised", "rate_too_large", "overfitting")),
    ("rising_validation", "took_gradients_not_zeroed_for_overfitting",
     "Validation loss that turns upwards is overfitting.",
     by_rules({k: v for k, v in RULES.items() if k not in ("gradients_not_zeroed", "overfitting")}
              | {"overfitting": lambda run: gap(run) > 0.18 or run["validation_loss"][-1]
                 > 1.6 * min(run["validation_loss"])})),
    ("fresh_below_training", "took_overfitting_for_validation_leaked",
     "Fresh rows are read worse than training rows.",
     by_rules({k: v for k, v in RULES.items() if k != "overfitting"}
              | {"validation_leaked": lambda run: run["train_accuracy"][-1]
                 - run["fresh_accuracy"] > 0.15})),
    ("trusts_the_curves", "missed_validation_leaked", "Has no rule for leaks: the curves are fine.",
     with_rule("validation_leaked", lambda run: False)),
    ("waits_for_the_end", "missed_gradients_not_zeroed", "Has no rule for gradients that add up.",
     with_rule("gradients_not_zeroed", lambda run: False)),
    ("limit_out_of_reach", "missed_exploding_gradients", "Has no rule for gradients that explode.",
     by_rules({**RULES, "exploding_gradients": lambda run: False,
               "rate_too_small": lambda run: RULES["rate_too_small"](run)
               and not first_to_last(run, -1)})),
)  # fmt: skip


@bank.wrong(EXERCISE, "raised")
def divides_by_a_gradient(run: Run) -> Any:
    """Divides by a norm, which is 0 where all units are dead."""
    norms = run["gradient_norm"][-1]
    return "vanishing_gradients" if norms[0] / norms[-1] < 0.01 else by_rules(RULES)(run)


@bank.wrong(EXERCISE, "raised")
def compares_a_list(run: Run) -> Any:
    """Takes the largest of the lists for the largest number."""
    return "exploding_gradients" if max(run["gradient_norm"]) > 1000 else by_rules(RULES)(run)


@bank.wrong(EXERCISE, "input_changed")
def takes_the_last_ones(run: Run) -> Any:
    """Takes the last entry off the list to have it at hand."""
    answer = by_rules(RULES)(run)
    run["train_loss"].pop()
    return answer


@bank.wrong(EXERCISE, "forbidden_call")
def asks_the_script(run: Run) -> Any:
    """Trains every sabotage and compares."""
    from course.experiments.sabotage import SABOTAGES, make_run

    return next((name for name in SABOTAGES if make_run(name, 0) == run), "healthy")


@bank.wrong(EXERCISE, "forbidden_call")
def a_classifier(run: Run) -> Any:
    """Trains a tree on the recorded runs."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier().predict([run["train_loss"][:10]])[0]
