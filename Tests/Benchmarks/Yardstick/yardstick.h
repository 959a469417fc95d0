/*
 * What RabbitMQ and this machine can do: the same work as ours in plain C, on librabbitmq's own blocking calls, in the
 * way that a good C programmer writes it. Prints one JSON line a run.
 *
 * Whatever goes wrong ends the program: a yardstick that recovers is none.
 */
#ifndef YARDSTICK_H
#define YARDSTICK_H

#include <sys/time.h>

#include <amqp.h>
#include <amqp_tcp_socket.h>

enum { CHANNEL = 1, MOST_QUEUES = 8 };

/* What a message is made as, byte for byte as far as it matters. */
enum kind {
  PLAIN, /* as `orderctl bench publish` sends it */
  EVENT, /* with the attributes of an event as headers, as `orderctl bench consume` fills its queue */
  ORDER, /* order.created as the order service publishes it */
};

/* The command line. */
struct options {
  const char *url;      /* amqp://user:password@host:port */
  const char *to;       /* publish: nowhere, queue or fanout */
  const char *exchange; /* flow: one that exists; NULL makes one with two quorum queues */
  const char *queues[MOST_QUEUES];
  int queue_count;
  long messages;
  long window;   /* publishes that wait for their confirm at once */
  long prefetch; /* deliveries that wait for their ack at once */
  long size;     /* bytes of a body that is no order's */
};

/* Says what failed and ends the program with 69. */
_Noreturn void fail(const char *what, const char *detail);
/* Ends the program where the last synchronous call was refused. */
void check_reply(amqp_connection_state_t connection, const char *what);
/* Ends the program where a call returned less than 0. */
void check_status(int status, const char *what);

/* link.c: one connection with one channel. */
amqp_connection_state_t link_open(const char *url);
void link_close(amqp_connection_state_t connection);
void declare_fanout(amqp_connection_state_t connection, const char *exchange);
void declare_queue(amqp_connection_state_t connection, const char *queue, const char *exchange);
void delete_queue(amqp_connection_state_t connection, const char *queue);
void delete_exchange(amqp_connection_state_t connection, const char *exchange);
long queue_depth(amqp_connection_state_t connection, const char *queue);

/* message.c: what is sent, each message with an id of its own that is no other run's. */
struct message {
  amqp_basic_properties_t properties;
  amqp_bytes_t body;
  char id[64];
  char text[65536];
  amqp_table_entry_t headers[8];
};
void message_write(struct message *message, long number, enum kind kind, long size);

/* publish.c: publishes with confirms until the broker has confirmed all of them. Mandatory, as all that is ours: what no
   queue takes comes back before its confirm. */
void publish_all(amqp_connection_state_t connection, const char *exchange, const char *key, enum kind kind,
                 const struct options *options);

/* consume.c: takes so many deliveries of a queue, with a handler that does nothing, and acknowledges them. */
void subscribe(amqp_connection_state_t connection, const char *queue, long prefetch);
void drain(amqp_connection_state_t connection, long messages, long prefetch);

/* measure.c: from `measure_begin` to `measure_end` of one piece of work. */
struct measure {
  double began;
  double cpu;
};
struct measure measure_begin(void);
void measure_end(struct measure began, const char *what, const struct options *options);

/* The subcommands. */
void run_publish(const struct options *options);
void run_consume(const struct options *options);
void run_flow(const struct options *options);
void run_fill(const struct options *options);
void run_empty(const struct options *options);

#endif
