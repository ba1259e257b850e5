# Sourced by the scripts beside it: a virtual environment in the checkout with the package and the wanted groups.
#
#   ensure_env GROUP...   installs anew only when pyproject.toml or dependencies.lock has changed since the last time

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"

find_python() {
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "searchkit needs Python 3.11 or later; set PYTHON to one." >&2
    return 1
}

ensure_env() {
    local stamp wanted python
    stamp="$venv/installed-$(IFS=-; echo "${*:-base}")"
    wanted=$(cat "$root/pyproject.toml" "$root/dependencies.lock" | cksum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$venv/bin/python" ]; then
        return
    fi
    if [ ! -x "$venv/bin/python" ]; then
        python=$(find_python) || return 1
        echo "Making a virtual environment in .venv ..." >&2
        "$python" -m venv "$venv" || { echo "The venv module is missing: install python3-venv." >&2; return 1; }
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" || return 1
    fi
    echo "Installing searchkit${*:+ with what its $* needs} ..." >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --constraint "$root/dependencies.lock" --editable "$root" \
        $(for group in "$@"; do printf -- '--group %s:%s ' "$root/pyproject.toml" "$group"; done) || return 1
    # Byte code once for all: the first question should be as quick as the second.
    "$venv/bin/python" -m compileall -q "$root/searchkit" || return 1
    printf '%s\n' "$wanted" > "$stamp"
}
