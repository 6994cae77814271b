#!/usr/bin/env bash
# Prepares Postgres for npm run test:postgres: pgvector, pgTAP, plpgsql_check, pg_prove, and a cluster of its own.
# Run as root on Debian 12, or on a Debian or Ubuntu whose apt has these; safe to run twice. The last line of its output
# is the DATABASE_URL to use.
#
#   prepare-debian-postgres.sh [version]     version of Postgres, by default the newest that apt has all of it for
set -euo pipefail

name=groundwork-test
port=54329
# Tests of concurrency open many sessions.
max_connections=200
export DEBIAN_FRONTEND=noninteractive

fail() {
    printf 'prepare-debian-postgres.sh: %s\n' "$1" >&2
    exit 1
}

# Shows what the command printed only if it fails.
quietly() {
    local output
    output=$("$@" 2>&1) || fail "this failed: $*"$'\n'"$output"
}

is_installed() {
    dpkg-query --show --showformat='${Status}' "$1" 2> /dev/null | grep -q '^install ok installed$'
}

is_available() {
    apt-cache show "$1" > /dev/null 2>&1
}

installed_anything=false
install() {
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    quietly apt-get install -o DPkg::Lock::Timeout=120 -yqq --no-install-recommends "${missing[@]}"
    installed_anything=true
}

# The version of the cluster that an earlier run made.
prepared_version() {
    command -v pg_lsclusters > /dev/null && pg_lsclusters --no-header | awk -v name="$name" '$2 == name { print $1 }'
}

newest_version() {
    local version
    for version in ${1:-$(seq 30 -1 15)}; do
        if is_available "postgresql-$version-pgtap" && is_available "postgresql-$version-plpgsql-check"; then
            echo "$version"
            return
        fi
    done
    fail "apt offers no Postgres ${1:-15 or later} with pgTAP and plpgsql_check; Debian 12 has them for 15."
}

# Debian 12 has no package of pgvector, but the source package of Debian 13 builds against its Postgres.
build_pgvector() {
    local folder mirror
    mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null || true; } |
        grep -oE -m 1 'https?://[^ ]+/debian/?( |$)') ||
        fail "apt offers no postgresql-$version-pgvector, and its sources name no Debian mirror to build it from."
    install build-essential dpkg-dev "postgresql-server-dev-$version"
    folder=$(mktemp -d)
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > "$folder/sources.list"
    local only_this=(-o "Dir::Etc::SourceList=$folder/sources.list" -o "Dir::Etc::SourceParts=-" -o "APT::Get::List-Cleanup=0")
    chmod a+rx "$folder"
    cd "$folder"
    quietly apt-get update "${only_this[@]}"
    quietly apt-get source "${only_this[@]}" --download-only pgvector
    quietly dpkg-source --extract ./*.dsc source
    # Without the optimisation for this very processor, which a cached image may not run on.
    quietly make --directory=source PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" OPTFLAGS=""
    quietly make --directory=source PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" install
    cd /
    rm -rf "$folder"
}

provide_pgvector() {
    [ -e "/usr/share/postgresql/$version/extension/vector.control" ] && return
    if is_available "postgresql-$version-pgvector"; then
        install "postgresql-$version-pgvector"
    else
        build_pgvector
    fi
}

# A cluster of its own, so that nothing of another project's is touched. Only this machine reaches it.
start_cluster() {
    if [ -z "$(prepared_version)" ]; then
        quietly pg_createcluster --port "$port" --locale C.UTF-8 "$version" "$name" -- --auth-host=trust --auth-local=trust
    fi
    local needs_restart=$installed_anything
    if [ "$(pg_conftool --short "$version" "$name" show max_connections)" != "$max_connections" ]; then
        quietly pg_conftool "$version" "$name" set max_connections "$max_connections"
        needs_restart=true
    fi
    if ! pg_ctlcluster "$version" "$name" status > /dev/null; then
        quietly pg_ctlcluster "$version" "$name" start
    elif [ "$needs_restart" = true ]; then
        # Packages may have replaced the files of the running server.
        quietly pg_ctlcluster "$version" "$name" restart -m fast
    fi
}

command -v apt-get > /dev/null ||
    fail "there is no apt-get. Set DATABASE_URL to a Postgres 15 or later with pgvector, pgTAP and plpgsql_check instead."
[ "$(id -u)" -eq 0 ] || fail "it installs packages: run it as root, with sudo bash $0"

version=$(prepared_version || true)
if [ -z "$version" ]; then
    quietly apt-get update -qq
    version=$(newest_version "${1:-}")
fi
install "postgresql-$version" "postgresql-$version-pgtap" "postgresql-$version-plpgsql-check" \
    libtap-parser-sourcehandler-pgtap-perl
provide_pgvector
start_cluster
echo "postgresql://postgres:postgres@127.0.0.1:$port/postgres"
