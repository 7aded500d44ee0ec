#!/usr/bin/env bash
# Prepares the checkout once (tools, packages, build), then is the `recipes` command.
# With nothing to do it adds a few hundredths of a second. RECIPES_NO_BUILD=1 skips the check.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stamp=$root/bin/.built
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '%s\n' "$*" >&2; }

if ! command -v dotnet >/dev/null; then
  say "recipes: the .NET 10 SDK is missing: 'dotnet' is not on the PATH."
  say "  Install it (your system's packages, or Microsoft's install page for .NET 10) and run this again."
  exit 2
fi

# Everything that a build depends on and that is newer than the last good build, the first one only.
stale() {
  [ -f "$stamp" ] && [ -f "$root/bin/Recipes.Cli.dll" ] || { echo first build; return; }
  find "$root/src" "$root/recipes" "$root/build" "$root/Directory.Build.props" "$root/Directory.Build.targets" \
    "$root/paket.dependencies" "$root/.config" \( -name obj -o -name bin \) -prune -o -type f -newer "$stamp" -print -quit
}

restore() {
  if [ ! -f "$root/.config/dotnet-tools.json" ]; then return; fi
  if [ -z "${NUGET_FEED:-}" ]; then
    NUGET_FEED=$(cd "$root" && dotnet nuget list source --format Short | sed -n 's/^E[A-Z]* //p' | head -n 1)
    export NUGET_FEED
  fi
  if [ -z "$NUGET_FEED" ]; then
    say "recipes: no enabled NuGet source ('dotnet nuget list source' lists none)."
    say "  Add one with 'dotnet nuget add source', or set NUGET_FEED, and run this again."
    exit 2
  fi
  if [ ! -f "$root/paket.lock" ] || [ ! -f "$root/.paket/Paket.Restore.targets" ] \
     || [ "$root/paket.dependencies" -nt "$root/paket.lock" ] \
     || [ -n "$(find "$root/src" "$root/tests" -name paket.references -newer "$root/paket.lock" -print -quit)" ]; then
    say "recipes: restoring tools and packages (once) ..."
    quietly dotnet tool restore
    quietly dotnet paket install
    touch "$root/paket.lock"
  fi
}

# Runs a step, shows its output only when it fails.
quietly() {
  local log; log=$(mktemp)
  if ! (cd "$root" && "$@") >"$log" 2>&1; then
    cat "$log" >&2; rm -f "$log"
    say "recipes: '$*' failed; its output is above."
    exit 2
  fi
  rm -f "$log"
}

prepare() {
  local why; why=$(stale)
  [ -z "$why" ] && return
  mkdir -p "$root/bin"
  exec 9>"$root/bin/.lock"
  flock 9 2>/dev/null || true          # two first runs at once: the second waits, then finds it done
  [ -z "$(stale)" ] && return
  restore
  say "recipes: building (${why#"$root"/}) ..."
  touch "$stamp.new"
  quietly dotnet build "$root/src/Recipes.Cli/Recipes.Cli.fsproj" -c Release -v quiet --nologo
  mv "$stamp.new" "$stamp"
  exec 9>&-
}

[ -n "${RECIPES_NO_BUILD:-}" ] || prepare
export RECIPES_ROOT=$root
exec dotnet "$root/bin/Recipes.Cli.dll" "$@"
