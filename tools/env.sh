# Sourced (by tools/up and tools/down, or by hand for `pulumi` on the stack `local`): the Pulumi CLI,
# and state and credentials for the local endpoint only; nothing of AWS is used. Bash and zsh.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]:-$0}")/path.sh"

export PULUMI_HOME=$_root/.local/pulumi
# A URL: a folder's name may have characters that mean something there.
PULUMI_BACKEND_URL=$(python -c 'import pathlib, sys; print(pathlib.Path(sys.argv[1]).as_uri())' "$_root/.local/state")
export PULUMI_BACKEND_URL
export PULUMI_CONFIG_PASSPHRASE=
export PULUMI_SKIP_UPDATE_CHECK=true
unset PULUMI_CONFIG_PASSPHRASE_FILE PULUMI_IGNORE_AMBIENT_PLUGINS PULUMI_PYTHON_CMD PULUMI_STACK

export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL
# A proxy cannot reach the local endpoint.
export NO_PROXY=127.0.0.1${NO_PROXY:+,$NO_PROXY}
export no_proxy=$NO_PROXY
