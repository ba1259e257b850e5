# Sourced by the other scripts: a virtual environment in the checkout with the package and the dependency groups given.
#
#   ensure_env GROUP...   installs the files of locks/, only if they or pyproject.toml have changed since the last time
#
# PYTHON names the interpreter, SEARCHKIT_VENV the folder of the environment. pip accepts only files whose hashes are locked, and
# only wheels: building a source package would fetch build tools that are not locked. Where a package has no wheel,
# PIP_ONLY_BINARY=:none: permits that.

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

# install_locked PYTHON GROUP...   installs the locked packages of the groups; the lists are complete, so pip resolves nothing
install_locked() {
    local python=$1 files=() group
    shift
    for group in "$@"; do files+=(--requirement "$root/locks/$group.txt"); done
    PIP_ONLY_BINARY=${PIP_ONLY_BINARY-:all:} "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        "${files[@]}"
}

# install_searchkit PYTHON ARGUMENT...   installs searchkit alone, with the build backend of locks/build.txt
install_searchkit() {
    local python=$1
    shift
    "$python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation "$@"
}

ensure_env() {
    local stamp wanted python
    stamp="$venv/installed-$(IFS=-; echo "${*:-base}")"
    wanted=$(cat "$root/pyproject.toml" "$root"/locks/*.txt | cksum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$venv/bin/python" ]; then
        return
    fi
    if [ ! -x "$venv/bin/python" ]; then
        python=$(find_python) || return 1
        echo "Creating a virtual environment in ${venv#"$root/"} ..." >&2
        "$python" -m venv "$venv" || { echo "Python has no venv module. Install python3-venv." >&2; return 1; }
    fi
    echo "Installing searchkit${*:+ and its dependency groups $*} ..." >&2
    install_locked "$venv/bin/python" runtime build "$@" || return 1
    install_searchkit "$venv/bin/python" --editable "$root" || return 1
    # Compile the byte code now, so that the first command is as fast as the second.
    "$venv/bin/python" -m compileall -q "$root/searchkit" || return 1
    printf '%s\n' "$wanted" > "$stamp"
}
