"""A workflow of GitHub's Actions that runs a pipeline: actions pinned to their commits, secrets by name, nothing pasted into a shell.

The state of the delivery, with the reports and the signed files, lies in a branch of its own: what was sent is known there, so that nobody is sent it twice.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from par_analysis.deliver.schedule import Schedule
from par_analysis.errors import RequestError

FILE: Final = ".github/workflows/reports.yml"
BRANCH: Final = "par-state"
CHECKOUT: Final = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683  # v4.2.2"
PYTHON: Final = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065  # v5.6.0"

RESTORE: Final = f"""\
# Absent is not unreachable: without its state a run would send everything once more.
found=0; git ls-remote --exit-code origin refs/heads/{BRANCH} >/dev/null || found=$?
if [ "$found" -eq 2 ]; then exit 0; fi
[ "$found" -eq 0 ]
git fetch --quiet --depth=1 origin refs/heads/{BRANCH}
export GIT_INDEX_FILE="$PWD/.git/par-state"
git read-tree FETCH_HEAD
git checkout-index --all --force
"""

KEEP: Final = f"""\
export GIT_INDEX_FILE="$PWD/.git/par-state"
export GIT_AUTHOR_NAME=par GIT_AUTHOR_EMAIL=par@localhost GIT_COMMITTER_NAME=par GIT_COMMITTER_EMAIL=par@localhost
rm -f "$GIT_INDEX_FILE"
for folder in $KEPT; do
  if [ -e "$folder" ]; then git add --force --all -- "$folder"; fi
done
commit=$(git commit-tree "$(git write-tree)" -m "The state of the reports")
git push --quiet --force origin "$commit:refs/heads/{BRANCH}"
"""

PRIVATE: Final = """\
# The state holds the addresses of recipients.
test "$(gh api "repos/$GITHUB_REPOSITORY" --jq .private)" = true || { echo "::error::this workflow is for private repositories alone"; exit 1; }
"""


def workflow(schedule: Schedule, secrets: Sequence[str], kept: Sequence[PurePosixPath], state: PurePosixPath) -> str:
    """The workflow's file. ``secrets`` are names of variables, and of the repository's secrets alike; ``kept`` are the folders, in the
    checkout, that outlive a run, and ``state`` that of the delivery's state.

    The hour is that of UTC. Raises ``RequestError`` for names that are no names of secrets, and for paths outside of the checkout.
    """
    strange = [name for name in secrets if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name.upper().startswith("GITHUB_")]
    outside = [str(path) for path in (*kept, state) if not re.fullmatch(r"[A-Za-z0-9._/-]+", str(path)) or path.is_absolute() or ".." in path.parts]
    if strange or outside:
        raise RequestError(f"{strange[0]!r} cannot be the name of a secret" if strange else f"{outside[0]!r} is no folder of the checkout with a plain name")
    hour, minute = schedule.clock
    when = {"hour": f"{minute} * * * *", "day": f"{minute} {hour} * * *", "week": f"{minute} {hour} * * 1", "month": f"{minute} {hour} 1 * *"}[schedule.every]
    variables = "".join(f"\n          {name}: ${{{{ secrets.{name} }}}}" for name in secrets)
    return f"""\
# Made by par schedule --github. The hour is that of UTC.
name: Reports
on:
  schedule:
    - cron: "{when}"
  workflow_dispatch:
    inputs:
      accept:
        description: "The number of changes that par diff shows, to agree to them"
        default: ""
permissions:
  contents: write  # for the branch {BRANCH} alone
concurrency:
  group: par-reports
  cancel-in-progress: false
jobs:
  reports:
    runs-on: ubuntu-24.04
    timeout-minutes: 350
    env:
      PIPELINE: {_yaml(schedule.pipeline.as_posix())}
    steps:
      - name: Only where nobody else reads along
        env:
          GH_TOKEN: ${{{{ github.token }}}}
        run: |
{_indented(PRIVATE)}
      - uses: {CHECKOUT}
      - uses: {PYTHON}
        with:
          python-version: "3.11"
      - run: make environment
      - name: The state of the last run
        id: state
        run: |
{_indented(RESTORE)}
      - name: Agree
        if: inputs.accept != ''
        env:
          ACCEPT: ${{{{ inputs.accept }}}}
        run: .venv/bin/par accept --pipeline "$PIPELINE" -- "$ACCEPT"
      - name: Run
        env:
          PAR_CACHE: ${{{{ github.workspace }}}}/{state}/cache{variables}
        run: .venv/bin/par run "$PIPELINE"
      - name: Keep the state
        if: always() && steps.state.outcome == 'success'
        env:
          KEPT: {_yaml(" ".join(map(str, kept)))}
        run: |
{_indented(KEEP)}
"""


def _indented(script: str) -> str:
    return textwrap.indent(script.rstrip("\n"), " " * 10)


def _yaml(text: str) -> str:
    """A text as YAML quotes it, in which no expression of GitHub's begins."""
    if "${{" in text or re.search(r"[\x00-\x1f]", text):
        raise RequestError(f"{text!r} cannot stand in a workflow")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
