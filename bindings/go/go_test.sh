#!/usr/bin/env bash
# go_test.sh LIBRARY HEADER [ARGUMENT...]: go vet and go test of the module, with the library
# of the tree; arguments go to go test. Without Go 1.21 or later it says so and does nothing.
set -euo pipefail
library=$(readlink -f "$1")
header=$(readlink -f "$2")
shift 2
root=$PWD
go=$(PATH=$PATH:/usr/local/go/bin command -v go || true)
version=$([[ -z $go ]] || "$go" env GOVERSION)
if [[ -z $go || $version =~ ^go1\.([0-9]|1[0-9]|20)(\.|$) ]]; then
  echo "skipped: Go 1.21 or later is needed; there is ${version:-none}"
  exit 0
fi

# What an installed package would bring.
place=$TEST_TMPDIR/postseal
mkdir -p "$place"
cp "$library" "$place/libpostseal.so.0"
ln -sf libpostseal.so.0 "$place/libpostseal.so"
cp "$header" "$place/postseal.h"
cat >"$place/postseal.pc" <<EOF
Name: postseal
Description: the library of the tree
Version: 0
Cflags: -I$place
Libs: -L$place -lpostseal
EOF
export PKG_CONFIG_PATH=$place LD_LIBRARY_PATH=$place POSTSEAL_ROOT=$root
export CC=gcc CGO_ENABLED=1 GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local GOPATH=$TEST_TMPDIR/gopath
# Go's cache makes this a few seconds, not a minute; a test runner may not pass HOME on.
export HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
export GOCACHE=${GOCACHE:-$HOME/.cache/go-build}
mkdir -p "$GOCACHE" 2>/dev/null && [[ -w $GOCACHE ]] || export GOCACHE=$TEST_TMPDIR/go-cache

module=$TEST_TMPDIR/module
mkdir -p "$module/verify"
cp -L "$root"/examples/go/main.go "$module/verify"
cp -L "$root"/bindings/go/*.go "$root/bindings/go/go.mod" "$module"
cd "$module"
unformatted=$("${go%go}gofmt" -l . 2>/dev/null || gofmt -l .)
[[ -z $unformatted ]] || { echo "gofmt would change: $unformatted" && exit 1; }
"$go" vet ./...
"$go" test "$@" ./...

# examples/go, as a user would run it: the message of RFC 8463 appendix A.3, whose key and
# author have no SPF record and no policy here.
cat >"$TEST_TMPDIR/zone" <<'EOF'
brisbane._domainkey.football.example.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
EOF
printed=$("$go" run ./verify -zone "$TEST_TMPDIR/zone" 192.0.2.1 joe@football.example.com \
  <"$root/testdata/messages/rfc8463_a3.eml")
[[ $printed == pass* && $printed == *"dkim=pass"*"header.a=ed25519-sha256"* ]] ||
  { printf 'examples/go: %s\n' "$printed" && exit 1; }
