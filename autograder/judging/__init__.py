"""The judge: student code runs in a sandbox, tests in another process, values between them."""
