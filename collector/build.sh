#!/usr/bin/env bash
# Builds collector/dist/otelcol-llmcost from builder.yaml. Needs Go 1.25 or newer; no Docker, no root.
# First build about three minutes on two cores, later ones seconds: Go's module and build caches
# do the work, and nothing at all happens while the binary is newer than the manifest.
set -euo pipefail
cd "$(dirname "$0")"

binary=dist/otelcol-llmcost
builder_version=v0.161.0

if [[ -x $binary && $binary -nt builder.yaml ]]; then
  echo "collector/$binary is up to date"
  exit 0
fi
if ! command -v go >/dev/null; then
  echo "collector/build.sh: needs Go 1.25 or newer on the PATH (the collector is a Go program)" >&2
  exit 1
fi

# The builder is a tool of this build: it is kept beside its result, not in the user's GOPATH.
tools=$PWD/dist/tools
if [[ ! -x $tools/builder-$builder_version ]]; then
  GOBIN=$tools go install "go.opentelemetry.io/collector/cmd/builder@$builder_version"
  mv "$tools/builder" "$tools/builder-$builder_version"
fi

CGO_ENABLED=0 "$tools/builder-$builder_version" --config builder.yaml
touch "$binary"
echo "built collector/$binary"
