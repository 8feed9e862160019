# Sourced by the scripts beside it: what they share.
# shellcheck shell=bash

# They would have pip install elsewhere than into the environment that it is run in.
unset PIP_USER PIP_TARGET PIP_PREFIX

say() {
  printf 'pulumi-personalize: %s\n' "$*" >&2
}

# Each argument is a line of the message.
fail() {
  printf 'pulumi-personalize: %s\n' "$@" >&2
  exit 1
}

# quietly REMEDY COMMAND...: runs the command; only when it fails, the end of its output
# and what to do about it are shown.
quietly() {
  local remedy=$1 output
  shift
  if ! output=$("$@" </dev/null 2>&1); then
    tail -n 20 <<<"$output" >&2
    fail "failed: $*" "$remedy"
  fi
}

# lock PYTHON FILE: waits for the file's lock and holds it until this shell ends, however it ends.
# Python's flock, as not every system has the command.
lock() {
  mkdir -p "$(dirname "$2")"
  exec 9>"$2"
  "$1" - "$2" <<'PYTHON'
import fcntl, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # while it waits: without a traceback
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print(f"waiting for another run, which holds {sys.argv[1]}, to end…", file=sys.stderr)
    fcntl.flock(9, fcntl.LOCK_EX)
PYTHON
}
