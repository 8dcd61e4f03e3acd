"""Answers to batch norm of images."""

from __future__ import annotations

from typing import Any

import torch

from tests.exercises.answer_bank import Bank

bank = Bank()
AXES = (0, 2, 3)


def wide(per_channel: Any) -> Any:
    return per_channel.view(1, -1, 1, 1)


# --- right ----------------------------------------------------------------------------------------


def plain(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    if not t:
        z = (x - wide(rm)) / torch.sqrt(wide(rv) + eps)
        return wide(gamma) * z + wide(beta), rm.clone(), rv.clone()
    mean, var = x.mean(AXES), x.var(AXES, unbiased=False)
    z = (x - wide(mean)) / torch.sqrt(wide(var) + eps)
    y = wide(gamma) * z + wide(beta)
    return y, (1 - m) * rm + m * mean, (1 - m) * rv + m * x.var(AXES)


def as_rows(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    """Unit 2's answer on rows of pixels; a list comes back, y as a turned view."""
    rows = x.movedim(1, -1).reshape(-1, x.shape[1])  # (N H W, C)
    mean, var = rm, rv
    if t:
        n = len(rows)
        mean = rows.sum(0) / n
        squares = ((rows - mean) ** 2).sum(0)
        var, rm = squares / n, rm + m * (mean - rm)
        rv = rv + m * (squares / (n - 1) - rv)
    y = gamma * (rows - mean) / (var + eps) ** 0.5 + beta
    return [y.view(x.shape[0], *x.shape[2:], -1).movedim(-1, 1), rm, rv]


def by_channel(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    y, rm, rv = torch.empty_like(x), rm.clone(), rv.clone()
    for c in range(x.shape[1]):
        one = x[:, c]
        mean, var = (one.mean(), one.var(correction=0)) if t else (rm[c], rv[c])
        y[:, c] = (one - mean) / (var + eps).sqrt() * gamma[c] + beta[c]
        if t:
            rm[c] += m * (mean - rm[c])
            rv[c] += m * (one.var() - rv[c])
    return y, rm, rv


def einsum(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    n = x.shape[0] * x.shape[2] * x.shape[3]
    mean = torch.einsum("nchw->c", x) / n
    centred = x - wide(mean)
    var = torch.einsum("nchw,nchw->c", centred, centred) / n
    if t:
        y = torch.einsum("nchw,c->nchw", centred, gamma * (var + eps).rsqrt()) + wide(beta)
        return y, torch.lerp(rm, mean, m), torch.lerp(rv, var * n / (n - 1), m)
    return torch.addcmul(wide(beta), x - wide(rm), wide(gamma * (rv + eps).rsqrt())), rm, rv


def both_at_once(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    """var_mean, swapped axes, and a warning."""
    if t:
        unbiased, mean = torch.var_mean(x.transpose(0, 1).flatten(1), 1)
        n = x[:, 0].numel()
        var = unbiased * ((n - 1) / n)
        rm, rv = rm * (1 - m) + mean * m, rv * (1 - m) + unbiased * m
    else:
        mean, var = rm, rv
    scale = gamma / torch.sqrt(var + eps)
    return x * wide(scale) + wide(beta - mean * scale), rm, rv


def with_vmap(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    """One channel, mapped over all; where() in place of if."""
    on = x.new_full((), float(t))

    def channel(z: Any, g: Any, b: Any, old_mean: Any, old_var: Any) -> Any:
        n = z.numel()
        mean, var = z.mean(), z.square().mean() - z.mean().square()
        used_mean, used_var = on * mean + (1 - on) * old_mean, on * var + (1 - on) * old_var
        y = g * (z - used_mean) / (used_var + eps).sqrt() + b
        stored = var * n / (n - 1)
        return y, old_mean + on * m * (mean - old_mean), old_var + on * m * (stored - old_var)

    return torch.vmap(channel, (1, 0, 0, 0, 0), (1, 0, 0))(x, gamma, beta, rm, rv)


bank.right_ones(
    "batch_norm2d",
    with_vmap=with_vmap,
    plain=plain,
    as_rows=as_rows,
    by_channel=by_channel,
    einsum=einsum,
    both_at_once=both_at_once,
)

# --- wrong ----------------------------------------------------------------------------------------


def changed(
    normal: Any = lambda x, mean, var, eps: (x - mean) / torch.sqrt(var + eps),
    axes: Any = AXES,
    ddof: int = 0,
    store: Any = lambda old, new, m: (1 - m) * old + m * new,
    stored_var: Any = lambda x: x.var(AXES),
    scale: Any = lambda z, gamma, beta: wide(gamma) * z + wide(beta),
    live: bool = False,
    update: Any = lambda t: t,
    on_running: bool = False,
    early: bool = False,
) -> Any:
    """Batch norm with one of its parts exchanged."""

    def answer(
        x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
    ) -> Any:
        new = (rm, rv)
        if update(t):
            new = store(rm, x.mean(AXES), m), store(rv, stored_var(x), m)
        if live or (t and not on_running):
            mean, var = x.mean(axes, keepdim=True), x.var(axes, correction=ddof, keepdim=True)
        else:
            mean, var = (wide(one) for one in (new if early else (rm, rv)))
        return scale(normal(x, mean, var, eps), gamma, beta), new[0].clone(), new[1].clone()

    return answer


def biased(x: Any) -> Any:
    return x.var(AXES, correction=0)


def by_images(x: Any) -> Any:
    return biased(x) * len(x) / (len(x) - 1)


def stub(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    raise NotImplementedError


def in_place(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool) -> Any:
    y, mean, var = plain(x, gamma, beta, rm, rv, m, eps, t)
    rm.copy_(mean)
    rv.copy_(var)
    return y, rm, rv


def on_cpu(*given: Any) -> Any:
    y, mean, var = plain(*given)
    mine = torch.zeros(mean.shape, dtype=mean.dtype)
    mine += mean
    return y, mine, var


def laid(name: str) -> Any:
    """One of them without its axes, so that broadcasting lays it along the columns."""

    def answer(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
               ) -> Any:  # fmt: skip
        mean, var = (x.mean(AXES), x.var(AXES, unbiased=False)) if t else (rm, rv)
        here = {"mean": mean, "variance": var, "beta": beta}
        flat = ("mean", "variance") if name == "running" and not t else (name,)
        wides = {key: value if key in flat else wide(value) for key, value in here.items()}
        z = (x - wides["mean"]) / torch.sqrt(wides["variance"] + eps)
        y = wide(gamma) * z + wides["beta"]
        return y, *plain(x, gamma, beta, rm, rv, m, eps, t)[1:]

    return answer


def along_columns(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    """Broadcasting puts (C,) under the last axis."""
    y, mean, var = plain(x, torch.ones_like(gamma), torch.zeros_like(beta), rm, rv, m, eps, t)
    return gamma * y + beta, mean, var


def mean_square(
    x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
) -> Any:
    y, mean, var = plain(x, gamma, beta, rm, rv, m, eps, t)
    if t:
        root = wide((x**2).mean(AXES) + eps).sqrt()
        y = wide(gamma) * (x - wide(x.mean(AXES))) / root + wide(beta)
    return y, mean, var


def consistent(axes: tuple[int, ...], fit: Any) -> Any:
    """The same wrong axes for y and for the running statistics; `fit` lays them under x."""

    def answer(
        x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, m: float, eps: float, t: bool
    ) -> Any:
        if not t:
            return plain(x, gamma, beta, rm, rv, m, eps, t)
        mean, var, stored = x.mean(axes), x.var(axes, correction=0), x.var(axes)
        z = (x - fit(mean)) / (fit(var) + eps).sqrt()
        y = wide(gamma) * z + wide(beta)
        return y, (1 - m) * rm + m * mean, (1 - m) * rv + m * stored

    return answer


def remembers() -> Any:
    """Keeps its own running mean between calls."""
    kept: dict[str, Any] = {}

    def answer(x: Any, gamma: Any, beta: Any, rm: Any, rv: Any, *rest: Any) -> Any:
        case = f"{x.shape} {x.device}"
        rm = kept.get(case, rm)
        y, mean, var = plain(x, gamma, beta, rm, rv, *rest)
        kept[case] = mean
        return y, mean, var

    return answer


bank.wrong_with_memory("batch_norm2d", "not_repeatable")(remembers)
bank.wrong_ones(
    "batch_norm2d",
    ("ddof_1", "normalised_with_a_samples_variance", "x.var() as it comes.", changed(ddof=1)),
    ("biased_stored", "running_variance_biased", "One variance for both.",
     changed(stored_var=biased)),
    ("exchanged", "variances_exchanged", "The other way round.",
     changed(ddof=1, stored_var=biased)),
    ("n_is_batch", "unbiased_by_the_number_of_images", "n = len(x).",
     changed(stored_var=by_images)),
    ("keras_momentum", "momentum_reversed", "As Keras has it.",
     changed(store=lambda old, new, m: m * old + (1 - m) * new)),
    ("eps_outside", "epsilon_outside_the_root", "std + eps.",
     changed(lambda x, mean, var, eps: (x - mean) / (var.sqrt() + eps))),
    ("no_eps", "epsilon_missing", "Forgets eps.",
     changed(lambda x, mean, var, eps: (x - mean) / var.sqrt())),
    ("eps_squared", "epsilon_squared", "eps ** 2.",
     changed(lambda x, mean, var, eps: (x - mean) / (var + eps**2).sqrt())),
    ("instance", "each_image_on_its_own", "Over rows and columns.", changed(axes=(2, 3))),
    ("axis_0", "each_pixel_on_its_own", "Axis 0, as in unit 2.", changed(axes=(0,))),
    ("axis_1", "over_the_channels", "Axis 1.", changed(axes=(1,))),
    ("layer", "each_image_as_a_whole", "Layer norm.", changed(axes=(1, 2, 3))),
    ("one_number", "one_mean_for_all_channels", "x.mean().", changed(axes=(0, 1, 2, 3))),
    ("no_columns", "columns_left_out", "Axes (0, 2).", changed(axes=(0, 2))),
    ("no_rows", "rows_left_out", "Axes (0, 3).", changed(axes=(0, 3))),
    ("always_live", "batch_statistics_in_evaluation", "Normalises with the batch.",
     changed(live=True)),
    ("always_running", "running_statistics_in_training", "Normalises with the running ones.",
     changed(on_running=True)),
    ("mode_unread", "training_for_evaluation", "Does not look at training.",
     changed(live=True, update=lambda t: True)),
    ("after_the_update", "updated_statistics_in_training", "Updates, then normalises with them.",
     changed(on_running=True, early=True)),
    ("updates_always", "updated_in_evaluation", "Updates in evaluation.",
     changed(update=lambda t: True)),
    ("updates_never", "never_updated", "Forgets to update.", changed(update=lambda t: False)),
    ("replaces", "replaced_by_the_batch", "Assigns the new ones.",
     changed(store=lambda old, new, m: new)),
    ("accumulates", "added_to_the_old", "old + m * new.",
     changed(store=lambda old, new, m: old + m * new)),
    ("stores_std", "deviation_stored", "x.std().", changed(stored_var=lambda x: x.std(AXES))),
    ("no_gamma", "gamma_missing", "Only shifts.",
     changed(scale=lambda z, gamma, beta: z + wide(beta))),
    ("no_beta", "beta_missing", "Only scales.",
     changed(scale=lambda z, gamma, beta: z * wide(gamma))),
    ("no_affine", "gamma_and_beta_missing", "Only normalises.",
     changed(scale=lambda z, gamma, beta: z)),
    ("swapped", "gamma_and_beta_swapped", "Mixes the two up.",
     changed(scale=lambda z, gamma, beta: z * wide(beta) + wide(gamma))),
    ("not_centred", "not_centred", "Divides only.",
     changed(lambda x, mean, var, eps: x / (var + eps).sqrt())),
    ("no_root", "variance_for_deviation", "Forgets the root.",
     changed(lambda x, mean, var, eps: (x - mean) / (var + eps))),
    ("second_moment", "mean_square_for_variance", "mean(x²).", mean_square),
    ("var_first", "statistics_in_the_wrong_order", "Another order.",
     lambda *given: tuple(plain(*given)[i] for i in (0, 2, 1))),
    ("under_columns", "gamma_along_the_columns", "gamma * z.", along_columns),
    *((f"{name}_under_columns", f"{name}_along_the_columns", f"{name} as it is, (C,).",
       laid(name)) for name in ("mean", "variance", "beta")),
    ("kept_axes_in_training", "running_mean_along_the_columns", "keepdim, which the running "
     "statistics don't have.", laid("running")),
    ("instance_throughout", "each_image_on_its_own", "Rows and columns, stored as well.",
     consistent((2, 3), lambda mean: mean[:, :, None, None])),
    ("one_number_throughout", "one_mean_for_all_channels", "x.mean(), stored as well.",
     consistent((0, 1, 2, 3), lambda mean: mean)),
    ("y_only", "wrong_type", "Forgets the statistics.", lambda *given: plain(*given)[0]),
    ("four_axes", "wrong_shape", "keepdim.",
     lambda *given: (plain(*given)[0], *(wide(one) for one in plain(*given)[1:]))),
    ("in_place", "input_changed", "Writes into the running ones.", in_place),
    ("from_the_cpu", "wrong_device", "Makes a tensor on the CPU.", on_cpu),
    ("single", "wrong_dtype", "float32 whatever comes.",
     lambda *given: tuple(one.float() for one in plain(*given))),
    ("nothing", "nothing_returned", "No return.", lambda x, g, b, rm, rv, m, eps, t: None),
    ("no_mode", "wrong_signature", "Forgets training.", lambda x, g, b, rm, rv, m, eps: x),
    ("stub", "not_started", "Nothing yet.", stub),
)  # fmt: skip
