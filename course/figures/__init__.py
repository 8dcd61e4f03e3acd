"""Drawings of the course: cells, chains, matrix shapes, coloured text, and how to show them."""

from course.figures.attention import attention_heatmap, attention_step
from course.figures.cells import lstm_cell, rnn_cell
from course.figures.chains import lstm_chain, rnn_unrolled
from course.figures.closing import choice_map, onward_map
from course.figures.convnets import lenet, residual_block
from course.figures.convolution import (
    channel_sums,
    geometry,
    kernel_over_image,
    receptive_fields,
)
from course.figures.curves import gate_curves
from course.figures.display import scientific, show
from course.figures.fates import fate_bars, fate_planes
from course.figures.graph import computation_graph
from course.figures.progress import progress_map
from course.figures.roadmap import architecture_map, learning_map
from course.figures.shapes import gate_shapes, torch_weights
from course.figures.style import COLOURS, use_style
from course.figures.text import gate_rows, text_heatmap
from course.figures.valley import descents

__all__ = [
    "COLOURS",
    "architecture_map",
    "attention_heatmap",
    "attention_step",
    "channel_sums",
    "choice_map",
    "computation_graph",
    "descents",
    "fate_bars",
    "fate_planes",
    "gate_curves",
    "gate_rows",
    "gate_shapes",
    "geometry",
    "kernel_over_image",
    "learning_map",
    "lenet",
    "lstm_cell",
    "lstm_chain",
    "onward_map",
    "progress_map",
    "receptive_fields",
    "residual_block",
    "rnn_cell",
    "rnn_unrolled",
    "scientific",
    "show",
    "text_heatmap",
    "torch_weights",
    "use_style",
]
