import os
import subprocess
import sys


def test_the_child_ends_with_its_input() -> None:
    code = "from lesionviewer.engine.keras_worker import main; raise SystemExit(main([]))"
    ended = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, timeout=60)
    assert ended.returncode == 0
    assert ended.stdout == b""


def test_what_libraries_print_stays_out_of_the_channel() -> None:
    code = (
        "import os\n"
        "from lesionviewer.core.frames import write_message\n"
        "from lesionviewer.engine.keras_worker import _channel\n"
        "requests, answers = _channel()\n"
        "print('from Python', flush=True)\n"
        "os.write(1, b'from C')\n"
        "os.system('echo from a program')\n"
        "write_message(answers, {'ready': True})\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], input=b"", capture_output=True, timeout=60, env=os.environ
    )
    assert ended.stdout == b'\x0e\0\0\0{"ready":true}'


def test_the_worker_imports_no_framework_before_it_is_asked() -> None:
    code = (
        "import sys, lesionviewer.engine.keras_worker\n"
        "raise SystemExit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
