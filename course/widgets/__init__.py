"""Interactive figures: set some numbers with sliders, watch the drawing change."""

from course.widgets.cell_explorer import CellExplorer, cell_step

__all__ = ["CellExplorer", "cell_step"]
