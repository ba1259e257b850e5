import subprocess
import sys

import pytest

import searchkit


def test_public_names_exist_and_are_sorted() -> None:
    assert sorted(searchkit.__all__) == searchkit.__all__
    for name in searchkit.__all__:
        assert getattr(searchkit, name) is not None
    assert set(searchkit.__all__) <= set(dir(searchkit))


def test_importing_the_package_imports_no_other_package() -> None:
    script = "import sys, searchkit; print([m for m in sys.modules if m.startswith('searchkit.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['searchkit.version']"


@pytest.mark.slow
def test_statements_are_a_library_of_their_own() -> None:
    script = (
        "import sys; from searchkit.statements import annotate\n"
        "made = annotate('Vera Lind told a town hall in Selden on Monday that the quay is old.')\n"
        "print(*(quote.speaker.name + ': ' + quote.content.of(made.text) for quote in made.quotes), sep='|')\n"
        "print(*(name for name in sys.modules if name.startswith('searchkit.') or '.' not in name))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    said, modules = done.stdout.splitlines()
    assert said == "Vera Lind: the quay is old"
    loaded = {name for name in modules.split() if not name.startswith("searchkit.statements")}
    assert loaded.isdisjoint({"numpy", "sqlite3", "whoosh", "starlette", "lxml", "py3langid"})
    assert {name for name in loaded if name.startswith("searchkit.")} == {"searchkit.errors", "searchkit.version"}
