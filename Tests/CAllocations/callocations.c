#include "callocations.h"
