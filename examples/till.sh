#!/bin/sh
# A till in curl: check a card, record its ticket with an id of our own, send it again, take it back.
#
#   TOKEN=… ./examples/till.sh 7KM9QX2TR7 [offering's id]
#
# REGISTER is the register's address, by default the demo's.
set -eu

REGISTER="${REGISTER:-http://127.0.0.1:8000}"
CODE="$1"
OFFERING="${2:+\"$2\"}"
OFFERING="${OFFERING:-null}"
TODAY="$(TZ=Europe/Helsinki date +%F)"
ID="$(cat /proc/sys/kernel/random/uuid)"

# The token goes to curl through its standard input, so that no list of processes shows it. A lost answer, a 429, 500 or
# 503 is tried again: the id keeps it from counting twice. A problem ends the script.
call() {
  answer="$(printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" |
    curl --silent --show-error --config - --max-time 10 --retry 4 --retry-delay 1 --retry-all-errors \
      --write-out '%{http_code}' --request "$1" --header "Content-Type: application/json" \
      "$REGISTER/api/v1$2" ${3:+--data "$3"})"
  body="${answer%???}"
  echo "$body"
  [ "${answer#"$body"}" -lt 400 ]
}

echo "May it come in?"
call POST /check "{\"code\": \"$CODE\", \"offering\": $OFFERING}"

ROW="{\"id\": \"$ID\", \"code\": \"$CODE\", \"offering\": $OFFERING, \"day\": \"$TODAY\"}"
echo "Recorded:"
call POST /uses "{\"uses\": [$ROW]}"
echo "Sent again, as after a lost answer: the first answer, no second record."
call POST /uses "{\"uses\": [$ROW]}"

echo "Taken back:"
call POST "/uses/$ID/reverse" '{"reason": "test"}'
