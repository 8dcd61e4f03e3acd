"""What the lectures draw and measure with: figures, data sets, experiments, widgets."""
