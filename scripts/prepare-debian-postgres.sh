#!/usr/bin/env bash
# Prepares Debian's Postgres 15 for npm run test:postgres: pgvector, pgTAP, plpgsql_check, and a database of its own.
# Run as root on Debian 12; safe to run twice. The last line of its output is the DATABASE_URL to use.
set -euo pipefail

version=15
port=54329
name=groundwork-test
export DEBIAN_FRONTEND=noninteractive

install() {
    local missing=()
    for package in "$@"; do
        dpkg-query --show --showformat='${Status}\n' "$package" 2> /dev/null | grep -q '^install ok installed$' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    apt-get update -qq
    apt-get install -yqq --no-install-recommends "${missing[@]}" > /dev/null
}

# Debian 12 has no package of pgvector, but the source package of Debian 13 builds against its Postgres.
build_pgvector() {
    [ -e "/usr/share/postgresql/$version/extension/vector.control" ] && return
    install build-essential dpkg-dev "postgresql-server-dev-$version"
    local list=/etc/apt/sources.list.d/groundwork-pgvector.list folder
    local mirror
    mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null || true; } | grep -oE -m 1 'https?://[^ ]+/debian/?( |$)')
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > "$list"
    folder=$(mktemp -d)
    chmod a+rx "$folder"
    apt-get update -qq
    (cd "$folder" && apt-get source -qq --download-only pgvector > /dev/null && dpkg-source --extract ./*.dsc source > /dev/null)
    rm -f "$list"
    make --directory="$folder/source" --silent PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" OPTFLAGS="" > /dev/null
    make --directory="$folder/source" --silent PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" install > /dev/null
    rm -rf "$folder"
}

# A cluster of its own, so that nothing of another project's is touched. Only this machine reaches it.
start_cluster() {
    if ! pg_lsclusters --no-header | awk '{ print $1 "/" $2 }' | grep -qx "$version/$name"; then
        pg_createcluster --port "$port" "$version" "$name" -- --auth-host=trust --auth-local=trust > /dev/null
    fi
    pg_ctlcluster "$version" "$name" status > /dev/null || pg_ctlcluster "$version" "$name" start
}

install "postgresql-$version" "postgresql-$version-pgtap" "postgresql-$version-plpgsql-check" libtap-parser-sourcehandler-pgtap-perl
build_pgvector
start_cluster
echo "postgresql://postgres:postgres@127.0.0.1:$port/postgres"
