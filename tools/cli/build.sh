# Sourced by the scripts beside it: this user's cache, and how what is in it is built with Go.
# shellcheck shell=bash

os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(uname -m | sed -e 's/^x86_64$/x64/' -e 's/^amd64$/x64/' -e 's/^aarch64$/arm64/')
export HOME=${HOME:-~} # which Go needs, too
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-personalize

export PATH=$PATH:/usr/local/go/bin # where Go's own installer puts it
export CGO_ENABLED=0 GOWORK=off

# pinned NAME MODULE: the version of the Go module that NAME's go.mod asks for; no other file says it.
pinned() { sed -n "s,.*$2 v\([^ ]*\).*,\1,p" "tools/cli/$1/go.mod"; }

# go_builds NAME: whether this machine's Go can; prints why not.
go_builds() {
  local why
  if ! command -v go >/dev/null; then
    echo "there is no Go to build it"
    return 1
  fi
  # Asked of Go itself: since 1.21 it fetches the version that a module asks for, unless told not to.
  if ! why=$(cd "tools/cli/$1" && go list -m 2>&1); then
    echo "building it needs Go $(sed -n 's/^go //p' "tools/cli/$1/go.mod") or later;" \
      "this is $(GOTOOLCHAIN=local go version 2>/dev/null | cut -d ' ' -f 3) ($(command -v go)): ${why##*$'\n'}"
    return 1
  fi
}

# go_build COMMAND FOLDER NAME [LDFLAGS]: builds the program NAME into the folder, for the make COMMAND.
go_build() {
  quietly "Is the Go module proxy reachable, and the disk not full? Then run $1 again." \
    go build -C "tools/cli/$3" -trimpath -ldflags "-s -w ${4:-}" -o "$2/" tool
}

# new_folder: makes $new, for what is to come into the cache. With the cache's lock held, another one
# is left from a run that was interrupted.
new_folder() {
  rm -rf "$cache"/new.*
  new=$(mktemp -d "$cache/new.XXXXXX")
  trap 'rm -rf "$cache"/new.*' EXIT
}

# keep FOLDER: puts what is in $new there.
keep() {
  chmod 755 "$new"
  mv "$new" "$1"
}
