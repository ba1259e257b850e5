# Sourced by the other scripts: a virtual environment in the checkout with the package and the dependency groups given.
#
#   ensure_env GROUP...   installs only if pyproject.toml or dependencies.lock has changed since the last time
#
# PYTHON names the interpreter, SEARCHKIT_VENV the folder of the environment.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${SEARCHKIT_VENV:-$root/.venv}

find_python() {
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "searchkit needs Python 3.11 or later. Install it, or set PYTHON to its path." >&2
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
        echo "Creating a virtual environment in ${venv#"$root/"} ..." >&2
        "$python" -m venv "$venv" || { echo "Python has no venv module. Install python3-venv." >&2; return 1; }
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" || return 1
    fi
    echo "Installing searchkit${*:+ and its dependency groups $*} ..." >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --constraint "$root/dependencies.lock" --editable "$root" \
        $(for group in "$@"; do printf -- '--group %s:%s ' "$root/pyproject.toml" "$group"; done) || return 1
    # Compile the byte code now, so that the first command is as fast as the second.
    "$venv/bin/python" -m compileall -q "$root/searchkit" || return 1
    printf '%s\n' "$wanted" > "$stamp"
}
