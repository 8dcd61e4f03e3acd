"""The measurements behind the lectures: too long for a cell, short enough to read.

One module per question: ``memory`` (how long does a network remember?), ``gradients`` (how far back
does the gradient reach?), ``gates`` (what does a trained LSTM do inside?), ``characters`` (a
character model of real text, and what its units respond to).
"""
