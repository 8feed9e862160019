# Sourced: the virtual environment's programs and the chosen Pulumi CLI first on PATH.
# `source tools/path.sh` is enough for `pulumi` on stacks of your own. Works in bash and zsh.
# shellcheck shell=bash
_root=$(CDPATH= cd -- "$(dirname "${BASH_SOURCE[0]:-$0}")/.." && pwd)
export PATH="$_root/.venv/bin:$(cat "$_root/.venv/pulumi-cli"):$PATH"
