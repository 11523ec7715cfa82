#!/bin/sh
# A machine with a client certificate: logs in, fetches something protected, logs out.
# usage: machine.sh https://localhost:8443 certs/ca.pem certs/robot.pem certs/robot-key.pem /services/assets/v1
set -eu
url=$1 ca=$2 cert=$3 key=$4 path=$5
api=$url/services/session/v1
jar=$(mktemp)
trap 'rm -f "$jar"' EXIT

# The certificate with each request: with session.bindCertificate the session is worth nothing without it.
ask() { curl -sS --fail-with-body --cacert "$ca" --cert "$cert" --key "$key" -b "$jar" -c "$jar" "$@"; }

ask -X POST "$api/login/certificate"
xsrf=$(ask "$api/xsrfToken" | sed 's/.*"xsrfToken":"\([^"]*\)".*/\1/')
ask -H "X-XSRF-Token: $xsrf" "$url$path"
ask -H "X-XSRF-Token: $xsrf" -X POST "$api/logout"
