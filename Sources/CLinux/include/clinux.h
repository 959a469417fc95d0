#ifndef CLINUX_H
#define CLINUX_H

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
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

/*
 * Schedules the calling thread, and those that it starts from now on, as SCHED_BATCH (sched(7)): when they wake they do not
 * interrupt a thread that is running. A thread whose policy somebody has chosen keeps it, and so does one that may not change it.
 */
void clinux_batch_thread(void);

/* The same for every thread of the process. */
void clinux_batch_process(void);

#define CLINUX_READABLE 1
#define CLINUX_WRITABLE 2
#define CLINUX_WOKEN 4
#define CLINUX_ENDED 8

/*
 * Sleeps until the wake descriptor is readable, the socket is ready, or the time is over.
 * socket may be -1. Returns a set of CLINUX_ bits, 0 after the time-out or a signal.
 * An error or hang-up of the socket counts as readable: the next recv says what happened.
 */
int clinux_poll(int wake, int socket, int wants_writable, int64_t timeout_ns);

/* Something is there to read, room to write, or the connection has ended in some way. */
struct clinux_ready {
  uint32_t token;
  uint32_t bits;
};

/* An epoll instance, close-on-exec, or -1 with errno set. */
static inline int clinux_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

/* Watches every change of a socket from now on, until it is closed; 0, or -1 with errno set. */
static inline int clinux_epoll_watch(int epoll, int socket, uint32_t token) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u32 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

/*
 * Sleeps until a socket has changed or the time is over, to within some 50 microseconds where the kernel can (5.11).
 * Fills found and returns how many; 0 after the time-out or a signal. An error or hang-up counts as readable and ended.
 */
static inline int clinux_epoll_sleep(int epoll, struct clinux_ready *found, int capacity, int64_t nanoseconds) {
  struct epoll_event events[64];
  struct timespec patience = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  if (capacity > 64) capacity = 64;
  int count = epoll_pwait2(epoll, events, capacity, &patience, 0);
  if (count < 0 && errno == ENOSYS) count = epoll_wait(epoll, events, capacity, (int)((nanoseconds + 999999) / 1000000));
  for (int i = 0; i < count; i++) {
    uint32_t bits = 0;
    if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) bits |= CLINUX_READABLE;
    if (events[i].events & EPOLLOUT) bits |= CLINUX_WRITABLE;
    if (events[i].events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) bits |= CLINUX_ENDED;
    found[i].token = events[i].data.u32;
    found[i].bits = bits;
  }
  return count < 0 ? 0 : count;
}

/*
 * Takes the pages of all program text out of the process. What is used again comes back from the file, page by page; text
 * is never written, so nothing is lost. Any thread.
 */
void clinux_release_text(void);

#endif
