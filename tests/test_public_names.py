import subprocess
import sys

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
