# The client alone, at the same broker, in the same round: `orderctl bench` and the C program do the same work with
# bodies of 256 bytes, persistent and mandatory. `ceiling` publishes to an exchange without queues, where the broker gives each
# message back and confirms it at once, and the client is what is slow; `publish` into one quorum queue, and through a
# fanout into three; `consume` drains a queue of events that was filled before: ours through Worker, which decodes each
# event and acknowledges it when its handler has returned; C looks at no body and acknowledges 125 at a time.

# Ours runs as the services do, as SCHED_BATCH; C as any program, and once more scheduled as ours.

# compare ROW MESSAGES COMMAND OPTION…: ours, then C. A round in which either gives up, as C does where the broker confirms
# nothing for 30 seconds, says so and does not count.
compare() {
  local row=$1 messages=$2
  shift 2
  if run "$work/ours" "$programs/orderctl" bench "$@" --messages "$messages" --json; then
    note "$row" ours rate "$work/ours"
    note "$row.cpu" ours cpu "$work/ours"
    note "$row.batch" ours rate "$work/ours"
    note "$row.batch.cpu" ours cpu "$work/ours"
  fi
  if run "$work/theirs" "$work/yardstick" "$@" --messages "$messages"; then
    note "$row" yardstick rate "$work/theirs"
    note "$row.cpu" yardstick cpu "$work/theirs"
  fi
  if run "$work/theirs" chrt --batch 0 "$work/yardstick" "$@" --messages "$messages"; then
    note "$row.batch" yardstick rate "$work/theirs"
    note "$row.batch.cpu" yardstick cpu "$work/theirs"
  fi
}

round_ceiling() { compare ceiling 300000 publish --window 1000 --size 256 --to nowhere; }

round_publish() {
  compare publish.queue 100000 publish --window 1000 --size 256 --to queue
  compare publish.fanout 50000 publish --window 1000 --size 256 --to fanout
}

round_consume() { compare consume 100000 consume --prefetch 500; }
