#!/usr/bin/env bash
# Builds the pages of modules, each named after those that its page links to, into .build/docs. A link that leads nowhere
# is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

work=.build/pages
rm -rf $work .build/docs
mkdir -p $work
swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members >$work/graphs.log 2>&1 ||
  { cat $work/graphs.log >&2; exit 1; }
graphs=$(swift build --show-bin-path)/../symbolgraph
dependencies=()
archives=()
for module in "$@"; do
  echo "pages of $module"
  mkdir -p $work/$module
  find "$graphs" \( -name "$module.symbols.json" -o -name "$module@*.symbols.json" \) -exec cp {} $work/$module \;
  # Each archive also says what others may link to.
  docc convert Sources/$module/$module.docc --additional-symbol-graph-dir $work/$module \
    --output-path $work/$module.doccarchive --fallback-default-module-kind Module \
    --enable-experimental-external-link-support --ide-console-output \
    ${dependencies[@]+"${dependencies[@]}"} >$work/$module.log 2>&1 ||
    { cat $work/$module.log >&2; exit 1; }
  # Comments leave out parameters whose names say enough.
  if grep -E '(warning|error):' $work/$module.log | grep -v 'is missing documentation' >&2; then exit 1; fi
  dependencies+=(--dependency $work/$module.doccarchive)
  archives+=($work/$module.doccarchive)
done
docc merge "${archives[@]}" --synthesized-landing-page-name Caravan --output-path .build/docs
echo "the pages are in .build/docs; 'python3 -m http.server -d .build/docs' shows them at /documentation"
