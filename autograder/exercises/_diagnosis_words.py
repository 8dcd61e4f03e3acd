"""Sentences of `diagnose`: what was done to a run, and where it shows. No limits stand here."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "rate_too_large": "a run with too large a learning rate",
    "rate_too_small": "a run with too small a learning rate",
    "overfitting": "a run that overfits",
    "dead_relus": "a run with a layer of dead ReLUs",
    "vanishing_gradients": "a run with vanishing gradients",
    "exploding_gradients": "a run with exploding gradients",
    "labels_shuffled": "a run with shuffled training labels",
    "inputs_not_standardised": "a run on inputs that are not standardised",
    "gradients_not_zeroed": "a run whose gradients are never set to zero",
    "validation_leaked": "a run with validation rows among its training rows",
    "healthy": "a healthy run",
}

LOOK: Mapping[str, str] = {
    "rate_too_large": "Look at `train_loss` beside the loss of guessing, ln(n_classes): which way "
    "do the steps lead? And is `gradient_norm` of an ordinary size meanwhile?",
    "rate_too_small": "Look at the first and the last entry of `train_loss`, and at whether "
    "`gradient_norm` would have allowed more.",
    "overfitting": "Look at the distance between `train_accuracy` and `validation_accuracy` at the "
    "end, and at where `validation_loss` is lowest.",
    "dead_relus": "Look at `zero_share` of each hidden layer.",
    "vanishing_gradients": "Look at one epoch of `gradient_norm`, from last layer to first.",
    "exploding_gradients": "Look at the largest entries of `gradient_norm` beside the usual ones.",
    "labels_shuffled": "Look at `validation_accuracy` beside guessing, 1 / n_classes, while "
    "`train_loss` falls.",
    "inputs_not_standardised": "Look at `feature_std`, before any curve.",
    "gradients_not_zeroed": "Look at how `gradient_norm` goes from epoch to epoch, and at "
    "`train_loss` beside it: do the two agree?",
    "validation_leaked": "Look at `fresh_accuracy` beside `validation_accuracy`.",
    "healthy": "Which rule caught it? Print the numbers that it compares: how far are they from "
    "those of the spoilt run that the rule is for?",
}

#: (what it was, what it was taken for): what the two have in common, and what tells them apart.
PAIRS: Mapping[tuple[str, str], str] = {
    ("dead_relus", "vanishing_gradients"): "In both, hardly any gradient reaches the first layer. "
    "Ask `zero_share` why: a σ is never exactly 0.",
    ("vanishing_gradients", "dead_relus"): "In both, hardly any gradient reaches the first layer. "
    "Ask `zero_share` why: a σ is never exactly 0.",
    ("vanishing_gradients", "rate_too_small"): "In both, the loss stays where it was. Compare the "
    "first layer's `gradient_norm` with the last layer's.",
    ("rate_too_small", "vanishing_gradients"): "In both, the loss stays where it was. Compare the "
    "first layer's `gradient_norm` with the last layer's.",
    ("dead_relus", "rate_too_small"): "In both, the loss stays nearly where it was. Does anything "
    "get through the hidden layers? `zero_share` knows.",
    ("overfitting", "labels_shuffled"): "In both, training goes well and validation does not. "
    "Has the network learnt anything that is true elsewhere? Compare with guessing.",
    ("labels_shuffled", "overfitting"): "In both, training goes well and validation does not. "
    "Has the network learnt anything that is true elsewhere? Compare with guessing.",
    ("overfitting", "validation_leaked"): "In both, fresh rows are read worse than training rows. "
    "What does `validation_accuracy` agree with: with training, or with the fresh rows?",
    ("validation_leaked", "overfitting"): "In both, fresh rows are read worse than training rows. "
    "What does `validation_accuracy` agree with: with training, or with the fresh rows?",
    ("inputs_not_standardised", "rate_too_large"): "The symptom is the same, the cause is not: no "
    "rate suits all columns. Look at `feature_std` before you blame the rate.",
    ("exploding_gradients", "rate_too_large"): "In both, the loss jumps. Compare the largest "
    "`gradient_norm` of the two runs.",
    ("rate_too_large", "exploding_gradients"): "In both, the loss jumps. Compare the largest "
    "`gradient_norm` of the two runs.",
    ("gradients_not_zeroed", "rate_too_large"): "What does `train_loss` do in the two runs, beside "
    "the loss of guessing, ln(n_classes)?",
    ("rate_too_large", "gradients_not_zeroed"): "What does `train_loss` do in the two runs, beside "
    "the loss of guessing, ln(n_classes)?",
    ("gradients_not_zeroed", "exploding_gradients"): "Both have gradients that are too large. Do "
    "they grow, epoch after epoch, or do they strike?",
    ("exploding_gradients", "gradients_not_zeroed"): "Both have gradients that are too large. Do "
    "they grow, epoch after epoch, or do they strike?",
    ("gradients_not_zeroed", "overfitting"): "In both, training goes well and `validation_loss` "
    "turns upwards. What should `gradient_norm` do where `train_loss` is nearly 0?",
    ("overfitting", "gradients_not_zeroed"): "In both, training goes well and `validation_loss` "
    "turns upwards. What should `gradient_norm` do where `train_loss` is nearly 0?",
    ("rate_too_large", "vanishing_gradients"): "Units that were thrown far away are saturated and "
    "let no gradient through. That came later: look at the first epoch.",
    ("exploding_gradients", "vanishing_gradients"): "Units that were thrown far away are saturated "
    "and let no gradient through. That came later: look at the first epoch.",
    (
        "inputs_not_standardised",
        "vanishing_gradients",
    ): "Large inputs saturate the units: "
    "they let no gradient through. Look at what went in, `feature_std`.",
    (
        "inputs_not_standardised",
        "rate_too_small",
    ): "The loss hardly falls because no "
    "rate suits all columns. Look at what went in, `feature_std`.",
    ("exploding_gradients", "rate_too_small"): "The loss hardly falls in either. Look at the first "
    "epochs of `gradient_norm`: was the step really small?",
    ("healthy", "labels_shuffled"): "What is guessing here? Not every run has ten classes.",
    ("healthy", "gradients_not_zeroed"): "How far does `gradient_norm` grow, and how small is "
    "`train_loss` by then?",
    ("healthy", "overfitting"): "Training rows are always read a little better than others. How "
    "large is the distance, and does `validation_loss` turn upwards for long?",
    ("healthy", "dead_relus"): "Half of what a healthy ReLU gives is 0. How much is too much?",
    ("healthy", "validation_leaked"): "Two shares of a few hundred rows differ by a few per cent "
    "by luck. How much more is it in the leaked run?",
    ("healthy", "vanishing_gradients"): "Layers never get equal gradients. How many times smaller "
    "is the first layer's in the spoilt run?",
    ("healthy", "exploding_gradients"): "A recurrent network does not have to explode. Look at the "
    "numbers in `gradient_norm`, not at how many layers there are.",
    ("healthy", "inputs_not_standardised"): "A column that never changes has a `feature_std` of 0, "
    "also when it was standardised.",
}
