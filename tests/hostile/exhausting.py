"""HOSTILE.md, "Exhaustion": the catalogue. Each kills or hangs one cell; the others still count."""

from __future__ import annotations

from tests.hostile.forging import answers, before
from tests.hostile.hostile_class import QUESTIONS, Attack, Submission

REST = ("forget_gate", "candidate", "scaled", "Counter")


def killing(text: str):
    """A cell of its own that does harm, before all answers of one notebook."""

    def change(submission: Submission) -> None:
        submission.first(text, "checks")

    return change


EXHAUSTING = (
    Attack("endless", killing("while True: pass"), tuple(QUESTIONS), incident="cell_timeout"),
    Attack("ignores_signals", killing("""
import signal, time
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try: time.sleep(60)
    except BaseException: pass
"""), tuple(QUESTIONS), incident="cell_timeout"),
    Attack("endless_answer", answers(square="def square(number):\n    while True: pass"), REST,
           incident="cell_timeout"),
    Attack("endless_gate", answers(candidate="def candidate(*a):\n    while True: pass"),
           ("forget_gate", "square", "scaled", "Counter"), incident=""),
    Attack("quits", killing("import os; os._exit(0)"), tuple(QUESTIONS), incident="cell_died"),
    Attack("quits_in_answer", answers(square="import os\ndef square(number): os._exit(9)"), REST,
           incident="cell_died"),
    Attack("segfault", killing("import ctypes; ctypes.string_at(0)"), tuple(QUESTIONS),
           incident="SIGSEGV"),
    Attack("exits_politely", killing("exit()\nquit()\nraise SystemExit"), tuple(QUESTIONS)),
    Attack("memory", killing("hog = [bytearray(2**20) for _ in range(10**6)]"), tuple(QUESTIONS)),
    Attack("memory_by_forks", killing("""
import os, time
for _ in range(8):
    if os.fork() == 0:
        hog = bytearray(200 * 2**20); time.sleep(60); os._exit(0)
time.sleep(60)
"""), tuple(QUESTIONS), incident="cell_memory"),
    Attack("fork_bomb", killing("""
import os
while True:
    try: os.fork()
    except OSError: pass
"""), tuple(QUESTIONS), incident="cell_"),
    Attack("threads", killing("""
import threading, time
for _ in range(5000):
    try: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError: break
"""), tuple(QUESTIONS)),
    Attack("disk", killing("""
try:
    with open("big", "wb") as file:
        while True: file.write(bytes(2**20))
except OSError as error: print(error)
import os
try: os.remove("big")
except OSError: pass
"""), tuple(QUESTIONS)),
    Attack("inodes", killing("""
try:
    for number in range(10**6): open(f"file{number}", "w").close()
except OSError as error: print(error)
"""), tuple(QUESTIONS)),
    Attack("descriptors", killing("""
kept = []
try:
    while True: kept.append(open("/dev/null"))
except OSError as error: print(error)
kept.clear()
"""), tuple(QUESTIONS)),
    Attack("shared_memory", killing("""
try:
    with open("/dev/shm/big", "wb") as file:
        while True: file.write(bytes(2**20))
except OSError as error: print(error)
import os; os.remove("/dev/shm/big")
"""), tuple(QUESTIONS)),
    Attack("prints_a_lot", killing("for _ in range(300): print('x' * 10**6)"), tuple(QUESTIONS)),
    Attack("prints_below", killing("""
import os
try:
    for _ in range(200): os.write(1, b"y" * 10**6)
except OSError: pass
"""), tuple(QUESTIONS)),
    Attack("escapes", killing(r"print('\x1b[2J\x1b]0;title\x07\x00\x08', b'\xff\xfe')"),
           tuple(QUESTIONS)),
    Attack("giant_repr", killing("""
class Big:
    def __repr__(self): return 'r' * 10**8
Big()"""), tuple(QUESTIONS)),
    Attack("giant_picture", killing("""
from IPython.display import Image, display
display(Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + bytes(30 * 2**20), format='png'))
"""), tuple(QUESTIONS)),
    Attack("regex", killing("import re; re.match('(a+)+$', 'a' * 64 + 'b')"), tuple(QUESTIONS),
           incident="cell_timeout"),
    Attack("big_power", killing("10**10**8"), tuple(QUESTIONS)),
    Attack("big_number_returned", answers(square="def square(number): return 10**10**6"), REST),
    Attack("deep_recursion", killing("""
import sys; sys.setrecursionlimit(10**9)
def deeper(): return deeper()
deeper()"""), tuple(QUESTIONS)),
    Attack("deep_value", answers(square="""
def square(number):
    value = []
    for _ in range(10**5): value = [value]
    return value"""), REST),
    Attack("endless_iterator", answers(Counter="""
import itertools
class Counter:
    def __init__(self, n): self.count = 5
    def __add__(self, other): return self
    def __len__(self): return 5
    def __iter__(self): return itertools.count()"""),
           ("forget_gate", "candidate", "square", "scaled")),
    Attack("asks", killing("name = input('Who?')"), tuple(QUESTIONS)),
    Attack("torch_threads", before("import torch; torch.set_num_threads(999)"), tuple(QUESTIONS)),
)  # fmt: skip
