# Draining a queue that was filled before, with an effect that is kept: stock down and event id in SQLite, on the disk
# before the ack. Ours is the inventory worker as it is, which also reports every outcome, and the order service keeps
# that in the same time; theirs is pika with one transaction an event. From the first to the last event by their rows.

# Each side gets what takes it some seconds.
ours_take=20000 theirs_take=5000

round_sqlite() {
  local database
  # Both queues are there, empty, and without a consumer.
  begin_workers
  settle
  end_workers
  run "$work/filled" "$work/yardstick" fill --queues inventory --messages "$ours_take"
  database=$work/inventory-$round.db
  begin_worker inventory "$database"
  run "$work/ours" python3 Tests/Benchmarks/handled.py "$database" "$ours_take"
  end inventory
  note sqlite ours rate "$work/ours"

  # It declares its queue, and is then filled.
  database=$work/pika-$round.db
  begin pika "$work/pika.log" "$python/python" Tests/Benchmarks/Peers/pika_sqlite.py peer.sqlite "$database"
  await 10 pika "$work/yardstick" empty --queues peer.sqlite
  end pika
  run "$work/filled" "$work/yardstick" fill --queues peer.sqlite --messages "$theirs_take"
  begin pika "$work/pika.log" "$python/python" Tests/Benchmarks/Peers/pika_sqlite.py peer.sqlite "$database"
  run "$work/theirs" python3 Tests/Benchmarks/handled.py "$database" "$theirs_take"
  end pika
  note sqlite yardstick rate "$work/theirs"
}
