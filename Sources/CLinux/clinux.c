#define _GNU_SOURCE
#include "clinux.h"

#include <dirent.h>
#include <link.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

static int release(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || (part->p_flags & PF_W)) continue;
    const uintptr_t start = object->dlpi_addr + part->p_vaddr;
    const uintptr_t first = start & ~(page - 1);
    /* What is no mapping of a file, such as the vDSO, is refused and stays. */
    (void)madvise((void *)first, start + part->p_memsz - first, MADV_DONTNEED);
  }
  return 0;
}

void clinux_release_text(void) { (void)dl_iterate_phdr(release, NULL); }

static void batch(pid_t thread) {
  const struct sched_param no_priority = {.sched_priority = 0};
  if (sched_getscheduler(thread) == SCHED_OTHER) (void)sched_setscheduler(thread, SCHED_BATCH, &no_priority);
}

void clinux_batch_thread(void) { batch(0); }

void clinux_batch_process(void) {
  DIR *threads = opendir("/proc/self/task");
  if (threads == NULL) return batch(0);
  for (struct dirent *entry = readdir(threads); entry != NULL; entry = readdir(threads)) {
    const long thread = strtol(entry->d_name, NULL, 10);
    if (thread > 0) batch((pid_t)thread);
  }
  (void)closedir(threads);
}

int clinux_poll(int wake, int socket, int wants_writable, int64_t timeout_ns) {
  struct pollfd fds[2] = {
      {.fd = wake, .events = POLLIN, .revents = 0},
      {.fd = socket, .events = (short)(POLLIN | (wants_writable ? POLLOUT : 0)), .revents = 0},
  };
  const struct timespec timeout = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
  int ready = ppoll(fds, 2, &timeout, NULL);
  if (ready <= 0) return 0;
  int result = 0;
  if (fds[0].revents & POLLIN) result |= CLINUX_WOKEN;
  if (fds[1].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) result |= CLINUX_READABLE;
  if (fds[1].revents & (POLLOUT | POLLERR | POLLHUP)) result |= CLINUX_WRITABLE;
  return result;
}
