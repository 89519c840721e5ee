"""The examples of the README run as they stand."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest
from conftest import SECRET, URL

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (HERE.parent / "README.md").read_text(), re.DOTALL)
SAYS = ["alice {'text': 'hello'}", "message {'text': 'good morning'}", "ada {'message': {'text': 'I will pay on Monday'}}"]


@pytest.mark.parametrize("number", range(len(SAYS)))
def test_an_example_runs(number: int) -> None:
    assert len(EXAMPLES) == len(SAYS)
    example = EXAMPLES[number].replace("http://127.0.0.1:8000", URL).replace('"secret"', repr(SECRET))
    run = subprocess.run(
        [sys.executable, "-c", example], cwd=HERE.parent / "src", capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert SAYS[number] in run.stdout
