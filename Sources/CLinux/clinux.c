#define _GNU_SOURCE
#include "clinux.h"

#include <link.h>
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
