"""Interactive figures: set some numbers with sliders, watch the drawing change."""

from course.widgets.attention import AttentionExplorer
from course.widgets.cell_explorer import CellExplorer, cell_step
from course.widgets.descent import DescentExplorer
from course.widgets.kernel import KernelExplorer
from course.widgets.neuron import NeuronExplorer
from course.widgets.unroll import UnrollExplorer

__all__ = [
    "AttentionExplorer",
    "CellExplorer",
    "DescentExplorer",
    "KernelExplorer",
    "NeuronExplorer",
    "UnrollExplorer",
    "cell_step",
]
