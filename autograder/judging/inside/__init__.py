"""What runs inside the sandbox. Nothing here knows a test, an oracle or a mark."""
