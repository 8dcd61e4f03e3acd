"""A student's cells inside the walls: what they put out, how they end, what they cannot reach."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import autograder
from autograder.judging import isolation
from autograder.judging.limits import MIB, Limits
from autograder.judging.outputs import Collected
from autograder.judging.sandbox import MOST_OUTPUTS, SandboxEnded, Session, Warm
from autograder.judging.wire import HEADER, MAGIC, Wire, pack

pytestmark = pytest.mark.xdist_group("sandbox")
LIMITS = Limits(disk=8 * MIB, output=20_000, processes=32, memory=1024 * MIB)


@pytest.fixture
def session(warm: Warm) -> Iterator[Session]:
    session = warm.spawn(LIMITS, {"data/numbers.csv": b"1,2\n", "empty": b""})
    yield session
    session.end()


def run(session: Session, code: str, seconds: float = 10) -> tuple[bool, list[Any]]:
    """A cell's success and outputs."""
    collected = Collected(100_000)
    answer = session.ask({"op": "cell", "code": code}, seconds=seconds, output=collected.add)
    return answer.message["ok"], collected.outputs


def text(session: Session, code: str) -> str:
    """What a cell that must succeed prints."""
    ok, outputs = run(session, code)
    assert ok, outputs
    return "".join(output.text for output in outputs).replace("\r\n", "\n")


def ended(session: Session, code: str, seconds: float = 10) -> SandboxEnded:
    """How a cell that ends the process ends it."""
    with pytest.raises(SandboxEnded) as caught:
        run(session, code, seconds)
    assert not session.alive
    return caught.value


# What a cell puts out


def test_cells_share_their_names_and_files(session: Session) -> None:
    assert run(session, "x = 3\nprint(x)\nx + 1")[1] == [
        {"output_type": "stream", "name": "stdout", "text": "3\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "4"},
            "metadata": {},
            "execution_count": 1,
        },
    ]
    assert text(session, "print(x, open('data/numbers.csv').read(), open('empty').read())") == (
        "3 1,2\n \n"
    )
    ok, (error,) = run(session, "def f():\n    return 1 / 0\nf()")
    assert not ok
    assert (error.ename, error.evalue) == ("ZeroDivisionError", "division by zero")
    assert "autograder" not in "".join(error.traceback)
    assert text(session, "print(x)") == "3\n"


def test_files_of_more_than_one_request(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.judging.sandbox.BATCH", 1000)
    files = {"a": bytes(range(256)) * 10, "b": b"x", "c": b"y" * 999}
    session = warm.spawn(LIMITS, files)
    says = "print(*(len(open(n, 'rb').read()) for n in 'abc'), open('a','rb').read()[-2:])"
    assert text(session, says) == "2560 1 999 b'\\xfe\\xff'\n"


def test_files_that_do_not_fit(warm: Warm) -> None:
    with pytest.raises(SandboxEnded, match="do not fit"):
        warm.spawn(LIMITS, {"large": bytes(9 * MIB)})


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("!echo hello", "hello\n"),
        ("%%bash\necho from bash\n", "from bash\n"),
        ("import os\nn = os.write(1, b'raw')", "raw"),
        ("import ctypes\nlibc = ctypes.CDLL(None)\nn = libc.puts(b'below'); libc.fflush(None);",
         "below\n"),
        ("import sys\nn = sys.stdout.buffer.write('é'.encode())", "é"),
        ("import sys\nprint('to stderr', file=sys.stderr)", "to stderr\n"),
        ("print('\\ud800 lone')", "? lone\n"),
        ("for i in range(3):\n    print(f'\\r{i}/3', end='', flush=True)", "\r0/3\r1/3\r2/3"),
        ("import os\nif os.fork() == 0:\n    print('child'); os._exit(0)\nos.wait();", "child\n"),
        ("print(f'{__name__} {1 + 1}')", "__main__ 2\n"),
    ],
)  # fmt: skip
def test_text(session: Session, code: str, says: str) -> None:
    assert text(session, code) == says


def test_timeit_and_rich_outputs(session: Session) -> None:
    assert "loop" in text(session, "%timeit -n 2 -r 1 1 + 1")
    _, (html,) = run(session, "from IPython.display import *\ndisplay(HTML('<b>x</b>'))")
    assert html.data["text/html"] == "<b>x</b>"
    _, (figure,) = run(
        session,
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.show()",
    )
    assert figure.output_type == "display_data"
    assert figure.data["image/png"].startswith("iVBOR")
    _, outputs = run(session, "from IPython.display import clear_output\nprint(1)\nclear_output()\n"
                     "print(2)")  # fmt: skip
    assert [output.text for output in outputs] == ["2\n"]


def test_nobody_is_at_the_keyboard(session: Session) -> None:
    for code in ("input()", "import getpass\ngetpass.getpass()"):
        ok, (error,) = run(session, code)
        assert not ok
        assert "person at the keyboard" in error.evalue
    assert text(session, "exit\nprint('here')") == "here\n"


@pytest.mark.parametrize(
    "code",
    [
        "print('x' * 10**6)",
        "for i in range(10**5): print(i)",
        "import os\nfor i in range(1000): os.write(1, b'y' * 1000)",
        "from IPython.display import display, HTML\ndisplay(HTML('z' * 10**6))",
        "import sys\nfor i in range(6000): print('a'); print('b', file=sys.stderr, flush=True)",
    ],
)
def test_too_much_output_is_cut_and_the_cell_counts(session: Session, code: str) -> None:
    ok, outputs = run(session, f"{code}\nx = 1")
    assert ok
    assert "was cut" in outputs[-1].text
    assert sum(len(output.text) for output in outputs) < 21_000
    assert text(session, "print(x)") == "1\n"


def test_what_a_thread_says_between_cells_waits_for_the_next(session: Session) -> None:
    run(session, "import threading, time\ndef late():\n    time.sleep(0.15); print('late')\n"
        "t = threading.Thread(target=late); t.start()")  # fmt: skip
    time.sleep(0.4)
    assert text(session, "print('next')") == "late\nnext\n"


# How a cell ends


def test_one_that_does_not_listen_is_stopped(session: Session) -> None:
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    began = time.monotonic()
    stopped = ended(session, code, 0.3)
    assert time.monotonic() - began < 2
    assert stopped.kind == "timeout"
    assert stopped.says == "was still running after 0.3 s and was stopped"
    with pytest.raises(SandboxEnded, match="is gone"):
        run(session, "1")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import os\nos._exit(5)", "exit status 5"),
        ("import ctypes\nctypes.string_at(0)", "SIGSEGV"),
        ("import os\nfrom signal import *\nsignal(SIGABRT, SIG_DFL); os.abort()", ""),
    ],
)
def test_one_that_ends_the_process(session: Session, code: str, says: str) -> None:
    stopped = ended(session, code)
    assert stopped.kind == "died"
    assert says in stopped.says


def test_memory(warm: Warm) -> None:
    session = warm.spawn(Limits(memory=200 * MIB), {})
    ok, (error,) = run(session, "x = bytearray(10**9)")
    assert not ok
    assert error.ename == "MemoryError"
    together = ("import os, time\nfor i in range(4):\n    if os.fork() == 0:\n"
                "        x = bytearray(b'1') * (80 * 2**20); time.sleep(9); os._exit(0)\n"
                "time.sleep(9)")  # fmt: skip
    stopped = ended(session, together)
    assert (stopped.kind, stopped.says) == (
        "memory",
        "used more than 200 MiB of memory and was stopped",
    )


def test_a_fork_bomb_stays_in_its_walls(warm: Warm, session: Session) -> None:
    assert warm.pid is not None
    before = below(warm.pid)
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    stopped = ended(session, bomb, 1)
    assert stopped.kind in ("timeout", "protocol", "memory", "died")
    assert below(warm.pid) < before  # the sandbox that was there then is gone as well
    again = warm.spawn(LIMITS, {})
    assert text(again, "print(1)") == "1\n"


def below(pid: int) -> int:
    """How many processes there are below one."""
    return len(psutil.Process(pid).children(recursive=True))


def test_nothing_outlives_it(warm: Warm, session: Session) -> None:
    code = ("import subprocess, os\nsubprocess.Popen(['sleep', '4711'], start_new_session=True)\n"
            "open('/tmp/left', 'w').write('x'); open('/dev/shm/left', 'w').write('x')\n"
            "open('left', 'w').write('x');")  # fmt: skip
    assert run(session, code)[0]
    session.end()
    assert "sleep\0004711" not in "".join(commands())
    again = warm.spawn(LIMITS, {})
    assert text(again, "import os\nprint(os.listdir('.'), os.listdir('/dev/shm'), "
                "'left' in os.listdir('/tmp'))") == "[] [] False\n"  # fmt: skip
    assert text(again, "try: code\nexcept NameError: print('fresh')") == "fresh\n"


def commands() -> Iterator[str]:
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/cmdline") as file:
                    yield file.read()
            except OSError:
                continue


# What it cannot reach


def test_it_has_no_rights(session: Session) -> None:
    code = """
import ctypes, struct
libc = ctypes.CDLL(None)
sets = ctypes.create_string_buffer(24)
libc.capget(struct.pack("=Ii", 0x20080522, 0), sets)
print(sets.raw == bytes(24), any(libc.prctl(23, right, 0, 0, 0) > 0 for right in range(64)),
      any(libc.prctl(47, 1, right, 0, 0) > 0 for right in range(64)), libc.prctl(39, 0, 0, 0, 0),
      libc.prctl(21, 0, 0, 0, 0))
"""  # held; bounding and ambient sets; no_new_privs; seccomp, which it cannot ask for either
    assert text(session, code) == "True False False 1 2\n"
    assert text(session, "import os\nprint(os.getuid(), os.geteuid(), os.getgid(), os.getgroups())"
                ).startswith("1000 1000 1000 ")  # fmt: skip


def test_it_sees_only_its_own_processes(session: Session) -> None:
    code = "import os\nprint(os.getpid(), [p for p in os.listdir('/proc') if p.isdigit()])"
    pids = text(session, code)
    assert pids in ("1 []\n", "1 ['1']\n")


DENIED = [
    "open('/usr/x', 'w')",
    "open('/x', 'w')",
    "open('/sandbox/autograder/x', 'w')",
    "open('/sandbox/autograder/judging/wire.py', 'a')",
    "import sys; open(sys.prefix + '/x', 'w')",
    "os.mkdir('/dev/x')",
    "os.mknod('/tmp/disk', 0o060600, os.makedev(8, 0))",
    "os.setuid(0)",
    "os.chroot('/')",
    "os.kill(2**22 - 1, 9)",
    "os.sethostname(b'x') if hasattr(os, 'sethostname') else socket.sethostname('x')",
    "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (999, 999))",
    "open('/proc/sys/kernel/core_pattern', 'w')",
    "open('/proc/sys/user/max_user_namespaces', 'w').write('9')",
    "open('/proc/1/mem', 'rb').read(1)",
    "s = socket.socket(); s.settimeout(2); s.connect(('1.1.1.1', 53))",
    "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('8.8.8.8', 53))",
    "socket.getaddrinfo('example.org', 80)",
    "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    f"open({os.path.expanduser('~/.profile')!r})",
    f"os.scandir({os.path.join(os.path.dirname(autograder.__path__[0]), 'source')!r})",
    "os.memfd_create('x')",
    "os.scandir('/etc/ssh')",
    "open('/etc/shadow')",
    "import autograder.exercises.registry",
    "import autograder.judging.judge",
    "import autograder.judging.remote",
]


@pytest.mark.parametrize("code", DENIED)
def test_it_cannot(session: Session, code: str) -> None:
    ok, outputs = run(session, f"import os, socket\n{code}")
    assert not ok, outputs
    assert outputs[-1].ename in (
        "OSError", "PermissionError", "FileNotFoundError", "ProcessLookupError", "gaierror",
        "ValueError", "ModuleNotFoundError", "TimeoutError",
    )  # fmt: skip


def test_a_user_namespace_of_its_own_gives_it_nothing(session: Session) -> None:
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
denied = [libc.unshare(flag) != 0 for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000)]
print(denied, libc.mount(b'x', b'/tmp', b'tmpfs', 0, None) != 0, libc.umount2(b'/tmp', 2) != 0,
      libc.ptrace(16, 1, 0, 0) != 0)
"""
    assert text(session, code) == "[True, True, True, True] True True True\n"


def test_disk_and_files_are_limited(session: Session) -> None:
    for code in ("open('/tmp/too-large', 'wb').write(bytes(9 * 2**20))",
                 "open('/dev/shm/too-large', 'wb').write(bytes(9 * 2**20))",
                 "fs = [open('/dev/null') for _ in range(1000)]"):  # fmt: skip
        ok, outputs = run(session, code)
        assert not ok
        assert outputs[-1].ename in ("OSError", "MemoryError")
        run(session, "import os\nfor p in ('/tmp/too-large', '/dev/shm/too-large'):\n"
            "    if os.path.exists(p): os.remove(p)\nfs = None")  # fmt: skip


def test_the_environment_says_nothing_of_ours(
    session: Session,
) -> None:
    given = isolation.environment(walled=True)
    inside = json.loads(text(session, "import json, os\nprint(json.dumps(dict(os.environ)))"))
    set_inside = {"TMPDIR", "MPLBACKEND", "TORCHINDUCTOR_CACHE_DIR"}
    shell_and_kernel = {"PWD", "LINES", "COLUMNS", "LC_CTYPE"}
    assert set(inside) <= set(given) | set_inside | shell_and_kernel
    ours = [str(place) for place in (Path.home(), Path.cwd()) if place != Path("/")]
    told = [value for name, value in inside.items() if value != given.get(name)]
    assert not [value for value in told for place in ours if place in value]
    assert text(session, "import os\nprint(os.environ['HOME'], os.getcwd())") == (
        "/tmp/home /tmp/work\n"
    )


def test_what_it_reached_for_is_told(session: Session) -> None:
    run(session, "import os\ntry: open('/srv/secret')\nexcept OSError: pass\n"
        "import socket\ntry: socket.getaddrinfo('evil.test', 1)\nexcept OSError: pass")  # fmt: skip
    assert session.seen == ["open /srv/secret", "look up the host 'evil.test'"]


# What it says itself


class Forged:
    """A session whose other side is a test."""

    def __init__(self, answers: Callable[[socket.socket, Wire], None]) -> None:
        ours, self.theirs = socket.socketpair()
        self.wire = Wire(self.theirs)
        self.session = Session(Warm("none"), Wire(ours), Limits())

        def speak() -> None:
            self.wire.receive(time.monotonic() + 5)
            self.theirs.setblocking(True)
            try:
                answers(self.theirs, self.wire)
            except OSError:
                return

        self.thread = threading.Thread(target=speak, daemon=True)
        self.thread.start()

    def ask(self, seconds: float = 2) -> SandboxEnded:
        with pytest.raises(SandboxEnded) as caught:
            self.session.ask({"op": "x"}, seconds=seconds)
        self.theirs.close()
        self.thread.join(5)
        return caught.value


def endless(end: socket.socket, _: Wire) -> None:
    frame = pack({"out": {"output_type": "stream", "text": "x" * 1000}})
    while True:
        end.sendall(frame)


def large(end: socket.socket, _: Wire) -> None:
    while True:
        end.sendall(pack({"out": {}}, bytes(2**20)))


FORGERIES: list[tuple[Callable[[socket.socket, Wire], None], str]] = [
    (lambda end, _: end.sendall(pack({"re": 2})), "not asked"),
    (lambda end, _: end.sendall(pack({"re": "1"})), "not asked"),
    (lambda end, _: end.sendall(pack({"re": True})), "not asked"),
    (lambda end, _: end.sendall(pack({"callback": 0, "args": []})), "not asked"),
    (lambda end, _: end.sendall(b"x" * 100), "not a message"),
    (lambda end, _: end.sendall(HEADER.pack(MAGIC, 2, 2**62) + b"{}"), "too large"),
    (lambda end, _: end.sendall(HEADER.pack(MAGIC, 3, 0) + b"[1]"), "not an object"),
    (endless, "flooded"),
    (large, "flooded"),
]


@pytest.mark.parametrize(("answers", "says"), FORGERIES)
def test_forged_answers(answers: Callable[[socket.socket, Wire], None], says: str) -> None:
    stopped = Forged(answers).ask()
    assert stopped.kind == "protocol"
    assert says in stopped.says


def test_a_length_that_lies_is_waited_for_no_longer_than_the_cell_may_run() -> None:
    frame = HEADER.pack(MAGIC, 100, 0) + b"{}"
    assert Forged(lambda end, _: end.sendall(frame)).ask(0.2).kind == "timeout"


def test_one_who_never_pauses_is_late_all_the_same() -> None:
    def drip(end: socket.socket, _: Wire) -> None:
        end.sendall(HEADER.pack(MAGIC, 2, 100 * 2**20) + b"{}")
        while True:  # byte by byte: in larger pieces a fast machine is done before the time is up
            end.sendall(b"x")

    began = time.monotonic()
    assert Forged(drip).ask(0.2).kind == "timeout"
    assert time.monotonic() - began < 1


def test_a_second_answer(session: Session) -> None:
    code = ("import gc\nfrom autograder.judging.wire import Wire\n"
            "wire = next(o for o in gc.get_objects() if type(o) is Wire)\n"
            "wire.send({'re': 2, 'ok': True, 'count': 1})")  # fmt: skip
    run(session, "1")
    with pytest.raises(SandboxEnded) as caught:  # noqa: PT012  (in whichever it is seen)
        run(session, code)
        run(session, "1")
    assert caught.value.kind == "protocol"


def test_an_alarm_in_the_middle_ends_the_sandbox(session: Session) -> None:
    def ring(_: Any) -> None:
        raise InterruptedError("the judge's own alarm")

    request = {"op": "cell", "code": "print(1, flush=True)\nimport time; time.sleep(5)"}
    with pytest.raises(InterruptedError):
        session.ask(request, output=ring)
    assert not session.alive


# The warm process


def test_without_walls_nothing_is_left_behind_and_it_is_started_again() -> None:
    with Warm("none") as warm:
        session = warm.spawn(Limits(), {"a.txt": b"a"})
        assert text(session, "print(open('a.txt').read())") == "a\n"
        assert (
            text(session, "import os\nfor i in range(2):\n    n = os.write(1, b'raw')") == "rawraw"
        )
        assert text(session, "n = os.write(1, b'again')") == "again"
        assert run(session, "import subprocess\np = subprocess.Popen(['sleep', '4712'])")[0]
        folder = text(session, "print(os.getcwd())").strip()
        session.end()
        assert "sleep\0004712" not in "".join(commands())
        assert warm.pid is not None
        os.kill(warm.pid, signal.SIGKILL)  # as the kernel does where memory is short
        psutil.Process(warm.pid).wait(10)
        assert text(warm.spawn(LIMITS, {}), "print(2)") == "2\n"
    assert not os.path.exists(folder)


def test_modules_are_imported_once_for_all_sandboxes_and_no_other_ones() -> None:
    asked = ("tabnanny", "no.such.module", "xml.dom.minidom")
    code = "import sys\nprint([m in sys.modules for m in ('tabnanny', 'xml.dom.minidom', 'wave')])"
    with Warm() as warm:
        assert text(warm.spawn(LIMITS, {}, modules=asked), code) == "[True, True, False]\n"
        first = warm.pid
        assert text(warm.spawn(LIMITS, {}, modules=asked), code) == "[True, True, False]\n"
        assert warm.pid == first
        assert text(warm.spawn(LIMITS, {}, modules=("wave",)), code) == "[False, False, True]\n"
        assert warm.pid not in (None, first)
        os.kill(warm.pid, signal.SIGKILL)  # the next one imports them, too
        time.sleep(0.1)
        assert text(warm.spawn(LIMITS, {}, modules=("wave",)), code) == "[False, False, True]\n"


def test_an_import_that_ends_the_process_leaves_sandboxes_without_it(tmp_path: Path) -> None:
    bad = "import os\nos._exit(3)\n"
    with Warm("none") as warm:
        warm.start()
        (Path(warm._folder) / "ends_all.py").write_text(bad)  # beside it, as nothing is in walls
        session = warm.spawn(LIMITS, {"ends_all.py": bad.encode()}, modules=("ends_all",))
        assert text(session, "print(1)") == "1\n"
        assert ended(session, "import ends_all").kind == "died"


def test_an_alarm_while_it_starts_leaves_no_answer_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Alarm(BaseException):
        pass

    def ring(*_: object) -> None:
        raise Alarm

    with Warm() as warm:
        warm.start()
        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            with pytest.raises(Alarm):
                warm.spawn(LIMITS, {}, modules=("sklearn.datasets",))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        session = warm.spawn(LIMITS, {})
        assert text(session, "print(1)") == "1\n"
        assert session.end() == (0, "") or not session.alive


def test_closing_ends_everything() -> None:
    warm = Warm()
    session = warm.spawn(LIMITS, {})
    run(session, "import subprocess\np = subprocess.Popen(['sleep', '4713'])")
    warm.close()
    assert warm.pid is None
    deadline = time.monotonic() + 5
    while "sleep\0004713" in "".join(commands()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "sleep\0004713" not in "".join(commands())
    with pytest.raises(SandboxEnded):
        run(session, "1")


assert MOST_OUTPUTS > 4_000  # what an honest sandbox sends at most
