#ifndef ORDER_EVENTS_CALLOCATIONS_H
#define ORDER_EVENTS_CALLOCATIONS_H

/// How often this thread has asked for memory, by whichever function of malloc(3).
///
/// The functions are replaced in the whole test program, and hand on to those of the C library.
unsigned long callocations_count(void);

#endif
