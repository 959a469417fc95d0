# Programs that a run starts, each in a process group of its own, and their end by id, whatever happens.
# Sourced by Config/bench, which has set $work and a trap on `end_all`.

declare -A begun=()

# begin NAME OUTPUT COMMAND…: in the background.
begin() {
  local name=$1 output=$2
  shift 2
  setsid "$@" >"$output" 2>&1 </dev/null &
  begun[$name]=$!
}

has_ended() {
  local state
  state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) || true
  [ -z "$state" ] || [ "$state" = Z ]
}

# end NAME: asks it to stop; what has not stopped after a minute is killed with all that it started.
end() {
  local pid=${begun[$1]:-}
  [ -n "$pid" ] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 600); do
    has_ended "$pid" && break
    sleep 0.1
  done
  kill -KILL -- "-$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  unset "begun[$1]"
}

# await_end NAME: until it ends by itself, whatever its exit code.
await_end() {
  wait "${begun[$1]}" || true
  unset "begun[$1]"
}

# run OUTPUT COMMAND…: until it ends; its standard output to OUTPUT, what it complains of beside it. In the background
# for the shell, so that Ctrl-C is heard at once.
run() {
  local output=$1 code=0
  shift
  setsid "$@" >"$output" 2>"$output.errors" </dev/null &
  begun[run]=$!
  wait "${begun[run]}" || code=$?
  unset "begun[run]"
  [ "$code" -eq 0 ] && return
  echo "Config/bench: \`${*##*/}\` ended with $code:" >&2
  tail -n 5 "$output.errors" >&2
  return "$code"
}

# Last what was begun first: others may need it to end well.
end_all() {
  local name pid
  for name in "${!begun[@]}"; do [ "$name" = system ] || end "$name"; done
  end system
  # Only there where `orderctl up` could not end what it had started.
  [ -f "$work/up/processes.json" ] || return 0
  for pid in $(grep -o '"pid":[0-9]*' "$work/up/processes.json" | cut -d: -f2); do
    kill -KILL "$pid" 2>/dev/null || true
  done
}

# await SECONDS NAME COMMAND…: until the command succeeds, while the program of that name runs.
await() {
  local limit=$((SECONDS + $1)) name=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if has_ended "${begun[$name]}" || [ "$SECONDS" -ge "$limit" ]; then
      echo "Config/bench: $name did not become ready; its output is:" >&2
      tail -n 40 "$work/$name.log" >&2
      return 69
    fi
    sleep 0.05
  done
}
