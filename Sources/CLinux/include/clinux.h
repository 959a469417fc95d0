#ifndef CLINUX_H
#define CLINUX_H

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/* An eventfd, close-on-exec and non-blocking, or -1 with errno set. */
static inline int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* Makes the descriptor readable. A full counter is readable already, so its EAGAIN is no failure. */
static inline void clinux_eventfd_raise(int fd) { (void)eventfd_write(fd, 1); }

/* Makes the descriptor unreadable until the next raise. */
static inline void clinux_eventfd_lower(int fd) {
  eventfd_t ignored;
  (void)eventfd_read(fd, &ignored);
}

/* Names the calling thread; the kernel keeps 15 bytes. */
static inline void clinux_name_thread(const char *name) { (void)prctl(PR_SET_NAME, name, 0, 0, 0); }

#define CLINUX_READABLE 1
#define CLINUX_WRITABLE 2
#define CLINUX_WOKEN 4

/*
 * Sleeps until the wake descriptor is readable, the socket is ready, or the time is over.
 * socket may be -1. Returns a set of CLINUX_ bits, 0 after the time-out or a signal.
 * An error or hang-up of the socket counts as readable: the next recv says what happened.
 */
static inline int clinux_poll(int wake, int socket, int wants_writable, int timeout_ms) {
  struct pollfd fds[2] = {
      {.fd = wake, .events = POLLIN, .revents = 0},
      {.fd = socket, .events = (short)(POLLIN | (wants_writable ? POLLOUT : 0)), .revents = 0},
  };
  int ready = poll(fds, 2, timeout_ms);
  if (ready <= 0) return 0;
  int result = 0;
  if (fds[0].revents & POLLIN) result |= CLINUX_WOKEN;
  if (fds[1].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) result |= CLINUX_READABLE;
  if (fds[1].revents & (POLLOUT | POLLERR | POLLHUP)) result |= CLINUX_WRITABLE;
  return result;
}

#endif
