"""Interactive figures: set some numbers with sliders, watch the drawing change."""

from course.widgets.cell_explorer import CellExplorer, cell_step
from course.widgets.descent import DescentExplorer

__all__ = ["CellExplorer", "DescentExplorer", "cell_step"]
