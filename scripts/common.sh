# Sourced by the other scripts: words on the screen, and packages from Debian.

say() { printf '\n==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
fail() {
    printf '\n%s: %s\n' "$(basename "$0")" "$1" >&2
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}

# What Keyturn is built on, and the checks of it that are needed to run the tests.
KEYTURN_LIBRARIES="libsodium-dev libargon2-dev libsqlite3-dev libpq-dev pkg-config"
KEYTURN_TEST_PACKAGES="python3 python3-pip python3-nacl python3-argon2 curl openssl procps sqlite3 util-linux postgresql nginx faketime nodejs systemd chromium chromium-driver"

# Installs those of the named packages that are missing.
need_packages() {
    local missing="" name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $name"
    done
    if [ -z "$missing" ]; then
        note "installed already: $*"
        return
    fi
    local as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "these packages are missing:$missing" "Install them as root: apt-get install$missing"
        as_root="sudo"
    fi
    note "installing:$missing"
    # Debian would make a cluster and start it; the tests make their own.
    case "$missing" in
    *" postgresql"*)
        if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
            $as_root mkdir -p /etc/postgresql-common/createcluster.d
            printf 'create_main_cluster = false\n' | $as_root tee /etc/postgresql-common/createcluster.d/keyturn-tests.conf >/dev/null
        fi
        ;;
    esac
    # A package may bring a service, such as nginx. None is started here: what needs one starts its own.
    local policy=""
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
        $as_root chmod 755 "$policy"
        # shellcheck disable=SC2064
        trap "$as_root rm -f $policy" EXIT
    fi
    # A list of packages that is there may be too old to install from, so it is fetched where the first try fails.
    local options="-y -q --no-install-recommends"
    # shellcheck disable=SC2086
    if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install $options $missing >/dev/null 2>&1; then
        $as_root apt-get update -q >/dev/null || fail "apt-get update failed"
        # shellcheck disable=SC2086
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install $options $missing >/dev/null ||
            fail "apt-get could not install:$missing"
    fi
    if [ -n "$policy" ]; then
        $as_root rm -f "$policy"
        trap - EXIT
    fi
    # Nor at the next start of the machine.
    case "$missing" in
    *nginx*) if [ -d /run/systemd/system ]; then $as_root systemctl disable --quiet nginx || true; fi ;;
    esac
}

# Puts what scripts/test-requirements.txt and scripts/test-files.txt name into the folder $1, for Debian's own Python;
# nothing where it is there.
need_python_packages() {
    local folder="$1" list="scripts/test-requirements.txt" files="scripts/test-files.txt"
    local names
    names=$(cat "$list" "$files" | grep -v '^#' | sed 's/ .*//' | tr '\n' ' ')
    if cat "$list" "$files" | cmp -s - "$folder/requirements.txt"; then
        note "installed already: $names"
        return
    fi
    note "fetching from PyPI: $names"
    rm -rf "$folder.new"
    PIP_ROOT_USER_ACTION=ignore /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-input --target "$folder.new" \
        --requirement "$list" || fail "pip could not install what $list names"
    PIP_ROOT_USER_ACTION=ignore /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-input --target "$folder.new" \
        --no-deps --require-hashes --requirement "$files" || fail "pip could not install what $files names"
    cat "$list" "$files" >"$folder.new/requirements.txt"
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}

# Swift 6.3 or later has to be there: it is the one thing that these scripts do not install.
need_swift() {
    command -v swift >/dev/null || fail "swift is not on the PATH" "Install Swift 6.3 or later: https://www.swift.org/install"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    case "$version" in
    6.[3-9] | 6.[1-9][0-9] | [7-9].* | [1-9][0-9].*) note "Swift $version" ;;
    *) fail "Swift 6.3 or later is needed; this is ${version:-unknown}" ;;
    esac
}

# Runs a build and shows how far it is: every line on a terminal, else one line in fifty.
show_progress() {
    if [ -t 1 ]; then
        cat
    else
        # Of files in other packages that SwiftPM knows nothing to do with, nobody has to hear.
        awk '
            /^warning: .* which are unhandled/ { unhandled = 1; next }
            unhandled && /^    \// { next }
            { unhandled = 0 }
            /^\[[0-9]+\/[0-9]+\]/ { if (++n % 50 == 1) { print "    " $0; fflush() } next }
            { print; fflush() }'
    fi
}
