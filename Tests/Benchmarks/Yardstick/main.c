/* The command line: yardstick publish|consume|flow|fill|empty --url … [options] */
#include "yardstick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  void (*run)(const struct options *);
} commands[] = {
    {"publish", run_publish}, /* with confirms, --to nowhere, queue or fanout (to three queues) */
    {"consume", run_consume}, /* fills a quorum queue, which is not measured, and drains it */
    {"flow", run_flow},       /* through a fanout to two quorum queues and a consumer of each, at once */
    {"fill", run_fill},       /* --messages into --queues, not measured */
    {"empty", run_empty},     /* waits until nothing is in --queues */
};

_Noreturn static void usage(void) {
  fputs("usage: yardstick publish|consume|flow|fill|empty --url URL [--messages N] [--window N] [--prefetch N]\n"
        "       [--size N] [--to nowhere|queue|fanout] [--exchange NAME] [--queues NAME,…]\n",
        stderr);
  exit(64);
}

_Noreturn void fail(const char *what, const char *detail) {
  fprintf(stderr, "yardstick: %s: %s\n", what, detail);
  exit(69);
}

static long number(const char *text, long least) {
  char *end = NULL;
  long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < least) usage();
  return value;
}

static void split(struct options *options, char *names) {
  for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
    if (options->queue_count == MOST_QUEUES) usage();
    options->queues[options->queue_count++] = name;
  }
}

static void read_option(struct options *options, const char *name, char *value) {
  if (strcmp(name, "--url") == 0) options->url = value;
  else if (strcmp(name, "--to") == 0) options->to = value;
  else if (strcmp(name, "--exchange") == 0) options->exchange = value;
  else if (strcmp(name, "--queues") == 0) split(options, value);
  else if (strcmp(name, "--messages") == 0) options->messages = number(value, 1);
  else if (strcmp(name, "--window") == 0) options->window = number(value, 1);
  else if (strcmp(name, "--prefetch") == 0) options->prefetch = number(value, 1);
  else if (strcmp(name, "--size") == 0) options->size = number(value, 0);
  else usage();
}

int main(int count, char **arguments) {
  struct options options = {.url = getenv("RABBITMQ_URL"), .to = "queue", .messages = 100000, .window = 1000,
                            .prefetch = 500, .size = 256};
  if (count < 2 || count % 2 != 0) usage();
  for (int i = 2; i < count; i += 2) read_option(&options, arguments[i], arguments[i + 1]);
  if (options.url == NULL) usage();
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(arguments[1], commands[i].name) == 0) {
      commands[i].run(&options);
      return 0;
    }
  }
  usage();
}
