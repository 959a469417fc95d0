/* Time, CPU time of this process and of its ended children, and the line that is printed. */
#include "yardstick.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static double cpu_of(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct measure measure_begin(void) {
  return (struct measure){.began = now(), .cpu = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN)};
}

void measure_end(struct measure began, const char *what, const struct options *options) {
  double took = now() - began.began;
  double cpu = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) - began.cpu;
  printf("{\"what\":\"%s\",\"messages\":%ld,\"seconds\":%.6f,\"rate\":%.1f,\"cpu_seconds\":%.6f}\n", what,
         options->messages, took, (double)options->messages / took, cpu);
}
