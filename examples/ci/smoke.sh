#!/bin/sh
# Waits until a deployment answers as it should, and fails when it does not. For any CI, or for a cron job.
# SONDE       the command, `sonde` unless given
# REPORTS     folder of the reports, `reports` unless given
# PUSHGATEWAY URL of a Pushgateway, for the results as metrics; none unless given
set -eu

checks=$(dirname "$0")/checks.yaml
modules=$(dirname "$0")/modules.yaml
reports=${REPORTS:-reports}
mkdir -p "$reports"

status=0
"${SONDE:-sonde}" check "$checks" --config.file "$modules" \
  --retry 5 --retry-interval 2s --warn 1s \
  --report "junit=$reports/sonde.xml" \
  --report "json=$reports/sonde.json" \
  ${PUSHGATEWAY:+--push-gateway "$PUSHGATEWAY"} || status=$?

case $status in
  0) echo "the deployment is sound" ;;
  1) echo "the deployment is not sound, see above" >&2 ;;
  2) echo "checks.yaml or modules.yaml is not right, see above" >&2 ;;
  *) echo "sonde could not tell (exit code $status)" >&2 ;;
esac
exit "$status"
